"""What a phrase of `keywords.toml` and the rest of the text around it ask for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from hotline.sms.understanding.beside import (
    day_done,
    is_date,
    known_steps,
    says_only_steps_or_date,
    steps_done,
    target_of,
)
from hotline.sms.understanding.command import Clarify, Command, CommandName, Hint
from hotline.sms.understanding.lexicon import Found, common_language
from hotline.sms.understanding.message import Message
from hotline.sms.understanding.typed_dates import DateProblem, DateReading, Sense
from hotline.sms.understanding.vocabulary import is_main_key
from hotline.sms.understanding.word_keys import LANGUAGE_PREFIX, STEP_KEYS

SENSES: Mapping[CommandName, Sense] = {
    CommandName.ENTRY: "entry",
    CommandName.DEPART: "departure",
    CommandName.REGISTERED: "entry",
    CommandName.UNTIL: "end",
}
WITH_STEPS = {CommandName.MORE, CommandName.LANGUAGE}
REGISTRATION_STEP = 7
STEPS_OF_DATES: Mapping[CommandName, range] = {  # the steps that may stand before a date
    CommandName.ENTRY: range(11, 12),  # the entry of a family member
    CommandName.REGISTERED: range(REGISTRATION_STEP, REGISTRATION_STEP + 1),
    CommandName.UNTIL: range(1, 13),
}
UNREAD = {DateProblem.MISSING, DateProblem.UNSURE}
QUESTIONS = {
    "ask-police-or-policy": Clarify.POLICE_OR_POLICY,
    "ask-rights": Clarify.RIGHTS,
    "ask-receipt": Clarify.RECEIPT,
}
HINTS = {
    "hint-rent": (Hint.RENT,),
    "hint-ban": (Hint.BAN,),
    "hint-join": (Hint.JOIN,),
    "hint-sick": (Hint.EMERGENCY, Hint.SICK_PAY),
}
SICK_STEP = 8  # the medical policy: collision 19

EMERGENCY = ("sos",)
POLICE = ("step-10", "ask-police-or-policy")
URGENT_FIRST = (EMERGENCY, POLICE, ("hint-sick", *STEP_KEYS))


def command_of(found: Found, rest: Message) -> Command | None:
    """What the phrase asks for, `rest` being the text beside it.

    None for a phrase that means several things, and for a word that only sounds like STOP: nobody is opted
    out by a guess (rule 9).
    """
    language = common_language([found.languages])
    asked = _question(set(found.meanings), rest, language)
    if asked:
        return asked
    main = [key for key in found.meanings if is_main_key(key)]
    if len(main) > 1 or (found.by_sound and CommandName.STOP in main):
        return None
    if not main:
        return _without_command(set(found.meanings), rest, language)
    if main[0] in STEP_KEYS:
        return _step(STEP_KEYS[main[0]], set(found.meanings), language)
    if main[0] == CommandName.LANGUAGE:
        return Command(CommandName.LANGUAGE)
    if main[0].startswith(LANGUAGE_PREFIX):
        return _language(main[0].removeprefix(LANGUAGE_PREFIX), rest)
    return _command(CommandName(main[0]), set(found.meanings), rest, language)


def asked_within(text: Message, wanted: Sequence[Collection[str]] = URGENT_FIRST) -> Command | None:
    """The help that a text asks for anywhere in it, the most urgent first: keys of `wanted`, group by group.

    Short words count only where they are the whole text; a cry for help always (rule 8).
    """
    for keys in wanted:
        for at in range(len(text.text)):
            found = text.words.commands.phrase_at(text.text, at, keys)
            if found is None or (found.by_sound and _is_listed(text, at)):  # POLICY sounds like POLICI
                continue
            if keys is EMERGENCY or found.length == len(text.text) or not text.is_short(at, found.length):
                return command_of(found, text.after(at + found.length))
    return None


def _is_listed(text: Message, at: int) -> bool:
    """Whether the word at token `at` begins a phrase as it is listed, be it of any key."""
    found = text.words.commands.phrase_at(text.text, at)
    return found is not None and not found.by_sound


def stop_or_not(language: str | None) -> Command:
    """A word for STOP among other words: asks whether to turn the reminders off."""
    return Command(CommandName.NO, language, clarify=Clarify.NO_OR_STOP)


def _question(keys: set[str], rest: Message, language: str | None) -> Command | None:
    """The question that a phrase always, or nearly always, leads to."""
    if "ask-entry-or-departure" in keys:
        return _clarify(Clarify.ENTRY_OR_DEPARTURE, language, date=_past_or_coming(rest))
    if "ask-done-or-over" in keys and (topic := rest.topic_alone()):
        return _clarify(Clarify.DONE_OR_OVER, language, steps=(topic,))
    if "ask-done-or-stop" in keys and not ("done" in keys and rest.steps_named()):
        urgent = asked_within(rest, (EMERGENCY, POLICE))
        return urgent or _clarify(Clarify.DONE_OR_STOP, language, steps=known_steps(rest))
    if "ask-no-or-stop" in keys:
        return asked_within(rest) or stop_or_not(language)
    question = next((QUESTIONS[key] for key in keys if key in QUESTIONS), None)
    return _clarify(question, language) if question else None


def _past_or_coming(rest: Message) -> DateReading:
    """A date that may be an entry or a departure: read as an entry unless it is yet to come."""
    entry = rest.reading("entry")
    return rest.reading("departure") if entry.problem is DateProblem.FUTURE else entry


def _without_command(keys: set[str], rest: Message, language: str | None) -> Command:
    """A phrase that only hints (`врач`) or only asks (`STP`)."""
    if "hint-sick" in keys:
        return _step(SICK_STEP, keys, language)
    return asked_within(rest) or _clarify(Clarify.STEP_OR_STOP, language, steps=known_steps(rest))


def _step(step: int, keys: set[str], language: str | None) -> Command:
    clarify = Clarify.CHILDREN_HOME_OR_HERE if "ask-children" in keys else None
    also = tuple(hint for key, hints in HINTS.items() if key in keys for hint in hints)
    return Command(CommandName.STEP, language, steps=(step,), clarify=clarify, also=also)


def _command(name: CommandName, keys: set[str], rest: Message, language: str | None) -> Command | None:
    match name:
        case CommandName.STOP:
            return _stop(keys, rest, language)
        case CommandName.START:
            return _start(rest, language)
        case CommandName.YES:
            return Command(name, language) if rest.holds_only(name) and not rest.crossed else None
        case CommandName.NO if rest.text and rest.run().numbers and rest.names_only_steps():
            return _of_steps(CommandName.STEP, known_steps(rest)[:1], language)  # `no 7` is a number 7
        case CommandName.DONE:
            return _done(rest, language)
        case CommandName.REGISTERED:
            return _registered(rest, language)
        case CommandName.HELP:
            return _help(rest, language)
    if name in SENSES:
        return _dated(name, rest, language)
    return _with_steps(name, rest, language) if name in WITH_STEPS else Command(name, language)


def _stop(keys: set[str], rest: Message, language: str | None) -> Command:
    """Opts out only where nothing else is said: a cry for help may begin with STOP."""
    if rest.holds_only(CommandName.STOP):
        return Command(CommandName.STOP, language)
    within = asked_within(rest)
    if within:
        return within
    if rest.begins_with_number() or rest.run().numbers:
        question = Clarify.STEP_OR_STOP if "ask-step-or-stop" in keys else Clarify.DONE_OR_STOP
        return _clarify(question, language, steps=known_steps(rest))
    return stop_or_not(language)


def _help(rest: Message, language: str | None) -> Command:
    """Help with what is named besides, with 112 and 102 in front as in every answer to HELP: collision 4."""
    within = asked_within(rest)
    if within is None:
        return Command(CommandName.HELP, language)
    if within.name is not CommandName.STEP or Hint.EMERGENCY in within.also:
        return within
    return replace(within, also=(Hint.EMERGENCY, *within.also))


def _start(rest: Message, language: str | None) -> Command | None:
    """Opts in only where nothing is said besides but the numbers of steps: not `start work when`."""
    if rest.holds_only(CommandName.START) and not rest.crossed:
        return Command(CommandName.START, language)
    run = rest.run()
    is_asked = rest.questioned or rest.crossed
    if run.numbers and run.length == len(rest.text) and not is_asked and not is_date(rest):
        return _of_steps(CommandName.START, known_steps(rest), language)
    return asked_within(rest)


def _done(rest: Message, language: str | None) -> Command:
    steps = steps_done(rest)
    day = day_done(rest)
    if not says_only_steps_or_date(rest) or (day and day.problem):
        return _in_doubt(rest, steps, language)
    if not steps and (is_date(rest) or not rest.steps_named()):
        return Command(CommandName.DONE, language, date=day)
    done = _of_steps(CommandName.DONE, steps, language)
    return replace(done, date=day) if done.name is CommandName.DONE else done


def _registered(rest: Message, language: str | None) -> Command:
    if not says_only_steps_or_date(rest) or set(steps_done(rest)) - {REGISTRATION_STEP}:
        return _in_doubt(rest, (REGISTRATION_STEP,), language)
    return _dated(CommandName.REGISTERED, rest, language)


def _in_doubt(rest: Message, steps: tuple[int, ...], language: str | None) -> Command:
    """A reminder is never switched off by `DONE 7 not yet`: collision 6."""
    question = Clarify.DONE_REALLY if len(steps) == 1 else Clarify.DONE_OR_STOP
    return asked_within(rest, (EMERGENCY,)) or _clarify(question, language, steps=steps)


def _of_steps(name: CommandName, steps: tuple[int, ...], language: str | None) -> Command:
    """The command for the steps typed; there is no such step where none of them is known."""
    return Command(name, language, steps=steps) if steps else _clarify(Clarify.NO_SUCH_STEP, language)


def _language(code: str, rest: Message) -> Command:
    """Changes the language only where nothing else is said: "Russian I don't understand" asks which."""
    if rest.asks_only_for_steps():
        return _with_steps(CommandName.LANGUAGE, rest, code)
    return asked_within(rest) or Command(CommandName.LANGUAGE)


def _with_steps(name: CommandName, rest: Message, language: str | None) -> Command:
    return Command(name, language, steps=known_steps(rest))


def _dated(name: CommandName, rest: Message, language: str | None) -> Command:
    reading = rest.reading(SENSES[name])
    command = Command(name, language, date=reading)
    target = target_of(rest)
    if target is None or target.step not in STEPS_OF_DATES.get(name, ()):
        return command
    later = target.rest.reading(SENSES[name])
    if not target.in_words and reading.problem not in UNREAD:
        return command
    if later.problem in UNREAD and name is not CommandName.UNTIL:
        return command
    return replace(command, steps=(target.step,), date=later)


def _clarify(
    question: Clarify, language: str | None, steps: tuple[int, ...] = (), date: DateReading | None = None
) -> Command:
    return Command(CommandName.CLARIFY, language, steps=steps, date=date, clarify=question)
