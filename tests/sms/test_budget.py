"""What everything costs: nothing is over its budget, and what an edit makes too long is named."""

from __future__ import annotations

import re
import shutil
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from hotline.commands import Commands
from hotline.config import ROOT, Config
from hotline.guide.language import Script
from hotline.guide.loader import load_guide
from hotline.guide.model import Guide
from hotline.sms import budget
from hotline.sms.budget import Counted, counted, over_budget, table
from hotline.sms.naming import FOOTERS, NAMES_OF_LANGUAGES, Names
from hotline.sms.situations import understood
from hotline.sms.understanding.command import CommandName
from hotline.speech.studio import open_studio
from hotline.speech.synthesis import EspeakNg

ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def counts(guide: Guide) -> list[Counted]:
    return counted(guide, ON)


BREAKING = {  # line -> what somebody has made of it
    "sms-stop": "Щ" * 135,
    "sms-call": "Щ" * 134,
    "sms-digest": "{number}" + "я" * 119,
    "sms-d05-early": "{left} {date}" + "я" * 120,
    "sms-d05-early-short": "{left} {date}" + "я" * 120,
    "sms-date-ask": "{what} {date} {year}" + "я" * 108,
    "sms-more": "ДАЛЬШЕ-ДАЛЬШЕ-ДАЛЬШЕ {page}/{pages}",
    "sms-latin-set": "ғ",
    "sms-reminder-done-call": "{number}" + "я" * 260,
}


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Guide:
    """The Russian guide after all these edits."""
    prompts = tmp_path_factory.mktemp("edited") / "prompts"
    shutil.copytree(ROOT / "prompts", prompts)
    catalog = prompts / "ru" / "LC_MESSAGES" / "hotline.po"
    for id, text in BREAKING.items():
        before = catalog.read_text()
        catalog.write_text(re.sub(rf'(msgid "{id}"\nmsgstr ")[^"]*"', rf'\g<1>{text}"', before))
        assert catalog.read_text() != before, id
    return load_guide(prompts, ("ru",))


@pytest.fixture(scope="module")
def edited_counts(edited: Guide) -> list[Counted]:
    return counted(edited, ON)


@pytest.fixture(scope="module")
def named(edited: Guide, edited_counts: list[Counted]) -> list[str]:
    """What is wrong with it."""
    return list(over_budget(edited, edited_counts))


@pytest.mark.slow
def test_nothing_is_over_its_budget(guide: Guide, counts: list[Counted]) -> None:
    """Every reply in every language and script, with its dates at their longest."""
    assert list(over_budget(guide, counts)) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ru in cyrillic letters: sms-stop (", "135 units"),
        ("ru in latin letters: sms-stop (", "405 units"),
        ("ru in latin letters: sms-call (", "402 units"),
        ("ru in cyrillic letters: sms-digest (key 8)", "135 units"),
        ("ru in cyrillic letters: sms-date-ask (", "of 1 pages"),
        ("ru in cyrillic letters: step 07 page 1/6 (", "of 1 pages"),
        ("ru in latin letters: sms-latin-set (", "not in the GSM alphabet"),
        ("sms-d05-early", "units are more"),
        ("sms-reminder-done-call (reminder of d05", "of 2 pages"),
    ],
)
def test_edit_that_breaks_a_budget_is_named(named: list[str], name: str, why: str) -> None:
    """The line, the language, the script, who would get it, and what is wrong."""
    assert any(name in each and why in each for each in named), named


def test_what_fits_where_it_was_broken_elsewhere_is_not_named(named: list[str]) -> None:
    """134 units are a page."""
    assert not any("cyrillic letters: sms-call (call" in each for each in named)
    assert not any("sms-menu" in each for each in named)


