"""A STOP that no webhook could store, found at the carrier after the person has called."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db import Database
from db.tables import OptOutRow
from hotline.carriers.base import ReceivedText
from hotline.guide.model import Guide
from hotline.people.text_limits import TextLimits
from hotline.sms.understanding.vocabulary import Vocabulary
from hotline.sms.webhook import SmsDesk
from hotline.speech.studio import Studio
from tests.people.house import MINUTE, PHONE, House
from tests.sms.conftest import opened
from tests.telephone import HOTLINE
from tests.voice.conftest import studio
from tests.watching import count

__all__ = ["studio"]  # a fixture


@pytest.fixture
def house(guide: Guide, vocabulary: Vocabulary, studio: Studio, database: Database) -> House:
    return House(opened(guide, vocabulary, TextLimits(), database), studio)


def stop_comes_late(house: House, written_before: timedelta) -> None:
    desk = house.texts.app.view_functions["sms.receive"].__self__  # type: ignore[attr-defined]
    assert isinstance(desk, SmsDesk)
    written_at_utc = house.texts.now_utc - written_before
    desk.answer_late(ReceivedText("SM" + "5" * 32, written_at_utc, PHONE, HOTLINE, "ТОКТОТ"))


@pytest.mark.parametrize("place", ["confirm-start", "confirm-left"])
def test_late_stop_undoes_no_start_by_key(house: House, place: str) -> None:
    """Who turned reminders on in a call after it goes on getting them; who only called does not."""
    assert house.texts.phone(PHONE).text("ENTRY 20.11.2026").status_code == 200
    house.tick()
    house.handset().ring("ky", place).press("1")
    house.tick()
    stop_comes_late(house, written_before=MINUTE + MINUTE / 2)
    assert count(house.texts.database, OptOutRow) == (0 if place == "confirm-start" else 1)


def test_later_stop_undoes_a_start_by_key(house: House) -> None:
    """The last wish counts."""
    house.handset().ring("ky", "confirm-start").press("1")
    house.tick(10 * MINUTE)
    stop_comes_late(house, written_before=5 * MINUTE)
    assert count(house.texts.database, OptOutRow) == 1
