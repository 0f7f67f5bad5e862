"""prompts/ is read strictly: what is broken is named with file and line."""

import shutil
from pathlib import Path

import pytest

from hotline.config import ROOT
from hotline.guide.loader import load_guide
from hotline.guide.steptext import ContentError

LANGUAGES = ("ky", "ru", "en")


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A copy of prompts/ that a test may break."""
    return Path(shutil.copytree(ROOT / "prompts", tmp_path / "prompts"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def broken(prompts: Path) -> str:
    with pytest.raises(ContentError) as error:
        load_guide(prompts, LANGUAGES)
    return str(error.value).removeprefix(f"{prompts}/")


def test_loader_names_a_missing_step_file(prompts: Path) -> None:
    """A language without one of the steps does not start."""
    (prompts / "ky" / "steps" / "07-registration.md").unlink()
    assert broken(prompts) == "ky/steps/07-registration.md:1: missing"


def test_loader_names_file_and_line_of_a_page_without_facts(prompts: Path) -> None:
    """Text that claims nothing is refused with its line."""
    path = prompts / "ru" / "steps" / "07-registration.md"
    path.write_text("# Учёт\n\n## sms\n\nПросто текст.\n")
    assert broken(prompts).startswith("ru/steps/07-registration.md:5: text before")


def test_loader_names_an_unknown_section(prompts: Path) -> None:
    """A slip in a heading is not silently skipped."""
    edit(prompts / "en" / "steps" / "01-advice.md", "## voice", "## voise")
    assert "section 'voise' is neither sms nor voice" in broken(prompts)


def test_loader_names_a_heading_without_its_section(prompts: Path) -> None:
    """A step without a voice script is refused."""
    path = prompts / "en" / "steps" / "01-advice.md"
    path.write_text(path.read_text().split("## voice")[0])
    assert broken(prompts).startswith("en/steps/01-advice.md:1: a step needs")


def test_loader_names_the_line_of_broken_toml(prompts: Path) -> None:
    """tomllib's line is kept."""
    edit(prompts / "guide.toml", "[[menus]]", "[[menus]")
    message = broken(prompts)
    assert message.startswith("guide.toml: ")
    assert "line" in message


def test_loader_names_an_unknown_key(prompts: Path) -> None:
    """A misspelled field of a fact is named with the fact."""
    edit(prompts / "facts.toml", "must_sms", "must_smss")
    assert broken(prompts).startswith("facts.toml: [s01-f01] TypeError")


def test_loader_names_a_missing_table(prompts: Path) -> None:
    """A language file without its speech tables is named, and so is one with a word too few."""
    edit(prompts / "ky" / "language.toml", "[speech]", "[speach]")
    assert broken(prompts).startswith("ky/language.toml: [language] TypeError")
    edit(prompts / "ky" / "language.toml", "[speach]", "[speech]")
    edit(prompts / "ky" / "language.toml", '"бир", ', "")
    assert broken(prompts) == "ky/language.toml: [speech] numbers has 99 entries, not 100"
    edit(prompts / "ky" / "language.toml", '"бирди", ', "")
    assert broken(prompts) == "ky/language.toml: key_names has 9 entries, not 10"


@pytest.mark.parametrize(
    "slip", ["msgid sms-unknown", 'msgid "sms-unknown', 'msggid "sms-unknown"', "a stray line"]
)
def test_loader_names_file_and_line_of_a_broken_catalog(prompts: Path, slip: str) -> None:
    """A lost quote or a misspelled keyword is named with its line, never read as a shorter text."""
    path = prompts / "ky" / "LC_MESSAGES" / "hotline.po"
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith('msgid "s'))
    lines[at] = slip
    path.write_text("\n".join(lines))
    assert broken(prompts).startswith(f"ky/LC_MESSAGES/hotline.po:{at + 1}: ")


def test_loader_ignores_fuzzy_translations(prompts: Path) -> None:
    """What a translator has marked as unsure is as good as missing."""
    path = prompts / "ru" / "LC_MESSAGES" / "hotline.po"
    edit(path, 'msgid "sms-unknown"', '#, fuzzy\nmsgid "sms-unknown"')
    assert "sms-unknown" not in load_guide(prompts, LANGUAGES).words("ru").line_ids
    path.write_text(path.read_text().replace("#, fuzzy\nmsgid", "msgid"))
    assert "sms-unknown" in load_guide(prompts, LANGUAGES).words("ru").line_ids
