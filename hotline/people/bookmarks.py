"""Where callers are in the guide. A note of habit: a call never waits for it nor fails with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from db import Database
from hotline.people import store
from hotline.people.privacy import Vault

log = structlog.get_logger()


@dataclass(frozen=True)
class Bookmarks:
    """Keeps which paragraph a known number heard last, at best effort; nobody becomes known by it."""

    database: Database
    vault: Vault

    def keep(self, phone: str, heard: str | None, now_utc: datetime) -> None:
        """Notes the paragraph (`step-07-2`) that begins now, or (None) that a step was heard to its end."""
        try:
            with self.database.writing() as session:
                store.keep_heard(session, self.vault, phone, heard, now_utc)
        except SQLAlchemyError as e:
            log.warning("bookmark.not_kept", exc_info=e)
