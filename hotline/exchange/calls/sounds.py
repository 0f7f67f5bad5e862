"""Sounds fetched for Play: checked, measured, kept for the recording of a call."""

import hashlib
import io
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import numpy
import numpy.typing
import soundfile

from hotline.exchange.calls.needs import Sound
from hotline.exchange.twiml.documents import SOUND_TYPES, Answer, Failure

Samples = numpy.typing.NDArray[numpy.float32]

# Telephone sound: 8,000 samples a second, one channel (twilio-facts section 2, Play).
RATE_HZ = 8_000
# Sounds kept for recordings; older ones are heard as silence there.
_MOST_KEPT = 1_000


class Sounds:
    """The samples of the sounds played lately, by the hash of their content."""

    def __init__(self) -> None:
        self._kept: dict[str, Samples] = {}
        self._lock = threading.Lock()

    def take_in(self, answer: Answer) -> Sound | Failure:
        """Measure a fetched sound. A wrong content type is 12300, a file that is no sound 11200."""
        if answer.content_type not in SOUND_TYPES:
            return Failure(12300, f"{answer.content_type or 'no content type'} is not a sound")
        key = hashlib.sha256(answer.body).hexdigest()
        with self._lock:
            samples = self._kept.get(key)
        if samples is None:
            decoded = _decode(answer.body)
            if decoded is None:
                return Failure(11200, "the file cannot be decoded as sound")
            samples = decoded
            self._keep(key, samples)
        return Sound(key, len(samples) / RATE_HZ)

    def compose(self, heard: Iterable[Mapping[str, Any]]) -> bytes:
        """One WAV file (16 bit, 8 kHz, mono) of a call's `heard` events, each at its place in time."""
        pieces: list[tuple[int, Samples]] = []
        for facts in heard:
            start, length = round(facts["starts_at_s"] * RATE_HZ), round(facts["seconds"] * RATE_HZ)
            with self._lock:
                samples = self._kept.get(str(facts["sound"]))
            if samples is not None:
                pieces.append((start, numpy.tile(samples, int(facts["times"]))[:length]))
        whole = numpy.zeros(max((start + len(piece) for start, piece in pieces), default=0), numpy.float32)
        for start, piece in pieces:
            whole[start : start + len(piece)] = piece
        file = io.BytesIO()
        soundfile.write(file, whole, RATE_HZ, format="WAV", subtype="PCM_16")
        return file.getvalue()

    def _keep(self, key: str, samples: Samples) -> None:
        with self._lock:
            self._kept[key] = samples
            while len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]


def _decode(content: bytes) -> Samples | None:
    try:
        frames, rate_hz = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except soundfile.SoundFileError:
        return None
    mono = frames.mean(axis=1)
    if rate_hz == RATE_HZ:
        return numpy.asarray(mono, numpy.float32)
    places = numpy.arange(round(len(mono) * RATE_HZ / rate_hz)) * (rate_hz / RATE_HZ)
    return numpy.asarray(numpy.interp(places, numpy.arange(len(mono)), mono), numpy.float32)
