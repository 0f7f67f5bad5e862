"""One clip: from its text, or from the recording that replaces it, to its file."""

from __future__ import annotations

from hotline.speech.job import ClipError, Job
from hotline.speech.pacing import tail_s
from hotline.speech.shaping import shaped, tone
from hotline.speech.sound import Samples, UnusableSoundError, read_sound, write_sound
from hotline.speech.synthesis import Engine, SynthesisError


def make(job: Job, engine: Engine) -> None:
    """Writes the clip. Instead of a recording that cannot be used callers hear synthesis; the check names it.

    Raises ClipError if the engine cannot say it or the file cannot be written.
    """
    try:
        sound = _recorded(job)
        write_sound(job.path, _synthesised(job, engine) if sound is None else sound)
    except (SynthesisError, UnusableSoundError, OSError) as e:
        raise ClipError(f"{job.language}/{job.name} cannot be made: {e}") from e


def _recorded(job: Job) -> Samples | None:
    if job.recording is None:
        return None
    try:
        return shaped(*read_sound(job.recording), tail_s(job.said))
    except UnusableSoundError:
        return None


def _synthesised(job: Job, engine: Engine) -> Samples:
    if not job.said:
        return tone()
    return shaped(*engine.speak(job.said, job.language, job.voice), tail_s(job.said))
