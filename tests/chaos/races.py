"""STOP against a reminder that is on its way: whoever commits first wins, and nothing starts afterwards."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from db import Database
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.effects import Effects
from hotline.people.model import OptOut
from hotline.people.privacy import Vault, new_data_key
from hotline.reminders import fence
from tests.reminders.conftest import MOSCOW, Hotline

ENTRY = date(2026, 11, 22)
FIRST = datetime(2026, 11, 29, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Races:
    """races: people who sent STOP while their reminder was on its way. after: sent though STOP was first."""

    races: int
    before: int
    stopped: int
    after: int


def race(database: Database, guide: Guide, people: int) -> Races:
    """Everybody's STOP is stored, as the webhook stores it, while the dispatcher sends to everybody."""
    vault = Vault([new_data_key()])
    hotline = Hotline(database, vault, guide, MOSCOW)
    phones = [f"+99655{n:07}" for n in range(people)]
    for phone in phones:
        hotline.remember(phone, ENTRY)
    hotline.now = FIRST
    stopped_at: dict[str, float] = {}
    fenced_at: dict[str, float] = {}
    effects = Effects(vault, guide, MOSCOW)

    def stop(own: list[str]) -> None:
        for phone in own:
            time.sleep(random.random() * 0.002)
            with database.writing() as session:
                contact = store.find(session, vault, phone)
                effects.apply(session, contact, [OptOut()], FIRST)
            stopped_at[phone] = time.monotonic()

    def pass_fence(session: Any, vault: Any, rules: Any, claim: Any, *at: datetime) -> bool:
        began_s = time.monotonic()
        passed = true_fence(session, vault, rules, claim, *at)
        if passed:
            fenced_at[claim.to] = began_s
        return passed

    true_fence = fence.pass_fence
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fence, "pass_fence", pass_fence)
        threads = [threading.Thread(target=stop, args=(phones[n::2],)) for n in range(2)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            hotline.tick()
        for thread in threads:
            thread.join()
        hotline.tick()
    hotline.dispatcher.close()
    sent = {text.to for text in hotline.carrier.texts}
    return Races(
        races=people,
        before=len(sent),
        stopped=people - len(sent),
        after=sum(stopped_at[phone] < fenced_at[phone] for phone in sent),
    )
