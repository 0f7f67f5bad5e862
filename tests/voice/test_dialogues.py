"""Every golden transcript of a call, played by the pure turn function and through signed webhooks."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from db import Database
from hotline.guide.model import Guide
from tests.voice.conftest import VoiceHotline
from tests.voice.dialogue import played, scenes_of, written
from tests.voice.stages import PureStage, WebStage

FOLDER = Path(__file__).parents[1] / "dialogues"
TRANSCRIPTS = sorted(FOLDER.glob("voice-*.txt"))
IN_KYRGYZ = [pytest.param(path, id=path.stem) for path in TRANSCRIPTS if path.stem.endswith("-ky")]
IN_OTHERS = [
    pytest.param(path, id=path.stem, marks=pytest.mark.slow)
    for path in TRANSCRIPTS
    if not path.stem.endswith("-ky")
]
WRITE = "KADAM_WRITE_DIALOGUES"


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_dialogue_by_the_turn_function(path: Path, guide: Guide) -> None:
    """The turn function says and changes what the transcript says."""
    golden = path.read_text(encoding="utf-8")
    head, scenes = scenes_of(golden)
    again = written(head, [played(scene, PureStage(guide)) for scene in scenes])
    if os.environ.get(WRITE):
        path.write_text(again, encoding="utf-8")
    else:
        assert again == golden


@pytest.mark.parametrize("path", [*IN_KYRGYZ, *IN_OTHERS])
def test_dialogue_by_signed_webhooks(
    path: Path, open_hotline: Callable[..., VoiceHotline], sqlite: Database
) -> None:
    """The webhooks with their database say and change the same."""
    golden = path.read_text(encoding="utf-8")
    head, scenes = scenes_of(golden)
    hotline = open_hotline(sqlite)
    stages = (WebStage(hotline, f"+99655500{number:04}") for number in range(len(scenes)))
    again = written(head, [played(scene, stage) for scene, stage in zip(scenes, stages, strict=True)])
    assert again == golden


def test_dialogues_cover_every_language() -> None:
    """There are transcripts, each topic in all three languages."""
    topics = {path.stem.rsplit("-", 1)[0] for path in TRANSCRIPTS}
    assert len(topics) >= 6
    for topic in topics:
        assert {path.stem.rsplit("-", 1)[1] for path in FOLDER.glob(f"{topic}-??.txt")} == {"ky", "ru", "en"}
