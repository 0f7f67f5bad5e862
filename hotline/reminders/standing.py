"""Which rows of the ledger still stand: their date is stored and their rule is not done.

Asked wherever words are made of rows and once more at the fence, whatever became of the rows in between: what
was claimed, refused, lost or undelivered does not go out (again) after another date or DONE.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import AnchorRow, ReminderRow
from hotline.guide.model import ReminderRule
from hotline.people.privacy import Vault
from hotline.reminders import ledger
from hotline.reminders.deadlines import Term, is_done, term_of


@dataclass(frozen=True)
class StoredDay:
    """A stored date, and the rules of it that were answered with DONE."""

    day: date = field(repr=False)
    done: frozenset[str]


StoredDays = Mapping[tuple[int, bytes], StoredDay]  # by member and what stands for the date in the ledger


def stored_days(vault: Vault, anchors: Iterable[AnchorRow]) -> StoredDays:
    """The dates of one person, as the ledger finds them. Raises DataKeyError if no key opens one."""
    days = {}
    for row in anchors:
        day = date.fromisoformat(vault.open(row.date_sealed, "anchors.date", row.id))
        stored = StoredDay(day, frozenset(row.done.split()))
        for index in ledger.anchor_indexes(vault, row.person_id, row.member, row.kind, day):
            days[row.member, index] = stored
    return days


def standing_term(rules: Mapping[str, ReminderRule], days: StoredDays, row: ReminderRow) -> Term | None:
    """The term that the row speaks of, or None: its date was replaced, or its rule is done or gone."""
    rule, stored = rules.get(row.rule), days.get((row.member, row.anchor_index))
    if rule is None or stored is None or is_done(rules, rule, stored.done):
        return None
    return term_of(rule, stored.day)


def all_stand(
    session: Session, vault: Vault, rules: Mapping[str, ReminderRule], person_id: str, message_id: str
) -> bool:
    """Whether every row that a message carries still stands; two SQL statements. Raises DataKeyError.

    The caller holds the lock on the person, which storing a date and DONE take first.
    """
    anchors = session.scalars(select(AnchorRow).where(AnchorRow.person_id == person_id))
    days = stored_days(vault, anchors)
    carried = session.scalars(select(ReminderRow).where(ReminderRow.message_id == message_id))
    return all(standing_term(rules, days, row) for row in carried)
