"""Proof that all sound is there and can be heard; `flask audio check` prints what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from hotline.speech.job import Job
from hotline.speech.recordings import RECORDING_KINDS, TEXT_KIND, Reading, recording_of
from hotline.speech.sound import RATE_HZ, Samples, UnusableSoundError, audible, read_sound
from hotline.speech.studio import Studio, is_whole

PARAGRAPH_S = 15.0  # rules.md, Words
PARAGRAPH_PREFIX = "step-"
FULL_SCALE = 32767 / 32768


def check(studio: Studio) -> list[str]:
    """Everything wrong with clips and recordings, a line each, named; empty where all is well."""
    found = [
        f"{job.language}/{job.name}: {problem}" for job in studio.jobs.values() for problem in _heard(job)
    ]
    return [*found, *_recording_problems(studio)]


def _heard(job: Job) -> Iterator[str]:
    """What is wrong with the file of one clip."""
    if not job.path.is_file():
        yield "no sound; run `flask audio render`"
        return
    try:
        samples, rate_hz = read_sound(job.path)
        channels = soundfile.info(job.path).channels
    except (UnusableSoundError, soundfile.SoundFileError) as e:
        yield f"broken: {e}"
        return
    if not is_whole(job.path):
        yield "broken: cut off"
    if (rate_hz, channels) != (RATE_HZ, 1):
        yield f"{rate_hz} Hz in {channels} channels, not {RATE_HZ} Hz in one"
    yield from _loudness_problems(samples)
    if job.name.startswith(PARAGRAPH_PREFIX) and samples.size / rate_hz > PARAGRAPH_S:
        yield f"{samples.size / rate_hz:.1f} s, longer than the {PARAGRAPH_S} s of a paragraph"


def _loudness_problems(samples: Samples) -> Iterator[str]:
    if not audible(samples):
        yield "silent"
    elif float(np.abs(samples).max()) >= FULL_SCALE:
        yield "over full scale"


def _recording_problems(studio: Studio) -> Iterator[str]:
    languages = {language for language, _ in studio.jobs}
    for path in sorted(studio.recordings.glob("*/[!.]*")):
        if path.parent.name in languages:  # else of a language that this hotline does not speak
            for problem in _recording_faults(studio, path):
                yield f"recordings/{path.parent.name}/{path.name}: {problem}"


def _recording_faults(studio: Studio, path: Path) -> Iterator[str]:
    """What is wrong with one file among the recordings."""
    language, name = path.parent.name, path.stem
    recording = recording_of(studio.recordings, language, name)
    if path.suffix == TEXT_KIND and recording:
        return
    if path.suffix not in RECORDING_KINDS:
        yield f"none of {', '.join(RECORDING_KINDS)}, nor the text of one"
    elif (language, name) not in studio.jobs:
        yield "no clip has this name"
    elif path != recording:
        yield "passed over, there is another recording of this clip"
    elif studio.reading(language, name) is Reading.STALE:
        yield "read from another text than the clip has now; the synthesised clip is used"
    else:
        if problem := _recording_problem(path):
            yield f"{problem}; the synthesised clip is used"
        if studio.reading(language, name) is Reading.UNKNOWN:
            yield "read from an unknown text; run `flask audio import`"


def _recording_problem(path: Path) -> str | None:
    try:
        return None if audible(read_sound(path)[0]) else "silent"
    except UnusableSoundError as e:
        return str(e)
