"""Any request to any route: no error 500, nothing left behind by whoever is refused, TwiML that parses."""

from __future__ import annotations

from db import Database
from tests.fuzz.running import fuzz_both

REQUESTS = 400  # `make chaos`, proof `fuzz`: 5,000


def test_any_request_is_answered_or_refused_whole(database: Database) -> None:
    """Methods, paths, bodies and headers that nobody would write; signed and unsigned, every room."""
    found = fuzz_both(database, REQUESTS, seed=2026)
    assert found.amiss == []
    assert found.requests == REQUESTS
    assert found.statuses[200] > REQUESTS / 20  # it is not all refused at the first look
    assert found.statuses[403] > REQUESTS / 20
