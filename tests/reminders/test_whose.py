"""Whose date it may be, of the people on one telephone."""

from __future__ import annotations

from datetime import date

import pytest

from hotline.people.members import MOST_MEMBERS, Member
from hotline.reminders.whose import owners_of

ENTERED = Member({"entry": date(2026, 11, 1)})
FAMILY = Member({"family": date(2026, 11, 1)})
SIX = dict.fromkeys(range(MOST_MEMBERS), ENTERED)


@pytest.mark.parametrize(
    ("members", "anchor", "owners"),
    [
        ({}, "entry", [0]),
        ({}, "family", [1]),
        ({}, "policy-until", [0]),
        ({0: ENTERED}, "entry", [0, 1]),
        ({1: FAMILY}, "entry", [0]),
        ({0: ENTERED, 1: ENTERED}, "family", [2]),
        ({1: FAMILY}, "family", [1, 2]),
        ({0: ENTERED, 2: ENTERED}, "departure", [0, 2]),
        ({0: ENTERED, 1: FAMILY}, "departure", [0]),
        (SIX, "entry", [0, 1, 2, 3, 4, 5]),
        (SIX, "family", [1, 2, 3, 4, 5]),
    ],
)
def test_owner_of_a_date_is_known_or_one_more(
    members: dict[int, Member], anchor: str, owners: list[int]
) -> None:
    """An entry may be that of one person more, by the lowest free number; with six people of one of them."""
    assert owners_of(members, anchor) == owners
