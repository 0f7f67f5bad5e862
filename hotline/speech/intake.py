"""Recordings from a folder into audio/recordings/: judged, trimmed, levelled, their texts remembered."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from hotline.speech.inspection import PARAGRAPH_PREFIX, PARAGRAPH_S
from hotline.speech.pacing import tail_s
from hotline.speech.quality import faults, length_faults, noise_dbfs
from hotline.speech.recordings import RECORDING_KINDS, TEXT_KIND, Reading, reading_of, remembered
from hotline.speech.sound import (
    SPEECH_FLOOR_DB,
    Samples,
    UnusableSoundError,
    read_sound,
    trimmed,
    voiced_dbfs,
    write_sound,
)
from hotline.speech.studio import Studio

PASSED_OVER = {TEXT_KIND, ".csv", ".html"}  # remembered texts and the reading script
STORED_KIND = ".flac"
STORED_RATE_HZ = 16000  # twice the telephone's, for better lines to come
STORED_DBFS = -20.0  # of the voiced part; rendering sets the loudness that is heard
STORED_PEAK = 0.89  # -1 dBFS
ABOVE_NOISE_DB = 6.0  # what is twice as strong as the noise is speech
HIGHEST_FLOOR_DB = -30.0  # below the loudest frame: no soft ending is taken for noise


@dataclass(frozen=True)
class Verdict:
    """What became of one file: `problems` is empty where it was taken."""

    file: str
    seconds: float
    problems: tuple[str, ...]


def take(studio: Studio, language: str, folder: Path) -> list[Verdict]:
    """Takes every recording in `folder` that is good; the files there stay as they are.

    A file is named after its clip: `voice-menu-main.0.wav`.
    """
    verdicts: list[Verdict] = []
    taken: set[str] = set()
    for path in sorted(folder.glob("[!.]*")):
        if not path.is_file() or path.suffix.lower() in PASSED_OVER:
            continue
        problem = _name_problem(studio, language, path, taken)
        verdict = Verdict(path.name, 0.0, (problem,)) if problem else _judge(studio, language, path)
        if not verdict.problems:
            taken.add(path.stem)
        verdicts.append(verdict)
    return verdicts


def _name_problem(studio: Studio, language: str, path: Path, taken: set[str]) -> str | None:
    if path.suffix.lower() not in RECORDING_KINDS:
        return f"none of {', '.join(RECORDING_KINDS)}"
    if (language, path.stem) not in studio.jobs:
        names = [name for code, name in studio.jobs if code == language]
        near = difflib.get_close_matches(path.stem, names, n=1)
        return f"no clip has this name{f'; did you mean {near[0]}?' if near else ''}"
    if path.stem in taken:
        return "another file of this clip was taken"
    if reading_of(path, studio.text(language, path.stem)) is Reading.STALE:
        return f"{remembered(path).name} beside it is another text than the clip has now"
    return None


def _judge(studio: Studio, language: str, path: Path) -> Verdict:
    """Takes a file whose name is right, or says why not."""
    try:
        samples, rate_hz = read_sound(path)
    except UnusableSoundError as e:
        return Verdict(path.name, 0.0, (str(e),))
    found = tuple(faults(samples, rate_hz))
    if found:
        return Verdict(path.name, samples.size / rate_hz, found)
    spoken = trimmed(samples, rate_hz, _floor_db(samples, rate_hz))
    seconds = spoken.size / rate_hz
    found = tuple(_length_problems(studio, language, path.stem, seconds))
    if not found:
        _store(studio, language, path, spoken, rate_hz)
    return Verdict(path.name, seconds, found)


def _floor_db(samples: Samples, rate_hz: int) -> float:
    """Below the loudest frame, what counts as silence: a little above the noise of the room."""
    noise_db = noise_dbfs(samples, rate_hz) - voiced_dbfs(samples, rate_hz)
    return min(max(noise_db + ABOVE_NOISE_DB, SPEECH_FLOOR_DB), HIGHEST_FLOOR_DB)


def _length_problems(studio: Studio, language: str, name: str, seconds: float) -> Iterator[str]:
    text = studio.text(language, name)
    yield from length_faults(seconds, studio.about_s(language, name))
    if name.startswith(PARAGRAPH_PREFIX) and seconds + tail_s(text) > PARAGRAPH_S:
        yield f"{seconds:.1f} s; with its pause a paragraph takes at most {PARAGRAPH_S:.0f} s"


def _store(studio: Studio, language: str, source: Path, spoken: Samples, rate_hz: int) -> None:
    folder = studio.recordings / language
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{source.stem}{STORED_KIND}"
    stored_hz = min(rate_hz, STORED_RATE_HZ)
    write_sound(target, _amplified(soxr.resample(spoken, rate_hz, stored_hz), stored_hz), stored_hz)
    remembered(target).write_text(studio.text(language, source.stem) + "\n", encoding="utf-8")
    for kind in RECORDING_KINDS:
        if kind != STORED_KIND:  # an older recording of this clip would be played instead
            target.with_suffix(kind).unlink(missing_ok=True)


def _amplified(samples: Samples, rate_hz: int) -> Samples:
    """At STORED_DBFS, or as near to it as its peaks allow."""
    gain = 10 ** ((STORED_DBFS - voiced_dbfs(samples, rate_hz)) / 20)
    louder: Samples = samples * np.float32(min(gain, STORED_PEAK / float(np.abs(samples).max())))
    return louder
