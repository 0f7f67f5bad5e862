"""Every proof: its name, what is done at full size, what must hold, and the run that finds out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from db import Database
from hotline.guide.model import Guide
from hotline.people.text_limits import TextLimits
from hotline.sms.understanding.vocabulary import build_vocabulary
from tests.carriers.unreliable import Faults
from tests.chaos.crashes import Arrivals, run_with
from tests.chaos.passing import JUMPS, play_month, schedule_on_a_server_in, sleep_through
from tests.chaos.races import race
from tests.chaos.storms import MOST_POSTS, Weathered, hang_every_fourth, refuse_half
from tests.fuzz.running import fuzz_both
from tests.sms.conftest import opened
from tests.sms.flooding import flood

BOTH = ("SQLite", "PostgreSQL")
LIFE_S = (0.2, 1.0)  # between two kills
LEASE_S = 10.0  # 10 s for five minutes: everything waits a thirtieth of what it does in production
STEADY = Faults(refused=0, lost=0, unanswered=0)


@dataclass(frozen=True)
class Found:
    """What a run came to, in words, and whether that is what must hold."""

    words: str
    holds: bool

    def __str__(self) -> str:
        return self.words if self.holds else f"**{self.words}**"


@dataclass(frozen=True)
class Proof:
    """A line of the table. run: database, guide, share of the full size."""

    name: str
    done: str
    must: str
    run: Callable[[Database, Guide, float], Found]
    databases: tuple[str, ...] = BOTH


def told(found: Arrivals, holds: bool, struck: str, planned: int) -> Found:
    """What it came to; nothing is shown by it if there was no work left for most of what was planned."""
    words = (
        f"{found.people} due, {found.struck} {struck}, {found.lost_answers} answers lost: "
        f"{found.lost} lost, {found.duplicated} sent twice"
    )
    holds = holds and found.struck >= 0.9 * planned
    return Found(words, holds and found.lost == 0 and set(found.states) == {"sent"})


def kill(database: Database, guide: Guide, share: float) -> Found:
    people, kills = max(40, int(10_000 * share)), max(4, int(300 * share))
    found = run_with(
        database, guide, people, workers=4, kills=kills, life_s=LIFE_S, lease_s=LEASE_S, deadline_s=3_600
    )
    return told(found, found.duplicated == 0, "kills", kills)


def kill_blind(database: Database, guide: Guide, share: float) -> Found:
    people, kills = max(40, int(1_000 * share)), max(4, int(50 * share))
    found = run_with(
        database,
        guide,
        people,
        workers=4,
        kills=kills,
        life_s=LIFE_S,
        lease_s=LEASE_S,
        spoilt="blind",
        deadline_s=3_600,
    )
    return told(found, found.duplicated > 0, "kills", kills)


def pause(database: Database, guide: Guide, share: float) -> Found:
    return _paused(database, guide, share, "")


def pause_unfenced(database: Database, guide: Guide, share: float) -> Found:
    return _paused(database, guide, share, "unfenced")


def _paused(database: Database, guide: Guide, share: float, spoilt: str) -> Found:
    people, stops = max(60, int(3_000 * share)), max(3, int(42 * share))
    found = run_with(
        database,
        guide,
        people,
        STEADY,
        workers=4,
        stops=stops,
        stop_s=3.0,
        lease_s=2.0,
        spoilt=spoilt,
        deadline_s=1_800,
    )
    return told(found, found.duplicated > 1 if spoilt else found.duplicated <= 1, "pauses", stops)


def downtime(database: Database, guide: Guide, share: float) -> Found:
    rounds = max(1, int(83 * share))
    found = sleep_through(database, guide, rounds)
    words = (
        f"{found.rows} reminders: {found.texts} texts, {found.sent} rows sent, {found.expired} expired, "
        f"{found.people_texted_twice} people twice, {found.wrong_states} rows in a wrong state"
    )
    return Found(words, found.is_exact(rounds))


def jumps(database: Database, guide: Guide, share: float) -> Found:
    return _month(database, guide, share, "Europe/Moscow", date(2026, 11, 22), JUMPS)


def summer_time(database: Database, guide: Guide, share: float) -> Found:
    return _month(database, guide, share, "Europe/Berlin", date(2026, 10, 4), {})


def _month(
    database: Database, guide: Guide, share: float, zone: str, start: date, jumps: dict[int, timedelta]
) -> Found:
    found = play_month(database, guide, max(4, int(100 * share)), zone, start, jumps)
    words = (
        f"{found.days} due days: {found.texts} texts, {found.twice} twice, {found.unsent} rows not sent, "
        f"{found.outside} outside the window"
    )
    return Found(words, found.texts == found.days and not found.twice + found.unsent + found.outside)


def server_zone(_database: Database, _guide: Guide, _share: float) -> Found:
    zones = ("UTC", "America/New_York", "Asia/Kamchatka")
    told = [schedule_on_a_server_in(zone) for zone in zones]
    lines = len(told[0].splitlines())
    return Found(f"{lines} lines, {len(set(told))} different schedule", len(set(told)) == 1 and lines > 30)


def storm(database: Database, guide: Guide, share: float) -> Found:
    found = refuse_half(database, guide, max(40, int(2_000 * share)))
    return _weathered(found, found.most_in_a_tick <= 1 and found.most_posts <= MOST_POSTS)


def hang(database: Database, guide: Guide, share: float) -> Found:
    found = hang_every_fourth(database, guide, max(12, int(120 * share)), timeout_s=10.0)
    return _weathered(found, found.overtook > 0 and found.most_posts <= 2)


def _weathered(found: Weathered, bounded: bool) -> Found:
    words = (
        f"{found.people} due: {found.lost} lost, {found.duplicated} twice, at most {found.most_posts} POSTs "
        f"to one number, longest tick {found.longest_tick_s:.0f} s"
    )
    return Found(words, bounded and not found.lost + found.duplicated and found.longest_tick_s < 60)


def stop(database: Database, guide: Guide, share: float) -> Found:
    found = race(database, guide, max(40, int(1_000 * share)))
    words = (
        f"{found.races} races: {found.before} sent before STOP, {found.stopped} stopped, "
        f"{found.after} begun after STOP was stored"
    )
    return Found(words, found.after == 0 and found.stopped > 0)


def fuzz(database: Database, _guide: Guide, share: float) -> Found:
    found = fuzz_both(database, max(200, int(5_000 * share)), seed=2026)
    worst = max(found.statuses)
    words = (
        f"{found.requests} requests, the worst status {worst}, {found.statuses[200]} times 200, "
        f"{found.statuses[403]} times 403, {len(found.amiss)} amiss"
    )
    return Found(words, not found.amiss)


def flooded(database: Database, guide: Guide, share: float) -> Found:
    found = flood(
        opened(guide, build_vocabulary(guide.languages), TextLimits(), database),
        max(100, int(10_000 * share)),
    )
    words = (
        f"{found.texts} texts: {found.replies} replies, {found.rows} rows; "
        f"of {found.asked} others {found.served} served"
    )
    return Found(words, found.replies <= 32 and found.served == found.asked)


PROOFS = (
    Proof(
        "kill",
        "10,000 due, 4 workers, `kill -9` 300 times, 10% of answers lost, 5% of POSTs lost, 5% refused",
        "none lost, none twice",
        kill,
    ),
    Proof(
        "kill-blind",
        "control: 1,000 due, 50 kills, a dispatcher that sends again whatever may have been sent",
        "some twice: the count sees them",
        kill_blind,
    ),
    Proof(
        "pause",
        "3,000 due, 4 workers, three at a time stand still (`SIGSTOP`) for 1.5 leases, 42 times",
        "none lost, at most 1 twice",
        pause,
    ),
    Proof(
        "pause-unfenced",
        "control: the same without the look again before the POST",
        "some twice",
        pause_unfenced,
    ),
    Proof(
        "downtime",
        "5,000 reminders fall due in three days without a tick",
        "one text for whom it is of use yet, the rest expired, exactly",
        downtime,
    ),
    Proof(
        "jumps",
        "a month of 100 people; the clock is wrong by an hour or a day, ahead and behind, eight times",
        "each due day told once",
        jumps,
    ),
    Proof(
        "summer-time",
        "a month of 100 people in a zone whose clocks change",
        "each due day told once, inside the window",
        summer_time,
    ),
    Proof(
        "server-zone",
        "the schedule and texts of a server in UTC, New York and Kamchatka",
        "the same",
        server_zone,
        ("none",),
    ),
    Proof(
        "storm",
        "2,000 due, half of the POSTs refused by 429 for ten minutes",
        f"none lost, none twice, at most {MOST_POSTS} POSTs each, one a minute",
        storm,
    ),
    Proof(
        "hang",
        "120 due, every fourth POST is taken and never answered (time-out 10 s)",
        "none lost, none twice, others answered meanwhile, a tick every minute",
        hang,
    ),
    Proof("stop", "1,000 times STOP while the reminder is on its way", "nothing begins after STOP", stop),
    Proof(
        "flood",
        "10,000 texts from one number within an hour; every fifty of them another number writes",
        "at most 32 replies, all others served",
        flooded,
    ),
    Proof(
        "fuzz",
        "5,000 made requests to every route, signed and not; the page's and the exchange's too",
        "no error 500, no row of whoever is refused, TwiML that parses",
        fuzz,
    ),
)
