"""A text message to the Command it asks for. Pure.

Source: content notes, part D, whose numbered collisions the comments name. What must never be missed
(deletion, 112) or mistaken (a number, a date) is tried before words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from hotline.reminders.days import Today
from hotline.sms.understanding.command import Clarify, Command, CommandName, Hint
from hotline.sms.understanding.folding import prepare, variants
from hotline.sms.understanding.guessing import may_be_guessed, mended
from hotline.sms.understanding.lexicon import Found, common_language
from hotline.sms.understanding.meaning import (
    POLICE,
    SENSES,
    UNREAD,
    asked_within,
    command_of,
    stop_or_not,
)
from hotline.sms.understanding.message import Message
from hotline.sms.understanding.typed_dates import DateProblem, settle
from hotline.sms.understanding.vocabulary import Vocabulary, build_vocabulary
from hotline.sms.understanding.wishes import BESIDES, several, within
from hotline.sms.understanding.word_keys import DELETE_ANYWHERE_KEY, STEP_KEYS

__all__ = ["Vocabulary", "build_vocabulary", "read"]

# Twilio, "Advanced Opt-Out": as a whole message these opt the number out at the carrier, which also answers.
CARRIER_OPT_OUT = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"}
EMERGENCY_NUMBERS = {112, 102, 1122}  # 1122: the "112 + 2" of the guide, typed in one
WHOLE_EMERGENCY_NUMBER = re.compile(r"(?<![0-9])(?<![0-9][.,/-])(?:112|102|1122)(?![0-9])(?![.,/-][0-9])")
MIGRATION_SERVICE_NUMBER = "1899"  # s01-f12: the direct line of the Kyrgyz migration service
ADVICE_STEP = 1
LAST_STEP = max(STEP_KEYS.values())
LONGEST_READ = 320  # ours, characters; in a longer text only what counts anywhere is looked for
UNKNOWN_WORDS_BESIDE_DATE = 2  # ours: more may be a tale in which the day is not the day of entry
DONE_OR_OVER = Clarify.DONE_OR_OVER
OF_REMINDERS = (CommandName.DONE, CommandName.START)

UNKNOWN = Command(CommandName.UNKNOWN)


def read(text: str, vocabulary: Vocabulary, today: Today) -> Command:
    """What `text` asks for on `today`. Never raises: what is not understood is the command UNKNOWN."""
    if text.strip().upper() in CARRIER_OPT_OUT:
        return Command(CommandName.STOP, carrier_keyword=True)
    if len(text.strip()) > LONGEST_READ:
        return _read_long(Message.of(prepare(text), vocabulary, today))
    messages = [Message.of(prepared, vocabulary, today) for prepared in variants(text)]
    readings = chain(
        (_read(message) for message in messages), (_guessed(message) for message in messages[:1])
    )
    return next((command for command in readings if command.name is not CommandName.UNKNOWN), UNKNOWN)


def _read(message: Message) -> Command:
    """What is said between the greetings, without a guess: by the whole of it, or inside a sentence."""
    plain = message.without_greetings()
    tried = (attempt(plain) for attempt in (*OF_A_WHOLE_TEXT, *OF_A_SENTENCE))
    return next((command for command in tried if command), UNKNOWN) if plain.text else UNKNOWN


def _read_long(message: Message) -> Command:
    """What counts wherever it stands: to read it all would take long, and others wait meanwhile."""
    tried = (attempt(message) for attempt in OF_A_LONG_TEXT)
    return next((command for command in tried if command), UNKNOWN)


def _help_within(message: Message) -> Command | None:
    return asked_within(message, (POLICE, STEP_KEYS, *BESIDES))


def _guessed(message: Message) -> Command:
    """What is meant if one word has a slip in it."""
    meant = mended(message)
    command = _read(meant) if meant else UNKNOWN
    return command if may_be_guessed(command) else UNKNOWN


def _deletion(message: Message) -> Command | None:
    """DELETE, УДАЛИТЕ or ӨЧҮР anywhere, whatever else the text says: collision 15. Not УДАЛОСЬ."""
    languages = message.said_anywhere(DELETE_ANYWHERE_KEY)
    return Command(CommandName.DELETE, common_language(languages)) if languages else None


def _numbered_steps(message: Message) -> Command | None:
    """`STEP7`, `7-кадам`, `ЖЕТИНЧИ КАДАМ`, `step 7 and 10`."""
    run = message.run()
    if not run.numbers or not run.has_step_word:
        return None
    language = common_language(run.languages)
    if run.opens_with_step and run.numbers[0] in EMERGENCY_NUMBERS:  # STEP112: collision 22
        return _no_such_step(language, (Hint.EMERGENCY,))
    if EMERGENCY_NUMBERS & set(run.numbers):
        return None
    if not all(1 <= number <= LAST_STEP for number in run.numbers):
        return _no_such_step(language)
    steps = tuple(dict.fromkeys(run.numbers))
    return Command(CommandName.STEP if len(steps) == 1 else CommandName.STEPS, language, steps=steps)


def _emergency_number(message: Message) -> Command | None:
    return Command(CommandName.SOS) if WHOLE_EMERGENCY_NUMBER.search(message.prepared) else None


def _numbers_alone(message: Message) -> Command | None:
    """Numbers and nothing else, unless they are a date: collision 21."""
    run = message.run()
    if not run.numbers or run.has_step_word or run.length < len(message.text):
        return None
    language, form = common_language(run.languages), message.form()
    if len(run.numbers) == 1:
        return _one_number(message, run.numbers[0], language)
    written = form is not None and form.day is not None and (form.clear or len(run.numbers) > 2)
    return None if written else _several_numbers(run.numbers, language)


def _one_number(message: Message, number: int, language: str | None) -> Command | None:
    """A step by its number, or None where the digits may be a date run together."""
    typed = message.text[0].folded
    if not typed.isdecimal() or len(typed) <= 2:
        if 1 <= number <= LAST_STEP:
            return Command(CommandName.STEP, language, steps=(number,), bare_number=True)
        return _no_such_step(language)
    if typed == MIGRATION_SERVICE_NUMBER:
        return Command(CommandName.STEP, steps=(ADVICE_STEP,), also=(Hint.MIGRATION_SERVICE,))
    form = message.form()
    if form is None or form.day is None:
        return UNKNOWN
    return UNKNOWN if len(typed) == 4 and settle(form, message.today, "entry").problem else None


def _several_numbers(numbers: tuple[int, ...], language: str | None) -> Command:
    if max(numbers) > 99:
        return UNKNOWN
    steps = numbers if all(1 <= number <= LAST_STEP for number in numbers) else ()
    spaced_emergency = int("".join(map(str, numbers))) in EMERGENCY_NUMBERS  # `11 2`
    also = (Hint.EMERGENCY,) if spaced_emergency else ()
    return Command(CommandName.CLARIFY, language, steps=steps, clarify=Clarify.TWO_NUMBERS, also=also)


def _date_alone(message: Message) -> Command | None:
    """Nothing but a date is a day of entry."""
    form = message.form()
    if form is None or not form.whole:
        return None
    language, reading = message.date_language(), message.reading("entry")
    if reading.problem is DateProblem.UNSURE:
        return Command(CommandName.CLARIFY, language, date=reading, clarify=Clarify.DATE_UNSURE)
    return Command(CommandName.ENTRY, language, date=reading)


def _opening_phrase(message: Message) -> Command | None:
    """The longest phrase at the start of the text, courtesies apart."""
    opening = message.after(message.courtesy())
    for found in opening.words.commands.phrases_at(opening.text, 0):
        if _counts(found, opening):
            command = command_of(found, opening.after(found.length))
            if command:
                return command
    return None


def _counts(found: Found, message: Message) -> bool:
    """Rule 8: a short word counts alone or before a number or a date; a cry for help always.

    Another word that only sounds like YES does not: ОБА is both of two, ООБА is yes.
    """
    is_other = found.by_sound and message.text[0].folded in message.words.spellings.known
    if is_other and CommandName.YES in found.meanings:
        return False
    if not message.is_short(0, found.length) or "sos" in found.meanings:
        return True
    rest = message.after(found.length)
    return rest.courtesy() == len(rest.text) or rest.begins_with_number()


def _step_without_number(message: Message) -> Command | None:
    found = message.step_word(0)
    if found is None or len(message.text[0].folded) == 1:
        return None
    language = common_language([found.languages])
    return Command(CommandName.CLARIFY, language, clarify=Clarify.WHICH_NUMBER)


def _closing_phrase(message: Message) -> Command | None:
    """A command said last: `5-мартта кирдим`, `7-кадамды аткардым`, `полис 05.03.2026 чейин`."""
    for command in _closing_commands(message):
        dated = command.date is not None and command.date.problem not in UNREAD
        if dated or (command.name in OF_REMINDERS and command.steps) or command.clarify is DONE_OR_OVER:
            return command
    return None


def _closing_phrase_with_unread_date(message: Message) -> Command | None:
    """A command said last of a date in a form that is not to be guessed: `бирдин айында 5и кирдим`."""
    for command in _closing_commands(message):
        if command.name in SENSES and command.date and command.date.problem is DateProblem.UNSURE:
            return command
    return None


def _closing_phrase_in_doubt(message: Message) -> Command | None:
    """ "Done" said last, but not of a step or a date alone: `7 не сделал`."""
    commands = _closing_commands(message)
    return next((command for command in commands if command.clarify is Clarify.DONE_REALLY), None)


def _closing_commands(message: Message) -> Iterator[Command]:
    last = len(message.text)
    for at in range(max(1, last - message.words.commands.longest), last):
        for found in message.words.commands.phrases_at(message.text, at):
            if at + found.length == last:
                command = command_of(found, message.before(at))
                if command:
                    yield command


def _emergency_word(message: Message) -> Command | None:
    """A cry for help anywhere in a text that nothing else was found in."""
    for at in range(len(message.text)):
        found = message.words.commands.phrase_at(message.text, at, ["sos"])
        if found:
            return Command(CommandName.SOS, common_language([found.languages]))
    return None


def _stop_word(message: Message) -> Command | None:
    """STOP inside a sentence never opts out, but asks; what else the sentence asks for goes first."""
    for at in range(len(message.text)):
        found = message.words.commands.phrase_at(message.text, at, [CommandName.STOP])
        if not found or found.by_sound or message.is_short(at, found.length):
            continue
        if "ask-done-or-stop" not in found.meanings:  # ХВАТИТ inside a sentence is only "enough"
            return asked_within(message) or stop_or_not(common_language([found.languages]))
    return None


def _date_beside_unknown_words(message: Message) -> Command | None:
    """A date with a word or two that cannot be read, `ВЪЕЗТ 05.03.2025`: asks, for it is not guessed."""
    reading = message.reading("entry")
    if reading.day is None or message.words_beside_date() > UNKNOWN_WORDS_BESIDE_DATE:
        return None
    question = Clarify.ENTRY_OR_DEPARTURE
    return Command(CommandName.CLARIFY, message.date_language(), date=reading, clarify=question)


def _no_such_step(language: str | None, also: tuple[Hint, ...] = ()) -> Command:
    return Command(CommandName.CLARIFY, language, clarify=Clarify.NO_SUCH_STEP, also=also)


# In this order; the first that is not None is the command, also if it is UNKNOWN.
OF_A_WHOLE_TEXT = (
    _deletion,
    _closing_phrase,
    several,
    _numbered_steps,
    _emergency_number,
    _numbers_alone,
    _date_alone,
    _opening_phrase,
    _step_without_number,
    _closing_phrase_with_unread_date,
    _closing_phrase_in_doubt,
)
OF_A_SENTENCE = (_emergency_word, _stop_word, within, _date_beside_unknown_words)
OF_A_LONG_TEXT = (_deletion, _emergency_number, _emergency_word, _stop_word, _help_within)
