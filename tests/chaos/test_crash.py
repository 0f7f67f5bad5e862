"""kill -9, pauses, and a carrier that loses answers: in small, `make chaos` is the full size."""

from datetime import UTC, date, datetime, timedelta

import pytest

from db import Database
from hotline.carriers.base import Outcome, OutcomeKind
from hotline.guide.model import Guide
from hotline.people.privacy import Vault, new_data_key
from hotline.reminders import tick
from hotline.reminders.fence import pass_fence
from tests.carriers.unreliable import Faults
from tests.chaos.crashes import exact, run_with
from tests.chaos.crashing import holders, shorten_waits
from tests.reminders.conftest import MOSCOW, Hotline

SLOW = Faults(answer_s=0.05)
STEADY = Faults(refused=0, lost=0, unanswered=0, answer_s=0.1)


def test_killed_workers_lose_nothing_and_send_nothing_twice(database: Database, guide: Guide) -> None:
    """16 due, two workers, one or the other killed 8 times, a tenth of the answers lost."""
    found = run_with(database, guide, 16, SLOW, workers=2, kills=8, life_s=(0.03, 0.1), lease_s=0.6)
    assert (found.lost, found.duplicated) == (0, 0)
    assert found.lost_answers > 0
    assert found.struck == 8
    assert set(found.states) == {"sent"}


@pytest.mark.slow
def test_worker_paused_beyond_its_lease_sends_nothing_that_another_has_sent(
    sqlite: Database, guide: Guide
) -> None:
    """It wakes up with a claim, or even past its fence, while another has sent the text."""
    found = run_with(sqlite, guide, 16, STEADY, workers=3, stops=2, stop_s=0.8, lease_s=0.4)
    assert (found.lost, found.duplicated) == (0, 0)
    assert found.struck == 2


@pytest.mark.slow
def test_waits_of_the_proofs_are_shortened_wherever_they_stand(
    sqlite: Database, guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a hundredth: whom a dead worker may have written to, a lost POST, and one refused four times."""
    for module, name in holders():
        monkeypatch.setattr(module, name, getattr(module, name))  # put back afterwards
    monkeypatch.setattr(tick, "LOOK_S", tick.LOOK_S)
    shorten_waits(3.0)
    first = datetime(2026, 11, 29, 7, tzinfo=UTC)
    hotline = Hotline(sqlite, Vault([new_data_key()]), exact(guide), MOSCOW)
    for n in range(3):
        hotline.remember(f"+9965550008{n:02}", date(2026, 11, 22))
    with sqlite.writing() as session:
        (claim,) = hotline.dispatcher.claim(session, first, 1).claims
        assert pass_fence(session, hotline.vault, hotline.guide.rules, claim, first, first)
    hotline.carrier.answer_next(Outcome(OutcomeKind.UNKNOWN))
    hotline.carrier.answer_next(Outcome(OutcomeKind.BACK_OFF), times=4)
    hotline.run_until(first + timedelta(seconds=30))
    hotline.dispatcher.close()
    assert len({text.to for text in hotline.carrier.texts}) == len(hotline.carrier.texts) == 3
