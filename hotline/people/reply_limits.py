"""How many texts are answered in a day, in all and by country: the settings HOTLINE_REPL…, read. Pure.

Source: rules of the service, Limits on use. Whoever earns from texts to some country writes from a thousand
numbers of it, each within the limits of one number (text_limits): so whole countries share a purse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hotline.people.call_limits import read_count, read_per_prefix, read_prefixes
from hotline.people.text_limits import Counted

ELSEWHERE = "elsewhere"  # the name of the purse that all other countries share
URGENT_FACTOR = 2  # a cry for help is answered until twice as many replies are given


class Empty(StrEnum):
    """Why nobody is answered for a while, as the log says it."""

    EVERYBODY = "over_limit_of_all"
    PREFIX = "over_limit_of_prefix"
    ELSEWHERE = "over_limit_elsewhere"


@dataclass(frozen=True)
class ReplyLimits:
    """How many texts are answered in 24 hours, in all, to prefixes, and to other countries than named.

    per_prefix: (beginning of a number, replies); the longest that fits counts. countries: beginnings of
    numbers that only the whole and the prefixes limit.
    """

    per_day: int = 20_000
    per_prefix: tuple[tuple[str, int], ...] = ()
    countries: tuple[str, ...] = ("+996", "+7")
    elsewhere: int = 50

    def purse_of(self, phone: str) -> tuple[str, int] | None:
        """Name and size of the purse that `phone` (E.164) shares with its country, None where it has none."""
        fitting = [(prefix, most) for prefix, most in self.per_prefix if phone.startswith(prefix)]
        if fitting:
            return max(fitting, key=lambda each: len(each[0]))
        return None if phone.startswith(self.countries) else (ELSEWHERE, self.elsewhere)

    def empty(self, phone: str, counted: Counted, urgent: bool) -> Empty | None:
        """Which limit leaves no reply to `phone`, None where there is one."""
        factor = URGENT_FACTOR if urgent else 1
        if counted.everybody >= factor * self.per_day:
            return Empty.EVERYBODY
        purse = self.purse_of(phone)
        if purse is None or counted.purse < factor * purse[1]:
            return None
        return Empty.ELSEWHERE if purse[0] == ELSEWHERE else Empty.PREFIX


def read_reply_limits(settings: Mapping[str, str]) -> ReplyLimits:
    """The limits in these settings. Raises LimitError naming the one that is wrong."""
    default, what = ReplyLimits(), "replies"
    return ReplyLimits(
        per_day=read_count(settings, "HOTLINE_REPLIES_PER_DAY", default.per_day, what),
        per_prefix=read_per_prefix(settings, "HOTLINE_REPLIES_PER_PREFIX_DAY", what),
        countries=read_prefixes(settings, "HOTLINE_REPLY_COUNTRIES", default.countries),
        elsewhere=read_count(settings, "HOTLINE_REPLIES_ELSEWHERE_DAY", default.elsewhere, what),
    )
