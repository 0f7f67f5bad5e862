"""How long a text is on the air."""

import pytest

from hotline.sms.segments import Alphabet, measure


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("a" * 459, 459, 3),
        ("a" * 460, 460, 4),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        ("a" * 159 + "€", 161, 2),
    ],
)
def test_measure_counts_septets(text: str, units: int, segments: int) -> None:
    """160 septets alone, 153 in a chain; a letter of the extension takes two."""
    size = measure(text)
    assert (size.alphabet, size.units, size.segments) == (Alphabet.GSM7, units, segments)


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("я" * 70, 70, 1),
        ("я" * 71, 71, 2),
        ("я" * 134, 134, 2),
        ("я" * 135, 135, 3),
        ("я" * 201, 201, 3),
        ("я" * 202, 202, 4),
        ("😀" * 35, 70, 1),
        ("😀" * 36, 72, 2),
        ("a" * 69 + "ң", 70, 1),
        ("a" * 70 + "ң", 71, 2),
    ],
)
def test_measure_counts_utf_16_units(text: str, units: int, segments: int) -> None:
    """One letter outside the alphabet makes the whole text UCS-2: 70 units alone, 67 in a chain."""
    size = measure(text)
    assert (size.alphabet, size.units, size.segments) == (Alphabet.UCS2, units, segments)


def test_measure_splits_no_escape() -> None:
    """A letter of two septets moves whole to the next segment: 306 septets may need three."""
    straddling = "a" * 152 + "€" + "a" * 152
    assert (measure(straddling).units, measure(straddling).segments) == (306, 3)
    assert measure("a" * 151 + "€" + "a" * 153).segments == 2


def test_measure_splits_no_surrogate_pair() -> None:
    """A letter of two UTF-16 units moves whole to the next segment: 134 units may need three."""
    straddling = "я" * 66 + "😀" + "я" * 66
    assert (measure(straddling).units, measure(straddling).segments) == (134, 3)
    assert measure("я" * 65 + "😀" + "я" * 67).segments == 2


@pytest.mark.parametrize(
    ("text", "fits"), [("a" * 160, True), ("a" * 161, False), ("я" * 134, True), ("я" * 135, False)]
)
def test_size_fits_a_page_of_134_units_or_160_septets(text: str, fits: bool) -> None:
    """A page is two segments of UCS-2 or one of GSM-7."""
    assert measure(text).fits_page is fits


def test_measure_knows_the_letters_that_kyrgyz_latin_lacks() -> None:
    """ö and ü are in the GSM alphabet, ң and the curly quotes are not."""
    assert measure("köçmö".replace("ç", "c") + "ü").alphabet is Alphabet.GSM7
    assert measure("ң").alphabet is measure("“").alphabet is Alphabet.UCS2
