"""Recordings are taken if they are good and refused by name if not; the good ones are taken all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from hotline.guide.model import Guide
from hotline.speech.inspection import check
from hotline.speech.intake import STORED_DBFS, STORED_RATE_HZ, take
from hotline.speech.quality import QUIET_BELOW_DB, faults, length_faults, noise_dbfs
from hotline.speech.recordings import Reading
from hotline.speech.sound import Samples, voiced_dbfs
from hotline.speech.studio import Studio, open_studio, render
from hotline.speech.synthesis import EspeakNg
from tests.speech.conftest import make_here

RATE_HZ = 22050
MENU = "Каттоо болсо, бирди басыңыз."


@pytest.fixture
def studio(kyrgyz: Guide, audio: Path) -> Studio:
    """All sound of the guide and no recording yet."""
    return open_studio(kyrgyz, audio / "rendered", audio / "recordings", EspeakNg())


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The folder in which a speaker leaves files."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


def read(text: str, noise: float = 0.0005) -> Samples:
    """Somebody reads a text in a room: quiet, the words, quiet."""
    words, _ = EspeakNg().speak(text, "ky", "ky")
    quiet = np.zeros(RATE_HZ // 2, np.float32)
    spoken = np.concatenate([quiet, 0.5 * words, quiet])
    hiss = np.random.default_rng(1).normal(0, noise, spoken.size)
    return (spoken + hiss).astype(np.float32)


def leave(desk: Path, name: str, samples: Samples, rate_hz: int = RATE_HZ) -> Path:
    """A file of the speaker's."""
    path = desk / name
    kind = path.suffix[1:].upper()
    soundfile.write(path, samples, rate_hz, format=kind)
    return path


def problems(studio: Studio, desk: Path) -> dict[str, tuple[str, ...]]:
    """What is said of each file."""
    return {verdict.file: verdict.problems for verdict in take(studio, "ky", desk)}


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac", "WAV"])
def test_good_recording_is_taken(kyrgyz: Guide, studio: Studio, desk: Path, kind: str) -> None:
    """Trimmed, levelled, mono, its text remembered; callers then hear it and the check is content."""
    source = leave(desk, f"voice-menu.0.{kind}", read(MENU))
    before = source.read_bytes()
    (verdict,) = take(studio, "ky", desk)
    stored = studio.recordings / "ky" / "voice-menu.0.flac"
    samples, rate_hz = soundfile.read(stored, dtype="float32")
    assert (verdict.problems, source.read_bytes()) == ((), before)
    assert stored.with_suffix(".txt").read_text(encoding="utf-8") == f"{MENU}\n"
    assert (rate_hz, samples.ndim) == (STORED_RATE_HZ, 1)
    assert samples.size / rate_hz == pytest.approx(verdict.seconds, abs=0.01)
    assert samples.size < read(MENU).size / RATE_HZ * rate_hz - 0.8 * rate_hz
    assert voiced_dbfs(samples, rate_hz) == pytest.approx(STORED_DBFS, abs=1)
    after = render(kyrgyz, studio.folder, studio.recordings, EspeakNg(), making=make_here).studio
    assert after.reading("ky", "voice-menu.0") is Reading.CURRENT
    assert after.jobs["ky", "voice-menu.0"].recording == stored
    assert check(after) == []


def test_bad_files_are_refused_by_name_and_good_ones_taken(studio: Studio, desk: Path) -> None:
    """A speaker who sends forty files learns of each what became of it."""
    leave(desk, "voice-menu.0.wav", read(MENU))
    leave(desk, "voice-mneu.0.wav", read(MENU))
    leave(desk, "day-05.wav", np.zeros(RATE_HZ, np.float32))
    leave(desk, "day-06.wav", read("алтынчы")[::4], 5512)
    leave(desk, "day-07.wav", np.clip(20 * read("жетинчи"), -1, 1))
    leave(desk, "day-08.wav", read("сегизинчи", noise=0.02))
    leave(desk, "step-07-0.wav", read("Каттоо."))
    leave(desk, "day-09.wav", read("Тогузунчу. " * 5))
    leave(desk, "step-07-1.wav", np.tile(read("Бир, бир, эки номерине чалыңыз."), 5))
    (desk / "day-10.wav").write_bytes(b"RIFF")
    (desk / "day-11.ogg").write_bytes(b"")
    (desk / "script-ky.csv").write_text("", encoding="utf-8")
    found = problems(studio, desk)
    assert found.pop("voice-menu.0.wav") == ()
    begins = {
        "voice-mneu.0.wav": "no clip has this name; did you mean voice-menu.0?",
        "day-05.wav": "silent",
        "day-06.wav": "recorded at 5512 Hz; at least 8000 Hz",
        "day-07.wav": "too loud: ",
        "day-08.wav": "noise only ",
        "step-07-0.wav": "too short for its text: ",
        "day-09.wav": "too long for its text: ",
        "step-07-1.wav": "too long for its text: ",
        "day-10.wav": "cannot be decoded: ",
        "day-11.ogg": "none of .wav, .flac, .mp3",
    }
    assert {name: found[name][0][: len(text)] for name, text in begins.items()} == begins
    assert set(found) == set(begins)
    assert found["step-07-1.wav"][1].endswith("with its pause a paragraph takes at most 15 s")
    assert sorted(path.name for path in (studio.recordings / "ky").iterdir()) == [
        "voice-menu.0.flac",
        "voice-menu.0.txt",
    ]


