"""What ends with DONE, and with the date that a DONE would store."""

from __future__ import annotations

from datetime import date

from hotline.guide.model import Guide
from hotline.people.members import Member
from hotline.reminders.deadlines import REGISTERED
from hotline.reminders.doing import ended_by

DATES = {"entry": date(2026, 11, 1), "registered": date(2026, 11, 10), "registration-until": date(2027, 5, 1)}
ON = date(2026, 11, 22)


def ended(guide: Guide, member: Member, anchor: str) -> list[str]:
    return [rule.id for rule in ended_by(guide.rules, member, anchor, ON)]


def test_day_of_registration_ends_what_done_ends(real_guide: Guide) -> None:
    """The registration, while it is to do; nothing where nobody has entered."""
    assert "d05" in ended(real_guide, Member({"entry": DATES["entry"]}), REGISTERED)
    assert ended(real_guide, Member(), REGISTERED) == []
    assert ended(real_guide, Member({"entry": DATES["entry"]}), "departure") == []


def test_corrected_day_of_registration_ends_no_extension(real_guide: Guide) -> None:
    """DONE 7 was said before: now it would end the reminders to extend the registration."""
    assert ended(real_guide, Member(DATES, frozenset({"d05", "d08"})), REGISTERED) == []
