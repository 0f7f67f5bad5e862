"""Finds and remembers who calls or writes, what they were answered, and what waits for a confirming key."""

from __future__ import annotations

import json
import uuid
from collections import ChainMap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, literal, select, update
from sqlalchemy.orm import Session

from db import insert_into, insert_of
from db.tables import AnchorRow, AnswerRow, CallRow, OptOutRow, PersonRow
from hotline.guide.language import Script
from hotline.people import answers, copies, messages, tallies
from hotline.people.members import SELF, Member, said_of, said_text
from hotline.people.model import Person, Reading, Stopped
from hotline.people.privacy import Vault
from hotline.people.questions import Asked, Question


@dataclass(frozen=True)
class Contact:
    """A number on the line: its row id (None while nothing is stored under it) and what is known of it.

    `phone` is "" for nobody: the number is withheld. `answered` is what the same webhook was answered before,
    if it was, "" if the person was erased since; `pending` what was entered in the same call and waits for
    its confirming key; `counted` what was asked to be counted besides.
    """

    phone: str = field(repr=False)
    id: str | None
    person: Person
    answered: str | None = field(default=None, repr=False)
    pending: str | None = field(default=None, repr=False)
    counted: Mapping[str, int] = field(default_factory=dict)


def find(
    session: Session,
    vault: Vault,
    phone: str | None,
    answer_key: str = "",
    call_sid: str = "",
    counts: Mapping[str, Any] | None = None,
) -> Contact:
    """Who `phone` (E.164) is, how `answer_key` was answered, what waits in the call; one SQL statement.

    None is nobody: of a caller who withholds the number there is only the answer. `counts`: the values of
    tallies.COUNTS, where texts are to be counted besides.
    """
    sought = {
        "indexes": vault.indexes(phone) if phone else [],
        "answer_key": answer_key,
        "call_sid": call_sid,
    }
    statement = FOUND if counts is None else FOUND_AND_COUNTED
    rows = session.execute(statement, {**sought, **(counts or {})}).all()
    known, _, opted_out, answer, call, *counted = rows[0]
    return Contact(
        phone=phone or "",
        id=known.id if known else None,
        person=replace(_person(vault, known, rows) if known else Person(), **_opted_out(opted_out)),
        answered=answers.opened(vault, answer.key, answer.reply_sealed) if answer else None,
        pending=vault.open(call.pending_sealed, "calls.pending", call.sid) if call else None,
        counted=dict(zip(tallies.COUNTS.selected_columns.keys(), counted, strict=True)) if counts else {},
    )


def new_id() -> str:
    """A fresh row id; random, so that it tells nothing of the person."""
    return uuid.uuid4().hex


def save_person(
    session: Session, vault: Vault, contact: Contact, id: str, changes: dict[str, Any], now_utc: datetime
) -> str:
    """Updates the row of the contact with `changes`, or inserts it as `id`; one SQL statement.

    Returns the row's id: another than `id` if a webhook at the same instant has inserted the number first.
    """
    changes = {**changes, "seen_at_utc": now_utc}
    if contact.id is not None:
        session.execute(CHANGED, {"of": contact.id, **changes})
        return contact.id
    row = {
        "id": id,
        "phone_index": vault.index(contact.phone),
        "phone_sealed": vault.seal(contact.phone, "people.phone", id),
        "created_at_utc": now_utc,
        **changes,
    }
    upsert = _upsert(session.get_bind().dialect.name, frozenset(changes))
    return str(session.execute(upsert, row).scalar_one())


def save_dates(
    session: Session,
    vault: Vault,
    person_id: str,
    number: int,
    dates: Mapping[str, tuple[date, Collection[str], Mapping[str, datetime]]],
    now_utc: datetime,
) -> None:
    """Stores dates of a member, each with its rules that are done and when that was said; one statement."""
    rows = []
    for kind, (day, done, said_at_utc) in dates.items():
        id = anchor_id(person_id, kind, number)
        rows.append(
            {
                "id": id,
                "person_id": person_id,
                "member": number,
                "kind": kind,
                "date_sealed": vault.seal(day.isoformat(), "anchors.date", id),
                "done": " ".join(sorted(done)),
                "said": said_text(said_at_utc),
                "set_at_utc": now_utc,
            }
        )
    statement = insert_into(session, AnchorRow)
    changed = {name: statement.excluded[name] for name in ("date_sealed", "done", "said", "set_at_utc")}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed), rows)


