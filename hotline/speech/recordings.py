"""A human voice: where its files are, and from which text each was read.

Beside `recordings/ky/voice-menu-main.0.flac` stands `voice-menu-main.0.txt`: the text as it was when it was
read.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

RECORDING_KINDS = (".wav", ".flac", ".mp3")  # the first that is there counts
TEXT_KIND = ".txt"


class Reading(StrEnum):
    """How a recording stands to the text of its clip."""

    MISSING = "missing"
    CURRENT = "current"
    STALE = "stale"  # read from another text: not used
    UNKNOWN = "unknown"  # put there by hand, its text not remembered: used, and named by the check


def recording_of(recordings: Path, language: str, name: str) -> Path | None:
    """The file that is to replace a clip, if there is one."""
    candidates = (recordings / language / f"{name}{kind}" for kind in RECORDING_KINDS)
    return next((path for path in candidates if path.is_file()), None)


def recordings_of(recordings: Path, language: str) -> dict[str, Path]:
    """Every file that is to replace a clip of a language, by the clip's name, from one look at the folder."""
    found: dict[str, Path] = {}
    for kind in reversed(RECORDING_KINDS):
        found |= {path.stem: path for path in (recordings / language).glob(f"*{kind}") if path.is_file()}
    return found


def reading_of(recording: Path | None, text: str) -> Reading:
    """Whether a recording was read from `text`, the text of its clip today."""
    if recording is None:
        return Reading.MISSING
    if not remembered(recording).is_file():
        return Reading.UNKNOWN
    read = remembered(recording).read_text(encoding="utf-8")
    return Reading.CURRENT if read.split() == text.split() else Reading.STALE


def remembered(recording: Path) -> Path:
    """The file with the text that a recording was read from."""
    return recording.with_suffix(TEXT_KIND)
