"""`flask audio` says what it did, and ends with 1 where something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotline.guide.model import Guide
from hotline.speech.commands import StudioCommands
from hotline.speech.sound import write_sound
from hotline.speech.studio import open_studio
from hotline.speech.synthesis import EspeakNg
from tests.speech.test_intake import MENU, RATE_HZ, read


def run(guide: Guide, audio: Path, *arguments: str) -> Result:
    """One command."""
    engine = EspeakNg()
    studio = open_studio(guide, audio / "rendered", audio / "recordings", engine)
    return CliRunner().invoke(StudioCommands(guide, studio, engine).group(), list(arguments))


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A speaker's folder with one good recording."""
    folder = tmp_path / "desk"
    folder.mkdir()
    write_sound(folder / "voice-menu.0.wav", read(MENU), RATE_HZ)
    return folder


def test_import_takes_and_then_render_and_check(kyrgyz: Guide, audio: Path, desk: Path) -> None:
    """The way of a recording from the speaker to the caller."""
    taken = run(kyrgyz, audio, "import", str(desk), "--language", "ky")
    assert taken.exit_code == 0
    assert taken.output.startswith("voice-menu.0.wav: taken, ")
    assert taken.output.endswith("1 taken, 0 refused; next: flask audio render\n")
    assert run(kyrgyz, audio, "render").output == "1 clips made, 1 removed\n"
    assert run(kyrgyz, audio, "check").output == "no problem found\n"


def test_import_ends_with_1_if_any_was_refused(kyrgyz: Guide, audio: Path, desk: Path) -> None:
    """The good one is taken all the same."""
    (desk / "day-05.wav").write_bytes(b"RIFF")
    taken = run(kyrgyz, audio, "import", str(desk), "--language", "ky")
    assert taken.exit_code == 1
    assert "day-05.wav: refused: cannot be decoded" in taken.output
    assert (audio / "recordings" / "ky" / "voice-menu.0.flac").is_file()


def test_import_of_an_empty_folder_says_so(kyrgyz: Guide, audio: Path, tmp_path: Path) -> None:
    """A slip in the name of the folder is not "0 refused"."""
    (tmp_path / "empty").mkdir()
    taken = run(kyrgyz, audio, "import", str(tmp_path / "empty"), "--language", "ky")
    assert (taken.exit_code, "there is no recording in" in taken.output) == (1, True)


def test_script_names_its_files(real_guide: Guide, audio: Path, tmp_path: Path) -> None:
    """So that one can open and print them."""
    written = run(real_guide, audio, "script", "ru", "--out", str(tmp_path / "out"))
    assert (written.exit_code, len(written.output.split())) == (0, 2)
    assert all(Path(line).is_file() for line in written.output.split())


@pytest.mark.parametrize(
    "arguments", [("script", "kg"), ("import", ".", "--language", "kg"), ("import", ".")]
)
def test_unknown_language_is_refused(kyrgyz: Guide, audio: Path, arguments: tuple[str, ...]) -> None:
    """Only languages that the hotline speaks."""
    assert run(kyrgyz, audio, *arguments).exit_code == 2


def test_check_ends_with_1_and_names_what_is_wrong(kyrgyz: Guide, audio: Path) -> None:
    """A recording of unknown text is heard, but named."""
    write_sound(audio / "recordings" / "ky" / "voice-menu.0.wav", read(MENU), RATE_HZ)
    run(kyrgyz, audio, "render")
    checked = run(kyrgyz, audio, "check")
    assert checked.exit_code == 1
    assert "voice-menu.0.wav: read from an unknown text" in checked.output
