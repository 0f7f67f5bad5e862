"""Counts how often the operator is rung and left a message, by the answers that were kept.

A number stands there as an HMAC that is found again but not read, and that nothing else has: what a number is
answered by text does not depend on it. The rows are nobody's. So they outlive DELETE, and go after a day.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from db.tables import AnswerRow
from hotline.people.operator_limits import Use, Used
from hotline.people.privacy import Vault
from hotline.people.text_limits import DAY


def used(session: Session, vault: Vault, phone: str, use: Use, now_utc: datetime) -> Used:
    """How often `phone` ("": every hidden number) and everybody had this of late; one SQL statement."""
    sought = {"numbers": vault.indexes(_name(phone)), "use": use, "since": now_utc - DAY}
    return Used(**session.execute(COUNTS, sought).one()._mapping)


def columns(vault: Vault, phone: str, use: Use) -> dict[str, Any]:
    """What the kept answer says of it."""
    return {"number_index": vault.index(_name(phone)), "said": use}


def _name(phone: str) -> str:
    return f"operator for {phone}"


def _counts() -> Select[Any]:
    numbers: Any = bindparam("numbers", expanding=True)
    return select(
        _times(AnswerRow.number_index.in_(numbers)).label("number"),
        _times().label("everybody"),
    )


def _times(*which: ColumnElement[bool]) -> Any:
    """Each by one index alone: of a number's answers, of what was said."""
    alike = AnswerRow.said == bindparam("use")
    counted = select(func.count()).select_from(AnswerRow)
    return counted.where(*which, alike, AnswerRow.at_utc > bindparam("since")).scalar_subquery()


COUNTS = _counts()  # built once, for each key 7
