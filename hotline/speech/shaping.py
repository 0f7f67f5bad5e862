"""Any sound, made fit for the telephone: its rate, its band, no silence at the ends, one loudness."""

from __future__ import annotations

import numpy as np
import soxr

from hotline.speech.band import telephone_band
from hotline.speech.loudness import TARGET_DBFS, levelled
from hotline.speech.sound import (
    RATE_HZ,
    Samples,
    UnusableSoundError,
    audible,
    faded,
    trimmed,
)

TONE_HZ = 440.0  # inside 300-3400 Hz and unlike any keypad tone
TONE_S = 0.25


def shaped(samples: Samples, rate_hz: int, tail_s: float) -> Samples:
    """The sound at RATE_HZ in the telephone's band, ends trimmed, with `tail_s` s of silence after it, level.

    Raises UnusableSoundError if nothing is heard in it.
    """
    if not audible(samples):
        raise UnusableSoundError("silent")
    telephone = telephone_band(soxr.resample(samples - samples.mean(), rate_hz, RATE_HZ))
    if not audible(telephone):
        raise UnusableSoundError("nothing in it that a telephone carries")
    spoken = faded(trimmed(telephone, RATE_HZ))
    return levelled(np.concatenate([spoken, np.zeros(round(tail_s * RATE_HZ), np.float32)]))


def tone() -> Samples:
    """The short tone after `#`, which asks for the two digits of a step."""
    seconds = np.arange(round(TONE_S * RATE_HZ)) / RATE_HZ
    sine = np.sin(2 * np.pi * TONE_HZ * seconds) * np.sqrt(2) * 10 ** (TARGET_DBFS / 20)
    return faded(sine.astype(np.float32))
