"""The sound of a recording: a quiet tone where somebody spoke, silence elsewhere, as WAV or MP3."""

import io
from collections.abc import Sequence

import numpy
import soundfile

from hotline.exchange.calls.sounds import RATE_HZ

# The tone is a stand-in for a voice; its pitch and level are our own choice.
_PITCH_HZ = 220.0
_LEVEL = 0.1
_SUBTYPES = {"WAV": "PCM_16", "MP3": "MPEG_LAYER_III"}


def make_sound(spoken: Sequence[tuple[float, float]], length_s: float, kind: str) -> bytes:
    """A file of length_s seconds, 8 kHz mono; kind: WAV (16 bit) or MP3. spoken: from and to, in seconds."""
    places = numpy.arange(round(length_s * RATE_HZ)) / RATE_HZ
    loud = numpy.zeros(len(places), bool)
    for start_s, end_s in spoken:
        loud[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] = True
    tone = numpy.where(loud, _LEVEL * numpy.sin(2 * numpy.pi * _PITCH_HZ * places), 0.0)
    file = io.BytesIO()
    soundfile.write(file, tone, RATE_HZ, format=kind, subtype=_SUBTYPES[kind])
    return file.getvalue()
