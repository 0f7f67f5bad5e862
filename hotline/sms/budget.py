"""What each reply and reminder costs, and which are longer than they may be. Pure.

The budgets (rules of the service, Words): a page is 134 UTF-16 units or 160 letters of GSM-7; a step's page
and what only confirms are one page, no other reply is more than two, nor is a reminder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product

from hotline.guide.language import Script
from hotline.guide.model import Guide, ReminderRule
from hotline.people.model import (
    Ask,
    Forget,
    KeepRest,
    MarkDone,
    OptIn,
    OptOut,
    Person,
    RingBack,
    SaveDate,
    SetLanguage,
    SetReading,
    SetScript,
    UndoDone,
)
from hotline.people.questions import Asked
from hotline.people.text_limits import Said
from hotline.reminders.days import Today
from hotline.reminders.deadlines import DAY, ENTRY, Term, is_closing, rules_with_term, term_of
from hotline.reminders.wording import Due, reminder_text
from hotline.sms.brevity import PAGES_MOST
from hotline.sms.latin import has_cyrillic
from hotline.sms.limiting import limited_reply
from hotline.sms.lost import lost_reply
from hotline.sms.naming import Names
from hotline.sms.replies import Reply, reply_to
from hotline.sms.scripts import offered
from hotline.sms.segments import Alphabet, measure
from hotline.sms.situations import Situation, longest_days, situations, understood
from hotline.sms.understanding.command import Command, CommandName
from hotline.voice.keys import digest_texts, step_texts

CONFIRMING = (SetLanguage, SetScript, OptOut, OptIn, MarkDone, UndoDone, Forget, RingBack, Ask)
LONGEST_NUMBER = "+996312000777123"  # E.164: 15 digits
LONGEST_BODY = "W" * 1600  # of a text that comes in: Twilio documentation, "Message resource"
DEAR = 3  # segments
HEAD = ("reply", "language", "script", "messages", "units", "segments", "class")


@dataclass(frozen=True)
class Counted:
    """What one reply takes. name: its lines and step pages; when: an example of what it answers.

    texts: one a message, of `pages_a_text` at most. pages_most: pages that all of it may take.
    """

    name: str
    language: str
    script: Script
    when: str
    texts: tuple[str, ...] = field(repr=False)
    pages_most: int
    pages_a_text: int = 1

    @property
    def units(self) -> int:
        """Units of all messages, each in its own alphabet."""
        return sum(measure(text).units for text in self.texts)

    @property
    def segments(self) -> int:
        """Segments of all messages."""
        return sum(measure(text).segments for text in self.texts)

    @property
    def price_class(self) -> str:
        """How many texts it is charged as."""
        return f"x {self.segments}" if self.segments < DEAR else f"x {DEAR}+"

    @property
    def pages(self) -> int:
        """Pages of all messages."""
        return sum(map(_pages_of, self.texts))

    @property
    def fits(self) -> bool:
        """Whether the whole, and each message, is as short as it must be."""
        return self.pages <= self.pages_most and all(_pages_of(t) <= self.pages_a_text for t in self.texts)


def counted(guide: Guide, on: date) -> list[Counted]:
    """Every reply and reminder in each language and script, where it is longest in the years from `on`."""
    longest: dict[tuple[str, str, Script], Counted] = {}
    commands = understood(guide, on)
    for language, script in product(guide.languages, Script):
        for each in _everything(guide, commands, language, script, on):
            before = longest.get((each.name, language, script))
            if before is None or _cost(each) > _cost(before):
                longest[each.name, language, script] = each
    return list(longest.values())


def over_budget(guide: Guide, counts: Iterable[Counted]) -> Iterator[str]:
    """What takes more pages than it may, or a dearer alphabet than its letters need, by name."""
    for each in counts:
        where = f"{each.language} in {each.script} letters: {each.name} ({each.when})"
        if not each.fits:
            sizes = " and ".join(str(measure(text).units) for text in each.texts)
            yield f"{where}: {sizes} units are more than {each.pages_most} of {each.pages_a_text} pages"
        to_see = _to_see(guide.in_script(each.script), each.language)
        if each.script is Script.LATIN or not has_cyrillic(guide.words(each.language).name):
            yield from (f"{where}: not in the GSM alphabet" for text in each.texts if _is_dear(text, to_see))


def table(counts: Iterable[Counted]) -> str:
    """One row a reply, in Markdown."""
    rows = (HEAD, ("---",) * len(HEAD), *(_cells(each) for each in counts))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(each: Counted) -> tuple[str, ...]:
    figures = (len(each.texts), each.units, each.segments)
    return (each.name, each.language, each.script, *map(str, figures), each.price_class)


def _cost(each: Counted) -> tuple[bool, int, int]:
    return not each.fits, each.segments, each.units


def _pages_of(text: str) -> int:
    size = measure(text)
    return -(-size.segments // size.segments_a_page)


def _is_dear(text: str, to_see: Sequence[str]) -> bool:
    for shown in to_see:
        text = text.replace(shown, "")
    return measure(text).alphabet is Alphabet.UCS2


def _to_see(guide: Guide, language: str) -> tuple[str, ...]:
    """What stands in Cyrillic in every script: pages that show tokens, tokens, names of languages."""
    pages = (page for step in guide.steps.values() for page in step.texts[language].pages)
    tokens = (token for fact in guide.facts.values() for token in fact.tokens if has_cyrillic(token))
    names = (words.name.upper() for words in guide.languages.values())
    cyrillic = dict.fromkeys(name for name in names if has_cyrillic(name))
    return (*(page.text for page in pages if page.in_letters), *tokens, *cyrillic)


def _everything(
    guide: Guide, commands: Sequence[Command], language: str, script: Script, on: date
) -> Iterator[Counted]:
    edition = guide.in_script(script)
    names = Names(edition, edition.words(language))
    seen: set[tuple[tuple[str, ...], int]] = set()
    for situation in situations(guide, commands, language, script, on):
        for when, reply in _answers(guide, situation):
            most = _pages_most(situation, reply)
            if reply.pages and (reply.pages, most) not in seen:
                seen.add((reply.pages, most))
                yield Counted(names.name_of(reply.pages), language, script, when, reply.pages, most)
    enough = Command(CommandName.UNKNOWN, language)
    reader = Person(language, script=script)
    told = limited_reply(guide, reader, enough, Said.CALL_US, LONGEST_NUMBER).pages
    yield Counted(names.name_of(told), language, script, "too many texts", told, 1)
    lost = lost_reply(guide, reader, enough, LONGEST_BODY).pages
    yield Counted(names.name_of(lost), language, script, "found too late", lost, 1)
    for text in _by_key_8(edition, language, on):
        yield Counted(names.name_of([text]), language, script, "key 8", (text,), 1)
    for when, text in _reminders(edition, language, on):
        yield Counted(names.name_of([text]), language, script, when, (text,), PAGES_MOST, PAGES_MOST)


def _answers(guide: Guide, situation: Situation) -> Iterator[tuple[str, Reply]]:
    """The answer, and what MORE brings then, to the end."""
    person, command, when = situation.person, situation.command, f"{situation.command.name}, {situation.who}"
    reply = reply_to(guide, person, command, situation.today, situation.refused, LONGEST_NUMBER)
    yield when, offered(guide, person, command, "", reply)
    while waiting := next((each.lines for each in reply.effects if isinstance(each, KeepRest)), ()):
        more = Command(CommandName.MORE, command.language)
        reply = reply_to(guide, replace(person, rest=waiting), more, situation.today)
        yield f"{when}, then more", reply


def _pages_most(situation: Situation, reply: Reply) -> int:
    """One page for what only confirms and for a page of a step.

    Who is new is told more besides, and so is who leaves a date that is stored already.
    """
    effects, command = reply.effects, situation.command
    confirms = any(isinstance(effect, CONFIRMING) for effect in effects)
    reads = any(isinstance(effect, SetReading) for effect in effects) and not command.also
    person = situation.person
    known = {stored.day for stored in person.stored}
    asked = (effect.question for effect in effects if isinstance(effect, Ask))
    again = any(question.kind is Asked.WHOSE_DATE and question.day in known for question in asked)
    stores = again or any(isinstance(effect, SaveDate) for effect in effects)
    one = (confirms or (reads and len(command.steps) < PAGES_MOST)) and not stores
    return 1 if one and person.language and person.script and person.welcomed else PAGES_MOST


def _by_key_8(edition: Guide, language: str, on: date) -> Iterator[str]:
    """Every text of key 8; past its review a step has one more."""
    for key, step in edition.steps.items():
        late = max(on, step.review_by) + DAY
        yield from step_texts(edition, language, key, Today(late, late, late))
    yield from digest_texts(edition, language, LONGEST_NUMBER)


def _reminders(edition: Guide, language: str, on: date) -> Iterator[tuple[str, str]]:
    """Every reminder, of one rule and of all that may be due at once."""
    words = edition.words(language)
    for entry, today in longest_days(edition, words, on):
        due = [one for one in _due(edition, entry) if _is_said(one, today)]
        for each in (*([one] for one in due), due):
            when = f"reminder of {' '.join(one.rule.id for one in each)}"
            for number, first in product((None, LONGEST_NUMBER), (False, True)):
                yield when, reminder_text(words, each, today, number, first).body


def _due(edition: Guide, entry: date) -> list[Due]:
    """Every rule for who entered on `entry`; what counts from another date ends with the first of these."""
    rules = rules_with_term(edition.rules)
    last_day = next(term_of(rule, entry).last_day for rule in rules if rule.anchor == ENTRY)
    return [Due(rule, _term(rule, entry, last_day)) for rule in edition.rules.values()]


def _term(rule: ReminderRule, entry: date, last_day: date) -> Term | None:
    if rule.last_safe is None:
        return None
    return term_of(rule, entry if rule.anchor == ENTRY else last_day - rule.last_safe * DAY)


def _is_said(due: Due, today: date) -> bool:
    """Before the term ends; of closing rules after it."""
    return due.term is None or (today > due.term.last_day) is is_closing(due.rule)
