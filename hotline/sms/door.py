"""How what the hotline answers to a text leaves it: in the answer to the webhook, or by the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hotline.people.effects import ASKED_FOR_LIFETIME
from hotline.people.privacy import Vault
from hotline.reminders import ledger
from hotline.reminders.states import Channel


@dataclass(frozen=True)
class Door:
    """A carrier's way in and out for texts.

    confirms_stop: the carrier itself answers STOP and its like. queues: pages go out by the ledger, and the
    answer is silence; of somebody who has just been erased no row may stay, so then they stand in the answer.
    render: the answer with these pages.
    """

    confirms_stop: bool
    queues: bool
    render: Callable[[Sequence[str]], str]

    @property
    def silence(self) -> str:
        """An answer that sends nothing."""
        return self.render(())


def queue(session: Session, vault: Vault, person_id: str, pages: Sequence[str], now_utc: datetime) -> None:
    """The pages as messages that were asked for: each goes when the one before has been handed over."""
    before = None
    for page in pages:
        ends_utc = now_utc + ASKED_FOR_LIFETIME
        before = ledger.enqueue(
            session, vault, person_id, Channel.SMS, page, now_utc, ends_utc, follows=before
        )