def drop_dates(session: Session, person_id: str, number: int, kinds: Collection[str]) -> None:
    """Erases dates of a member."""
    ids = [anchor_id(person_id, kind, number) for kind in kinds]
    session.execute(delete(AnchorRow).where(AnchorRow.id.in_(ids)))


def anchor_id(person_id: str, kind: str, number: int = SELF) -> str:
    """The id of the row of a member's date of this kind."""
    return f"{person_id}.{number}.{kind}"


def members_of(session: Session, vault: Vault, person_id: str) -> dict[int, Member]:
    """Everybody on the telephone of a person who has left a date. Raises DataKeyError if no key opens one."""
    found = session.scalars(select(AnchorRow).where(AnchorRow.person_id == person_id)).all()
    return _members(vault, found)


def keep_pending(
    session: Session, vault: Vault, call_sid: str, person_id: str, pending: str, now_utc: datetime
) -> None:
    """Keeps what was entered in a call until its confirming key comes."""
    sealed = vault.seal(pending, "calls.pending", call_sid)
    statement = insert_into(session, CallRow).values(
        sid=call_sid, person_id=person_id, pending_sealed=sealed, at_utc=now_utc
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["sid"], set_={"pending_sealed": sealed, "at_utc": now_utc}
        )
    )


def keep_heard(session: Session, vault: Vault, phone: str, heard: str | None, now_utc: datetime) -> None:
    """Keeps which paragraph (`step-07-2`, None: none) a known number hears; nobody becomes known by it.

    Who only listens has been in contact too.
    """
    known = update(PersonRow).where(PersonRow.phone_index.in_(vault.indexes(phone)))
    heard_at_utc = now_utc if heard else None
    session.execute(known.values(heard=heard, heard_at_utc=heard_at_utc, seen_at_utc=now_utc))


def opt_out(session: Session, vault: Vault, phone: str, at_carrier: bool, now_utc: datetime) -> None:
    """The number wants no messages; `at_carrier`: it has told its carrier, which blocks them."""
    row = insert_into(session, OptOutRow).values(
        phone_index=vault.index(phone), key_id=vault.key_ids[0], at_utc=now_utc, at_carrier=at_carrier
    )
    blocks = row.on_conflict_do_update(index_elements=["phone_index"], set_={"at_carrier": True})
    session.execute(blocks if at_carrier else row.on_conflict_do_nothing())


def is_opted_out(session: Session, vault: Vault, phone: str) -> bool:
    """Whether the number wants no messages, whichever data key it is found by."""
    found = exists().where(OptOutRow.phone_index.in_(vault.indexes(phone)))
    return bool(session.scalar(select(found)))


def phone_of(vault: Vault, row: PersonRow) -> str:
    """The E.164 number of a stored person."""
    return vault.open(row.phone_sealed, "people.phone", row.id)


def forget(session: Session, person_id: str, now_utc: datetime) -> None:
    """Erases the person with dates, reminders, messages, answers and calls; the opt-out stays.

    Of texts their SIDs stay for a day, without a word: see tallies.
    Of what the carrier still has, the SIDs stay until its copies are deleted.
    """
    copies.note_of(session, person_id, now_utc)
    messages.erase_of(session, person_id)
    tallies.bare_texts_of(session, person_id)
    session.execute(delete(PersonRow).where(PersonRow.id == person_id))


def sealed_question(vault: Vault, question: Question, person_id: str) -> bytes:
    """The open question as stored in the person's row."""
    day = question.day.isoformat() if question.day else None
    asked = [question.kind, day, question.anchor, question.member, question.step]
    return vault.seal(json.dumps(asked), "people.question", person_id)


