"""A carrier that refuses half of everything, and one of which every fourth answer never comes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta

from db import Database
from hotline.guide.model import Guide
from hotline.people.privacy import Vault, new_data_key
from hotline.reminders.upcoming import next_due
from tests.carriers.unreliable import Faults, UnreliableCarrier, unreliable_carrier
from tests.chaos.crashes import remember_all
from tests.chaos.crashing import START, dispatcher_of

QUIET = Faults(refused=0, lost=0, unanswered=0, answer_s=0)
STORM = timedelta(minutes=10)
MOST_POSTS = 5  # to one number: the fourth delay, of eight minutes, ends after the storm
HUNG = Faults(refused=0, lost=0, unanswered=0, hung=0.25, answer_s=0)


@dataclass(frozen=True)
class Weathered:
    """What a storm came to. overtook: answers while another POST hung. longest_tick_s: real seconds."""

    people: int
    lost: int
    duplicated: int
    most_posts: int  # to one number
    most_in_a_tick: int  # of them
    overtook: int
    longest_tick_s: float


def refuse_half(database: Database, guide: Guide, people: int) -> Weathered:
    """Half of the POSTs get 429 for ten minutes; then the carrier is well again."""
    with unreliable_carrier(people, replace(QUIET, refused=0.5)) as carrier:
        return _weather(database, guide, people, carrier, STORM)


def hang_every_fourth(database: Database, guide: Guide, people: int, timeout_s: float) -> Weathered:
    """One POST of four is taken and never answered, from the first to the last."""
    with unreliable_carrier(people, HUNG) as carrier:
        return _weather(database, guide, people, carrier, timedelta(hours=11), timeout_s)


def _weather(
    database: Database,
    guide: Guide,
    people: int,
    carrier: UnreliableCarrier,
    storm: timedelta,
    timeout_s: float = 10.0,
) -> Weathered:
    """Ticks at every due instant of the day, on the dispatcher and over the sockets of production."""
    data_key = new_data_key()
    phones = remember_all(database, Vault([data_key]), guide, people)
    dispatcher = dispatcher_of(guide, database, data_key, carrier.url, timeout_s=timeout_s)
    at, ticks_s, in_a_tick = START, [0.0], [0]
    while at < START + timedelta(hours=11):
        if at > START + storm:
            carrier.faults = QUIET
        began_s, before = time.monotonic(), carrier.posts.copy()
        dispatcher.tick(at)
        ticks_s.append(time.monotonic() - began_s)
        in_a_tick += (carrier.posts - before).values()
        with database.reading() as session:
            due = next_due(session, at)
        if dispatcher.has_left_over:
            at += timedelta(seconds=ticks_s[-1])
        elif due is None:
            break
        else:
            at = max(due, at + timedelta(minutes=1))  # as the clock ticks
    dispatcher.close()
    got = carrier.arrived()
    return Weathered(
        people=people,
        lost=sum(phone not in got for phone in phones),
        duplicated=sum(count - 1 for count in got.values()),
        most_posts=max(carrier.posts.values()),
        most_in_a_tick=max(in_a_tick),
        overtook=carrier.overtook,
        longest_tick_s=max(ticks_s),
    )
