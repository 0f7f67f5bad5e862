"""Who is refused the operator, by what was had of it before."""

from __future__ import annotations

import pytest

from hotline.people.model import Refusal
from hotline.people.operator_limits import OperatorLimits, Use, Used, share_of_hidden


@pytest.mark.parametrize(
    ("use", "number", "everybody", "hidden", "refusal"),
    [
        (Use.RING, 0, 0, False, None),
        (Use.RING, 19, 499, False, None),
        (Use.RING, 20, 20, False, Refusal.NUMBER),
        (Use.RING, 20, 20, True, None),
        (Use.RING, 99, 499, True, None),
        (Use.RING, 100, 100, True, Refusal.NUMBER),
        (Use.RING, 0, 500, False, Refusal.EVERYBODY),
        (Use.RING, 0, 500, True, Refusal.EVERYBODY),
        (Use.MESSAGE, 9, 199, False, None),
        (Use.MESSAGE, 10, 10, False, Refusal.NUMBER),
        (Use.MESSAGE, 39, 39, True, None),
        (Use.MESSAGE, 40, 40, True, Refusal.NUMBER),
        (Use.MESSAGE, 0, 200, False, Refusal.EVERYBODY),
    ],
)
def test_limit_of_a_number_of_all_and_of_the_hidden(
    use: Use, number: int, everybody: int, hidden: bool, refusal: Refusal | None
) -> None:
    """A number that is seen has its own limit, those that are hidden a fifth of everybody's."""
    assert OperatorLimits().refusal(use, Used(number, everybody), hidden) is refusal


@pytest.mark.parametrize(("most", "share"), [(0, 0), (1, 1), (4, 1), (5, 1), (6, 2), (500, 100)])
def test_share_of_the_hidden_is_a_fifth_rounded_up(most: int, share: int) -> None:
    """So that a small purse does not lock them out; none is none."""
    assert share_of_hidden(most) == share
