"""Both engines turn text into sound, and say why where they cannot."""

from __future__ import annotations

import io
import pickle
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from hotline.speech.sound import audible
from hotline.speech.synthesis import EspeakNg, ExternalCommand, SynthesisError, engine_of

STUB = """
import io, sys
import numpy, soundfile
text, language = sys.stdin.buffer.read().decode(), sys.argv[-1]
if "дүйнө" in text:
    sys.exit("no such word")
seconds = {"ky": 1, "ru": 2}[language]
wav = io.BytesIO()  # a pipe cannot be wound back to write the length into the header
soundfile.write(wav, numpy.full(16000 * seconds, len(text) / 100), 16000, format="WAV")
sys.stdout.buffer.write(wav.getvalue())
"""


@pytest.fixture
def command(tmp_path: Path) -> str:
    """An external engine: one second in Kyrgyz, two in Russian, as loud as the text is long."""
    script = tmp_path / "say.py"
    script.write_text(STUB, encoding="utf-8")
    return shlex.join([sys.executable, str(script)])


@pytest.mark.parametrize(
    ("voice", "text"), [("ky", "Коркпоңуз."), ("ru", "Не бойтесь."), ("en", "Do not be afraid.")]
)
def test_espeak_speaks_the_three_languages(voice: str, text: str) -> None:
    """A short sentence takes about a second."""
    samples, rate_hz = EspeakNg().speak(text, voice, voice)
    assert audible(samples)
    assert 0.4 < samples.size / rate_hz < 3


def test_espeak_says_another_text_in_another_way() -> None:
    """What was said before is not heard again."""
    engine = EspeakNg()
    short, _ = engine.speak("Бир.", "ky", "ky")
    long, _ = engine.speak("Каттоого эрте туруңуз, мөөнөт отуз күн.", "ky", "ky")
    again, _ = engine.speak("Бир.", "ky", "ky")
    assert long.size > 2 * short.size
    assert again.size == pytest.approx(short.size, rel=0.05)


def test_espeak_speed_is_a_setting_and_in_the_fingerprint() -> None:
    """Slower speech is longer, and is other sound."""
    slow, fast = EspeakNg(110), EspeakNg(170)
    text = "Каттоого эрте туруңуз."
    assert slow.speak(text, "ky", "ky")[0].size > 1.2 * fast.speak(text, "ky", "ky")[0].size
    assert slow.fingerprint != fast.fingerprint


def test_espeak_names_a_voice_that_it_does_not_have() -> None:
    """A typing error in language.toml is found by its name."""
    with pytest.raises(SynthesisError, match="kyy"):
        EspeakNg().speak("Салам.", "ky", "kyy")


def test_external_command_gets_text_and_language(command: str) -> None:
    """Text arrives as UTF-8 on its input, the language as its last argument."""
    engine = ExternalCommand(command)
    samples, rate_hz = engine.speak("Салам", "ru", "")
    assert (samples.size / rate_hz, rate_hz) == (2, 16000)
    assert np.abs(samples).max() == pytest.approx(0.05, abs=0.001)


def test_external_command_passes_on_why_it_failed(command: str) -> None:
    """What it wrote to its error output is in the message."""
    with pytest.raises(SynthesisError, match="no such word"):
        ExternalCommand(command).speak("Салам, дүйнө", "ky", "")


@pytest.mark.parametrize("broken", ["/nonexistent/engine", "echo no-wav", "unclosed 'quote"])
def test_external_command_that_is_no_engine_is_named(broken: str) -> None:
    """A wrong setting is found by what it says."""
    with pytest.raises(SynthesisError, match=broken.split()[0]):
        ExternalCommand(broken).speak("Салам", "ky", "")


def test_engine_is_chosen_by_setting() -> None:
    """No command: the engine that pip brought."""
    assert isinstance(engine_of(""), EspeakNg)
    assert engine_of("say --wav") == ExternalCommand("say --wav")


@pytest.mark.parametrize("engine", [EspeakNg(), ExternalCommand("say")])
def test_engine_travels_to_another_process(engine: EspeakNg | ExternalCommand) -> None:
    """Engines are made here and used there."""
    stored = io.BytesIO(pickle.dumps(engine))
    assert pickle.load(stored) == engine
