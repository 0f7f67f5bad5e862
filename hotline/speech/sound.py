"""Samples: reading them, finding what is heard in them, writing them. mono float32, -1..1."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

Samples = npt.NDArray[np.float32]

RATE_HZ = 8000  # what the telephone network carries, so that the carrier need not convert
FRAME_S = 0.02
SILENT_PEAK = 0.001  # -60 dBFS: nothing a telephone would let one hear
SPEECH_FLOOR_DB = -40.0  # below the loudest frame: silence at the ends
VOICED_FLOOR_DB = -25.0  # below the loudest frame: pauses and breath, which must not count as loudness
EDGE_S = 0.005


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


def write_sound(path: Path, samples: Samples, rate_hz: int = RATE_HZ) -> None:
    """Writes a 16 bit file, WAV or FLAC by its name, at once or not at all; the folder must exist."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    soundfile.write(part, samples, rate_hz, subtype="PCM_16", format=path.suffix[1:].upper())
    part.replace(path)


def audible(samples: Samples) -> bool:
    """Whether anything is heard."""
    return bool(samples.size) and float(np.abs(samples).max()) > SILENT_PEAK


def voiced_dbfs(samples: Samples, rate_hz: int = RATE_HZ) -> float:
    """Loudness: the RMS, in dB below full scale, of the frames that are not pauses."""
    levels = frame_rms(samples, rate_hz)
    voiced = levels[levels > levels.max() * 10 ** (VOICED_FLOOR_DB / 20)]
    return float(10 * np.log10(np.mean(voiced**2)))


def frame_rms(samples: Samples, rate_hz: int) -> Samples:
    """The RMS of each FRAME_S of the sound."""
    size = round(FRAME_S * rate_hz)
    padded = np.pad(samples, (0, -samples.size % size))
    levels: Samples = np.sqrt(np.mean(padded.reshape(-1, size) ** 2, axis=1))
    return levels


def trimmed(samples: Samples, rate_hz: int, floor_db: float = SPEECH_FLOOR_DB) -> Samples:
    """The sound without the ends that stay more than `floor_db` below its loudest frame."""
    size = round(FRAME_S * rate_hz)
    levels = frame_rms(samples, rate_hz)
    heard = np.flatnonzero(levels > levels.max() * 10 ** (floor_db / 20))
    return samples[max(int(heard[0]) - 1, 0) * size : (int(heard[-1]) + 2) * size]


def faded(samples: Samples) -> Samples:
    """A sound at RATE_HZ without a click at either end."""
    edge = min(round(EDGE_S * RATE_HZ), samples.size // 2)
    ramp = np.linspace(0, 1, edge, dtype=np.float32)
    result = samples.copy()
    result[:edge] *= ramp
    result[result.size - edge :] *= ramp[::-1]
    return result
