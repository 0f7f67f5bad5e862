"""What a date that is stored takes the place of; what is over silences nothing that is to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest

from hotline.guide.model import Guide, ReminderRule
from hotline.people.members import Member
from hotline.people.model import MarkDone, SaveDate, UndoDone
from hotline.reminders.agenda import member_after, said_of_dates
from hotline.reminders.deadlines import DAY, Counted, counted, else_start, of_this_stay
from hotline.reminders.plan import reminder_days, standing

ENTRY = date(2026, 3, 2)
OVER, END = date(2026, 5, 20), date(2026, 11, 30)
ON = date(2026, 5, 25)
FIRST = Member({"entry": ENTRY, "registered": date(2026, 3, 12), "registration-until": date(2026, 5, 30)})


def after(guide: Guide, member: Member, anchor: str, day: date, on: date = ON) -> Member:
    return member_after(guide.rules, member, 0, [SaveDate(anchor, day)], on)


def counts_from(guide: Guide, rule: str, member: Member) -> str | None:
    start = counted(guide.rules[rule], member.dates, member.done)
    return start.anchor if start else None


def running(rules: Mapping[str, ReminderRule], member: Member) -> dict[str, Counted]:
    """What runs, by rule."""
    return {rule.id: start for rule, start in standing(rules, member.dates, member.done)}


def asks_again(guide: Guide, member: Member) -> bool:
    """Whether the new end of the owner's registration is asked for."""
    return "d11-again" in running(guide.rules, member)


@pytest.mark.parametrize(
    ("rule", "anchor"), [("d11", "registration-until"), ("d18", "family-until")], ids=["own", "family"]
)
@pytest.mark.parametrize("known", [{}, {"registration-until": OVER + 5 * DAY, "family-until": OVER}])
def test_contract_that_is_over_gives_way_to_a_new_end(
    real_guide: Guide, rule: str, anchor: str, known: dict[str, date]
) -> None:
    """On 25 May the contract is over since the 20th: the new end of the registration is reminded of."""
    member = after(real_guide, Member({"entry": ENTRY, "job-until": OVER, **known}), anchor, END)
    assert counts_from(real_guide, rule, member) == anchor


def test_contract_that_runs_is_still_the_earlier_end(real_guide: Guide) -> None:
    """Until its own term is over, which is the day before its last: on its last day it gives way."""
    before = Member({"entry": ENTRY, "job-until": OVER})
    early = after(real_guide, before, "registration-until", END, OVER - DAY)
    assert counts_from(real_guide, "d11", early) == "job-until"
    late = after(real_guide, before, "registration-until", END, OVER)
    assert counts_from(real_guide, "d11", late) == "registration-until"


def test_new_end_is_reminded_of_once_the_extension_is_done(real_guide: Guide) -> None:
    """DONE 7 was said of the contract's end, which is still to come: what is extended has another end."""
    before = Member({"entry": ENTRY, "job-until": OVER, "registration-until": ON}, frozenset({"d05", "d11"}))
    member = after(real_guide, before, "registration-until", END, date(2026, 5, 15))
    assert member.done == {"d05", "d11@job-until"}
    assert counts_from(real_guide, "d11", member) == "registration-until"


def test_extension_done_of_another_end_leaves_the_contract_that_runs(real_guide: Guide) -> None:
    """The registration was extended, the contract ends before its new end: that is still the earlier."""
    dates = {"entry": ENTRY, "registration-until": ON, "job-until": ON + 20 * DAY}
    member = after(real_guide, Member(dates, frozenset({"d11"})), "registration-until", END)
    assert (counts_from(real_guide, "d11", member), member.done) == ("job-until", frozenset())


@pytest.mark.parametrize("new_end", [date(2027, 3, 1), ON + 40 * DAY], ids=["new", "same"])
@pytest.mark.parametrize("done", [{"d18"}, {"d11", "d18"}], ids=["family", "both"])
def test_family_takes_nothing_from_the_owner(real_guide: Guide, done: set[str], new_end: date) -> None:
    """Of the owner's registration nothing but the end of the contract is known: it stays."""
    before = {"entry": ENTRY, "job-until": ON + 9 * DAY, "family-until": ON + 40 * DAY}
    member = after(real_guide, Member(before, frozenset(done)), "family-until", new_end)
    assert counts_from(real_guide, "d11", member) == "job-until"
    assert counts_from(real_guide, "d11-again", member) == "job-until"
    assert "d11" in member.done or "d11" not in done
    told = after(real_guide, member, "registration-until", date(2027, 8, 1))
    assert counts_from(real_guide, "d18", told) is not None


