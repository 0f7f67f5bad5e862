"""What is said beside a command: steps, a date, both, or something else too. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.sms.understanding.message import Message
from hotline.sms.understanding.typed_dates import DateReading
from hotline.sms.understanding.word_keys import STEP_KEYS


@dataclass(frozen=True)
class Target:
    """The step named before a date (`UNTIL 7 05.03`), whether by a word, and the text after it."""

    step: int
    in_words: bool
    rest: Message


def says_only_steps_or_date(rest: Message) -> bool:
    """Whether steps and a date are all that is said, not asked nor crossed out: else it may be "not done"."""
    if rest.questioned or rest.crossed:
        return False
    target = target_of(rest)
    forms = (rest.form(), target.rest.form() if target else None)
    dates = (form for form in forms if form and (form.day or form.days_ago is not None))
    return rest.names_only_steps() or any(date.whole for date in dates)


def day_done(rest: Message) -> DateReading | None:
    """The day on which something was done, be it said after a step; None for none, and for today."""
    target = target_of(rest)
    parts = (rest, target.rest) if target else (rest,)
    said = next((part for part in parts if is_date(part)), None)
    form = said.form() if said else None
    return None if said is None or form is None or form.days_ago == 0 else said.reading("entry")


def steps_done(rest: Message) -> tuple[int, ...]:
    """The steps named, or the one that is named before a date: `DONE 7 05.03.2025`."""
    target = target_of(rest)
    if target and target.step in STEP_KEYS.values() and is_date(target.rest) and not is_date(rest):
        return (target.step,)
    return known_steps(rest)


def target_of(rest: Message) -> Target | None:
    """The step with which a text begins: `7`, `7-КАДАМ`, `STEP 7`, `полис`."""
    topic = rest.topic(0)
    if topic:
        return Target(topic[0], True, rest.after(topic[1]))
    opening = rest.step_word(0)
    at = opening.length if opening else 0
    number = rest.digits(at)
    if number is None:
        return None
    value, length = number
    closing = rest.step_word(at + length)
    following = rest.after(at + length + (closing.length if closing else 0))
    return Target(value, bool(opening or closing), following)


def known_steps(rest: Message) -> tuple[int, ...]:
    """The steps that a text begins with; none if one of them is no step or the numbers are a date."""
    steps = rest.steps_named()
    return steps if all(step in STEP_KEYS.values() for step in steps) and not is_date(rest) else ()


def is_date(rest: Message) -> bool:
    """Whether a date is all that is said: `05.03`, `7 days ago`, in which the 7 is no step."""
    form = rest.form()
    return form is not None and form.clear and (form.day is not None or form.days_ago is not None)
