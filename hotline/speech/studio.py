"""All clips of a guide: what file each is in, rendering those that are missing, and their addresses.

A file is `<language>/<clip name>.<hash>.wav`. The hash covers all that the sound is made of, so a file never
changes and can be cached for ever; its address is `/audio/` and that.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile
from rich.console import Console
from rich.progress import Progress

from hotline.guide.language import Language, Speech
from hotline.guide.model import Guide
from hotline.speech.clips import TONE, Clip, every_clip
from hotline.speech.crew import make_all
from hotline.speech.job import Job
from hotline.speech.lexicon import pronounced
from hotline.speech.pacing import paced
from hotline.speech.recordings import Reading, reading_of, recording_of, recordings_of
from hotline.speech.synthesis import Engine

URL_PREFIX = "/audio/"
PROCESSING = "2"  # to be raised when pacing, shaping, loudness, band or sound makes other sound of a text
HASH_DIGITS = 16
LETTERS_A_SECOND = 12.0  # between Kyrgyz, 165 in 15 s, and Russian, 210 (rules.md, Words)
RIFF_HEAD_BYTES = 8  # "RIFF" and the number of bytes that follow
Making = Callable[[Sequence[Job], Engine, int, Callable[[], None]], None]  # crew.make_all or its like
ABANDONED_AFTER_S = 3600  # a half-written file older than this has no writer any more


@dataclass(frozen=True)
class Studio:
    """Where every clip is: `jobs` by (language, clip name), `captions` by address."""

    folder: Path
    recordings: Path
    jobs: Mapping[tuple[str, str], Job]
    captions: Mapping[str, str]

    def path(self, clip: Clip) -> Path:
        """The clip's file."""
        return self.jobs[clip.language, clip.name].path

    def url(self, clip: Clip) -> str:
        """The path of the clip's address: `/audio/ky/number-12.0123456789abcdef.wav`."""
        return _url(self.jobs[clip.language, clip.name].path)

    def urls(self, clips: Sequence[Clip]) -> tuple[str, ...]:
        """The addresses of the clips, in order."""
        return tuple(self.url(clip) for clip in clips)

    def seconds(self, clip: Clip) -> float:
        """How long the rendered clip takes, its silence at the end included."""
        return float(soundfile.info(self.path(clip)).duration)

    def text(self, language: str, name: str) -> str:
        """The words of a clip as people see them."""
        return self.captions[_url(self.jobs[language, name].path)]

    def reading(self, language: str, name: str) -> Reading:
        """How the recording of a clip stands to its text."""
        return reading_of(recording_of(self.recordings, language, name), self.text(language, name))

    def about_s(self, language: str, name: str) -> float:
        """About how long a clip takes: as its synthesis does, or by its letters where none is rendered."""
        job = self.jobs[language, name]
        if job.recording is None and is_whole(job.path):
            return float(soundfile.info(job.path).duration)
        return len(self.text(language, name)) / LETTERS_A_SECOND

    def caption(self, url: str) -> str | None:
        """The words of the clip at an address, or None where no clip is."""
        return self.captions.get(url)

    def missing(self) -> list[str]:
        """Clips without a whole file: `ky/voice-menu-main.0`."""
        return [f"{job.language}/{job.name}" for job in self.jobs.values() if not is_whole(job.path)]


@dataclass(frozen=True)
class Rendered:
    """What a rendering did: clips made, and files removed because nothing names them any more."""

    studio: Studio
    made: int
    removed: int


def open_studio(guide: Guide, folder: Path, recordings: Path, engine: Engine) -> Studio:
    """The studio of a guide, nothing rendered: sound in `folder`, human voices in `recordings`."""
    folder, recordings = folder.resolve(), recordings.resolve()  # the processes that render stand elsewhere
    jobs = {}
    captions = {}
    for code, words in guide.languages.items():
        fingerprint = engine.fingerprint(code)  # once: it looks up the engine's installed version
        recorded = recordings_of(recordings, code)
        for clip in every_clip(guide, code):
            job = _job(clip, words, folder / code, recorded.get(clip.name), fingerprint)
            jobs[code, clip.name] = job
            captions[_url(job.path)] = clip.text
    return Studio(folder, recordings, jobs, captions)


def render(
    guide: Guide,
    folder: Path,
    recordings: Path,
    engine: Engine,
    processes: int = 2,
    console: Console | None = None,
    making: Making = make_all,
) -> Rendered:
    """Makes every clip that is missing, and removes what no clip is in any more.

    Shows a progress bar on `console` if that is a terminal. Raises ClipError naming the clip that cannot be
    made.
    """
    studio = open_studio(guide, folder, recordings, engine)
    for code in guide.languages:
        (studio.folder / code).mkdir(parents=True, exist_ok=True)
    jobs = [job for job in studio.jobs.values() if not is_whole(job.path)]
    shown = console is not None and console.is_terminal and bool(jobs)
    with Progress(console=console, disable=not shown) as progress:
        task = progress.add_task("sound", total=len(jobs))
        making(jobs, engine, processes, lambda: progress.advance(task))
    return Rendered(studio, len(jobs), sum(_removed(studio)))


def is_whole(path: Path) -> bool:
    """Whether the file is there with all its bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(RIFF_HEAD_BYTES)
        return path.stat().st_size == RIFF_HEAD_BYTES + int.from_bytes(head[4:], "little")
    except OSError:
        return False


def _job(clip: Clip, words: Language, folder: Path, recording: Path | None, fingerprint: str) -> Job:
    said = "" if clip.name == TONE else said_by_engine(clip.text, words.speech)
    if reading_of(recording, clip.text) is Reading.STALE:
        recording = None
    made_of = (clip.language, said, words.speech.voice, fingerprint, PROCESSING)
    digest = hashlib.sha256("\0".join(made_of).encode())
    if recording is not None:
        digest.update(recording.read_bytes())
    path = folder / f"{clip.name}.{digest.hexdigest()[:HASH_DIGITS]}.wav"
    return Job(clip.language, clip.name, said, words.speech.voice, path, recording)


def said_by_engine(text: str, speech: Speech) -> str:
    """A text as an engine reads it: dialled digits apart, words as the lexicon has them."""
    return pronounced(paced(text, speech.numbers[:10]), speech.engines)


def _url(path: Path) -> str:
    return f"{URL_PREFIX}{path.parent.name}/{path.name}"


def _removed(studio: Studio) -> Iterator[bool]:
    """Removes, and yields True for, each file of the folder that is no clip's."""
    named = {job.path for job in studio.jobs.values()}
    for path in studio.folder.glob("*/*"):
        if path not in named and not _being_written(path):
            path.unlink(missing_ok=True)
            yield True


def _being_written(path: Path) -> bool:
    """Another process may be rendering here at this moment."""
    if path.suffix != ".part":
        return False
    try:
        return time.time() - path.stat().st_mtime < ABANDONED_AFTER_S
    except FileNotFoundError:
        return True
