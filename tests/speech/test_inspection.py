"""The check names every clip and recording that is not as it should be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from hotline.guide.model import Guide
from hotline.speech.clips import Clip
from hotline.speech.inspection import check
from hotline.speech.studio import Studio, open_studio
from hotline.speech.synthesis import EspeakNg


@pytest.fixture
def studio(kyrgyz: Guide, audio: Path) -> Studio:
    """All sound of the guide, for the test to spoil."""
    return open_studio(kyrgyz, audio / "rendered", audio / "recordings", EspeakNg())


def hum(seconds: float, size: float) -> np.ndarray:
    """A hum at 8 kHz."""
    return size * np.sin(np.arange(round(seconds * 8000)) / 4)


def test_check_names_a_missing_clip(studio: Studio) -> None:
    """By the name under which it can be recorded."""
    studio.path(Clip("ky", "number-12", "")).unlink()
    assert check(studio) == ["ky/number-12: no sound; run `flask audio render`"]


@pytest.mark.parametrize("content", [b"", b"garbage"])
def test_check_names_a_broken_clip(studio: Studio, content: bytes) -> None:
    """A file that is no sound."""
    studio.path(Clip("ky", "step-07-0", "")).write_bytes(content)
    (problem,) = check(studio)
    assert problem.startswith("ky/step-07-0: broken")


def test_check_names_a_clip_cut_off(studio: Studio) -> None:
    """A file whose end is lost still decodes, but says half a sentence."""
    path = studio.path(Clip("ky", "step-07-0", ""))
    path.write_bytes(path.read_bytes()[:4000])
    assert check(studio) == ["ky/step-07-0: broken: cut off"]


@pytest.mark.parametrize(
    ("samples", "rate_hz", "expected"),
    [
        (hum(1, 0.5), 16000, "16000 Hz in 1 channels"),
        (np.stack([hum(1, 0.5)] * 2, axis=1), 8000, "8000 Hz in 2 channels"),
        (hum(1, 0), 8000, "silent"),
        (hum(1, 1.2), 8000, "over full scale"),
        (hum(15.1, 0.5), 8000, "15.1 s, longer than the 15.0 s of a paragraph"),
    ],
)
def test_check_names_what_a_telephone_cannot_bear(
    studio: Studio, samples: np.ndarray, rate_hz: int, expected: str
) -> None:
    """Rate, channels, silence, clipping, length."""
    soundfile.write(studio.path(Clip("ky", "step-07-1", "")), samples, rate_hz, subtype="PCM_16")
    (problem,) = check(studio)
    assert problem.startswith(f"ky/step-07-1: {expected}")


def test_check_lets_other_clips_be_longer_than_a_paragraph(studio: Studio) -> None:
    """15 seconds are the rule of paragraphs; a menu is stopped by a key."""
    soundfile.write(studio.path(Clip("ky", "voice-menu.0", "")), hum(15.1, 0.5), 8000, subtype="PCM_16")
    assert check(studio) == []


def test_check_names_recordings_that_are_not_used(kyrgyz: Guide, audio: Path) -> None:
    """Unknown names, unknown kinds, silence and a second recording of one clip."""
    folder = audio / "recordings" / "ky"
    soundfile.write(folder / "voice-mneu.0.wav", hum(1, 0.5), 8000)
    soundfile.write(folder / "voice-menu.0.wav", hum(1, 0.5), 8000)
    soundfile.write(folder / "voice-menu.0.flac", hum(1, 0.5), 8000)
    soundfile.write(folder / "tone.wav", hum(1, 0), 8000)
    (folder / "notes.txt").write_text("read on Monday", encoding="utf-8")
    (folder / ".gitkeep").touch()
    (folder / "voice-menu.0.txt").write_text("Каттоо болсо, бирди басыңыз.", encoding="utf-8")
    (folder / "tone.txt").write_text("♪", encoding="utf-8")
    (folder / "step-07-0.txt").write_text("Каттоого эрте туруңуз.", encoding="utf-8")
    studio = open_studio(kyrgyz, audio / "rendered", audio / "recordings", EspeakNg())
    assert [problem for problem in check(studio) if problem.startswith("recordings/")] == [
        "recordings/ky/notes.txt: none of .wav, .flac, .mp3, nor the text of one",
        "recordings/ky/step-07-0.txt: none of .wav, .flac, .mp3, nor the text of one",
        "recordings/ky/tone.wav: silent; the synthesised clip is used",
        "recordings/ky/voice-menu.0.flac: passed over, there is another recording of this clip",
        "recordings/ky/voice-mneu.0.wav: no clip has this name",
    ]
