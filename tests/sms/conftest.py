"""A hotline that answers texts, on whichever database the test runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pytest
from flask import Flask

from db import Database
from hotline.carriers.signature import SignedRequests
from hotline.config import Config
from hotline.guide.model import Guide
from hotline.people.effects import Effects
from hotline.people.limits import Limits
from hotline.people.privacy import Vault, new_data_key
from hotline.people.reply_limits import ReplyLimits
from hotline.people.text_limits import TextLimits
from hotline.sms.answering import Answering
from hotline.sms.understanding.vocabulary import Vocabulary
from hotline.sms.webhook import SmsDesk
from tests.telephone import HOTLINE, PUBLIC_URL, TOKEN, Telephone

MORNING = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
SENDERS = frozenset({"KADAM", "+996312000778"})  # what the texts of this hotline come from


@dataclass
class TextHotline:
    """The SMS room with its clock in the test's hand."""

    app: Flask
    database: Database
    vault: Vault
    effects: Effects
    now_utc: datetime = MORNING
    woken: list[datetime] = field(default_factory=list)

    def phone(self, number: str = "+996555123456") -> Telephone:
        """A telephone on this hotline."""
        return Telephone(self.app.test_client(), number)


def opened(
    guide: Guide,
    vocabulary: Vocabulary,
    limits: TextLimits,
    database: Database,
    replies: ReplyLimits | None = None,
) -> TextHotline:
    vault, window = Vault([new_data_key()]), Config.from_env({}).window
    effects = Effects(vault, guide, window, Limits(texts=limits, replies=replies or ReplyLimits()))
    app = Flask("kadam-sms")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    hotline = TextHotline(app, database, vault, effects)
    answering = Answering(
        guide,
        vocabulary,
        database,
        hotline.effects,
        lambda: hotline.now_utc,
        lambda: hotline.woken.append(hotline.now_utc),
        HOTLINE,
        SENDERS,
    )
    desk = SmsDesk(answering, SignedRequests([TOKEN, "the-old-token"], PUBLIC_URL))
    app.register_blueprint(desk.blueprint())
    return hotline


@pytest.fixture
def open_hotline(guide: Guide, vocabulary: Vocabulary) -> Callable[[Database], TextHotline]:
    """Opens the SMS room on a database, without limits on texts: a test may send more than a person does."""
    return partial(opened, guide, vocabulary, TextLimits(10_000, 10_000, 10_000))


@pytest.fixture
def open_limited(guide: Guide, vocabulary: Vocabulary) -> Callable[[Database], TextHotline]:
    """Opens it with the limits that it has out of the box."""
    return partial(opened, guide, vocabulary, TextLimits())


@pytest.fixture
def hotline_on_sqlite(open_hotline: Callable[[Database], TextHotline], sqlite: Database) -> TextHotline:
    """For tests in which the kind of database does not matter."""
    return open_hotline(sqlite)


@pytest.fixture
def hotline(open_hotline: Callable[[Database], TextHotline], database: Database) -> TextHotline:
    return open_hotline(database)
