"""How many calls the hotline may place: the settings HOTLINE_CALL…, read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class LimitError(ValueError):
    """A setting that is no limit, by name."""


@dataclass(frozen=True)
class CallLimits:
    """How many calls the hotline places in 24 hours, and to which countries: they cost it, not who is called.

    per_prefix: (beginning of a number, calls). countries: beginnings of numbers that are called at all.
    without_voice: of those, beginnings of numbers that only texts reach.
    """

    per_number: int = 10
    per_prefix: tuple[tuple[str, int], ...] = ()
    per_day: int = 2_000
    countries: tuple[str, ...] = ("+996", "+7")
    without_voice: tuple[str, ...] = ()

    def reach(self, phone: str) -> bool:
        """Whether `phone` (E.164) is called at all."""
        return phone.startswith(self.countries) and not phone.startswith(self.without_voice)


def read_call_limits(settings: Mapping[str, str]) -> CallLimits:
    """The limits in these settings. Raises LimitError naming the one that is wrong."""
    default = CallLimits()
    countries = listed(settings.get("HOTLINE_CALL_COUNTRIES", ",".join(default.countries)))
    for prefix in countries:
        _check_prefix("HOTLINE_CALL_COUNTRIES", prefix)
    per_prefix = []
    for item in listed(settings.get("HOTLINE_CALLS_PER_PREFIX_DAY", "")):
        prefix, _, calls = item.partition("=")
        _check_prefix("HOTLINE_CALLS_PER_PREFIX_DAY", prefix)
        per_prefix.append((prefix, _calls("HOTLINE_CALLS_PER_PREFIX_DAY", calls)))
    number, day = "HOTLINE_CALLS_PER_NUMBER_DAY", "HOTLINE_CALLS_PER_DAY"
    return CallLimits(
        per_number=_calls(number, settings.get(number, str(default.per_number))),
        per_prefix=tuple(per_prefix),
        per_day=_calls(day, settings.get(day, str(default.per_day))),
        countries=countries,
    )


def _check_prefix(name: str, prefix: str) -> None:
    if not (prefix.startswith("+") and prefix[1:].isascii() and prefix[1:].isdigit()):
        raise LimitError(f"{name}: '{prefix}' is not a prefix such as +996")


def _calls(name: str, raw: str) -> int:
    if not (raw.isascii() and raw.isdigit()):
        raise LimitError(f"{name}: '{raw}' is not a number of calls")
    return int(raw)


def listed(value: str) -> tuple[str, ...]:
    """The items of a comma-separated setting."""
    return tuple(item.strip() for item in value.split(",") if item.strip())
