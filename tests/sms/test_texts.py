"""The tables of texts leave nothing out."""

import re

import pytest

from hotline.sms.understanding.command import Clarify, Command, CommandName, Hint
from hotline.sms.understanding.typed_dates import DateProblem
from tests.sms.texts import LANGUAGES, table, understood

SCRIPTS = {"Cyrillic": re.compile("[Ѐ-ӿ]"), "Latin": re.compile("[A-Za-z]")}
WRITTEN_IN = [("ky", "Cyrillic"), ("ky", "Latin"), ("ru", "Cyrillic"), ("ru", "Latin"), ("en", "Latin")]
TEXTS = dict(table())


@pytest.fixture(scope="module")
def commands() -> dict[str, Command]:
    """What each text is understood as."""
    return {text: understood(text) for text in TEXTS}


def scripts(text: str) -> set[str]:
    """The alphabets of a text's letters."""
    return {name for name, letters in SCRIPTS.items() if letters.search(text)}


def test_texts_are_many_and_each_stands_once() -> None:
    """No text is listed twice with two meanings."""
    assert len([*table()]) == len(TEXTS) > 1400


@pytest.mark.parametrize("kind", [CommandName, Clarify, Hint])
def test_texts_lead_to_every_command_question_and_hint(kind: type, commands: dict[str, Command]) -> None:
    """Each name, each question back and each added line is what some text asks for, if it has words."""
    found = {value for c in commands.values() for value in (c.name, c.clarify, *c.also)}
    assert found >= set(kind) - {Clarify.EMPTY, Clarify.PICTURE}


def test_texts_lead_to_every_problem_of_a_date(commands: dict[str, Command]) -> None:
    """Each kind of date that cannot be stored."""
    problems = {command.date.problem for command in commands.values() if command.date}
    assert problems >= set(DateProblem)


@pytest.mark.parametrize(("language", "script"), WRITTEN_IN)
@pytest.mark.parametrize("step", range(1, 13))
def test_texts_ask_for_every_step_in_every_language_and_script(
    step: int, language: str, script: str, commands: dict[str, Command]
) -> None:
    """By number in digits, by number in words, and by a word of the step."""
    asked = [text for text, command in commands.items() if command.steps == (step,)]
    mine = [text for text in asked if commands[text].language == language and scripts(text) == {script}]
    digits = [text for text in mine if re.search("[0-9]", text)]
    words = [text for text in mine if not re.search("[0-9]", text)]
    assert digits or language == "en"  # STEP 7 is no English alone
    assert len(words) >= 2 or step in SHARED


SHARED = {8, 9, 10, 12}  # steps whose words several languages share


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_carrier_is_used_for_something_else(language: str) -> None:
    """Twilio's own words mean here what they mean there; those that opt out opt out."""
    ours = {
        "stop": {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"},
        "start": {"START", "UNSTOP"},
        "yes": {"YES"},
        "help": {"HELP", "INFO"},
    }
    asked_too = {"stop": {"ask-step-or-stop"}}  # STOP with a number
    for key, phrases in LANGUAGES[language].keywords.items():
        for meaning, words in ours.items():
            if key != meaning and key not in asked_too.get(meaning, set()):
                assert not words & {phrase.upper() for phrase in phrases}, key


@pytest.mark.parametrize(
    "word", ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"]
)
def test_words_that_opt_out_at_the_carrier_opt_out_here(word: str) -> None:
    """In any case, with spaces around, whatever question is open."""
    for typed in (word, word.lower(), word.capitalize(), f"  {word}\n"):
        command = understood(typed)
        assert (command.name, command.carrier_keyword) == (CommandName.STOP, True)


@pytest.mark.parametrize(("word", "name"), [("START", "start"), ("UNSTOP", "start"), ("YES", "yes")])
def test_words_that_opt_in_at_the_carrier_say_so_here(word: str, name: str) -> None:
    """YES also answers a question; START and UNSTOP start the reminders again."""
    assert understood(word).name == name


@pytest.mark.parametrize("word", ["HELP", "INFO"])
def test_help_and_info_are_answered_here(word: str) -> None:
    """The carrier leaves them to us."""
    assert understood(word).name is CommandName.HELP
