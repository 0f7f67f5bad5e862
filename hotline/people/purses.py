"""Numbers of one country share what may be spent on them in a day. Pure.

Source: rules of the service, Limits on use. Whoever earns from texts to some country has a thousand numbers
of it, each within the limits of one number: so whole countries share a purse.
"""

from __future__ import annotations

from dataclasses import dataclass

ELSEWHERE = "elsewhere"  # the name of the purse that all other countries share


@dataclass(frozen=True)
class Purses:
    """How many texts of a day are spent on prefixes, and on other countries than the named ones together.

    per_prefix: (beginning of a number, texts); the longest that fits counts. countries: beginnings of numbers
    that only the whole and the prefixes limit.
    """

    per_prefix: tuple[tuple[str, int], ...] = ()
    countries: tuple[str, ...] = ("+996", "+7")
    elsewhere: int = 50

    def purse_of(self, phone: str) -> tuple[str, int] | None:
        """Name and size of the purse that `phone` (E.164) shares with its country, None where it has none."""
        fitting = [(prefix, most) for prefix, most in self.per_prefix if phone.startswith(prefix)]
        if fitting:
            return max(fitting, key=lambda each: len(each[0]))
        return None if phone.startswith(self.countries) else (ELSEWHERE, self.elsewhere)
