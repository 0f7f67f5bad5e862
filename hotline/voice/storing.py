"""What a date that is confirmed in a call changes, and what is then said of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from hotline.people.members import SELF, Member
from hotline.people.model import BY_CALL, BY_SMS, CloseQuestion, Effect, MarkDone, SaveDate
from hotline.people.questions import Question
from hotline.reminders.agenda import member_after
from hotline.reminders.deadlines import DEPARTURE, ENTRY, REGISTERED, REGISTRATION_UNTIL, Phase, phase
from hotline.reminders.doing import done_effects, ended_by
from hotline.reminders.plan import FAMILY
from hotline.speech.clips import Spoken
from hotline.voice.model import Talk
from hotline.voice.terms import counted_from, still_reminded, terms_told

WE_REMIND = {BY_SMS: Spoken("voice-we-remind"), BY_CALL: Spoken("voice-we-call")}
LAST = {  # what is said at the end of some dates
    DEPARTURE: Spoken("voice-border"),
    FAMILY: Spoken("voice-family-more"),
    REGISTERED: Spoken("voice-registered-until"),
}


def saved_effects(talk: Talk, save: SaveDate) -> tuple[Effect, ...]:
    """The date is stored; with the day of registration that is done. A question about it is answered."""
    rules, before, today = talk.guide.rules, talk.person.member(save.member), talk.today
    ended = ended_by(rules, before, save.anchor, today.here)
    after = member_after(rules, before, save.member, [save], today.here)
    done = done_effects(ended, after, save.member, today.earliest)
    closing = () if _is_of_another(talk.person.question, save) else (CloseQuestion(),)
    return (save, *done, *closing)


def saved_lines(talk: Talk, save: SaveDate, effects: Sequence[Effect]) -> Iterator[Spoken]:
    """That it is stored, the terms that count from it, whether reminders come: nothing that is not so."""
    person, number = talk.person, save.member
    member = member_after(talk.guide.rules, person.member(number), number, effects, talk.today.here)
    yield Spoken("voice-date-stored")
    if (save.anchor, number) == (ENTRY, SELF):
        yield from terms_told(talk.guide.rules, member.dates, member.done, talk.today)
    else:
        yield from _pressing(talk, member, save.anchor)
    if any(isinstance(effect, MarkDone) for effect in effects):
        yield Spoken("voice-remind-done")
    if talk.tells_opted_out:
        yield Spoken("voice-reminders-off")
    elif not person.opted_out:
        yield from _promised(talk, save, member)
    yield from _last(talk, save, member)


def _promised(talk: Talk, save: SaveDate, member: Member) -> Iterator[Spoken]:
    """How reminders come: by call only those for which it has words, the owner's own of the entry."""
    if not still_reminded(talk.guide.rules, member, save.anchor, talk.today.here):
        return
    if save.anchor == DEPARTURE:
        yield Spoken("voice-we-remind-before")
    elif save.anchor != REGISTERED:
        by_call = (save.anchor, save.member) == (ENTRY, SELF)
        yield WE_REMIND[talk.person.reminded_by if by_call else BY_SMS]


def _last(talk: Talk, save: SaveDate, member: Member) -> Iterator[Spoken]:
    if (save.anchor, save.member) == (ENTRY, SELF):
        yield Spoken("voice-new-sim")
    is_known = member.dates.get(REGISTRATION_UNTIL, date.min) >= talk.today.earliest
    if save.anchor in LAST and not (save.anchor == REGISTERED and (is_known or talk.person.opted_out)):
        yield LAST[save.anchor]


def _pressing(talk: Talk, member: Member, anchor: str) -> Iterator[Spoken]:
    """Of a term that ends now or is over: go today, and which step says what to do. None before a journey."""
    for rule, start in counted_from(talk.guide.rules, member, anchor):
        early = start.term is None or phase(start.term, talk.today.latest) == Phase.EARLY
        if anchor != DEPARTURE and not early:
            tens, ones = divmod(int(rule.step), 10)
            yield Spoken("voice-go-today", {"tens": tens, "ones": ones})
            return


def _is_of_another(question: Question | None, save: SaveDate) -> bool:
    """Whether a question that was sent by text is about another date: its answer is still to come."""
    if question is None or question.day is None:
        return False
    return (question.anchor, question.member) != (save.anchor, save.member)
