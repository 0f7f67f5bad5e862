"""Finds what is stored under a number without opening anything of it: so it can be erased all the same."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import PersonRow
from hotline.people.privacy import Vault


def ids_of(session: Session, vault: Vault, phone: str) -> Sequence[str]:
    """The people that `phone` (E.164) finds: none, one, or two where a rotation met one row of each key."""
    return session.scalars(select(PersonRow.id).where(PersonRow.phone_index.in_(vault.indexes(phone)))).all()
