"""A date is left by keypad: which one, which day, read back with its year and confirmed. Pure.

Source: rules of the service, Dates and Who is believed; docs/decisions/019-every-date-by-voice.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hotline.people.members import SELF
from hotline.people.model import SaveDate
from hotline.reminders.deadlines import DEPARTURE, ENTRY, REGISTERED
from hotline.reminders.doing import ended_by
from hotline.reminders.plan import FAMILY
from hotline.reminders.whose import owners_of
from hotline.speech.clips import Spoken
from hotline.voice.keyed_dates import FARTHEST, OLDEST, day_been, day_coming, day_of_year
from hotline.voice.keys import NUMBER_HIDDEN, SILENCE, missed, missed_key
from hotline.voice.model import Caller, Entered, Talk, Turn
from hotline.voice.places import (
    BEEN,
    DATE_OTHER,
    DATE_PAPER,
    DATES,
    DEADLINES,
    PAPERS,
    Wish,
    back_of,
    date_asked,
    date_confirm,
    date_digits,
)
from hotline.voice.prompts import arrive
from hotline.voice.ringing import ask_proof
from hotline.voice.storing import saved_effects, saved_lines

YESTERDAY = timedelta(days=1)
OTHERS = {"1": DEPARTURE, "3": FAMILY, "4": REGISTERED}  # 2 is the end of a paper
PAPER_KEYS = dict(zip("1234", PAPERS, strict=True))
FAMILY_BY_SMS = Spoken("voice-family-by-sms")


def when_turn(talk: Talk, key: str) -> Turn:
    """1 today, 2 yesterday (of the earliest Russian zone, so never too late), 3 another day.

    Where the entry is asked for, 4 leads to the other dates.
    """
    anchor = talk.call.place.target
    match key:
        case "1":
            return _entered(talk, anchor, talk.today.earliest)
        case "2":
            return _entered(talk, anchor, talk.today.earliest - YESTERDAY)
        case "3":
            return arrive(talk, date_digits(anchor))
        case "4" if anchor == ENTRY:
            return arrive(talk, DATE_OTHER)
    return missed_key(talk, key)


def other_turn(talk: Talk, key: str) -> Turn:
    """1 the departure, 2 the end of a paper, 3 the entry of a family member, 4 the day of registration."""
    if key == "2":
        return arrive(talk, DATE_PAPER)
    if key not in OTHERS:
        return missed_key(talk, key)
    if key == "3" and talk.believed and len(_whose(talk, FAMILY)) != 1:
        return arrive(talk, DATES, FAMILY_BY_SMS)
    return arrive(talk, date_asked(OTHERS[key]))


def paper_turn(talk: Talk, key: str) -> Turn:
    """1 the registration, 2 the contract, 3 the policy, 4 the family's registration."""
    return arrive(talk, date_asked(PAPER_KEYS[key])) if key in PAPER_KEYS else missed_key(talk, key)


def digits_turn(talk: Talk, key: str) -> Turn:
    """DDMM or DDMMYY; while digits are collected only `*` keeps its meaning."""
    anchor, today = talk.call.place.target, talk.today
    if "*" in key:
        return arrive(talk, back_of(talk.call.place, talk.guide))
    if not key:
        return missed(talk, SILENCE)
    day = _day_of(talk, anchor, key)
    if day is None:
        return missed(talk, Spoken("voice-date-impossible"))
    if anchor in BEEN:
        old = today.earliest - day > OLDEST
        return missed(talk, Spoken("voice-date-old")) if old else _entered(talk, anchor, day)
    if day < today.earliest:  # no digits are collected there, so that the step it names can be dialled
        return arrive(talk, DATE_PAPER, Spoken("voice-date-past"))
    far = day - today.earliest > FARTHEST
    return missed(talk, Spoken("voice-date-far")) if far else _entered(talk, anchor, day)


def confirm_day_turn(talk: Talk, key: str) -> Turn:
    """1 stores the day that was read back, 2 asks again."""
    anchor = talk.call.place.target
    if key == "2":
        return arrive(talk, date_asked(anchor))
    if key != "1":
        return missed_key(talk, key)
    entered = talk.caller.entered
    if entered is None or entered.date.anchor != anchor:
        return arrive(talk, date_asked(anchor))
    return _refused(talk, entered.date) or stored(talk, entered.date)


def stored(talk: Talk, save: SaveDate) -> Turn:
    """The date is stored; what follows from it is told."""
    effects = saved_effects(talk, save)
    return replace(arrive(talk, DATES, *saved_lines(talk, save, effects)), effects=effects)


def _day_of(talk: Talk, anchor: str, digits: str) -> date | None:
    if anchor in PAPERS:
        return day_of_year(digits)
    return day_been(digits, talk.today) if anchor in BEEN else day_coming(digits, talk.today)


def _entered(talk: Talk, anchor: str, day: date) -> Turn:
    """The day is read back; it is kept in the call's row, not stored."""
    if not talk.call.has_number:
        return arrive(talk, DEADLINES, NUMBER_HIDDEN)
    save = SaveDate(anchor, day, next(iter(_whose(talk, anchor)), SELF))
    refused = _refused(talk, save)
    if refused:
        return refused
    entered = Entered(save, talk.set_here)
    turn = arrive(talk.knowing(Caller(talk.person, entered)), date_confirm(anchor))
    return replace(turn, entered=entered)


def _refused(talk: Talk, save: SaveDate) -> Turn | None:
    """The turn in place of one that leaves this date, or None where it may be left.

    Asked when the day is entered and once more when it is confirmed: by then something else may be stored.
    """
    member = talk.person.member(save.member)
    ends = ended_by(talk.guide.rules, member, save.anchor, talk.today.here)
    if not talk.believed or (ends and not talk.call.proven):  # what is done only a proven caller says
        return ask_proof(talk, Wish.DATE)
    if _whose(talk, save.anchor) != [save.member]:
        return arrive(talk, DATES, FAMILY_BY_SMS)
    if save.anchor == REGISTERED and save.day < member.dates.get(ENTRY, date.min):
        return missed(talk, Spoken("voice-date-before-entry"))
    return None


def _whose(talk: Talk, anchor: str) -> list[int]:
    """Whose date it may be, by number: the owner's, or a family member's. A call corrects what it stored."""
    if anchor != FAMILY:
        return [SELF]
    set_here = [save.member for save in talk.set_here if save.anchor == FAMILY]
    return set_here or owners_of(talk.person.members, FAMILY)
