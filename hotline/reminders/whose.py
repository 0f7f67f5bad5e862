"""Whose date it may be, of the people on one telephone. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.people.members import MOST_MEMBERS, SELF, Member
from hotline.reminders.deadlines import ENTRY
from hotline.reminders.plan import FAMILY


def owners_of(members: Mapping[int, Member], anchor: str) -> list[int]:
    """Of an entry those who have left one, and one person more; of another date who has entered.

    The number of the one person more is the lowest that is free; with six people there is none, and where
    nobody has left such an entry it is one of them all.
    """
    kind = anchor if anchor in (ENTRY, FAMILY) else ENTRY
    known = [number for number, member in members.items() if kind in member.dates]
    if anchor not in (ENTRY, FAMILY):
        return known if len(known) > 1 else [SELF]
    first = SELF if anchor == ENTRY else 1  # a family member is never the owner of the telephone
    taken = {number for number, member in members.items() if number != SELF or anchor in member.dates}
    free = [number for number in range(first, MOST_MEMBERS) if number not in taken]
    return [*known, *free[:1]] or list(range(first, MOST_MEMBERS))
