"""The worker threads: order within a lane, lanes side by side, trouble contained."""

import logging
import threading
from collections.abc import Iterator

import pytest

from hotline.exchange.lanes import Lanes


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    """Lanes that are closed after the test."""
    lanes = Lanes()
    yield lanes
    lanes.close()


def test_lane_keeps_its_order_and_lanes_do_not_wait_for_one_another(lanes: Lanes) -> None:
    """A stuck lane holds its own jobs only; waiting for it alone takes too long, for another not."""
    gate = threading.Event()
    done: list[int] = []
    lanes.submit("stuck", lambda: (gate.wait(5), None)[1])
    lanes.submit("stuck", lambda: done.append(-1))
    for number in range(50):
        lanes.submit("free", lambda number=number: done.append(number))
    assert lanes.wait_idle("free", timeout_s=5)
    assert done == list(range(50))
    assert not lanes.wait_idle("stuck", timeout_s=0.01)
    gate.set()
    assert lanes.wait_idle(timeout_s=5)
    assert done[-1] == -1


def test_failing_job_is_logged_without_its_message_and_the_lane_goes_on(
    lanes: Lanes, caplog: pytest.LogCaptureFixture
) -> None:
    """The kind of error and the place are told, never what it says: it may hold a number."""
    done: list[int] = []
    number = "+996700111111"

    def fail() -> None:
        raise KeyError(number)

    with caplog.at_level(logging.DEBUG):
        lanes.submit("a", fail)
        lanes.submit("a", lambda: done.append(1))
        assert lanes.wait_idle(timeout_s=5)
    assert done == [1]
    assert "KeyError" in caplog.text
    assert "996700" not in caplog.text


def test_closed_lanes_take_no_more_jobs(lanes: Lanes) -> None:
    """After close nothing runs and nobody waits."""
    done: list[int] = []
    lanes.close()
    lanes.submit("a", lambda: done.append(1))
    assert lanes.wait_idle(timeout_s=1)
    assert done == []