def sealed_rest(vault: Vault, lines: Sequence[str], person_id: str) -> bytes:
    """What waits for MORE, as stored in the person's row."""
    return vault.seal(json.dumps(lines), "people.rest", person_id)


def _person(vault: Vault, row: PersonRow, rows: Sequence[Any]) -> Person:
    members = _members(vault, [found.AnchorRow for found in rows if found.AnchorRow])
    own = members.pop(SELF, Member())
    return Person(
        language=row.language,
        welcomed=row.welcomed_at_utc is not None,
        **vars(own),
        others=members,
        reading=_reading(row),
        question=question_of(vault, row),
        last_rules=tuple((row.last_rules or "").split()),
        last_rules_at_utc=row.last_rules_at_utc,
        reminded_by=row.reminded_by,
        stopped=Stopped(row.heard, row.heard_at_utc) if row.heard and row.heard_at_utc else None,
        script=Script(row.script) if row.script else None,
        script_offered=row.script_offered,
        rest_at_utc=row.rest_at_utc,
        rest=tuple(json.loads(vault.open(row.rest_sealed, "people.rest", row.id))) if row.rest_sealed else (),
    )


def _members(vault: Vault, anchors: Sequence[AnchorRow]) -> dict[int, Member]:
    members = {}
    for number in {anchor.member for anchor in anchors}:
        own = [each for each in anchors if each.member == number]
        dates = {each.kind: _date(vault, each) for each in own}
        done = frozenset(rule for each in own for rule in each.done.split())
        said = ChainMap(*(said_of(each.said or "", each.done, each.set_at_utc) for each in own))
        members[number] = Member(dates, done, {each.kind: each.set_at_utc for each in own}, said)
    return members


def _date(vault: Vault, anchor: AnchorRow) -> date:
    return date.fromisoformat(vault.open(anchor.date_sealed, "anchors.date", anchor.id))


def _reading(row: PersonRow) -> Reading | None:
    if row.reading is None:
        return None
    step, _, page = row.reading.partition(":")
    return Reading(step, int(page), row.reading_at_utc)


def _opted_out(row: OptOutRow | None) -> dict[str, Any]:
    return {"opted_out": row is not None, "blocked": row is not None and row.at_carrier}


def question_of(vault: Vault, row: PersonRow) -> Question | None:
    if row.question_sealed is None:
        return None
    kind, day, *about = json.loads(vault.open(row.question_sealed, "people.question", row.id))
    asked = Question(Asked(kind), date.fromisoformat(day) if day else None, *about)
    return replace(asked, asked_at_utc=row.question_at_utc)


@cache
def _upsert(dialect: str, changed: frozenset[str]) -> Any:
    """Inserts a person, or changes these columns of who has just been inserted; returns the id of the row."""
    statement = insert_of(dialect, PersonRow)
    changes = {name: statement.excluded[name] for name in changed}
    upsert = statement.on_conflict_do_update(index_elements=["phone_index"], set_=changes)
    return upsert.returning(PersonRow.id)


def _finding(counted: Select[Any]) -> Select[Any]:
    """Everything that `find` asks, beside what is counted in one row."""
    row = counted.subquery()
    indexes: Any = bindparam("indexes", expanding=True)
    return (
        select(PersonRow, AnchorRow, OptOutRow, AnswerRow, CallRow, *row.c)
        .select_from(row)
        .outerjoin(PersonRow, PersonRow.phone_index.in_(indexes))
        .outerjoin(AnchorRow, AnchorRow.person_id == PersonRow.id)
        .outerjoin(OptOutRow, OptOutRow.phone_index.in_(indexes))
        .outerjoin(AnswerRow, AnswerRow.key == bindparam("answer_key"))
        .outerjoin(CallRow, CallRow.sid == bindparam("call_sid"))
    )


# Built once: for each webhook anew it would take longer than the database takes to answer.
FOUND = _finding(select(literal(1).label("one")))
FOUND_AND_COUNTED = _finding(tallies.COUNTS)
CHANGED = update(PersonRow.__table__).where(PersonRow.id == bindparam("of"))
