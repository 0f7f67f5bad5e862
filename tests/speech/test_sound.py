"""Sound for the telephone: 8 kHz, trimmed, evenly loud, never over full scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from hotline.speech.loudness import CEILING, TARGET_DBFS
from hotline.speech.shaping import shaped, tone
from hotline.speech.sound import (
    RATE_HZ,
    Samples,
    UnusableSoundError,
    audible,
    read_sound,
    voiced_dbfs,
    write_sound,
)

ENGINE_RATE_HZ = 22050


def speechlike(seconds: float, loudness: float) -> Samples:
    """Bursts with pauses and a few high peaks, as speech has."""
    at = np.arange(round(seconds * ENGINE_RATE_HZ)) / ENGINE_RATE_HZ
    burst = np.sin(2 * np.pi * 500 * at) * (np.sin(2 * np.pi * 2 * at) > 0)
    peaks = 4 * (np.arange(at.size) % 3001 < 20)
    return (loudness * burst * (1 + peaks) / 5).astype(np.float32)


@pytest.mark.parametrize("loudness", [0.01, 0.2, 1.0])
def test_shaped_is_evenly_loud(loudness: float) -> None:
    """A whisper and a shout come out within 1 dB of the target, below full scale."""
    sound = shaped(speechlike(2, loudness), ENGINE_RATE_HZ, 0.1)
    assert voiced_dbfs(sound) == pytest.approx(TARGET_DBFS, abs=1)
    assert np.abs(sound).max() <= CEILING


def test_shaped_trims_the_ends_and_adds_the_pause() -> None:
    """A second of nothing on both sides goes; the pause asked for comes, and is silent."""
    silence = np.zeros(ENGINE_RATE_HZ, np.float32)
    speech = speechlike(1.25, 0.5)
    sound = shaped(np.concatenate([silence, speech, silence]), ENGINE_RATE_HZ, 0.5)
    assert sound.size / RATE_HZ == pytest.approx(1.25 + 0.5, abs=0.08)
    assert not sound[-round(0.5 * RATE_HZ) :].any()


def test_shaped_keeps_the_pauses_inside() -> None:
    """Only the ends are trimmed: what is said keeps its rhythm."""
    one = speechlike(0.25, 0.5)
    gap = np.zeros(ENGINE_RATE_HZ, np.float32)
    assert shaped(np.concatenate([one, gap, one]), ENGINE_RATE_HZ, 0).size / RATE_HZ > 1.4


def test_shaped_takes_out_what_pulls_the_wave_off_its_middle() -> None:
    """A cheap microphone's offset is neither heard as a click nor counted as loudness."""
    sound = shaped(speechlike(1, 0.2) + np.float32(0.3), ENGINE_RATE_HZ, 0)
    assert abs(float(sound.mean())) < 0.01
    assert voiced_dbfs(sound) == pytest.approx(TARGET_DBFS, abs=1)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.full(9000, 1e-5, np.float32)])
def test_shaped_refuses_silence(samples: Samples) -> None:
    """Silence blown up to full loudness would be noise."""
    assert not audible(samples)
    with pytest.raises(UnusableSoundError, match="silent"):
        shaped(samples, ENGINE_RATE_HZ, 0.1)


def test_tone_is_as_loud_as_speech() -> None:
    """The tone does not frighten."""
    assert voiced_dbfs(tone()) == pytest.approx(TARGET_DBFS, abs=1)
    assert 0.1 < tone().size / RATE_HZ < 0.5


def test_written_sound_is_telephone_wav(tmp_path: Path) -> None:
    """16 bit PCM, one channel, 8 kHz; nothing else is left in the folder."""
    write_sound(tmp_path / "tone.wav", tone())
    info = soundfile.info(tmp_path / "tone.wav")
    assert (info.format, info.subtype, info.samplerate, info.channels) == ("WAV", "PCM_16", 8000, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["tone.wav"]


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3"])
def test_read_sound_takes_what_people_record(tmp_path: Path, kind: str) -> None:
    """Stereo is mixed down."""
    mono = speechlike(1, 0.8)
    path = tmp_path / f"voice.{kind}"
    soundfile.write(path, np.stack([mono, np.zeros_like(mono)], axis=1), ENGINE_RATE_HZ)
    samples, rate_hz = read_sound(path)
    assert (samples.ndim, rate_hz) == (1, ENGINE_RATE_HZ)
    assert np.abs(samples).max() == pytest.approx(np.abs(mono).max() / 2, rel=0.1)


@pytest.mark.parametrize("content", [b"", b"not a sound", b"RIFF\x24\x00\x00\x00WAVEfmt "])
def test_read_sound_refuses_what_is_no_sound(tmp_path: Path, content: bytes) -> None:
    """Neither file nor bytes that do not decode get through."""
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    for source in (path, content):
        with pytest.raises(UnusableSoundError, match="decoded"):
            read_sound(source)
