"""kill -9, pauses, and a carrier that loses answers: in small, `make chaos` is the full size."""

import pytest

from db import Database
from hotline.guide.model import Guide
from tests.carriers.unreliable import Faults
from tests.chaos.crashes import run_with

SLOW = Faults(answer_s=0.05)
STEADY = Faults(refused=0, lost=0, unanswered=0, answer_s=0.1)


def test_killed_workers_lose_nothing_and_send_nothing_twice(database: Database, guide: Guide) -> None:
    """16 due, 8 workers killed, a tenth of the answers lost."""
    found = run_with(database, guide, 16, SLOW, workers=2, kills=8, life_s=(0.03, 0.1), lease_s=0.6)
    assert (found.lost, found.duplicated) == (0, 0)
    assert found.lost_answers > 0
    assert found.struck >= 1
    assert set(found.states) == {"sent"}


@pytest.mark.slow
def test_worker_paused_beyond_its_lease_sends_nothing_that_another_has_sent(
    sqlite: Database, guide: Guide
) -> None:
    """It wakes up with a claim, or even past its fence, while another has sent the text."""
    found = run_with(sqlite, guide, 16, STEADY, workers=3, stops=2, stop_s=0.8, lease_s=0.4)
    assert (found.lost, found.duplicated) == (0, 0)
    assert found.struck == 2
