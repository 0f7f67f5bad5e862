"""How many texts are answered in a day, in all and by country: the settings HOTLINE_REPL…, read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hotline.people.call_limits import read_count, read_per_prefix, read_prefixes
from hotline.people.purses import ELSEWHERE, Purses
from hotline.people.text_limits import Counted

COUNTRIES = "HOTLINE_REPLY_COUNTRIES"
URGENT_FACTOR = 2  # a cry for help is answered until twice as many replies are given


class Empty(StrEnum):
    """Why nobody is answered for a while, as the log says it."""

    EVERYBODY = "over_limit_of_all"
    PREFIX = "over_limit_of_prefix"
    ELSEWHERE = "over_limit_elsewhere"


@dataclass(frozen=True)
class ReplyLimits:
    """How many texts are answered in 24 hours: in all, and out of the purses of countries."""

    per_day: int = 20_000
    purses: Purses = field(default_factory=Purses)

    def empty(self, phone: str, counted: Counted, urgent: bool) -> Empty | None:
        """Which limit leaves no reply to `phone`, None where there is one."""
        factor = URGENT_FACTOR if urgent else 1
        if counted.everybody >= factor * self.per_day:
            return Empty.EVERYBODY
        purse = self.purses.purse_of(phone)
        if purse is None or counted.purse < factor * purse[1]:
            return None
        return Empty.ELSEWHERE if purse[0] == ELSEWHERE else Empty.PREFIX


def read_reply_limits(settings: Mapping[str, str]) -> ReplyLimits:
    """The limits in these settings. Raises LimitError naming the one that is wrong."""
    default, what = ReplyLimits(), "replies"
    purses = Purses(
        per_prefix=read_per_prefix(settings, "HOTLINE_REPLIES_PER_PREFIX_DAY", what),
        countries=read_prefixes(settings, COUNTRIES, default.purses.countries),
        elsewhere=read_count(settings, "HOTLINE_REPLIES_ELSEWHERE_DAY", default.purses.elsewhere, what),
    )
    return ReplyLimits(read_count(settings, "HOTLINE_REPLIES_PER_DAY", default.per_day, what), purses)
