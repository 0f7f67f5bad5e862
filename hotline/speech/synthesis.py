"""Engines that turn text into samples: espeak-ng from its wheel, or an external command.

espeak-ng keeps global state and is not safe for threads: one process, one engine, one thread.
"""

from __future__ import annotations

import _ctypes
import ctypes
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Protocol, Self

import espeakng_loader
import numpy as np

from hotline.speech.sound import Samples, UnusableSoundError, read_sound

WORDS_A_MINUTE = 150  # a paragraph of 165 Kyrgyz or 210 Russian characters then takes 15 s (rules.md, Words)
USUAL_SPEED = 100  # percent
BUNDLED = "bundled"  # as a command: the engine that pip brought
COMMAND_TIMEOUT_S = 60.0
PLACEHOLDER = re.compile(r"\{(text|output|language|voice|speed)\}")

# espeak-ng's speak_lib.h
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_RATE = 1
_LONGEST_PATH = 130  # it copies the path of its data into 160 bytes, and adds file names up to 20 long


class SynthesisError(RuntimeError):
    """The engine could not say a text."""


class Engine(Protocol):
    """What turns text into samples. Picklable: it is handed to the processes that use it."""

    def fingerprint(self, language: str) -> str:
        """Name, version and settings: another fingerprint means other sound for the same text."""

    def speak(self, text: str, language: str, voice: str) -> tuple[Samples, int]:
        """Samples and their rate in Hz. `voice` is the engine's name for the language's voice.

        Raises SynthesisError.
        """


def engine_of(
    command: str, by_language: Sequence[tuple[str, str]] = (), speed_percent: int = USUAL_SPEED
) -> Engine:
    """The engine by settings: an external command, or espeak-ng where `command` is empty or BUNDLED.

    `by_language`: (language code, command) of the languages that have their own.
    """
    own = tuple((code, _engine(own_command, speed_percent)) for code, own_command in by_language)
    return PerLanguage(_engine(command, speed_percent), own) if own else _engine(command, speed_percent)


def _engine(command: str, speed_percent: int) -> Engine:
    if command.strip() in ("", BUNDLED):
        return EspeakNg(round(WORDS_A_MINUTE * speed_percent / USUAL_SPEED))
    return ExternalCommand(command, speed_percent)


@dataclass(frozen=True)
class PerLanguage:
    """An engine of its own for some languages, one for all others."""

    others: Engine
    own: tuple[tuple[str, Engine], ...]

    def fingerprint(self, language: str) -> str:
        return self._engine(language).fingerprint(language)

    def speak(self, text: str, language: str, voice: str) -> tuple[Samples, int]:
        return self._engine(language).speak(text, language, voice)

    def _engine(self, language: str) -> Engine:
        return dict(self.own).get(language, self.others)


@dataclass(frozen=True)
class EspeakNg:
    """espeak-ng in this process, library and data from the wheel espeakng-loader."""

    words_a_minute: int = WORDS_A_MINUTE

    def fingerprint(self, language: str) -> str:  # noqa: ARG002 - a protocol
        return f"espeakng-loader {version('espeakng-loader')} at {self.words_a_minute} words a minute"

    def speak(self, text: str, language: str, voice: str) -> tuple[Samples, int]:  # noqa: ARG002 - a protocol
        with _Library() as library:
            return library.speak(text, voice, self.words_a_minute), library.rate_hz


@dataclass(frozen=True)
class ExternalCommand:
    """A command that reads text and writes WAV; `audio/README.md` shows RHVoice.

    It may hold placeholders: {text} (else the text comes on its input), {output} (a file to write; else it
    writes to its output), {language}, {voice} (as in language.toml) and {speed} in percent. A command
    without any gets the language code as last argument. No shell is between.

    Its version is not known: whoever changes the voice behind it names that in the command, or empties
    audio/rendered/.
    """

    command: str
    speed_percent: int = USUAL_SPEED

    def fingerprint(self, language: str) -> str:  # noqa: ARG002 - a protocol
        speed = f" at {self.speed_percent}%" if "{speed}" in self.command else ""
        return f"command {self.command}{speed}"

    def speak(self, text: str, language: str, voice: str) -> tuple[Samples, int]:
        with TemporaryDirectory(prefix="kadam-") as folder:
            output = Path(folder) / "said.wav"
            values = {
                "text": text,
                "output": str(output),
                "language": language,
                "voice": voice,
                "speed": str(self.speed_percent),
            }
            try:
                arguments = _filled(self.command, values)
                written = _written(arguments, "" if "{text}" in self.command else text)
                return read_sound(output if "{output}" in self.command else written)
            except (OSError, ValueError, SynthesisError, UnusableSoundError) as e:
                raise SynthesisError(f"{self.command}: {e}") from e


