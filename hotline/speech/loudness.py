"""One loudness for every clip, by ITU-R BS.1770. Only the processes that make clips load this.

The library behind it brings scipy, 77 MB in memory: the hotline itself does without.
"""

from __future__ import annotations

import numpy as np
import pyloudnorm

from hotline.speech.sound import RATE_HZ, Samples, voiced_dbfs

TARGET_LUFS = -20.0  # speech has peaks 18 to 21 dB above this: few have to be rounded off
TARGET_DBFS = -18.5  # the same for the RMS of the voiced part: 1.1 (ky) to 2.1 (ru) dB above the LUFS
LONG_S = 3.0  # a shorter clip has too few of the gated blocks of 0.4 s to be measured by them
CEILING = 0.89  # -1 dBFS
KNEE = 0.7  # above this, peaks are rounded off rather than cut
PASSES = 2  # rounding peaks off makes a clip quieter: then once more


def levelled(samples: Samples) -> Samples:
    """The clip at RATE_HZ, its pause at the end included, at the common loudness and below CEILING."""
    gain_db = 0.0
    for _ in range(PASSES):
        gain_db += too_quiet_by_db(_rounded(_amplified(samples, gain_db)))
    return _rounded(_amplified(samples, gain_db))


def too_quiet_by_db(clip: Samples) -> float:
    """How far a clip at RATE_HZ is below the common loudness, in LU from LONG_S on, in dB below that."""
    if clip.size >= LONG_S * RATE_HZ:
        return TARGET_LUFS - float(pyloudnorm.Meter(RATE_HZ).integrated_loudness(clip.astype(np.float64)))
    return TARGET_DBFS - voiced_dbfs(clip)


def _amplified(samples: Samples, gain_db: float) -> Samples:
    louder: Samples = samples * np.float32(10 ** (gain_db / 20))
    return louder


def _rounded(samples: Samples) -> Samples:
    size = np.abs(samples)
    rounded = KNEE + (CEILING - KNEE) * np.tanh((size - KNEE) / (CEILING - KNEE))
    below: Samples = np.where(size > KNEE, np.sign(samples) * rounded, samples).astype(np.float32)
    return below
