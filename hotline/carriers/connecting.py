"""What each carrier over HTTP has to tell apart: a request that was never made, one that may have been."""

from __future__ import annotations

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

RETRY_AFTER_MOST_S = 3_600.0


def never_connected(error: requests.RequestException) -> bool:
    """Whether the request failed before a connection stood, so that nothing was sent."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))


def seconds_of(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After header; of its date form, which no carrier here uses, None."""
    if retry_after is None or not retry_after.strip().isdecimal():
        return None
    return min(float(retry_after), RETRY_AFTER_MOST_S)
