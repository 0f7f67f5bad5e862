"""What the owner's door opens on, and how phones, calls and texts look through it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from hotline.exchange.calls.call import Call
from hotline.exchange.calls.sounds import Sounds
from hotline.exchange.calls.switchboard import Switchboard
from hotline.exchange.clock import Clock
from hotline.exchange.doors.fields import read_since
from hotline.exchange.faults import Faults
from hotline.exchange.journal import Journal
from hotline.exchange.lanes import Lanes
from hotline.exchange.numbers import find_country
from hotline.exchange.phones import Phones
from hotline.exchange.records import Shelf
from hotline.exchange.texts.message import Message
from hotline.exchange.texts.post import Post
from hotline.exchange.timeline import Timeline
from hotline.exchange.wire import Wire

LedgerOf = Callable[[str], Sequence[Mapping[str, object]]]


@dataclass(frozen=True, repr=False)
class ControlRooms:
    """What the owner's door opens on."""

    owner_token: str
    number: str
    clock: Clock
    timeline: Timeline
    lanes: Lanes
    faults: Faults
    phones: Phones
    post: Post
    switchboard: Switchboard
    calls: Shelf[Call]
    sounds: Sounds
    wire: Wire
    ledger: LedgerOf


def describe_phone(rooms: ControlRooms, number: str) -> dict[str, object]:
    """A phone: the call it is in, what rings, how many texts arrived."""
    phone = rooms.phones.get(number)
    ringing = rooms.calls.get(phone.ringing_sid or "")
    return {
        "phone": number,
        "name": phone.name,
        "call": phone.call_sid,
        "last_call": phone.last_call_sid,
        "ringing": None if ringing is None else {"sid": ringing.sid, "from": ringing.from_number},
        "arrived": phone.arrived,
        "condition": phone.condition,
    }


def describe_call(rooms: ControlRooms, call: Call) -> dict[str, object]:
    """A call, what it waits for, and its events from `since` on."""
    listen = rooms.switchboard.waiting(call)
    return {
        "sid": call.sid,
        "status": call.status,
        "direction": call.direction,
        "real_time": call.real_time,
        "seconds": call.duration_s,
        "started_utc": None if call.started_at is None else call.started_at.isoformat(),
        "waiting": None if listen is None else asdict(listen),
        "events": list_events(call.journal),
    }


def describe_text(message: Message) -> dict[str, object]:
    """A text as an inbox shows it. price_class: whose country, and how many texts it is charged as."""
    phone = message.from_number if message.direction == "inbound" else message.to_number
    return {
        "sid": message.sid,
        "from": message.from_number,
        "to": message.to_number,
        "body": message.body,
        **asdict(message.size),
        "price_class": f"{find_country(phone) or 'other'} x {message.segments}",
        "status": message.status,
        "error_code": message.error_code,
        "created_utc": message.created_at.isoformat(),
        "updated_utc": message.updated_at.isoformat(),
    }


def list_events(journal: Journal) -> list[dict[str, object]]:
    """The events that the owner has not been told yet."""
    return [entry.as_json() for entry in journal.since(read_since())]