def test_second_file_of_a_clip_is_refused(studio: Studio, desk: Path) -> None:
    """Nobody has to guess which of two is heard."""
    for kind in ("mp3", "wav"):
        leave(desk, f"voice-menu.0.{kind}", read(MENU))
    assert problems(studio, desk)["voice-menu.0.wav"] == ("another file of this clip was taken",)


def test_recording_takes_the_place_of_an_older_one(studio: Studio, desk: Path) -> None:
    """One recording of a clip is left, whatever kind of file the older was."""
    older = leave(studio.recordings / "ky", "voice-menu.0.wav", read(MENU))
    leave(desk, "voice-menu.0.mp3", read(MENU))
    take(studio, "ky", desk)
    assert not older.exists()


def test_recording_put_there_by_hand_is_imported_where_it_lies(studio: Studio) -> None:
    """What the check asks for where the text is unknown."""
    leave(studio.recordings / "ky", "voice-menu.0.wav", read(MENU))
    assert studio.reading("ky", "voice-menu.0") is Reading.UNKNOWN
    assert problems(studio, studio.recordings / "ky") == {"voice-menu.0.wav": ()}
    assert studio.reading("ky", "voice-menu.0") is Reading.CURRENT


def test_stale_recording_is_not_imported_as_if_it_were_new(studio: Studio) -> None:
    """Its old text lies beside it: the words were not read anew."""
    path = leave(studio.recordings / "ky", "voice-menu.0.wav", read(MENU))
    path.with_suffix(".txt").write_text("Каттоо болсо, экини басыңыз.", encoding="utf-8")
    (problem,) = problems(studio, studio.recordings / "ky")["voice-menu.0.wav"]
    assert problem == "voice-menu.0.txt beside it is another text than the clip has now"
    assert studio.reading("ky", "voice-menu.0") is Reading.STALE


@pytest.mark.parametrize(("noise_db", "refused"), [(QUIET_BELOW_DB - 2, True), (QUIET_BELOW_DB + 2, False)])
def test_noise_is_judged_against_the_voice(noise_db: float, refused: bool) -> None:
    """As loud a hiss under a louder voice is no fault."""
    voice = read(MENU, noise=0)
    noise = 10 ** ((voiced_dbfs(voice, RATE_HZ) - noise_db) / 20)
    found = list(faults(read(MENU, noise), RATE_HZ))
    assert bool(found) is refused
    assert noise_dbfs(read(MENU, noise), RATE_HZ) == pytest.approx(20 * np.log10(noise), abs=1)


@pytest.mark.parametrize(("share", "refused"), [(0.0005, False), (0.002, True)])
def test_clipping_is_judged_by_its_share(share: float, refused: bool) -> None:
    """One click is no fault, a vowel that is cut off is."""
    samples = read(MENU)
    samples[: round(share * samples.size)] = 1
    assert any("cut off at full scale" in fault for fault in faults(samples, RATE_HZ)) is refused


@pytest.mark.parametrize(
    ("seconds", "problem"), [(3.9, "too short"), (4.1, None), (25.9, None), (26.1, "too long")]
)
def test_length_is_judged_against_the_usual(seconds: float, problem: str | None) -> None:
    """People read at their own pace; another text takes less or more than that."""
    found = list(length_faults(seconds, 10.0))
    assert [fault[: len(problem or "")] for fault in found] == ([problem] if problem else [])
