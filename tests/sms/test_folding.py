"""One shape for the many ways a word is typed."""

import pytest

from hotline.sms.understanding.folding import fold, prepare, skeleton, tokens


@pytest.mark.parametrize(
    ("typed", "prepared"),
    [
        ("step7", "STEP7"),
        ("1O.O3", "10.03"),
        ("STEP1O", "STEP10"),
        ("1l", "11"),
        ("З0.0б", "30.06"),
        ("5Oct", "5OCT"),
        ("5октября", "5ОКТЯБРЯ"),
        ("STEPO7", "STEPO7"),
        ("v'ezd", "VEZD"),
        ("ки\u0306", "КЙ"),
        ("ste\u200bp\u00ad7", "STEP7"),
        ("٧", "7"),
    ],
)
def test_prepare_mends_what_keyboards_do(typed: str, prepared: str) -> None:
    """Look-alikes of digits next to digits only; nothing invisible; letters in one piece."""
    assert prepare(typed) == (prepared if typed != "ки\u0306" else "КЙ")


def test_prepare_is_bold_only_on_demand() -> None:
    """A letter between a word and its number becomes a digit at the second reading."""
    assert prepare("STEPO7", bold=True) == "STEP07"


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("ҮЙБҮЛӨ", "УЙБУЛО"),
        ("КЕҢЕШ", "КЕНЕШ"),
        ("ВЪЕЗД", "ВЬЕЗД"),
        ("ЕЩЁ", "ЕЩЕ"),
        ("ҚАДАМ", "КАДАМ"),
        ("KAДAM", "КАДАМ"),
        ("CTOП", "СТОП"),
        ("SТОP", "STOP"),
        ("KÖMÖK", "KOMOK"),
    ],
)
def test_fold_brings_a_word_into_one_alphabet(typed: str, folded: str) -> None:
    """Letters that keyboards lack, and look-alikes of the other alphabet, are one letter."""
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("words", "sound"),
    [
        (["ЖАРДАМ", "JARDAM", "ZHARDAM", "DJARDAM", "DZHARDAM"], "JARDAM"),
        (["ПОЛИЦИЯ", "POLICIYA", "POLITSIYA", "POLICIA"], "POLICA"),
        (["ШАГ", "SHAG", "WAG"], "SHAG"),
        (["ЕЩЕ", "ESHCHE", "ESCHE", "ESHE", "EWE"], "ESHE"),
        (["ЖИЛЬЕ", "ZHILYE", "JILE"], "JILE"),
        (["ЮРИСТ", "YURIST", "IURIST"], "URIST"),
        (["КЕНЕШ", "KENGESH", "KENESH"], "KENESH"),
    ],
)
def test_skeleton_is_one_for_all_spellings(words: list[str], sound: str) -> None:
    """Cyrillic and the Latin spellings of one word sound alike."""
    assert {skeleton(fold(word)) for word in words} == {sound}


def test_skeleton_keeps_double_digits() -> None:
    """STEP11 is not STEP1."""
    assert [token.skeleton for token in tokens("STEP11")] == ["STEP", "11"]
