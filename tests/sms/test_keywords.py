"""Texts as people type them, and the commands they are."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hotline.guide.language import Language
from hotline.reminders.days import Today
from hotline.sms.understanding.command import Clarify, Command, CommandName
from hotline.sms.understanding.folding import LONGEST_TEXT, fold
from hotline.sms.understanding.keywords import build_vocabulary, read
from hotline.sms.understanding.vocabulary import KeywordError
from tests.sms.texts import LANGUAGES, TODAY, VOCABULARY, table, understood, written

REPEATABLE = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
PHRASES = sorted(
    {phrase for words in LANGUAGES.values() for list in words.keywords.values() for phrase in list}
)


def test_read_understands() -> None:
    """Every text of the table is the command written beside it."""
    expected = dict(table())
    assert {text: written(understood(text)) for text in expected} == expected


def test_read_ignores_case_and_space_around() -> None:
    """Capitals, small letters and spaces around change nothing, but for letters that stand for digits."""
    expected = {text: command for text, command in table() if not re.search("[OolIОоЗзб]", text)}
    assert {text: written(understood(f"  {text.lower()} \n")) for text in expected} == expected
    assert {text: written(understood(text.upper())) for text in expected} == expected


@pytest.mark.parametrize("code", LANGUAGES)
def test_keywords_of_every_language_have_the_same_keys(code: str) -> None:
    """No language lacks a command that another has."""
    assert set(LANGUAGES[code].keywords) == set(LANGUAGES["ky"].keywords)


def meaning(command: Command) -> str:
    """The key of keywords.toml that a command comes from."""
    if command.name is CommandName.STEP:
        return f"step-{command.steps[0]:02}"
    return (
        f"language-{command.language}"
        if command.name is CommandName.LANGUAGE and command.language
        else command.name
    )


def test_read_understands_every_phrase_of_the_prompts() -> None:
    """A phrase alone is the command it is listed under, unless the notes have it asked about."""
    keys = {
        *CommandName,
        *(f"step-{step:02}" for step in range(1, 13)),
        *(f"language-{code}" for code in LANGUAGES),
    }
    words = [item for language in LANGUAGES.values() for item in language.keywords.items()]
    asked = {phrase for key, phrases in words if key.startswith("ask-") for phrase in phrases}
    listed = {phrase: key for key, phrases in words if key in keys for phrase in phrases}
    found = {phrase: meaning(understood(phrase)) for phrase in listed}
    wrong = {phrase: key for phrase, key in found.items() if key != listed[phrase]}
    assert {phrase for phrase in wrong if wrong[phrase] != CommandName.CLARIFY} == set()
    assert set(wrong) <= asked


@pytest.mark.parametrize("form", ["STEP{}", "step {}", "{} КАДАМ", "шаг-{}", "S{}", "DONE {}"])
def test_read_never_takes_a_part_of_a_number_for_a_step(form: str) -> None:
    """STEP11 is not STEP1, and what is no step is none."""
    steps = {number: understood(form.format(number)).steps for number in range(200)}
    assert steps == {number: (number,) if 1 <= number <= 12 else () for number in range(200)}


def test_read_takes_bare_digits_for_a_step_only_from_1_to_12() -> None:
    """More digits are a date, 112 or nothing; 1899 is explained beside step 1."""
    steps = {number: understood(str(number)).steps for number in range(2500)}
    found = {number: taken for number, taken in steps.items() if taken}
    assert found == {**{number: (number,) for number in range(1, 13)}, 1899: (1,)}


@REPEATABLE
@given(st.text(max_size=LONGEST_TEXT + 10))
def test_read_never_raises(text: str) -> None:
    """Any text whatever is a command."""
    assert isinstance(understood(text), Command)


COUNTED = [
    "STEP",
    "КАДАМ",
    "шаг",
    "S",
    "DONE",
    "UNTIL",
    "and",
    "жана",
    "номер",
    "и",
    *"0123456789",
    "11",
    "10",
]
counted = st.sampled_from([*COUNTED, ".", ",", "-", "#", " ", "O", "l"])
pieces = st.sampled_from([*PHRASES, *"0123456789", "112", "2025", "31", ".", "/", "-", "+", "😀", "O", "\n"])


@REPEATABLE
@given(st.lists(counted, max_size=10), st.sampled_from(["", " "]))
def test_read_never_misreads_a_digit(parts: list[str], joint: str) -> None:
    """Every step understood was typed as a whole number; 1899 is explained beside step 1."""
    text = joint.join(parts)
    assume(not re.search("[A-Za-zА-я][Ol]+[0-9]", text))  # `UNTILl1` may be a slip in the word as well
    command = understood(text)
    typed = {int(number) for number in re.findall("[0-9]+", text.replace("O", "0").replace("l", "1"))}
    assert set(command.steps) <= typed or command.also


@REPEATABLE
@given(st.lists(pieces, max_size=12), st.sampled_from(["", " "]))
def test_read_makes_a_command_of_any_of_its_words(parts: list[str], joint: str) -> None:
    """Its own words and digits, in any order, never raise, and a step is always one of the twelve."""
    assert all(1 <= step <= 12 for step in understood(joint.join(parts)).steps)


@REPEATABLE
@given(st.lists(pieces, max_size=12))
def test_read_never_opts_out_without_a_word_of_the_list(parts: list[str]) -> None:
    """Only a text of words listed under `stop` stops the reminders, but for courtesies beside them."""
    text = " ".join(parts)
    if understood(text).name is CommandName.STOP:
        stops = {phrase for words in LANGUAGES.values() for phrase in words.keywords["stop"]}
        polite = {phrase for words in LANGUAGES.values() for phrase in words.keywords["polite"]}
        said = {fold(part) for part in parts if part.strip(" .-+/,\n😀")}
        assert said & {fold(phrase) for phrase in stops}
        assert said <= {fold(word) for phrase in stops | polite for word in (phrase, *phrase.split())}


@pytest.mark.parametrize("text", ["stp", "STEP", "stop7", "STOOP", "stopp", "стопп", "STOR", "TOKTOTTU"])
def test_read_does_not_guess_stop(text: str) -> None:
    """What is only near to STOP never switches the reminders off."""
    assert understood(text).name in (CommandName.CLARIFY, CommandName.UNKNOWN)


def test_read_reads_no_further_than_a_message_is_long() -> None:
    """A text of any length is read; past 1,600 characters nothing counts."""
    assert understood("я" * LONGEST_TEXT + " УДАЛИТЬ").name is CommandName.UNKNOWN
    assert understood("9" * 100_000).name is CommandName.UNKNOWN


def test_command_hides_steps_and_dates_from_logs() -> None:
    """The repr of a command holds nothing that a person typed."""
    shown = repr(understood("UNTIL 7 05.06.2025"))
    assert "2025" not in shown
    assert "7" not in shown


def test_read_depends_on_the_day_only_for_dates() -> None:
    """The same text is the same day of entry, one year later in another year."""
    later = Today(earliest=date(2026, 3, 20), latest=date(2026, 3, 20), here=date(2026, 3, 20))
    assert read("ENTRY 5.3", VOCABULARY, later).date.day == date(2026, 3, 5)  # type: ignore[union-attr]
    assert read("STEP7", VOCABULARY, later) == understood("STEP7")


def test_a_new_language_is_words_alone() -> None:
    """A fourth language with its own words is understood without a line of code."""
    own = {
        **LANGUAGES["en"].keywords,
        "step-word": ("ҚАДАМ",),
        "stop": ("ТОҚТА",),
        "language-kk": ("ҚАЗАҚША",),
    }
    kazakh = replace(LANGUAGES["en"], code="kk", keywords=own)
    vocabulary = build_vocabulary({**LANGUAGES, "kk": kazakh})
    assert written(read("Тоқта", vocabulary, TODAY)) == "stop kk"
    assert written(read("қазақша", vocabulary, TODAY)) == "language kk"
    assert written(read("ENTRY 5 наурыз", vocabulary, TODAY)) == "entry - 2025-03-05"


def changed(keywords: dict[str, tuple[str, ...]]) -> dict[str, Language]:
    russian = LANGUAGES["ru"]
    return {**LANGUAGES, "ru": replace(russian, keywords={**russian.keywords, **keywords})}


def test_build_vocabulary_refuses_an_unknown_key() -> None:
    """A slip in a key of keywords.toml stops the start, by name."""
    with pytest.raises(KeywordError, match=r"ru/keywords\.toml: no command 'staus'"):
        build_vocabulary(changed({"staus": ("СТАТУС",)}))


def test_build_vocabulary_refuses_one_word_for_two_commands() -> None:
    """A word that two commands claim stops the start and names both."""
    with pytest.raises(KeywordError, match="'ЖОК' is no in ky and menu in ru"):
        build_vocabulary(changed({"menu": ("ЖОК",)}))


ACTING = [
    "STOP",
    "стоп",
    "ТОКТОТ",
    "DONE 7",
    "готово 7",
    "АТКАРДЫМ 7",
    "REGISTERED",
    "КАТТАЛДЫМ",
    "START",
    "OK",
]
ACTS = {CommandName.STOP, CommandName.DONE, CommandName.REGISTERED, CommandName.START, CommandName.YES}


@pytest.mark.parametrize("beside", ["{} қайда", "{} blah", "{}, ыы", "blah {}", "{}?", "? {}"])
@pytest.mark.parametrize("words", ACTING)
def test_read_acts_on_no_word_inside_a_sentence(words: str, beside: str) -> None:
    """A word that changes reminders or answers a question acts alone: not with one strange word more."""
    assert understood(words).name in ACTS
    assert understood(beside.format(words)).name not in ACTS


@pytest.mark.parametrize("text", ["БОЛДУ", "хватит", "СТОП 7", "токтот 7", "STP", "VYEZD", "5 3"])
def test_read_asks_where_a_guess_could_cost_a_deadline(text: str) -> None:
    """What could switch reminders off or store a wrong date is a question."""
    assert understood(text).clarify in set(Clarify)
