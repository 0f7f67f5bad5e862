"""Five thousand generated texts: none fails, and no digit is misread.

The same texts in every run (derandomized): what tired thumbs make of the words of the hotline, numbers,
dates, courtesies and signs, with slips, in any order, with and without spaces between.
"""

import os
import re
import unicodedata
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.sms.understanding.command import Command, CommandName
from hotline.sms.understanding.folding import tokens, variants
from hotline.sms.understanding.typed_numbers import number_word_at
from hotline.sms.understanding.word_keys import DAYS_AGO, MONTH_KEYS, STEP_KEYS
from tests.sms.texts import LANGUAGES, TODAY, VOCABULARY, understood

TEXTS = 2_500 if os.environ.get("KADAM_THOROUGH") else 500  # a fifth of them of any characters there are
MANY = settings(deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
ACTING = {
    *(
        CommandName.STOP,
        CommandName.START,
        CommandName.DELETE,
        CommandName.DONE,
        CommandName.YES,
        CommandName.CALL,
    ),
    *(CommandName.REGISTERED, CommandName.DEPART, CommandName.UNTIL, CommandName.LATIN, CommandName.CYRILLIC),
}

KEYWORDS = [
    (key, phrase) for words in LANGUAGES.values() for key, all in words.keywords.items() for phrase in all
]
STEP_WORDS = sorted({phrase for key, phrase in KEYWORDS if key == "step-word"})
NUMBER_WORDS = sorted({phrase for key, phrase in KEYWORDS if key.startswith("number-")})
WORDS = sorted({phrase for _, phrase in KEYWORDS})
NUMBERS = [*map(str, range(15)), "07", "012", "112", "102", "1899", "2025", "1O", "l2", "7️⃣", "٧", "🔟", "99"]
DATES = [
    "05.03.2025",
    "5.3",
    "5/3/25",
    "050325",
    "5 март",
    "12-марта",
    "5 3",
    "2025-03-05",
    "1O.O3",
    "вчера",
    "3 күн мурун",
]
NOISE = [
    *" .,!?-/+\n«»\"'",
    "🙂",
    "🙏",
    "меня",
    "адам",
    "керек",
    "why",
    "не",
    "эмес",
    "\u200b",
    "ё\u0308",
    "x",
]
ALIKE = "OoОоlIЗзб"
AS_DIGITS = str.maketrans(ALIKE, "000011336")
LEXICONS = (VOCABULARY.commands, VOCABULARY.dates, VOCABULARY.anywhere)
JOINTS = ["", " ", " ", " ", ", ", "-"]


def slipped(word: str) -> list[str]:
    """A word as listed, and with one letter gone, doubled, wrong or changed over with its neighbour."""
    at = len(word) // 2
    stranger = "СОоl0EТ"[len(word) % 7]
    return [
        word.lower(),
        word[:at] + word[at + 1 :],
        word[: at + 1].title() + word[at:].lower(),
        word[: at - 1] + word[at - 1 : at + 1][::-1] + word[at + 1 :],
        (word[:at] + stranger + word[at + 1 :]).lower(),
    ]


SLIPPED = [typed for word in WORDS for typed in slipped(word)]
OF_STEPS = [typed for word in STEP_WORDS for typed in slipped(word)]
parts = st.sampled_from(
    [NUMBERS, SLIPPED, NUMBERS, OF_STEPS, DATES, NOISE, STEP_WORDS, NUMBER_WORDS]
).flatmap(st.sampled_from)
texts = st.builds(
    lambda pieces, joint: joint.join(pieces), st.lists(parts, max_size=5), st.sampled_from(JOINTS)
)


def digit_runs(text: str) -> set[str]:
    """The numbers typed: runs of digits, without and with the letters beside them that look like digits."""
    plain = unicodedata.normalize("NFC", text).replace("🔟", "10")
    seen = (letter for letter in plain if unicodedata.category(letter) not in ("Cf", "Me", "Mn"))
    typed = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in seen)
    forms = ("[0-9]+", f"[0-9][0-9{ALIKE}]*", f"[{ALIKE}]*[0-9]+", f"[{ALIKE}]*[0-9][0-9{ALIKE}]*")
    return {run.translate(AS_DIGITS) for form in forms for run in re.findall(form, typed)}


