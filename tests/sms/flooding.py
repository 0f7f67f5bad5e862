"""A flood of texts from one number, and somebody who writes in the middle of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from db.tables import AnswerRow
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline

WORDS = [
    "STEP 1",
    "КАДАМ 2",
    "ШАГ 3",
    "SOS",
    "MENU",
    "STATUS",
    "CALL",
    "hello",
    "ENTRY 10.11.2026",
    "OK",
    "MORE",
    "?",
]


@dataclass(frozen=True)
class Flooded:
    """texts: of the flood. replies: what it was answered. rows: what it left. served: the other's answers."""

    texts: int
    replies: int
    rows: int
    served: int
    asked: int


def flood(hotline: TextHotline, texts: int, every: int = 50) -> Flooded:
    """So many texts from one number within an hour; every so many of them another number writes once."""
    flooder, replies, served, asked = hotline.phone("+996555000001"), 0, 0, 0
    for n in range(texts):
        body = WORDS[n % len(WORDS)] + (f" {n}" if n % 3 == 0 else "")
        replies += bool(pages(flooder.text(body)))
        if n % every == every // 2:
            asked += 1
            served += bool(pages(hotline.phone(f"+79160{asked:06}").text("ШАГ 7")))
        hotline.now_utc += timedelta(hours=1) / (texts + 1)
    with hotline.database.reading() as session:
        rows = session.scalar(select(func.count()).select_from(AnswerRow)) or 0
    return Flooded(texts, replies, rows - asked, served, asked)
