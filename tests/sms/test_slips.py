"""What a slip of the finger is forgiven, and what is never guessed."""

from collections.abc import Iterator

import pytest

from hotline.sms.understanding.command import Command, CommandName
from hotline.sms.understanding.folding import fold, prepare, tokens
from hotline.sms.understanding.guessing import GUESSED, may_be_guessed
from hotline.sms.understanding.lexicon import Entry
from hotline.sms.understanding.slips import build_spellings
from hotline.sms.understanding.word_keys import GUESSED_KEYS, SILENT_KEYS
from tests.sms.texts import LANGUAGES, VOCABULARY, table, understood

WORDS = [
    (key, phrase) for words in LANGUAGES.values() for key, all in words.keywords.items() for phrase in all
]
ACTING = {
    *(
        "stop",
        "start",
        "delete",
        "delete-anywhere",
        "done",
        "registered",
        "entry",
        "depart",
        "until",
        "yes",
        "no",
    ),
    *("call", "latin", "cyrillic", "step-10", "never-guessed", "today", "yesterday", "tomorrow", "days-ago"),
    *(f"number-{number:02}" for number in range(1, 13)),
}

HARMLESS = GUESSED | {CommandName.UNKNOWN, CommandName.NO}


def slips(word: str) -> Iterator[str]:
    """The word with one letter too few, too many or wrong, and with two neighbours changed over."""
    strangers = "АСТ" if any(letter > "Z" for letter in word) else "AST"
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        for letter in strangers:
            yield word[:at] + letter + word[at:]
            yield word[:at] + letter + word[at + 1 :]


def meant(text: str) -> str | None:
    return VOCABULARY.spellings.meant(tokens(prepare(text)))


def test_nothing_that_acts_is_ever_guessed() -> None:
    """No slip in a word that stores, stops, erases, answers, rings or counts leads to a guess at all."""
    acting = sorted({phrase for key, phrase in WORDS if key in ACTING and " " not in phrase})
    assert {(word, slip) for word in acting for slip in slips(word) if meant(slip)} == set()


@pytest.mark.parametrize("beside", ["{} 7", "7 {}", "{} 05.03.2025"])
@pytest.mark.parametrize(
    "word", ["STOP", "СТОП", "ТОКТОТ", "DONE", "АТКАРДЫМ", "ГОТОВО", "START", "DELETE", "ENTRY"]
)
def test_no_slip_beside_a_number_acts(word: str, beside: str) -> None:
    """`DOEN 7` switches nothing off."""
    listed = {phrase for key, phrase in WORDS if key in ACTING}
    for slip in set(slips(word)) - listed:
        command = understood(beside.format(slip))
        same = understood(beside.format(word))  # `DONNE` sounds like DONE
        assert command.name in HARMLESS or command == same, slip


def test_what_a_guess_leads_to_stores_nothing() -> None:
    """The commands of the table of slips, where the text is not itself a phrase, are of the closed list."""
    assert {understood(text).name for text, expected in table("slips") if meant(text)} <= GUESSED | {
        CommandName.LANGUAGE
    }
    assert all(understood(text).language is None for text in ("кыргызч", "englsh", "кыргзча"))


def test_a_guess_never_sets_a_language_nor_acts() -> None:
    """Whatever a mended text says, only what brings something to read is taken for its meaning."""
    assert may_be_guessed(Command(CommandName.LANGUAGE))
    assert not may_be_guessed(Command(CommandName.LANGUAGE, "ky"))
    acts = set(CommandName) - GUESSED - {CommandName.LANGUAGE}
    assert not any(may_be_guessed(Command(name)) for name in acts)
    assert acts >= {
        "stop",
        "start",
        "delete",
        "done",
        "entry",
        "depart",
        "registered",
        "until",
        "yes",
        "no",
        "call",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_words_are_not_taken_for_commands(language: str) -> None:
    """Words that mean something else, one letter from a command, stay what they are."""
    for word in LANGUAGES[language].keywords["other-words"]:
        if not any(word == phrase for key, phrase in WORDS if key != "other-words"):
            assert meant(word) is None, word
            assert VOCABULARY.spellings.meant(tokens(prepare(word)), beside_number=True) is None, word


def test_every_key_is_guessed_or_barred_on_purpose() -> None:
    """A new key of keywords.toml is not guessed until somebody lists it."""
    barred = {key for key, _ in WORDS} - GUESSED_KEYS - SILENT_KEYS
    assert barred > ACTING - {"never-guessed"}


def spelled(**words: str) -> object:
    entries = [Entry(phrase, key.replace("_", "-"), "ky") for key, phrase in words.items()]
    return build_spellings([Entry("ТИЛ", "language", "ky"), *entries])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("АРЕНДА", None),  # as listed: no slip
        ("АРЕДА", "АРЕНДА"),  # a letter too few
        ("АРЕНДАК", "АРЕНДА"),  # too many
        ("АРИНДА", "АРЕНДА"),  # wrong
        ("АРНЕДА", "АРЕНДА"),  # changed over
        ("АРНДАК", None),  # two slips
        ("ОРЕНДА", None),  # the first letter of a short word
    ],
)
def test_one_slip_is_forgiven_and_no_more(typed: str, found: str | None) -> None:
    """Distance 1 with neighbours changed over, in words of four letters or more."""
    assert spelled(step_05="АРЕНДА").meant(tokens(typed)) == found  # type: ignore[attr-defined]


def test_no_guess_between_two_meanings() -> None:
    """Two listed words equally near: ask. Two words of one meaning are no doubt."""
    assert spelled(menu="КАРТА", help="КАРГА").meant(tokens("КАРМА")) is None  # type: ignore[attr-defined]
    assert spelled(menu="КАРТА", stop="КАРГА").meant(tokens("КАРМА")) is None  # type: ignore[attr-defined]
    assert spelled(menu="КАРТА").meant(tokens("КАРМА")) == "КАРТА"  # type: ignore[attr-defined]


def test_a_first_letter_may_slip_in_a_long_word_alone() -> None:
    """МЕЧТЫ is not МЕНТЫ nor ЦЕНЫ ЖЕНЫ; ЛЕГИСТРАЦИЯ is still registration."""
    assert understood("ЛЕГИСТРАЦИЯ").steps == (7,)
    assert understood("ЦЕНЫ").name is CommandName.UNKNOWN


@pytest.mark.parametrize(
    "text", ["как кодам 7", "мнею дайте", "жардм мага керек", "кодам 7 жибериңиз", "kadma seven men"]
)
def test_a_guess_is_not_made_inside_a_sentence(text: str) -> None:
    """Only as the whole text, or beside the numbers of steps and nothing else."""
    assert understood(text).name is CommandName.UNKNOWN


def test_numbers_beside_a_slip_stay_as_typed() -> None:
    """The word is mended, the digits never: KODAM 11 is not step 1."""
    for number in range(200):
        steps = understood(f"кодам {number}").steps
        assert steps == ((number,) if 1 <= number <= 12 else ())


def test_fold_decides_what_one_letter_is() -> None:
    """Ө typed as О is no slip, so that one more is forgiven."""
    assert fold("КӨМӨК") == "КОМОК"
    assert understood("комк").name is CommandName.HELP
