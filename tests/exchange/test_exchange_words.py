"""Segments, numbers and the carrier's own keywords."""

import pytest

from hotline.exchange.numbers import find_country, is_e164, make_sid
from hotline.exchange.texts.optout import rule
from hotline.exchange.texts.segments import measure


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ө" * 70, 1),
        ("ө" * 71, 2),
        ("ө" * 134, 2),
        ("ө" * 135, 3),
        ("😀" * 35, 1),
        ("ө" * 66 + "😀" + "ө" * 66, 3),
    ],
)
def test_segments_are_counted_at_their_boundaries(text: str, segments: int) -> None:
    """GSM-7 160/153, UCS-2 70/67, and no escape or surrogate pair is split."""
    assert measure(text).segments == segments


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("+996700123456", True),
        ("+79161234567", True),
        ("996700123456", False),
        ("+0996", False),
        ("+1 2", False),
    ],
)
def test_numbers_are_judged_by_e164(number: str, good: bool) -> None:
    """A plus sign, then 7 to 15 digits."""
    assert is_e164(number) is good


def test_countries_of_numbers_are_known_where_it_matters() -> None:
    """Kyrgyz and Russian numbers name their country, others none."""
    assert [find_country(number) for number in ("+996700123456", "+79161234567", "+4917012345")] == [
        "KG",
        "RU",
        "",
    ]


def test_sid_has_twilios_form() -> None:
    """Two letters and 32 hex digits, each new."""
    assert len(make_sid("SM")) == 34
    assert make_sid("SM") != make_sid("SM")


@pytest.mark.parametrize(
    "word", ["STOP", " stop ", "Quit", "unsubscribe", "CANCEL", "END", "STOPALL", "OPTOUT", "REVOKE"]
)
def test_stop_words_block_and_are_answered_once(word: str) -> None:
    """A bare stop word blocks in any case; repeated, it is not answered again."""
    assert rule(word, blocked=False).blocked
    assert "unsubscribed" in str(rule(word, blocked=False).answer)
    assert rule(word, blocked=True).answer is None


@pytest.mark.parametrize("word", ["START", "unstop", "Yes"])
def test_start_words_unblock_and_are_answered_when_they_do(word: str) -> None:
    """A start word unblocks; where nothing was blocked it is an ordinary text."""
    assert not rule(word, blocked=True).blocked
    assert "subscribed again" in str(rule(word, blocked=True).answer)
    assert rule(word, blocked=False).answer is None


def test_help_is_answered_and_changes_nothing() -> None:
    """HELP and INFO leave the block as it was."""
    assert rule("help", blocked=True).blocked
    assert rule("INFO", blocked=False).answer


@pytest.mark.parametrize("text", ["STOP 7", "СТОП", "please stop", "STOP!", "ТОКТО"])
def test_other_texts_are_no_keywords(text: str) -> None:
    """Only a bare Latin word counts."""
    assert rule(text, blocked=False) == rule("hello", blocked=False)
