"""How many calls the hotline may place: the settings HOTLINE_CALL…, read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_DIGITS = 9


class LimitError(ValueError):
    """A setting that is no limit, by name."""


@dataclass(frozen=True)
class CallLimits:
    """How many calls the hotline places in 24 hours, and to which countries: they cost it, not who is called.

    per_prefix: (beginning of a number, calls). countries: beginnings of numbers that are called at all.
    without_voice: of those, beginnings of numbers that only texts reach. Of what many share, calls that are
    asked for take three quarters: whoever plays with them takes nobody's reminder.
    """

    per_number: int = 10
    per_prefix: tuple[tuple[str, int], ...] = ()
    per_day: int = 2_000
    countries: tuple[str, ...] = ("+996", "+7")
    without_voice: tuple[str, ...] = ()

    def reach(self, phone: str) -> bool:
        """Whether `phone` (E.164) is called at all."""
        return phone.startswith(self.countries) and not phone.startswith(self.without_voice)


def share_of_asked(most: int) -> int:
    """How many of the `most` calls of a day may be calls that were asked for: three quarters, rounded up."""
    return most - most // 4


def read_call_limits(settings: Mapping[str, str]) -> CallLimits:
    """The limits in these settings. Raises LimitError naming the one that is wrong."""
    default, what = CallLimits(), "calls"
    return CallLimits(
        per_number=read_count(settings, "HOTLINE_CALLS_PER_NUMBER_DAY", default.per_number, what),
        per_prefix=read_per_prefix(settings, "HOTLINE_CALLS_PER_PREFIX_DAY", what),
        per_day=read_count(settings, "HOTLINE_CALLS_PER_DAY", default.per_day, what),
        countries=read_prefixes(settings, "HOTLINE_CALL_COUNTRIES", default.countries),
    )


def read_prefixes(settings: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Beginnings of numbers, such as `+996,+7`. Raises LimitError."""
    prefixes = listed(settings.get(name, ",".join(default)))
    for prefix in prefixes:
        _check_prefix(name, prefix)
    return prefixes


def read_per_prefix(settings: Mapping[str, str], name: str, what: str) -> tuple[tuple[str, int], ...]:
    """How many of `what` for each beginning of a number, such as `+996=2000,+7=0`. Raises LimitError."""
    counts: list[tuple[str, int]] = []
    for item in listed(settings.get(name, "")):
        prefix, _, count = item.partition("=")
        _check_prefix(name, prefix)
        if prefix in dict(counts):
            raise LimitError(f"{name}: {prefix} is named twice")
        counts.append((prefix, _count(name, count, what)))
    return tuple(counts)


def read_count(settings: Mapping[str, str], name: str, default: int, what: str) -> int:
    """How many of `what`, such as "calls". Raises LimitError."""
    return _count(name, settings.get(name, str(default)), what)


def _check_prefix(name: str, prefix: str) -> None:
    if not (prefix.startswith("+") and prefix[1:].isascii() and prefix[1:].isdigit()):
        raise LimitError(f"{name}: '{prefix}' is not a prefix such as +996")


def _count(name: str, raw: str, what: str) -> int:
    count = whole(raw)
    if count is None:
        raise LimitError(f"{name}: '{raw[:20]}' is not a number of {what}")
    return count


def whole(value: str) -> int | None:
    """The number that a setting writes, None for anything else and for more than anybody means."""
    return int(value) if len(value) <= MOST_DIGITS and value.isascii() and value.isdigit() else None


def listed(value: str) -> tuple[str, ...]:
    """The items of a comma-separated setting."""
    return tuple(item.strip() for item in value.split(",") if item.strip())
