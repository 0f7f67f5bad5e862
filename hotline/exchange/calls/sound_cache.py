"""Sounds as the carrier's caching proxy keeps them, by the headers they came with.

Twilio caches what Play names where the headers allow it, obeys Cache-Control max-age, and with no-cache asks
each time whether the file has changed, so that a 304 suffices (Twilio's support article on the cache
behaviour of audio files). How long it keeps a file whose headers name no age is not documented; here it is
asked for again each time. Twilio runs several such proxies and may fetch a file more often than this one.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hotline.exchange.twiml.documents import Answer, Failure

# Sound kept at most, so that the memory is bounded; what was not used for longest goes first.
MOST_BYTES_KEPT = 64 * 1024 * 1024
_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}

Fetch = Callable[[str, Mapping[str, str]], Answer | Failure]


@dataclass(frozen=True)
class _Copy:
    answer: Answer
    fresh_until_utc: datetime
    conditions: Mapping[str, str] = field(default_factory=dict)


class SoundCache:
    """Stands between Play and the customer. now: the exchange's time; fetch(url, headers): a plain GET."""

    def __init__(self, now: Callable[[], datetime], fetch: Fetch) -> None:
        self._now = now
        self._fetch = fetch
        self._copies: dict[str, _Copy] = {}
        self._lock = threading.Lock()

    def get(self, url: str) -> Answer | Failure:
        """A sound: kept and fresh, kept and confirmed by the customer, or fetched anew."""
        with self._lock:
            copy = self._copies.get(url)
        if copy is not None and self._now() < copy.fresh_until_utc:
            return copy.answer
        answer = self._fetch(url, {} if copy is None else copy.conditions)
        if isinstance(answer, Failure):
            return answer
        if copy is not None and answer.status == 304:
            # Headers that came with the 304 replace the old ones (RFC 9111, 4.3.4).
            answer = replace(copy.answer, headers={**copy.answer.headers, **answer.headers})
        self._keep(url, answer)
        return answer

    def _keep(self, url: str, answer: Answer) -> None:
        directives = answer.headers.get("cache-control", "").lower()
        conditions = {
            asked: answer.headers[given] for given, asked in _CONDITIONS.items() if given in answer.headers
        }
        age = _read_age(directives)
        storable = (conditions or age) and "no-store" not in directives and "private" not in directives
        with self._lock:
            self._copies.pop(url, None)
            if storable:
                self._copies[url] = _Copy(answer, self._now() + timedelta(seconds=age), conditions)
            while sum(len(copy.answer.body) for copy in self._copies.values()) > MOST_BYTES_KEPT:
                del self._copies[next(iter(self._copies))]


def _read_age(directives: str) -> int:
    """Seconds for which a shared cache may answer by itself (RFC 9111, 5.2.2): s-maxage before max-age."""
    if "no-cache" in directives:
        return 0
    for name in ("s-maxage", "max-age"):
        found = re.search(rf"(?<![\w-]){name}=(\d{{1,9}})", directives)
        if found:
            return int(found[1])
    return 0