@pytest.mark.slow
def test_every_kind_of_text_is_counted(guide: Guide, counts: list[Counted]) -> None:
    """Every short line of an SMS, every page of every step, in every language and script.

    Not counted by themselves: what stands within other lines, and the shorter form of a line where the long
    one fits.
    """
    named = {(name, each.language, each.script) for each in counts for name in each.name.split(" + ")}
    parts = {line for rule in guide.rules.values() for key, line in rule.lines.items() if key == "done"}
    parts |= {*FOOTERS, "sms-in-letters", "sms-days-left", "sms-or", "sms-done-choice", "sms-done-answer"}
    parts |= {"sms-choice", "sms-choice-all", "sms-choice-new", "sms-status-date", "sms-status-term"}
    parts |= {line for kind in guide.dates.values() for line in kind.lines.values()}
    parts |= {"sms-d03-two-days", "sms-registered-until"}  # they say the same as another line
    parts |= {"sms-days-left-about"}  # test_two_dates.py
    parts |= {"sms-d09-late"}  # beside the other rules it may be always short
    parts |= {id for id in guide.words("en").line_ids if id.startswith("sms-discreet")}  # test_discretion.py
    one_script = {"sms-latin-set", "sms-cyrillic-set", "sms-latin-offer"}
    for code, script in product(guide.languages, Script):
        ids = {id for id in guide.words(code).line_ids if id.startswith("sms-") and not id.endswith("-short")}
        assert {id for id in ids - parts - one_script if (id, code, script) not in named} == set()
        for key, step in guide.in_script(script).steps.items():
            pages = len(step.texts[code].pages)
            names = {f"step {key} page {number}/{pages}" for number in range(1, pages + 1)}
            assert all((name, code, script) in named for name in names)
    assert {name for name, *_ in named} >= one_script


def test_every_command_is_counted(guide: Guide) -> None:
    """Each is typed at least once, so that its answer is counted."""
    assert {command.name for command in understood(guide, ON)} == set(CommandName)


@pytest.mark.slow
def test_table_has_a_row_for_each_reply(counts: list[Counted]) -> None:
    """Markdown: the reply, its language and script, messages, units, segments, price class."""
    rows = table(counts).splitlines()
    assert rows[0] == "| reply | language | script | messages | units | segments | class |"
    assert len(rows) == len(counts) + 2
    assert "| sms-stop | ru | cyrillic | 1 | 103 | 2 | x 2 |" in rows
    assert "| sms-stop | ru | latin | 1 | 107 | 1 | x 1 |" in rows
    assert any(row.startswith("| step 07 page 1/6 | ru | cyrillic | 1 |") for row in rows)
    assert any(row.endswith("| 4 | x 3+ |") for row in rows)


def test_pages_are_named_by_their_lines(guide: Guide) -> None:
    """In their order, footers apart; what no line says is the names of languages."""
    page = guide.text("ru", "07").pages[0].text
    names = Names(guide, guide.words("ru"))
    assert names.name_of([f"{page}\nДАЛЬШЕ 1/6", "КЫРГЫЗЧА / ENGLISH"]) == (
        f"step 07 page 1/6 + {NAMES_OF_LANGUAGES}"
    )
    done = "Напоминания по шагу 7 (регистрация) отключены. Снова включить: СТАРТ 7."
    assert names.name_of([done]) == "sms-done"


def checked(guide: Guide, folder: Path, *options: str) -> Result:
    """`flask check` of a guide, its sound in a folder."""
    engine = EspeakNg()
    studio = open_studio(guide, folder / "rendered", folder / "recordings", engine)
    app = Flask("kadam-check")
    rooms = (guide, studio, engine, None, None, lambda: None, lambda: None)
    Commands(Config.from_env({}), *rooms).register(app)
    return app.test_cli_runner().invoke(args=["check", *options])


def test_check_fails_by_name(
    edited: Guide, edited_counts: list[Counted], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`flask check` names what costs too much; here it is counted already."""
    monkeypatch.setattr(budget, "counted", lambda guide, on: edited_counts if guide is edited else [])
    result = checked(edited, tmp_path)
    assert result.exit_code == 1
    assert "ru in cyrillic letters: sms-stop (" in result.output


@pytest.mark.thorough
def test_check_counts_everything(edited: Guide, tmp_path: Path) -> None:
    """`flask check --table` shows what everything costs, `flask check` what costs too much, as of today."""
    table = checked(edited, tmp_path, "--table")
    assert (table.exit_code, "| sms-menu | ru | latin | 1 |" in table.output) == (0, True)
    check = checked(edited, tmp_path)
    assert (check.exit_code, "ru in cyrillic letters: sms-stop (" in check.output) == (1, True)