def test_new_contract_counts_once_the_registration_is_extended(real_guide: Guide) -> None:
    """Not where it is not: who may be late is not told that there is time."""
    dates = {"entry": ENTRY, "registration-until": OVER}
    late = after(real_guide, Member(dates), "job-until", END)
    assert counts_from(real_guide, "d11", late) == "registration-until"
    extended = after(real_guide, Member(dates, frozenset({"d11"})), "job-until", END)
    assert (counts_from(real_guide, "d11", extended), "d11" in extended.done) == ("job-until", False)
    assert asks_again(real_guide, extended) and asks_again(real_guide, Member(dates, frozenset({"d11"})))
    family = Member({"entry": ENTRY, "family-until": OVER}, frozenset({"d18"}))
    assert counts_from(real_guide, "d18", after(real_guide, family, "job-until", END)) == "family-until"


def test_same_end_told_again_undoes_no_extension(real_guide: Guide) -> None:
    """The old contract has given way already: nothing takes another's place."""
    dates = {"registration-until": END, "job-until": OVER}
    before = Member(dates, frozenset({"d11", "d11@job-until"}))
    assert after(real_guide, before, "registration-until", END).done == before.done


def test_end_that_gave_way_counts_again_when_it_is_told_again(real_guide: Guide) -> None:
    """DONE was said by mistake, a new contract told: who insists on the earlier end is reminded of it."""
    dates = {"registration-until": ON + 9 * DAY, "job-until": END}
    before = Member(dates, frozenset({"d11@registration-until"}))
    assert counts_from(real_guide, "d11", before) == "job-until"
    again = after(real_guide, before, "registration-until", ON + 9 * DAY)
    assert counts_from(real_guide, "d11", again) == "registration-until"


def test_what_ended_before_an_entry_is_of_the_stay_before_it(real_guide: Guide) -> None:
    """It silences nothing of this stay; corrected back, the entry brings it all back."""
    dates = {**FIRST.dates, "policy-until": date(2026, 6, 1), "job-until": END}
    back = after(real_guide, Member(dates), "entry", date(2026, 8, 3))
    assert dict(of_this_stay(back.dates)) == {"entry": date(2026, 8, 3), "job-until": END}
    start = else_start(real_guide.rules["d14"], back.dates)
    assert start is not None and start.quiet  # so the answer to the entry does not speak of the policy
    assert counts_from(real_guide, "d14", back) == "entry"
    assert counts_from(real_guide, "d11", back) == "job-until"
    corrected = after(real_guide, back, "entry", ENTRY)
    assert corrected.dates == of_this_stay(corrected.dates) == dates


def test_registration_on_the_day_of_entry_is_of_this_stay(real_guide: Guide) -> None:
    """Nothing is earlier in a stay than its first day."""
    member = Member({"entry": ENTRY, "registered": ENTRY}, frozenset({"d05"}))
    assert counts_from(real_guide, "d11-ask", member) == "registered"


def test_registration_of_another_stay_has_another_end(real_guide: Guide) -> None:
    """The old one is printed on an old paper, even if it is still to come; one stored since then stays."""
    first = Member({**FIRST.dates, "registration-until": END})
    back = after(real_guide, first, "entry", date(2026, 8, 3))
    assert counts_from(real_guide, "d11", back) == "registration-until"  # till it is known better
    registered = after(real_guide, back, "registered", date(2026, 8, 12))
    assert registered.dates == {"entry": date(2026, 8, 3), "registered": date(2026, 8, 12)}
    told = after(real_guide, back, "registration-until", END + DAY)
    assert "registered" not in told.dates
    assert "registration-until" in after(real_guide, told, "registered", date(2026, 8, 12)).dates


