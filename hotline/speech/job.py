"""A clip to make, as it is handed to the process that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class ClipError(RuntimeError):
    """A clip that cannot be made; the message names it."""


@dataclass(frozen=True)
class Job:
    """A clip to make. `said`: its text as an engine reads it, empty for the tone; `path`: the file."""

    language: str
    name: str
    said: str
    voice: str
    path: Path
    recording: Path | None
