"""Everything is rendered once, named by what it is made of, and replaced where a person has read it."""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console

from hotline.guide.model import Guide
from hotline.speech.clips import Clip, Spoken, clips_of, every_clip
from hotline.speech.crew import make_all
from hotline.speech.inspection import check
from hotline.speech.job import ClipError
from hotline.speech.recordings import Reading, remembered
from hotline.speech.sound import Samples
from hotline.speech.studio import Making, Rendered, Studio, open_studio, render
from hotline.speech.synthesis import EspeakNg, ExternalCommand
from tests.speech.conftest import make_here

ROOT = Path(__file__).parents[2]
MENU = "Каттоо болсо, бирди басыңыз."


def render_again(guide: Guide, audio: Path, making: Making = make_here) -> Rendered:
    """One more rendering of a folder that has sound in it."""
    return render(guide, audio / "rendered", audio / "recordings", EspeakNg(), making=making)


def menu(guide: Guide) -> Clip:
    """The clip of the menu line."""
    return clips_of(guide, "ky", Spoken("voice-menu"))[0]


def record(path: Path, hz: float = 500, seconds: float = 2, text: str = MENU) -> None:
    """A recording by a person who hums, and the text that was read."""
    at = np.arange(round(seconds * 44100)) / 44100
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * hz * at), 44100)
    remembered(path).write_text(text, encoding="utf-8")


def test_render_makes_every_clip(kyrgyz: Guide, rendered: Studio) -> None:
    """Nothing is missing and the check finds nothing."""
    assert rendered.missing() == []
    assert check(rendered) == []
    assert all(rendered.path(clip).is_file() for clip in every_clip(kyrgyz, "ky"))


def test_clip_has_address_caption_and_length(kyrgyz: Guide, rendered: Studio) -> None:
    """The address tells language, name and hash, and leads back to the words."""
    clip = menu(kyrgyz)
    url = rendered.url(clip)
    assert re.fullmatch(r"/audio/ky/voice-menu\.0\.[0-9a-f]{16}\.wav", url)
    assert rendered.caption(url) == clip.text
    assert rendered.urls([clip, clip]) == (url, url)
    assert 1 < rendered.seconds(clip) < 4
    assert rendered.caption("/audio/ky/voice-menu.0.wav") is None


def test_second_run_renders_nothing(kyrgyz: Guide, audio: Path) -> None:
    """Files that are there are not touched."""
    before = {path: path.stat().st_mtime_ns for path in audio.glob("rendered/*/*")}
    result = render_again(kyrgyz, audio)
    assert (result.made, result.removed) == (0, 0)
    assert before == {path: path.stat().st_mtime_ns for path in audio.glob("rendered/*/*")}


@pytest.mark.slow
def test_render_makes_only_what_is_missing_or_cut_off(kyrgyz: Guide, audio: Path) -> None:
    """A clip taken away and a clip half written come back; both are named before."""
    studio = open_studio(kyrgyz, audio / "rendered", audio / "recordings", EspeakNg())
    tone = studio.path(Clip("ky", "tone", ""))
    tone.write_bytes(tone.read_bytes()[:-100])
    studio.path(menu(kyrgyz)).unlink()
    assert sorted(studio.missing()) == ["ky/tone", "ky/voice-menu.0"]
    result = render_again(kyrgyz, audio, make_all)
    assert result.made == 2
    assert check(result.studio) == []


@pytest.mark.parametrize("terminal", [True, False])
def test_render_shows_progress_in_a_terminal_alone(kyrgyz: Guide, audio: Path, terminal: bool) -> None:
    """A log file gets no bar."""
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=terminal)
    open_studio(kyrgyz, audio / "rendered", audio / "recordings", EspeakNg()).path(menu(kyrgyz)).unlink()
    render(kyrgyz, audio / "rendered", audio / "recordings", EspeakNg(), 1, console, make_here)
    assert ("100%" in shown.getvalue()) is terminal


def test_render_removes_what_no_clip_is_in(kyrgyz: Guide, audio: Path) -> None:
    """Old sound and abandoned parts go; a part that another process is writing stays."""
    old, abandoned, fresh = (
        audio / "rendered" / "ky" / name
        for name in ("voice-old.0.0123456789abcdef.wav", ".a.wav.1.part", ".b.wav.2.part")
    )
    for path in (old, abandoned, fresh):
        path.write_bytes(b"x")
    os.utime(abandoned, (0, 0))
    assert render_again(kyrgyz, audio).removed == 2
    assert [path.exists() for path in (old, abandoned, fresh)] == [False, False, True]


