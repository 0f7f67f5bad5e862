"""Digits that are dialled are heard one by one; a clip is followed by the silence its ending asks for."""

from __future__ import annotations

import pytest

from hotline.speech.pacing import paced, tail_s

KY = ("нөл", "бир", "эки", "үч", "төрт", "беш", "алты", "жети", "сегиз", "тогуз")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Бир, бир, эки номерине чалыңыз.", "Бир; бир; эки номерине чалыңыз."),
        ("Же: бир. нөл. эки. Кайра: бир, нөл, экини.", "Же: бир; нөл; эки. Кайра: бир; нөл; экини."),
        ("Же бир, нөл, эки; бир, нөл, эки.", "Же бир; нөл; эки. Бир; нөл; эки."),
        ("бир, сегиз, тогуз, тогуз", "бир; сегиз; тогуз; тогуз"),
        ("Бир күн, эки күн, үч күн.", "Бир күн, эки күн, үч күн."),
        ("Бир, эки жыл.", "Бир, эки жыл."),
        ("Каттоого эрте, тез туруңуз.", "Каттоого эрте, тез туруңуз."),
    ],
)
def test_paced_separates_only_the_digits_of_a_number(written: str, read: str) -> None:
    """Three digits in a row are a number to dial; anything else is read as it stands."""
    assert paced(written, KY) == read


def test_paced_ends_a_sentence_after_a_single_letter() -> None:
    """Part B is not somebody's initial: the next sentence does not run into it."""
    text = "It has two parts, A and B. Keep part B. Never lose it."
    assert paced(text, KY) == "It has two parts, A and B; Keep part B; Never lose it."


def test_tail_is_longest_after_a_sentence_and_shortest_within_one() -> None:
    """A fragment before a date must run into it."""
    assert tail_s("Чалыңыз.") > tail_s("Акыркы күн:") > tail_s("он эки") > 0