def words_at(text: str, keys: object) -> set[str]:
    """The keys, of those given, under which any word of the text stands, as listed or by its sound."""
    found = set()
    for prepared in variants(text):
        typed = tokens(prepared)
        for lexicon, at in product(LEXICONS, range(len(typed))):
            for phrase in lexicon.phrases_at(typed, at):
                found |= set(phrase.meanings) & set(keys)  # type: ignore[call-overload]
    return found


def numbers_in_words(text: str) -> set[int]:
    """The numbers that stand in the text as words, also those run together with a word for "step"."""
    found = set()
    spaced = re.sub("(?i)(кадам|шаг|step|kadam|shag)", r" \1 ", text)
    for prepared in (*variants(text), *variants(spaced)):
        typed = tokens(prepared)
        found |= {
            word.value for at in range(len(typed)) if (word := number_word_at(typed, at, VOCABULARY.counting))
        }
    return found


def check_steps(text: str, command: Command) -> None:
    """Every step named was typed as that number, in digits or words, or by a word of the step."""
    left = set(command.steps) - {int(run) for run in digit_runs(text)}
    if not left:
        return
    by_word = {STEP_KEYS[key] for key in words_at(text, STEP_KEYS)}
    sick = {8} if words_at(text, {"hint-sick"}) else set()
    direct_line = {1} if "1899" in digit_runs(text) else set()
    registered = {7} if words_at(text, {"registered"}) else set()
    guessed = not any(letter.isdecimal() for letter in text)  # a whole text in letters may be a misspelt word
    allowed = numbers_in_words(text) | by_word | sick | direct_line | registered
    assert left <= allowed or (guessed and command.name is CommandName.STEP), (text, command.steps)


def check_date(text: str, command: Command) -> None:
    """Day and month were typed: in digits, as a number or a month in words, or counted from today."""
    day = command.date.day if command.date else None
    if day is None or words_at(text, {*DAYS_AGO, "days-ago"}):
        return
    runs = digit_runs(text)
    parts = {int(run[at : at + size]) for run in runs for size in (1, 2) for at in range(len(run) - size + 1)}
    assert day.day in parts or day.day in numbers_in_words(text), (text, day)
    assert day.month in parts or day.month in {MONTH_KEYS[key] for key in words_at(text, MONTH_KEYS)}, (
        text,
        day,
    )
    years = {int(run[at : at + 4]) for run in runs for at in range(len(run) - 3)} | {
        2000 + part for part in parts
    }
    assert day.year in years or abs(day.year - TODAY.earliest.year) <= 1, (text, day)


def check_acts(text: str, command: Command) -> None:
    """What stores, stops, erases or answers comes of a listed word or its sound, never of a near one."""
    if command.name in ACTING and not command.carrier_keyword:
        assert words_at(text, {command.name, f"{command.name}-anywhere"}), text


def check(text: str) -> None:
    """The text as it is and in the other case: letters that look like digits differ by case."""
    for typed in (text, text.swapcase()):
        command = understood(typed)
        check_steps(typed, command)
        check_date(typed, command)
        check_acts(typed, command)


@settings(MANY, max_examples=TEXTS * 4 // 5)
@given(texts)
def test_no_digit_of_a_typed_text_is_misread(text: str) -> None:
    """Words, slips, numbers, dates and noise in any order: every step, date and act was typed."""
    check(text)


@settings(MANY, max_examples=TEXTS // 5)
@given(st.lists(st.text(max_size=12) | parts, max_size=5).map("".join))
def test_no_digit_of_any_text_is_misread(text: str) -> None:
    """The same with any characters there are."""
    check(text)
