"""Waiting for what other threads and processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

WAIT_S = 60.0  # at most; what never comes fails


def wait_until(holds: Callable[[], bool]) -> None:
    """Returns as soon as it holds."""
    end_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.02)
