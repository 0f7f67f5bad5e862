"""Both engines turn text into sound, and say why where they cannot."""

from __future__ import annotations

import io
import pickle
import shlex
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hotline.speech import synthesis
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

RHVOICE = """
import sys, numpy, soundfile
options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
assert options["-p"] == "azamat", options
text = sys.stdin.buffer.read().decode()
samples = numpy.full(8000 + int(options["-r"]), len(text) / 100)
soundfile.write(options["-o"], samples, 8000)
"""

STREAMED = """
import io, sys
import numpy, soundfile
wav = io.BytesIO()
soundfile.write(wav, numpy.full(16000, 0.5), 16000, format="WAV", subtype="PCM_16")
unknown = b"\\xff\\xff\\xff\\x7f"
data = wav.getvalue()
at = data.index(b"data") + 4
sys.stdout.buffer.write(data[:4] + unknown + data[8:at] + unknown + data[at + 4:])
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
    assert slow.fingerprint("ky") != fast.fingerprint("ky")


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


def test_external_command_fills_its_placeholders(tmp_path: Path) -> None:
    """RHVoice-test: text on the input, voice and speed as options, sound into a file; no language added."""
    script = tmp_path / "rhvoice.py"
    script.write_text(RHVOICE, encoding="utf-8")
    command = shlex.join([sys.executable, str(script)]) + " -p {voice} -r {speed} -o {output}"
    samples, rate_hz = ExternalCommand(command, 80).speak("Салам", "ky", "azamat")
    assert (samples.size, rate_hz) == (8000 + 80, 8000)
    assert np.abs(samples).max() == pytest.approx(0.05, abs=0.001)


def test_external_command_gets_the_text_as_a_word_that_is_not_read_again(tmp_path: Path) -> None:
    """Quotes, dollars and braces in a text are text: no shell, no second filling."""
    script = tmp_path / "text.py"
    script.write_text("import sys; raise SystemExit(repr(sys.argv[1:]))", encoding="utf-8")
    command = shlex.join([sys.executable, str(script)]) + " --say={text} {language}"
    with pytest.raises(SynthesisError) as failed:
        ExternalCommand(command).speak("'$HOME' {voice}", "ky", "x")
    assert """["--say='$HOME' {voice}", 'ky']""" in str(failed.value)


def test_external_command_that_hangs_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that waits for another program that waits does not stop the rendering for ever."""
    monkeypatch.setattr(synthesis, "COMMAND_TIMEOUT_S", 0.5)
    script = tmp_path / "hang.sh"
    late = tmp_path / "late"
    script.write_text(f"(sleep 1.5; touch {late}) & wait", encoding="utf-8")
    began_s = time.monotonic()
    with pytest.raises(SynthesisError, match="not done within"):
        ExternalCommand(f"sh {script}").speak("Салам", "ky", "")
    assert time.monotonic() - began_s < 1.4
    time.sleep(2)
    assert not late.exists()


def test_external_command_that_writes_no_file_is_named() -> None:
    """It ends well and leaves nothing."""
    with pytest.raises(SynthesisError, match=r"true \{output\}: cannot be decoded"):
        ExternalCommand("true {output}").speak("Салам", "ky", "")


def test_external_command_may_write_a_header_without_length(tmp_path: Path) -> None:
    """Into a pipe espeak-ng itself writes a WAV whose length is not known yet."""
    script = tmp_path / "pipe.py"
    script.write_text(STREAMED, encoding="utf-8")
    samples, rate_hz = ExternalCommand(shlex.join([sys.executable, str(script)])).speak("Салам", "ky", "")
    assert (samples.size, rate_hz) == (16000, 16000)


def test_language_may_have_an_engine_of_its_own(command: str) -> None:
    """Kyrgyz by one program, the others by another; a change of one leaves the others' sound."""
    engine = engine_of("", [("ky", command)])
    assert engine.speak("Салам", "ky", "ky")[1] == 16000
    assert engine.speak("Привет", "ru", "ru")[1] == 22050
    assert engine.fingerprint("ru") == EspeakNg().fingerprint("ru")
    assert engine.fingerprint("ky") == ExternalCommand(command).fingerprint("ky")
    assert pickle.loads(pickle.dumps(engine)) == engine


def test_language_may_keep_the_bundled_engine() -> None:
    """One command for all languages but this one."""
    engine = engine_of("say", [("ru", "bundled")])
    assert engine.fingerprint("ru") == EspeakNg().fingerprint("ru")
    assert engine.fingerprint("ky") == "command say"


def test_speed_is_in_percent_and_in_the_fingerprint_where_it_is_heard() -> None:
    """espeak-ng always, a command if it asks for it."""
    assert engine_of("", (), 80) == EspeakNg(120)
    plain, asking = (ExternalCommand(command, 80) for command in ("say", "say {speed}"))
    assert plain.fingerprint("ky") == ExternalCommand("say").fingerprint("ky")
    assert asking.fingerprint("ky") != ExternalCommand("say {speed}").fingerprint("ky")
