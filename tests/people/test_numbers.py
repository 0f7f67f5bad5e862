"""Only a number that can be called back is somebody."""

import pytest

from hotline.people.numbers import usable_number


@pytest.mark.parametrize("raw", ["+996555123456", "+79161234567", "+15005550006"])
def test_usable_number_takes_e164(raw: str) -> None:
    """Kyrgyz, Russian and others, as the carrier writes them."""
    assert usable_number(raw) == raw


@pytest.mark.parametrize(
    "raw",
    [None, "", "anonymous", "unknown", "Restricted", "+266696687", "+7378742833", "+8656696", "+86282452253",
     "KADAM", "1234", "996555123456", "+", "+0", "+9965551234567890123", "+996 OR 1=1", "sip:x@example.org"],
)  # fmt: skip
def test_usable_number_refuses_everybody_else(raw: str | None) -> None:
    """Withheld, spelled on the keypad, short codes, sender ids and nonsense are nobody."""
    assert usable_number(raw) is None
