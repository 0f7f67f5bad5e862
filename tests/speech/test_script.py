"""The reading script: every clip once, in an order to read it straight through, safe to open."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from hotline.guide.model import Guide
from hotline.speech.clips import TONE, Clip, every_clip
from hotline.speech.recordings import Reading
from hotline.speech.script import Cue, cues
from hotline.speech.sheet import Row, as_csv, as_html, rows, write_script
from hotline.speech.studio import Studio, open_studio
from hotline.speech.synthesis import EspeakNg

LANGUAGES = ("ky", "ru", "en")


def cue_of(guide: Guide, code: str, name: str) -> Cue:
    """The cue of one clip."""
    (cue,) = [cue for cue in cues(guide, code) if cue.clip.name == name]
    return cue


@pytest.mark.parametrize("code", LANGUAGES)
def test_script_has_every_clip_once_but_the_tone(real_guide: Guide, code: str) -> None:
    """Whoever reads it to its end has read all that callers hear."""
    read = [cue.clip for cue in cues(real_guide, code)]
    assert len(set(read)) == len(read)
    assert set(read) == {clip for clip in every_clip(real_guide, code) if clip.name != TONE}


@pytest.mark.parametrize("code", LANGUAGES)
def test_script_is_in_reading_order(real_guide: Guide, code: str) -> None:
    """The first question, the menus, the other lines, the steps as in the guide, numbers and dates."""
    names = [cue.clip.name for cue in cues(real_guide, code)]
    marks = (
        "voice-language-1.0",
        "voice-menu-main.0",
        "voice-after.0",
        "voice-date-read.0",
        "voice-date-right.0",
        "voice-date-right.1",
        "step-00-0",
        "step-07-0",
        "step-07-1",
        "step-12-0",
        "step-em-0",
        "number-00",
        "day-01",
        "year-2026",
    )
    assert [after > before for before, after in pairwise(map(names.index, marks))] == [True] * 13
    steps = [name.split("-")[1] for name in names if name.startswith("step-")]
    assert list(dict.fromkeys(steps)) == list(real_guide.steps)


def test_cue_says_how_a_number_is_dialled(real_guide: Guide) -> None:
    """Digit by digit, as the glossary asks."""
    said = [line for cue in cues(real_guide, "en") for line in cue.how if "digit by digit" in line]
    assert any(line.lower().startswith("one, one, two: ") for line in said)


def test_cue_names_abbreviations_and_its_neighbours(real_guide: Guide) -> None:
    """A paragraph knows its step, its place there, and what comes before and after."""
    before, cue, after = (cue_of(real_guide, "ky", f"step-07-{index}") for index in (1, 2, 3))
    assert cue.section == "7-кадам. Миграциялык каттоо"
    assert "МФЦ: тамгалап, «эм-эф-цэ»" in cue.how
    assert cue.context == (
        "3-бөлүк, баары 8",
        f"Мунун алдында: {before.clip.text}",
        f"Андан кийин: {after.clip.text}",
    )


def test_cue_of_a_piece_shows_the_whole_sentence(real_guide: Guide) -> None:
    """Only so can one read it without letting the voice fall."""
    first, last = (cue_of(real_guide, "ru", f"voice-job-left.p1.{index}") for index in (1, 2))
    assert first.how == ("Предложение продолжается: не опускайте голос",)
    assert last.how == ()
    assert first.context == last.context
    assert first.context[0].endswith("двадцатого декабря воскресенье Осталось два дня.")


def test_cue_of_a_menu_says_so(real_guide: Guide) -> None:
    """A menu is read for somebody with a finger on a key; beside each choice stands the whole."""
    menu, whole = cue_of(real_guide, "en", "voice-menu-main.0").context
    assert menu == "A menu: a key is awaited after it"
    assert "attacked, press one" in whole
    assert whole.endswith("other services, five.")


def test_row_tells_length_and_state_of_the_recording(
    real_guide: Guide, sound: Studio, tmp_path: Path
) -> None:
    """As long as the synthesis; recorded, stale, of unknown text or missing."""
    folder = tmp_path / "ky"
    folder.mkdir()
    texts = {"number-01": "бир", "number-02": "үч", "number-03": None}
    for name, text in texts.items():
        (folder / f"{name}.wav").touch()
        if text:
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    studio = open_studio(real_guide, sound.folder, tmp_path, EspeakNg())
    found = {row.cue.clip.name: row for row in rows(real_guide, studio, "ky")}
    assert [found[f"number-0{number}"].reading for number in (1, 2, 3, 4)] == [
        Reading.CURRENT,
        Reading.STALE,
        Reading.UNKNOWN,
        Reading.MISSING,
    ]
    assert len({found[f"number-0{number}"].status for number in (1, 2, 3, 4)}) == 4
    clip = found["step-07-0"].cue.clip
    assert found["step-07-0"].seconds == sound.seconds(clip)
    unrendered = open_studio(real_guide, tmp_path / "none", tmp_path / "none", EspeakNg())
    assert unrendered.about_s("ky", "step-07-0") == pytest.approx(sound.seconds(clip), rel=0.3)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_holds_no_formula(real_guide: Guide, start: str) -> None:
    """A text that begins like a formula is text in every spreadsheet."""
    evil = f"{start}HYPERLINK(1)"
    cue = Cue("x", Clip("ky", evil, evil), (evil,), (evil,))
    table = as_csv(real_guide.words("ky"), [Row(1, replace(cue, section=evil), 1.0, Reading.MISSING, evil)])
    _, cells = csv.reader(io.StringIO(table, newline=""))
    assert [cell[:2] for cell in cells] == ["1", *[f"'{start}"] * 4, "1.", f"'{start}"]


def test_page_needs_nothing_else_and_escapes_texts(real_guide: Guide) -> None:
    """No script, no address, no tag that a text brings along."""
    cue = Cue("x", Clip("ky", "name", "<b>&"), (), ())
    page = as_html(real_guide.words("ky"), [Row(1, cue, 1.0, Reading.MISSING, "x")])
    assert "&lt;b&gt;&amp;" in page
    assert re.findall(r"<script|<link|<img|src=|href=|url\(|https?:", page) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_script_is_written_as_page_and_table(
    real_guide: Guide, sound: Studio, tmp_path: Path, code: str
) -> None:
    """Both hold every row; the table opens in a spreadsheet with its letters."""
    page, table = write_script(real_guide, sound, code, tmp_path / "build")
    assert (page.name, table.name) == (f"script-{code}.html", f"script-{code}.csv")
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    listed = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8-sig"), newline="")))
    names = [cue.clip.name for cue in cues(real_guide, code)]
    assert [row[1] for row in listed[1:]] == names
    assert re.findall(r'<article id="([^"]+)"', page.read_text(encoding="utf-8")) == names
