"""Which rows of the ledger still stand: their date is stored and their rule is not done.

Asked wherever words are made of rows and once more at the fence, whatever became of the rows in between: what
was claimed, refused, lost or undelivered does not go out (again) after another date or DONE.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from db.tables import AnchorRow, ReminderRow
from hotline.guide.model import ReminderRule
from hotline.people.privacy import Vault
from hotline.reminders import ledger
from hotline.reminders.deadlines import Counted, counted, is_done


@dataclass(frozen=True)
class Kept:
    """The dates of one member of a person, the rules of them that are done, and how the ledger finds them."""

    dates: dict[str, date] = field(default_factory=dict, repr=False)
    done: set[str] = field(default_factory=set)
    indexes: dict[bytes, str] = field(
        default_factory=dict, repr=False
    )  # what stands for a date -> its anchor


StoredDays = Mapping[int, Kept]  # by member


def stored_days(vault: Vault, anchors: Iterable[AnchorRow]) -> StoredDays:
    """The dates of one person, as the ledger finds them. Raises DataKeyError if no key opens one."""
    days: dict[int, Kept] = {}
    for row in anchors:
        day = date.fromisoformat(vault.open(row.date_sealed, "anchors.date", row.id))
        kept = days.setdefault(row.member, Kept())
        kept.dates[row.kind] = day
        kept.done.update(row.done.split())
        for index in ledger.anchor_indexes(vault, row.person_id, row.member, row.kind, day):
            kept.indexes[index] = row.kind
    return days


def standing_start(rules: Mapping[str, ReminderRule], days: StoredDays, row: ReminderRow) -> Counted | None:
    """What the row counts from, or None: its date was replaced, or its rule is done or gone."""
    rule, kept = rules.get(row.rule), days.get(row.member)
    if rule is None or kept is None or is_done(rules, rule, kept.dates, kept.done):
        return None
    start = counted(rule, kept.dates, kept.done)
    return start if start and kept.indexes.get(row.anchor_index) == start.anchor else None


def all_stand(session: Session, vault: Vault, rules: Mapping[str, ReminderRule], message_id: str) -> bool:
    """Whether every row that a message carries still stands; one SQL statement. Raises DataKeyError.

    The caller holds the lock on the person, which storing a date and DONE take first.
    """
    found = session.execute(CARRIED, {"message": message_id}).all()
    days = stored_days(vault, dict.fromkeys(anchor for _, anchor in found if anchor))
    return all(standing_start(rules, days, row) for row, _ in found)


# Built once: each message asks it. Each row with each date of the person: seldom more than two of either.
CARRIED = (
    select(ReminderRow, AnchorRow)
    .outerjoin(AnchorRow, AnchorRow.person_id == ReminderRow.person_id)
    .where(ReminderRow.message_id == bindparam("message"))
)