def test_file_name_changes_with_all_that_changes_the_sound(kyrgyz: Guide, tmp_path: Path) -> None:
    """Text, engine, voice: a carrier that keeps files for ever never plays old sound."""
    engine = EspeakNg()
    clip = Clip("ky", "number-05", "беш")
    words = kyrgyz.words("ky")
    numbers = tuple("бештен" if number == "беш" else number for number in words.speech.numbers)
    names = set()
    for speech in (words.speech, replace(words.speech, numbers=numbers), replace(words.speech, voice="ru")):
        guide = replace(kyrgyz, languages={"ky": replace(words, speech=speech)})
        names.add(open_studio(guide, tmp_path, tmp_path, engine).url(clip))
    names.add(open_studio(kyrgyz, tmp_path, tmp_path, EspeakNg(120)).url(clip))
    assert len(names) == 4


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3"])
def test_recording_replaces_the_synthesised_clip(kyrgyz: Guide, audio: Path, kind: str) -> None:
    """Its clip alone is made anew, under a new address, from the recording."""
    old = render_again(kyrgyz, audio).studio
    record(audio / "recordings" / "ky" / f"voice-menu.0.{kind}", hz=500, seconds=3)
    result = render_again(kyrgyz, audio)
    clip = menu(kyrgyz)
    samples, _ = soundfile.read(result.studio.path(clip))
    loudest_hz = np.abs(np.fft.rfft(samples)).argmax() * 8000 / samples.size
    assert (result.made, result.removed) == (1, 1)
    assert result.studio.url(clip) != old.url(clip)
    assert loudest_hz == pytest.approx(500, abs=2)
    assert result.studio.seconds(clip) == pytest.approx(3.35, abs=0.1)
    assert check(result.studio) == []


def test_recording_read_anew_gets_a_new_address(kyrgyz: Guide, audio: Path) -> None:
    """The address covers the bytes of the recording."""
    urls = set()
    for hz in (500, 600):
        record(audio / "recordings" / "ky" / "voice-menu.0.wav", hz)
        urls.add(render_again(kyrgyz, audio).studio.url(menu(kyrgyz)))
    assert len(urls) == 2


def test_unusable_recording_is_named_and_synthesis_heard(kyrgyz: Guide, audio: Path) -> None:
    """A broken file from the microphone does not silence the menu."""
    recording = audio / "recordings" / "ky" / "voice-menu.0.mp3"
    recording.write_bytes(b"no sound")
    remembered(recording).write_text(MENU, encoding="utf-8")
    result = render_again(kyrgyz, audio)
    problems = check(result.studio)
    assert result.studio.missing() == []
    assert result.studio.seconds(menu(kyrgyz)) > 1
    assert [problem.split(": ")[0] for problem in problems] == ["recordings/ky/voice-menu.0.mp3"]


def test_stale_recording_is_not_heard_and_named(kyrgyz: Guide, audio: Path) -> None:
    """The words changed after they were read: callers hear the new ones, from synthesis."""
    plain = render_again(kyrgyz, audio).studio
    recording = audio / "recordings" / "ky" / "voice-menu.0.wav"
    record(recording, text="Каттоо болсо, экини басыңыз.")
    studio = render_again(kyrgyz, audio).studio
    assert studio.reading("ky", "voice-menu.0") is Reading.STALE
    assert studio.url(menu(kyrgyz)) == plain.url(menu(kyrgyz))
    (problem,) = check(studio)
    assert problem.startswith("recordings/ky/voice-menu.0.wav: read from another text")
    remembered(recording).write_text(f"{MENU}\n", encoding="utf-8")
    assert render_again(kyrgyz, audio).studio.url(menu(kyrgyz)) != plain.url(menu(kyrgyz))


def test_recording_of_unknown_text_is_heard_and_named(kyrgyz: Guide, audio: Path) -> None:
    """Somebody put it there by hand: a person's voice, but perhaps other words."""
    recording = audio / "recordings" / "ky" / "voice-menu.0.wav"
    record(recording)
    remembered(recording).unlink()
    studio = render_again(kyrgyz, audio).studio
    assert studio.reading("ky", "voice-menu.0") is Reading.UNKNOWN
    assert studio.jobs["ky", "voice-menu.0"].recording == recording
    assert check(studio) == [
        "recordings/ky/voice-menu.0.wav: read from an unknown text; run `flask audio import`"
    ]


@pytest.mark.slow
def test_clip_that_cannot_be_made_is_named(kyrgyz: Guide, tmp_path: Path) -> None:
    """An engine that fails stops the rendering by the name of the clip and says why."""
    engine = ExternalCommand(shlex.join([sys.executable, "-c", "raise SystemExit('out of voice')"]))
    with pytest.raises(ClipError, match=r"ky/.+ cannot be made: .*out of voice"):
        render(kyrgyz, tmp_path / "rendered", tmp_path, engine, 1)


@pytest.mark.slow
def test_process_that_dies_is_named(kyrgyz: Guide, tmp_path: Path) -> None:
    """A crash in an engine's library is the clip's failure, not a hang."""
    with pytest.raises(ClipError, match=r"ky/.+ cannot be made: its process ended"):
        render(kyrgyz, tmp_path / "rendered", tmp_path, Deadly(), 1)


class Deadly(EspeakNg):
    """An engine whose library takes the process down."""

    def speak(self, text: str, language: str, voice: str) -> tuple[Samples, int]:
        os._exit(1)


def test_real_guide_has_all_its_sound(sound: Studio) -> None:
    """Every clip of prompts/ can be made, in every language, and none breaks a rule of sound."""
    studio = sound
    assert studio.missing() == []
    assert check(studio) == []
