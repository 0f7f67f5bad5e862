"""The practice ground: the exchange of this machine, tied to the rooms of the hotline it serves."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, event

from db import Database
from db.tables import ReminderRow
from hotline.carriers.account import Twilio
from hotline.config import EXCHANGE_NUMBER, Config
from hotline.exchange.exchange import Exchange
from hotline.exchange.wire import Wire
from hotline.guide.model import ReminderRule
from hotline.people import store
from hotline.people.privacy import Vault
from hotline.private import ExchangeAddress, find_exchange, publish_exchange
from hotline.reminders import ledger
from hotline.reminders.upcoming import next_due
from hotline.voice.places import FALLBACK

# Telephones to hold: one at home, one in Russia. Any other number is one too.
PHONES = {"+996555123456": "Bishkek", "+79161234567": "Moscow"}
LEDGER = ("reminders", "messages")  # the tables whose changes are shown on the wire
CHANGES = ("INSERT INTO", "UPDATE", "DELETE FROM")


def make_exchange(
    config: Config,
    owner_token: str,
    database: Database,
    vault: Vault,
    tick: Callable[[datetime], object],
    caption: Callable[[str], str | None],
    rules: Mapping[str, ReminderRule],
) -> Exchange:
    """The exchange with this hotline as its customer. caption: what the clip at a path says."""
    exchange = Exchange(
        account_sid=f"AC{secrets.token_hex(16)}",
        auth_token=secrets.token_hex(16),
        owner_token=owner_token,
        number=EXCHANGE_NUMBER,
        base_url=config.public_url,
        voice_url="/voice",
        voice_fallback_url=FALLBACK,
        sms_url="/sms",
        next_due=lambda after_utc: _next_due(database, after_utc),
        tick=tick,
        caption=lambda url: caption(urlsplit(url).path),
        ledger=lambda number: [_described(row, rules) for row in _rows_of(database, vault, number)],
        phones=_phones(config),
        services=dict.fromkeys(config.messaging_services, EXCHANGE_NUMBER),
    )
    _show_ledger(database.engine, exchange.wire)
    return exchange


def line_of(exchange: Exchange | None, config: Config) -> Twilio:
    """The carrier's settings: those that are set, or those that reach this exchange."""
    if exchange is None:
        assert config.twilio is not None  # without Twilio's settings there is an exchange
        return config.twilio
    account = exchange.account
    return Twilio(account.sid, (account.auth_token,), account.number, f"http://{config.host}:{config.port}")


def publish(exchange: Exchange, config: Config, owner_token: str) -> None:
    """Leaves the way to this exchange for `flask talk` and `flask remind`."""
    line = line_of(exchange, config)
    address = ExchangeAddress(line.api_url, owner_token, line.account_sid, line.auth_tokens[0])
    publish_exchange(config.private, address)


def found_line(config: Config) -> tuple[Twilio, Callable[[], datetime]] | None:
    """The line to the exchange of the hotline that runs here, and its clock; None if none runs."""
    address = find_exchange(config.private)
    if address is None:
        return None
    line = Twilio(address.account_sid, (address.auth_token,), EXCHANGE_NUMBER, address.url)
    return line, address.now_utc


def welcome(config: Config) -> str:
    """What is said when the hotline has started: where it answers, and how to try it."""
    here = f"http://{config.host}:{config.port}"
    if config.twilio:
        return f"Kadam answers at {config.public_url} (here {here}); /healthz tells how it is."
    if config.kannel:  # nobody is invited to play: to Kannel the numbers of the telephones here are real ones
        numbers = ", ".join(config.kannel.prefixes)
        return f"Kadam answers at {here}: texts to {numbers} by Kannel, no calls and no other numbers."
    return (
        f"Kadam answers at {here} on its own telephone exchange; no real telephone is reached.\n"
        f"A telephone to hold: open {here}/phone in a browser.\n"
        "One in another terminal: make talk. Then type:  sms STEP7  |  call, then keys: 1 1 1  |  help"
    )


def _show_ledger(engine: Engine, wire: Wire) -> None:
    """Tells on the wire every statement that has changed the ledger, without its values, and its rows."""

    def tell(_connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        changed = cursor.rowcount != 0 and statement.startswith(CHANGES)
        if changed and statement.split()[_place(statement)] in LEDGER:
            wire.tell("ledger", "statement", {"statement": statement, "rows": cursor.rowcount})

    event.listen(engine, "after_cursor_execute", tell)


def _next_due(database: Database, after_utc: datetime) -> datetime | None:
    with database.reading() as session:
        return next_due(session, after_utc)


def _rows_of(database: Database, vault: Vault, number: str) -> list[ReminderRow]:
    with database.reading() as session:
        person_id = store.find(session, vault, number).id
        return [] if person_id is None else ledger.rows_of(session, person_id)


def _described(row: ReminderRow, rules: Mapping[str, ReminderRule]) -> dict[str, object]:
    """A row of the ledger as the page shows it; a rule that the guide has dropped has no step any more."""
    return {
        "rule": f"{row.rule}, step {int(rules[row.rule].step)}" if row.rule in rules else row.rule,
        "member": row.member,
        "due_on": row.due_on.isoformat(),
        "due_at_utc": row.due_at_utc.isoformat(),
        "state": row.state,
    }


def _place(statement: str) -> int:
    """Which word of a changing statement is its table."""
    return 1 if statement.startswith("UPDATE") else 2


def _phones(config: Config) -> Mapping[str, str]:
    operator = config.operator_number
    return PHONES if operator is None else {**PHONES, operator: "Operator"}
