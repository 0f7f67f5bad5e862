"""The pace of a sender and the caps of a day, as settings."""

import pytest

from hotline.people.call_limits import LimitError
from hotline.people.purses import Purses
from hotline.reminders.send_limits import SendLimits, read_send_limits


def test_default_is_what_a_long_code_carries() -> None:
    """One segment a second; six reminders to a number, twenty thousand in all."""
    limits = read_send_limits({})
    assert limits == SendLimits(1.0, (), 6, 20_000, Purses((), ("+996", "+7"), 100))
    assert limits.pace_of("+996312000777") == 1.0


def test_pace_is_read_for_each_sender() -> None:
    """KADAM is faster than the rest."""
    limits = read_send_limits({"HOTLINE_SEGMENTS_PER_SECOND": "0.5, KADAM=10, +996312=2"})
    assert [limits.pace_of(sender) for sender in ("KADAM", "+996312", "+7495")] == [10.0, 2.0, 0.5]


def test_purses_are_read() -> None:
    """The countries are those that are answered freely."""
    given = {
        "HOTLINE_REMINDERS_PER_PREFIX_DAY": "+7=500,+7705=5",
        "HOTLINE_REMINDERS_ELSEWHERE_DAY": "0",
        "HOTLINE_REPLY_COUNTRIES": "+996",
    }
    assert read_send_limits(given).purses == Purses((("+7", 500), ("+7705", 5)), ("+996",), 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_SEGMENTS_PER_SECOND", value)
        for value in ("0", "-1", "fast", "1001", "nan", "1e2", "KADAM=", ".", "1.2.3")
    ]
    + [("HOTLINE_REMINDERS_PER_NUMBER_DAY", "-1"), ("HOTLINE_REMINDERS_PER_DAY", "many")]
    + [("HOTLINE_REMINDERS_PER_PREFIX_DAY", "998=5"), ("HOTLINE_REMINDERS_ELSEWHERE_DAY", "few")],
)
def test_bad_limit_is_named(name: str, value: str) -> None:
    """The setting stands in the message."""
    with pytest.raises(LimitError, match=name):
        read_send_limits({name: value})
