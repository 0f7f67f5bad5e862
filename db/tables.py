"""Every table. Numbers, dates and texts are sealed (hotline.people.privacy); ids, states and times are clear.

Times are UTC instants; a due day is a calendar date. docs/security.md says what clear columns let one infer.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant, stored without its zone (SQLite has none)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a naive time: it would be some other zone's."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The metadata that Alembic compares with."""

    __table__: ClassVar[Table]  # a statement on it does without the ORM's bookkeeping of objects
    type_annotation_map = {datetime: UtcDateTime, str: String, bytes: LargeBinary}  # noqa: RUF012 - SQLAlchemy's name


def _worded(name: str, *columns: str, sealed: str) -> Index:
    """An index of the rows that still have their words."""
    has_words = text(f"length({sealed}) > 0")
    return Index(name, *columns, sqlite_where=has_words, postgresql_where=has_words)


class PersonRow(Base):
    """A telephone number that has called or written, and what it asked us to remember."""

    __tablename__ = "people"
    __table_args__ = (
        Index("ix_people_ask_again", "ask_again_at_utc"),
        Index("ix_people_seen", "seen_at_utc"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # random, never derived from the number
    phone_index: Mapped[bytes] = mapped_column(unique=True)  # HMAC of the E.164 number
    phone_sealed: Mapped[bytes]
    language: Mapped[str | None]
    reading: Mapped[str | None]  # "07:2": the step and the page that MORE sends next
    reading_at_utc: Mapped[datetime | None]
    question_sealed: Mapped[bytes | None]  # the open question, waiting for OK or NO
    question_at_utc: Mapped[datetime | None]
    ask_again_at_utc: Mapped[datetime | None]  # a question about a date is asked once more then, by call
    last_rules: Mapped[str | None]  # rules named by the last reminder, "d05 d09", for a bare DONE
    last_rules_at_utc: Mapped[datetime | None]
    welcomed_at_utc: Mapped[datetime | None]  # told who this is and how to stop; once
    reminded_by: Mapped[str] = mapped_column(server_default="sms")  # sms or call
    heard: Mapped[str | None]  # the place of a call where a step was heard last: "step-07-2"
    heard_at_utc: Mapped[datetime | None]
    rest_sealed: Mapped[bytes | None]  # lines of the last reply that wait for MORE
    rest_at_utc: Mapped[datetime | None]
    script: Mapped[str | None]  # cyrillic or latin; NULL: never chosen
    script_offered: Mapped[bool] = mapped_column(server_default=false())  # once for ever
    created_at_utc: Mapped[datetime]
    seen_at_utc: Mapped[datetime]


class AnchorRow(Base):
    """A date that a person left: the day of entry and its like. One row a person, member and kind."""

    __tablename__ = "anchors"

    id: Mapped[str] = mapped_column(primary_key=True)  # "person.member.kind"
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    member: Mapped[int]  # 0 the person, 1..5 others on the same telephone
    kind: Mapped[str]  # entry, departure, registered, job, registration-until, ...: prompts/reminders.toml
    date_sealed: Mapped[bytes]
    done: Mapped[str]  # rules that were answered with DONE, or count from another date: "d05 d11@job-until"
    said: Mapped[str | None]  # when DONE or START was said last, "d05=1774774800"; NULL: of before 0014
    set_at_utc: Mapped[datetime]  # the date, or what is done of it


class OptOutRow(Base):
    """A number that wants no messages. Only its HMAC, so that it outlives DELETE."""

    __tablename__ = "opt_outs"

    phone_index: Mapped[bytes] = mapped_column(primary_key=True)
    key_id: Mapped[bytes | None]  # of the data key that made it; NULL: not known, of an earlier version
    at_utc: Mapped[datetime]
    at_carrier: Mapped[bool] = mapped_column(server_default=false())  # it lets no text of ours through either


class ReminderRow(Base):
    """The ledger: one row a person, rule, anchor date and due day; kept while the person is known."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("person_id", "member", "rule", "anchor_index", "due_on"),
        Index("ix_reminders_due", "state", "due_at_utc"),
        Index("ix_reminders_end", "state", "urgent", "expires_at_utc"),
        Index("ix_reminders_person", "person_id", "state"),  # else SQLite looks through all that is pending
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    member: Mapped[int]
    rule: Mapped[str]
    anchor_index: Mapped[bytes]  # HMAC of person, member and anchor date: the same date finds its old rows
    due_on: Mapped[date]
    channel: Mapped[str | None]  # how the next attempt goes; None: as the person chose
    due_at_utc: Mapped[datetime]  # when the send window of that day opens
    expires_at_utc: Mapped[datetime]  # from here on it is not sent any more
    state: Mapped[str]  # pending, sending, sent, unknown, failed, cancelled, expired, delivered, undelivered
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    urgent: Mapped[bool] = mapped_column(server_default=false())  # of the last reminder days of a term


class MessageRow(Base):
    """One text or call on its way out: claimed, fenced, sent, receipted. Its id is the attempt id."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_work", "state", "next_at_utc"),
        _worded("ix_messages_worded", "state", "next_at_utc", sealed="body_sealed"),
        Index("ix_messages_purse", "purse_index", "created_at_utc"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]  # sms or call
    kind: Mapped[str]  # reminder, or asked: what the person asked for in a call
    body_sealed: Mapped[bytes]  # the text, or for a call the place where it begins; empty once it is too old
    state: Mapped[str]
    rank: Mapped[int]  # of the carrier's status; receipts may only raise it
    attempts: Mapped[int]
    sid: Mapped[str | None] = mapped_column(unique=True)
    error_code: Mapped[int | None]
    lease_until_utc: Mapped[datetime | None]
    next_at_utc: Mapped[datetime]  # earliest next work: send, look up, retry
    expires_at_utc: Mapped[datetime]
    looks: Mapped[int]  # empty look-ups at the carrier while unknown
    claimed_at_utc: Mapped[datetime | None]
    sent_at_utc: Mapped[datetime | None]
    follows: Mapped[str | None]  # the page before this one: that goes first
    told: Mapped[bool] = mapped_column(server_default=false())  # of a call that reminds: its words were given
    purse_index: Mapped[bytes | None]  # of a reminder: HMAC of the purse its country shares, if any
    row_count: Mapped[int | None]  # of a reminder: how many rows of the ledger its words were made of
    created_at_utc: Mapped[datetime]


class AnswerRow(Base):
    """What a webhook was answered, so that its replay has one effect and gets the same bytes.

    Of somebody who was erased since, a text leaves a row without words, until nobody sends it again. What is
    too old has none either.
    """

    __tablename__ = "answers"
    __table_args__ = (
        Index("ix_answers_number", "number_index", "at_utc"),
        _worded("ix_answers_worded", "at_utc", sealed="reply_sealed"),
        Index("ix_answers_purse", "purse_index", "at_utc"),
        Index("ix_answers_said", "said", "at_utc"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)  # MessageSid, or CallSid and turn
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    body_sealed: Mapped[bytes | None]  # the text that came in
    reply_sealed: Mapped[bytes]  # the TwiML that went back; empty once it or the person is erased
    number_index: Mapped[bytes | None]  # of what is counted: HMAC of the number, another than the person's
    text_index: Mapped[bytes | None]  # of a text: HMAC of number and text, by which the same is found again
    purse_index: Mapped[bytes | None]  # ... HMAC of the purse that its country shares, where it has one
    said: Mapped[str | None]  # what counts against the limits: text_limits.Said, operator_limits.Use
    at_utc: Mapped[datetime] = mapped_column(index=True)


class CallRow(Base):
    """A call under way: what was entered and waits for the confirming key."""

    __tablename__ = "calls"

    sid: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    pending_sealed: Mapped[bytes]
    at_utc: Mapped[datetime] = mapped_column(index=True)


class VoiceMessageRow(Base):
    """A message that a caller spoke for the operator: first at the carrier, then here, sealed."""

    __tablename__ = "voice_messages"
    __table_args__ = ({"sqlite_autoincrement": True},)  # an id is never given again to another message

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    recording_sid: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str | None]  # of the call; NULL where it is not known
    seconds: Mapped[int]
    state: Mapped[str]  # waiting, new, heard, lost, erased
    at_carrier: Mapped[bool]  # the carrier may still have its copy
    sound_sealed: Mapped[bytes | None]  # a WAV file
    next_at_utc: Mapped[datetime] = mapped_column(index=True)  # earliest next request to the carrier
    attempts: Mapped[int]
    left_at_utc: Mapped[datetime] = mapped_column(index=True)


class CopyRow(Base):
    """A record of a text or a call at the carrier that is to be deleted there; gone once it is."""

    __tablename__ = "copies"

    sid: Mapped[str] = mapped_column(primary_key=True)
    leads: Mapped[bool]  # first everything else is found that the carrier has of its number
    noted_at_utc: Mapped[datetime]
    next_at_utc: Mapped[datetime] = mapped_column(index=True)  # earliest next request to the carrier
    attempts: Mapped[int]


class ClockRow(Base):
    """One row: the heartbeat of the workers, for the web processes that do not tick."""

    __tablename__ = "clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    beat: Mapped[int]  # one more with each tick
    at_utc: Mapped[datetime]
    trouble: Mapped[str | None]  # why nothing can be sent; no personal data


class PlanRow(Base):
    """One row: by which rules and which send window the rows of the ledger are planned."""

    __tablename__ = "plans"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fingerprint: Mapped[str]  # reminders.replanning
    after: Mapped[str | None]  # the id of the last person planned so, "" for nobody yet; NULL: all are


class PaceRow(Base):
    """A sender of ours and from when on it may send again."""

    __tablename__ = "paces"

    sender: Mapped[str] = mapped_column(primary_key=True)
    free_at_utc: Mapped[datetime]


class CounterRow(Base):
    """How often something has happened since the beginning, over all processes; for the monitor."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)  # a fixed word of ours
    total: Mapped[int] = mapped_column(BigInteger)