def test_corrected_day_of_registration_keeps_its_end(real_guide: Guide) -> None:
    """In one stay it is the same registration."""
    assert "registration-until" in after(real_guide, FIRST, "registered", date(2026, 3, 13)).dates


@pytest.mark.parametrize(("rule", "asks"), [("d11", "d11-again"), ("d18", "d18-again")])
def test_extension_that_is_done_is_asked_for_its_end(real_guide: Guide, rule: str, asks: str) -> None:
    """From one's own end; where it is not known, from the contract's."""
    dates = {"registration-until": END, "family-until": END, "job-until": END - DAY}
    done = member_after(real_guide.rules, Member(dates), 0, [MarkDone(rule)], ON)
    start = counted(real_guide.rules[asks], done.dates, done.done)
    assert start is not None and start.term is None
    assert real_guide.rules[asks].after == rule
    assert counts_from(real_guide, "d11-again", Member({"job-until": END})) == "job-until"


OWN_ENDS = {"d11": "registration-until", "d18": "family-until"}


def still_said(rules: Mapping[str, ReminderRule], member: Member, rule: str, on: date) -> bool:
    """Whether the extension is reminded of, or its new end asked for, after this day."""
    mine = {id: start for id, start in running(rules, member).items() if id in (rule, f"{rule}-again")}
    return any(day > on for id, start in mine.items() for day in reminder_days(rules[id], start))


def is_late(rules: Mapping[str, ReminderRule], member: Member, rule: str, on: date) -> bool:
    """Whether the extension is told as one whose last day is past."""
    start = running(rules, member).get(rule)
    return start is not None and start.term is not None and start.term.last_day < on


@pytest.mark.parametrize(
    "on_days", [(28, 30, 32), pytest.param((28, 34, 43), marks=pytest.mark.slow)], ids=["early", "late"]
)
def test_extension_is_neither_forgotten_nor_told_late_whatever_is_told(
    real_guide: Guide, on_days: tuple[int, int, int]
) -> None:
    """Every start of three ends, each told or not, and every three things that are told then."""
    rules = {id: rule for id, rule in real_guide.rules.items() if id.removesuffix("-again") in OWN_ENDS}
    ends = (None, ENTRY + 33 * DAY, ENTRY + 36 * DAY)
    saying = (*OWN_ENDS, *OWN_ENDS.values(), "job-until")
    for known, told in product(product(ends, repeat=3), product(saying, repeat=3)):
        dates = {anchor: day for anchor, day in zip(saying[2:], known, strict=True) if day}
        member = Member({"entry": ENTRY, "registered": ENTRY, **dates})
        for each, days in zip(told, on_days, strict=True):
            before, on = member, ENTRY + days * DAY
            if each in OWN_ENDS and each not in running(rules, member):
                continue  # nobody says DONE of what does not run
            effect = MarkDone(each) if each in OWN_ENDS else SaveDate(each, on + 300 * DAY)
            member = member_after(rules, member, 0, [effect], on)
            for rule in OWN_ENDS:
                assert not (rule in before.done and is_late(rules, member, rule, on)), (dates, told)
                said = [still_said(rules, who, rule, on) for who in (before, member)]
                assert said[1] or not said[0] or each in OWN_ENDS, (dates, told)


def test_time_of_done_is_kept_by_rule(real_guide: Guide) -> None:
    """Each its own, though they count from one date; of START too. Of another date nothing was said."""
    early, now = datetime(2026, 3, 12, 8, tzinfo=UTC), datetime(2026, 3, 20, 8, tzinfo=UTC)
    rules, said = real_guide.rules, {"d05": early, "d08": early}
    before = Member({"entry": ENTRY}, frozenset({"d05", "d08"}), {}, said)
    done = member_after(rules, before, 0, [MarkDone("d09"), UndoDone("d08")], ON)
    kept = said_of_dates(rules, before, done, {"d09", "d08"}, now)
    assert kept == {"entry": {"d05": early, "d08": now, "d09": now}}
    other = after(real_guide, replace(done, said_at_utc=kept["entry"]), "entry", ENTRY + DAY)
    assert said_of_dates(rules, done, other, (), now) == {"entry": {}}
