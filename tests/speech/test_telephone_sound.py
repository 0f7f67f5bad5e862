"""Every clip that callers hear, measured in its file: band, loudness, peaks, pauses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hotline.guide.model import Guide
from hotline.speech.band import HIGHEST_HZ, LOWEST_HZ, outside_db, telephone_band
from hotline.speech.clips import every_clip
from hotline.speech.job import Job
from hotline.speech.loudness import CEILING, LONG_S, TARGET_DBFS, TARGET_LUFS, too_quiet_by_db
from hotline.speech.making import make
from hotline.speech.sound import RATE_HZ, Samples, frame_rms, read_sound
from hotline.speech.studio import Studio, open_studio
from hotline.speech.synthesis import EspeakNg

LANGUAGES = ("ky", "ru", "en")
ONE_OF_ALL = [code if code == "ky" else pytest.param(code, marks=pytest.mark.thorough) for code in LANGUAGES]
OUTSIDE_DB = -25.0  # a clip's energy outside the band: less than a three hundredth of all of it
LONG_WITHIN_LU = 1.0
SHORT_WITHIN_DB = 2.0
PAUSE_DB = -40.0  # below the loudest frame: nothing is said
SENTENCE_PAUSE_S = 0.25  # the engine pauses 0.3 to 0.4 s; a little of it is the fading of the last sound
DIGIT_PAUSE_S = 0.2


def clips(sound: Studio, code: str) -> Iterator[tuple[Job, Samples]]:
    """The clips of a language and their sound."""
    for job in sound.jobs.values():
        if job.language == code:
            yield job, read_sound(job.path)[0]


def pauses_s(samples: Samples) -> list[float]:
    """Seconds of each stretch inside a clip in which nothing is said; those at its ends do not count."""
    levels = frame_rms(samples, RATE_HZ)
    silent = "".join("_" if level < levels.max() * 10 ** (PAUSE_DB / 20) else "x" for level in levels)
    return [len(pause) * 0.02 for pause in re.findall("_+", silent.strip("_"))]


def test_sound_is_that_of_the_real_guide(sound: Studio, real_guide: Guide) -> None:
    """The tests below measure what callers hear, all of it."""
    named = {(code, clip.name) for code in LANGUAGES for clip in every_clip(real_guide, code)}
    assert set(sound.jobs) == named
    assert len(named) > 1000


@pytest.mark.parametrize("code", ONE_OF_ALL)
def test_clip_keeps_to_the_band_of_the_telephone(sound: Studio, code: str) -> None:
    """What a line would cut is not there: no energy is spent on it, and levels are of what is heard."""
    outside = {job.name: outside_db(samples) for job, samples in clips(sound, code)}
    assert {name: db for name, db in outside.items() if db > OUTSIDE_DB} == {}


@pytest.mark.parametrize("code", ONE_OF_ALL)
def test_clip_is_as_loud_as_every_other(sound: Studio, code: str) -> None:
    """Nobody moves the receiver between two clips: within 1 LU, short ones within 2 dB."""
    wrong = {}
    for job, samples in clips(sound, code):
        within = LONG_WITHIN_LU if samples.size >= LONG_S * RATE_HZ else SHORT_WITHIN_DB
        if abs(too_quiet_by_db(samples)) > within:
            wrong[job.name] = too_quiet_by_db(samples)
    assert wrong == {}


@pytest.mark.parametrize("code", ONE_OF_ALL)
def test_clip_stays_below_full_scale(sound: Studio, code: str) -> None:
    """No peak is cut off: 1 dB is left for the codecs on the way."""
    loud = {job.name for job, samples in clips(sound, code) if np.abs(samples).max() > CEILING + 1e-4}
    assert loud == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_sentences_are_apart(sound: Studio, code: str) -> None:
    """Between two sentences of a clip there is time to understand the first."""
    wrong = {}
    for job, samples in clips(sound, code):
        sentences = len(re.findall(r"[.?!…] +(?=\w)|; (?=[A-ZА-Я])", job.said))
        heard = sum(pause >= SENTENCE_PAUSE_S for pause in pauses_s(samples))
        if heard < sentences:
            wrong[job.name] = (heard, sentences)
    assert wrong == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_digits_of_a_number_are_apart(sound: Studio, real_guide: Guide, code: str) -> None:
    """One, one, two: each is heard by itself and can be pressed before the next."""
    digit = "|".join(real_guide.words(code).speech.numbers[:10])
    found = 0
    for job, samples in clips(sound, code):
        apart = len(re.findall(rf"(?<!\w)(?:{digit});(?= )", job.said, re.IGNORECASE))
        found += apart
        assert sum(pause >= DIGIT_PAUSE_S for pause in pauses_s(samples)) >= apart, job.name
    assert found > 10


def test_long_clip_of_known_loudness_is_measured_so() -> None:
    """BS.1770: a sine of 997 Hz at full scale on one channel measures -3.01 LUFS (at 8 kHz within 0.2)."""
    sine = np.sin(2 * np.pi * 997 * np.arange(5 * RATE_HZ) / RATE_HZ).astype(np.float32)
    assert TARGET_LUFS - too_quiet_by_db(sine) == pytest.approx(-3.01, abs=0.2)
    assert TARGET_DBFS - too_quiet_by_db(sine[: 2 * RATE_HZ]) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize(
    ("hz", "kept"), [(100, False), (250, False), (420, True), (3280, True), (3700, False)]
)
def test_band_keeps_what_a_telephone_carries(hz: float, kept: bool) -> None:
    """A tone inside passes unchanged in its place, one outside is 25 dB weaker at least."""
    tone = np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    passed = telephone_band(tone)[500:-500]
    assert (LOWEST_HZ < hz < HIGHEST_HZ) is kept
    if kept:
        assert passed == pytest.approx(tone[500:-500], abs=0.03)
    else:
        assert np.abs(passed).max() < 10 ** (-25 / 20)


def test_clip_is_the_same_whatever_was_made_before_it(kyrgyz: Guide, sound: Studio, tmp_path: Path) -> None:
    """A file of one name has one content, on every machine."""
    (tmp_path / "ky").mkdir()
    again = open_studio(kyrgyz, tmp_path, tmp_path, EspeakNg())
    jobs = [job for job in again.jobs.values() if job.name in ("number-05", "number-12", "month-03")]
    for job in jobs:
        make(job, EspeakNg())
    for job in jobs:
        assert job.path.read_bytes() == sound.jobs["ky", job.name].path.read_bytes(), job.name
    assert len(jobs) == 3
