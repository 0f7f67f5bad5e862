"""Golden transcripts: what is written and what is answered, tests/dialogues/sms-*.txt.

A line `> ` is a text from the telephone, `< ` one page of the answer (its further lines indented), `@ ` the
instant from which the dialogue goes on; `> [picture]` is a picture without words. A dialogue about the limits
on texts has them (`-limits` in its name), the others write as much as they like. After a change of words,
KADAM_WRITE_DIALOGUES=1 writes the answers anew; read the difference before committing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from db import Database
from hotline.reminders.days import Today
from hotline.sms.segments import measure
from hotline.sms.understanding.command import CommandName
from hotline.sms.understanding.keywords import read
from hotline.sms.understanding.vocabulary import Vocabulary
from tests.sms.conftest import MORNING, TextHotline
from tests.telephone import Telephone

FOLDER = Path(__file__).parent.parent / "dialogues"
DIALOGUES = sorted(FOLDER.glob("sms-*.txt"))


def asked(script: str) -> Iterator[str]:
    """The lines of a transcript that are not answers."""
    return (line for line in script.splitlines() if not line.startswith(("< ", "  ")))


def answer(phone: Telephone, body: str) -> Iterator[str]:
    """The pages that one text is answered with, as a transcript shows them."""
    sent = phone.text("", NumMedia="1") if body == "[picture]" else phone.text(body)
    for message in ElementTree.fromstring(sent.data).iter("Message"):
        first, *rest = (message.text or "").split("\n")
        yield f"< {first}"
        yield from (f"  {line}" for line in rest)


def played(hotline: TextHotline, script: str) -> str:
    """The transcript as it really goes."""
    phone = hotline.phone()
    lines = []
    for line in asked(script):
        lines.append(line)
        if line.startswith("> "):
            lines += answer(phone, line.removeprefix("> "))
        elif line.startswith("@ "):
            hotline.now_utc = datetime.fromisoformat(line.removeprefix("@ "))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_dialogue_goes_as_written(
    path: Path,
    open_hotline: Callable[[Database], TextHotline],
    open_limited: Callable[[Database], TextHotline],
    sqlite: Database,
) -> None:
    """Every word of every answer."""
    script = path.read_text()
    really = played((open_limited if "limits" in path.stem else open_hotline)(sqlite), script)
    if os.environ.get("KADAM_WRITE_DIALOGUES"):
        path.write_text(really)
    assert really == script


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_every_page_of_the_dialogues_fits(path: Path) -> None:
    """No page is longer than two UCS-2 segments or one of GSM-7."""
    pages = path.read_text().replace("\n  ", "\\n").splitlines()
    long = [
        page
        for page in pages
        if page.startswith("< ") and not measure(page[2:].replace("\\n", "\n")).fits_page
    ]
    assert long == []


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_dialogues_cover_every_command(vocabulary: Vocabulary, language: str) -> None:
    """Each language's transcripts ask for every command that there is."""
    today = Today.at(MORNING, MORNING.tzinfo)  # type: ignore[arg-type]
    texts = [
        line.removeprefix("> ")
        for path in DIALOGUES
        if path.stem.startswith(f"sms-{language}")
        for line in asked(path.read_text())
        if line.startswith("> ")
    ]
    assert {read(text, vocabulary, today).name for text in texts} == set(CommandName)
