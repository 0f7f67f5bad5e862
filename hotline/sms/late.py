"""A text that is read long after it was written: whether it still holds, and what is said if it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hotline.guide.model import Guide
from hotline.people.effects import ASKED_FOR_LIFETIME
from hotline.people.model import RingBack
from hotline.people.privacy import Vault
from hotline.people.tallies import words_since
from hotline.people.text_limits import ANSWERED
from hotline.reminders.days import Today
from hotline.reminders.window import Window, is_open
from hotline.sms.incoming import understood
from hotline.sms.lost import REPLACED_BY, is_lost, is_replaced, lost_reply
from hotline.sms.reply import Reply
from hotline.sms.request import Request
from hotline.sms.understanding.command import Command
from hotline.sms.understanding.keywords import Vocabulary


@dataclass(frozen=True)
class LateTexts:
    """Compares late texts with what their writers were answered since; `zone` is the hotline's."""

    guide: Guide
    vocabulary: Vocabulary
    vault: Vault
    zone: ZoneInfo

    def is_outdated(self, session: Session, request: Request) -> bool:
        """Whether what was answered since takes the place of the text; of STOP and SOS little does."""
        if request.command.name in REPLACED_BY:
            return is_replaced(request.command, self._since(session, request))
        return request.tally.is_outdated(session, request.contact.id, request.as_of_utc)

    def lost_pages(self, session: Session, request: Request) -> Sequence[str]:
        """What is said of an outdated text; nothing over the limits, nor to who was erased since."""
        contact, command = request.contact, request.command
        if request.said not in ANSWERED or contact.id is None or contact.counted["same"]:
            return ()
        since = self._since(session, request)
        if not is_lost(self.guide, contact.person, command, since, request.today):
            return ()
        return lost_reply(self.guide, contact.person, command, request.text.body).pages

    def _since(self, session: Session, request: Request) -> Iterator[Command]:
        """What the person has written after the text."""
        contact, at_utc = request.contact, request.as_of_utc
        for body in words_since(session, self.vault, contact.id, at_utc):
            later = replace(request.text, body=body)
            yield understood(later, self.vocabulary, contact.person, Today.at(at_utc, self.zone))


def rings_too_late(request: Request, reply: Reply, window: Window, now_utc: datetime) -> bool:
    """Whether the reply calls back who asked for it long ago, at an hour at which they may be asleep."""
    rings = any(isinstance(effect, RingBack) for effect in reply.effects)
    return rings and now_utc - request.as_of_utc > ASKED_FOR_LIFETIME and not is_open(window, now_utc)
