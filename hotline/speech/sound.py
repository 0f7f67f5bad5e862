"""Samples: reading them, making them even for the telephone, writing them. mono float32, -1..1."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

Samples = npt.NDArray[np.float32]

RATE_HZ = 8000  # what the telephone network carries, so that the carrier need not convert
FRAME_S = 0.02
TARGET_DBFS = -18.0  # RMS of the voiced part; leaves speech its peaks, 15 to 18 dB above that
CEILING = 0.89  # -1 dBFS
KNEE = 0.7  # above this, peaks are rounded off rather than cut
SILENT_PEAK = 0.001  # -60 dBFS: nothing a telephone would let one hear
SPEECH_FLOOR_DB = -40.0  # below the loudest frame: silence at the ends
VOICED_FLOOR_DB = -25.0  # below the loudest frame: pauses and breath, which must not count as loudness
EDGE_S = 0.005
TONE_HZ = 440.0  # inside 300-3400 Hz and unlike any keypad tone
TONE_S = 0.25


class UnusableSoundError(ValueError):
    """Sound that cannot be decoded or in which nothing is heard."""


def read_sound(source: Path | bytes) -> tuple[Samples, int]:
    """Samples, mixed down to mono, and their rate in Hz, of a WAV, FLAC or MP3 file or of its bytes.

    Raises UnusableSoundError for what libsndfile cannot decode.
    """
    try:
        opened = io.BytesIO(source) if isinstance(source, bytes) else source
        samples, rate_hz = soundfile.read(opened, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, TypeError) as e:
        raise UnusableSoundError(f"cannot be decoded: {e}") from e
    mono: Samples = samples.mean(axis=1, dtype=np.float32)
    return mono, int(rate_hz)


def write_sound(path: Path, samples: Samples) -> None:
    """Writes 16 bit WAV of RATE_HZ under its name at once or not at all; the folder must exist."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    soundfile.write(part, samples, RATE_HZ, subtype="PCM_16", format="WAV")
    part.replace(path)


def shaped(samples: Samples, rate_hz: int, tail_s: float) -> Samples:
    """The sound at RATE_HZ, ends trimmed, at the common loudness, with `tail_s` seconds of silence after it.

    Raises UnusableSoundError if nothing is heard in it.
    """
    if not audible(samples):
        raise UnusableSoundError("silent")
    telephone = soxr.resample(samples - samples.mean(), rate_hz, RATE_HZ)
    spoken = _faded(_levelled(_trimmed(telephone)))
    return np.concatenate([spoken, np.zeros(round(tail_s * RATE_HZ), np.float32)])


def tone() -> Samples:
    """The short tone after `#`, which asks for the two digits of a step."""
    seconds = np.arange(round(TONE_S * RATE_HZ)) / RATE_HZ
    sine = np.sin(2 * np.pi * TONE_HZ * seconds) * np.sqrt(2) * 10 ** (TARGET_DBFS / 20)
    return _faded(sine.astype(np.float32))


def audible(samples: Samples) -> bool:
    """Whether anything is heard."""
    return bool(samples.size) and float(np.abs(samples).max()) > SILENT_PEAK


def voiced_dbfs(samples: Samples) -> float:
    """Loudness: the RMS, in dB below full scale, of the frames that are not pauses."""
    levels = _frame_rms(samples)
    voiced = levels[levels > levels.max() * 10 ** (VOICED_FLOOR_DB / 20)]
    return float(10 * np.log10(np.mean(voiced**2)))


def _frame_rms(samples: Samples) -> Samples:
    size = round(FRAME_S * RATE_HZ)
    padded = np.pad(samples, (0, -samples.size % size))
    levels: Samples = np.sqrt(np.mean(padded.reshape(-1, size) ** 2, axis=1))
    return levels


def _trimmed(samples: Samples) -> Samples:
    size = round(FRAME_S * RATE_HZ)
    levels = _frame_rms(samples)
    heard = np.flatnonzero(levels > levels.max() * 10 ** (SPEECH_FLOOR_DB / 20))
    return samples[max(int(heard[0]) - 1, 0) * size : (int(heard[-1]) + 2) * size]


def _levelled(samples: Samples) -> Samples:
    louder = samples * 10 ** ((TARGET_DBFS - voiced_dbfs(samples)) / 20)
    size = np.abs(louder)
    rounded = KNEE + (CEILING - KNEE) * np.tanh((size - KNEE) / (CEILING - KNEE))
    levelled: Samples = np.where(size > KNEE, np.sign(louder) * rounded, louder).astype(np.float32)
    return levelled


def _faded(samples: Samples) -> Samples:
    """Without a click at either end."""
    edge = min(round(EDGE_S * RATE_HZ), samples.size // 2)
    ramp = np.linspace(0, 1, edge, dtype=np.float32)
    faded = samples.copy()
    faded[:edge] *= ramp
    faded[faded.size - edge :] *= ramp[::-1]
    return faded
