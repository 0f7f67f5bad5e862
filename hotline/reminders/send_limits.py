"""How fast and how often the hotline writes unasked: settings read as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline.people.call_limits import LimitError, listed, read_count, read_per_prefix, read_prefixes
from hotline.people.purses import Purses
from hotline.people.reply_limits import COUNTRIES

SLOWEST, FASTEST = 0.1, 1_000.0  # segments a second
PACE = "HOTLINE_SEGMENTS_PER_SECOND"


@dataclass(frozen=True)
class SendLimits:
    """What reminders may cost the carrier's patience and the operator's money.

    segments_per_second: of a sender that `per_sender` does not name; None: as fast as the carrier answers.
    1 is what a long code carries (Twilio, Error 21611); more only queues up there. per_number, per_day,
    purses: reminders of one day's window, by text or call, to one number, in all, and to countries.
    """

    segments_per_second: float | None = None
    per_sender: tuple[tuple[str, float], ...] = ()
    per_number: int = 6  # three texts and two calls a day are the most that the rules plan
    per_day: int = 20_000
    purses: Purses = field(default_factory=lambda: Purses(elsewhere=100))

    def pace_of(self, sender: str) -> float | None:
        """Segments a second of a sender, or None."""
        return dict(self.per_sender).get(sender, self.segments_per_second)


def read_send_limits(settings: Mapping[str, str]) -> SendLimits:
    """The limits in these settings. Raises LimitError naming the one that is wrong."""
    pace = 1.0
    per_sender: list[tuple[str, float]] = []
    for item in listed(settings.get(PACE, "1")):
        sender, equals, rate = item.rpartition("=")
        if equals and sender in dict(per_sender):
            raise LimitError(f"{PACE}: {sender} is named twice")
        if equals:
            per_sender.append((sender, _rate(rate)))
        else:
            pace = _rate(item)
    default, what = SendLimits(), "reminders"
    purses = Purses(
        per_prefix=read_per_prefix(settings, "HOTLINE_REMINDERS_PER_PREFIX_DAY", what),
        countries=read_prefixes(settings, COUNTRIES, default.purses.countries),
        elsewhere=read_count(settings, "HOTLINE_REMINDERS_ELSEWHERE_DAY", default.purses.elsewhere, what),
    )
    return SendLimits(
        segments_per_second=pace,
        per_sender=tuple(per_sender),
        per_number=read_count(settings, "HOTLINE_REMINDERS_PER_NUMBER_DAY", default.per_number, what),
        per_day=read_count(settings, "HOTLINE_REMINDERS_PER_DAY", default.per_day, what),
        purses=purses,
    )


def _rate(raw: str) -> float:
    whole, point, part = raw.strip().partition(".")
    digits = whole + part
    if digits.isascii() and digits.isdigit() and SLOWEST <= float(f"{whole or 0}{point}{part}") <= FASTEST:
        return float(raw)
    raise LimitError(f"{PACE}: '{raw}' is not {SLOWEST} to {FASTEST:.0f} segments a second")
