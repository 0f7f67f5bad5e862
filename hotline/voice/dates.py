"""My dates: the day of entry by keypad, read back and confirmed; the days left. Pure.

Source: rules of the service, Dates and Who is believed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hotline.people.members import SELF
from hotline.people.model import BY_CALL, BY_SMS, CloseQuestion, Effect, SaveDate
from hotline.reminders.agenda import member_after
from hotline.reminders.days import Today
from hotline.reminders.deadlines import done_after
from hotline.reminders.doing import done_effects, done_with, undone, undone_effects
from hotline.speech.clips import Spoken
from hotline.voice.keys import NUMBER_HIDDEN, SILENCE, missed, missed_key
from hotline.voice.model import ENTRY, Caller, Entered, Talk, Turn
from hotline.voice.places import DATE_CONFIRM, DATE_DIGITS, DATE_LEFT, DATE_WHEN, DATES, DEADLINES, Wish
from hotline.voice.prompts import arrive
from hotline.voice.ringing import ask_proof, days_left
from hotline.voice.terms import JOB, REGISTRATION, still_reminded, terms_told, told_rules

YESTERDAY = timedelta(days=1)
OLDEST = timedelta(days=365)  # an older day of entry is refused: rules of the service, Dates
LEAP_YEARS_APART = 8  # 29 February comes back after 8 years at the latest (1896 and 1904, 2096 and 2104)
ASKED_WITH = {"4": Wish.CALLS, "5": Wish.UNDATE}
DONE_KEYS = {"1": REGISTRATION, "2": JOB}
WE_REMIND = {BY_SMS: Spoken("voice-we-remind"), BY_CALL: Spoken("voice-we-call")}
SWITCHED_ON = {REGISTRATION: Spoken("voice-registration-on"), JOB: Spoken("voice-job-on")}


def dates_turn(talk: Talk, key: str) -> Turn:
    """1 gives the day of entry, 2 tells the days left; 3, something is done, leads there too.

    4 is how one is reminded, by call or by text; 5 erases the day. Both are a proven caller's.
    """
    if key not in {"1", "2", "3", "4", "5"}:
        return missed_key(talk, key)
    if not talk.call.has_number:
        return arrive(talk, DEADLINES, NUMBER_HIDDEN)
    if key in ASKED_WITH:
        return ask_proof(talk, ASKED_WITH[key])
    if key == "1":
        return arrive(talk, DATE_WHEN) if talk.may_enter else ask_proof(talk, Wish.ENTRY)
    wish, granted = (Wish.LEFT, talk.believed) if key == "2" else (Wish.DONE, talk.call.proven)
    return ask_proof(talk, wish) if ENTRY in talk.person.dates and not granted else days_left(talk)


def when_turn(talk: Talk, key: str) -> Turn:
    """1 today, 2 yesterday (of the earliest Russian zone, so never too late), 3 another day."""
    match key:
        case "1":
            return _entered(talk, talk.today.earliest)
        case "2":
            return _entered(talk, talk.today.earliest - YESTERDAY)
        case "3":
            return arrive(talk, DATE_DIGITS)
    return missed_key(talk, key)


def digits_turn(talk: Talk, key: str) -> Turn:
    """DDMM; while digits are collected only `*` keeps its meaning."""
    if "*" in key:
        return arrive(talk, DATE_WHEN)
    if not key:
        return missed(talk, SILENCE)
    day = day_of(key, talk.today)
    if day is None:
        return missed(talk, Spoken("voice-date-impossible"))
    if talk.today.earliest - day > OLDEST:
        return missed(talk, Spoken("voice-date-old"))
    return _entered(talk, day)


def day_of(digits: str, today: Today) -> date | None:
    """The latest day DDMM that is not in the future anywhere in Russia; None where no such day exists."""
    if len(digits) != 4 or not (digits.isascii() and digits.isdigit()):
        return None
    day, month = int(digits[:2]), int(digits[2:])
    for year in range(today.latest.year, today.latest.year - LEAP_YEARS_APART - 1, -1):
        try:
            found = date(year, month, day)
        except ValueError:  # 31 February in every year, 29 February in most
            continue
        if found <= today.latest:
            return found
    return None


def confirm_day_turn(talk: Talk, key: str) -> Turn:
    """1 stores the day that was read back, 2 asks again."""
    if key == "2":
        return arrive(talk, DATE_WHEN)
    if key != "1":
        return missed_key(talk, key)
    entered = talk.caller.entered
    if entered is None:
        return arrive(talk, DATE_WHEN)
    return stored(talk, entered.day) if talk.may_enter else ask_proof(talk, Wish.ENTRY)


def left_turn(talk: Talk, key: str) -> Turn:
    """After the days left: 1 registration is done, 2 the job; the same key again undoes it."""
    rule = DONE_KEYS.get(key)
    person = talk.person
    if rule is None or rule not in {told.id for told in told_rules(talk.guide.rules, person.dates)}:
        return missed_key(talk, key)
    if not talk.call.proven:  # a stranger must not silence the reminders of a date, whoever left it
        return ask_proof(talk, Wish.DONE)
    rules, member = talk.guide.rules, person.member(SELF)
    if rule in person.done:
        back = undone(rules, member, int(rules[rule].step))
        return _changed(talk, undone_effects(back, member, SELF), SWITCHED_ON[rule])
    ended = done_with(rules, member, rule, talk.today.here)
    return _changed(talk, done_effects(ended, member, SELF, talk.today.earliest))


def _changed(talk: Talk, effects: tuple[Effect, ...], *said: Spoken) -> Turn:
    """The days left once the effects are applied."""
    person = talk.person
    member = member_after(talk.guide.rules, person.member(SELF), SELF, effects)
    after = talk.knowing(replace(talk.caller, person=person.with_member(SELF, member)))
    return replace(arrive(after, DATE_LEFT, *said), effects=effects)


def _entered(talk: Talk, day: date) -> Turn:
    """The day is read back; it is kept in the call's row, not stored."""
    if not talk.call.has_number:
        return arrive(talk, DEADLINES, NUMBER_HIDDEN)
    if not talk.may_enter:
        return ask_proof(talk, Wish.ENTRY)
    entered = Entered(day, replaces=talk.person.dates.get(ENTRY))
    turn = arrive(talk.knowing(Caller(talk.person, entered)), DATE_CONFIRM)
    return replace(turn, entered=entered)


def stored(talk: Talk, day: date) -> Turn:
    """The day is stored, whatever day a question by SMS was about; the terms that it begins are told."""
    person = talk.person
    rules, dates, on = talk.guide.rules, {**person.dates, ENTRY: day}, talk.today.here
    done = done_after(rules, person.done, person.dates, ENTRY, day)
    told = [Spoken("voice-date-stored"), *terms_told(rules, dates, done, on)]
    if person.opted_out:
        told.append(Spoken("voice-reminders-off"))
    elif still_reminded(rules, dates, done, on):
        told.append(WE_REMIND[person.reminded_by])
    told.append(Spoken("voice-new-sim"))
    return replace(arrive(talk, DATES, *told), effects=(SaveDate(ENTRY, day), CloseQuestion()))