def _filled(command: str, values: Mapping[str, str]) -> list[str]:
    """The command in words, its placeholders filled; raises ValueError for a quote that is not closed."""
    words = shlex.split(command)
    if not PLACEHOLDER.search(command):
        return [*words, values["language"]]
    return [PLACEHOLDER.sub(lambda found: values[found[1]], word) for word in words]


def _written(arguments: list[str], text: str) -> bytes:
    """What a command writes; raises SynthesisError with its own words where it fails or takes too long."""
    with subprocess.Popen(  # nosec B603
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a script's own children end with it
    ) as process:
        try:
            written, complaint = process.communicate(text.encode(), COMMAND_TIMEOUT_S)
        except subprocess.TimeoutExpired as e:
            os.killpg(process.pid, signal.SIGKILL)
            raise SynthesisError(f"not done within {COMMAND_TIMEOUT_S:.0f} s") from e
    if process.returncode:
        why = complaint.decode(errors="replace").strip()
        raise SynthesisError(why or f"ended with status {process.returncode}")
    return written


class _Library:
    """libespeak-ng, loaded anew for each text.

    It keeps where the trembling of its voice stands from one text to the next and has no call to set it back:
    a clip would depend on those made before it. Loading takes about 10 ms.
    """

    def __init__(self) -> None:
        self._espeak = ctypes.CDLL(espeakng_loader.get_library_path())
        self.rate_hz: int = self._espeak.espeak_Initialize(_SYNCHRONOUS, 0, _data_path(), _DONT_EXIT)
        if self.rate_hz <= 0:
            raise SynthesisError("espeak-ng does not find its data; pip install espeakng-loader again")
        self._heard: list[Samples] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self._callback = kind(self._hear)  # kept: ctypes does not, and espeak-ng calls it later
        self._espeak.espeak_SetSynthCallback(self._callback)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._espeak.espeak_Terminate()
        _ctypes.dlclose(self._espeak._handle)

    def speak(self, text: str, voice: str, words_a_minute: int) -> Samples:
        if self._espeak.espeak_SetVoiceByName(voice.encode()):
            raise SynthesisError(f"espeak-ng has no voice '{voice}'")
        self._espeak.espeak_SetParameter(_RATE, words_a_minute, 0)
        self._heard.clear()
        data = text.encode()
        failed = self._espeak.espeak_Synth(data, len(data) + 1, 0, 1, 0, _CHARS_UTF8, None, None)
        if failed or self._espeak.espeak_Synchronize():
            raise SynthesisError(f"espeak-ng failed on '{text}'")
        return np.concatenate([np.zeros(0, np.float32), *self._heard])

    def _hear(self, wave: ctypes._Pointer[ctypes.c_short], count: int, _: int | None) -> int:
        if wave and count > 0:
            heard = np.ctypeslib.as_array(wave, (count,)).astype(np.float32)
            self._heard.append(heard / np.float32(32768))
        return 0


def _data_path() -> bytes:
    """The way to espeak-ng's data, the shorter of absolute and relative, since it cuts long ones off.

    A process that speaks must then stay in its folder: more data are read with each new voice.
    """
    absolute: str = espeakng_loader.get_data_path()
    path = min(absolute, os.path.relpath(absolute), key=len).encode()
    if len(path) > _LONGEST_PATH:
        raise SynthesisError(f"the way to espeak-ng's data is longer than {_LONGEST_PATH} bytes: {absolute}")
    return path
