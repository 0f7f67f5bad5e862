"""Proof that nothing of the guide is missing from its texts. Pure; `flask check` prints what it finds.

Every problem is one line that names the language, the step, the fact or line and the place to mend.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from datetime import date

from hotline.guide.language import Language
from hotline.guide.model import Block, Fact, Guide, ReminderRule, Step, StepText
from hotline.sms.segments import measure

FACTS_A_PARAGRAPH = 4


def problems(guide: Guide, today: date) -> list[str]:
    """Everything wrong with the content on `today`; empty where all is well."""
    return [
        *_fact_list_problems(guide),
        *_review_problems(guide, today),
        *(problem for step in guide.steps.values() for problem in step_problems(guide, step)),
        *_stem_problems(guide),
        *_rule_problems(guide),
        *_line_problems(guide),
        *_keyword_problems(guide),
    ]


def step_problems(guide: Guide, step: Step) -> Iterator[str]:
    """What is wrong with the texts of one step, in every language."""
    for code, text in step.texts.items():
        language = guide.words(code)
        for page in text.pages:
            yield from _block_problems(guide, step, page, language, spoken=False)
            if not measure(page.text).fits_page:
                yield f"{page.source}: page of {measure(page.text).units} units is longer than a page"
        for paragraph in text.paragraphs:
            yield from _block_problems(guide, step, paragraph, language, spoken=True)
            if len(paragraph.facts) > FACTS_A_PARAGRAPH:
                yield f"{paragraph.source}: more than {FACTS_A_PARAGRAPH} facts in one paragraph"
        yield from _missing_facts(guide, step, code, text)


def _missing_facts(guide: Guide, step: Step, code: str, text: StepText) -> Iterator[str]:
    said = _claimed(text.paragraphs)
    sent = _claimed(text.pages)
    for fact in _publishable(guide, step):
        twins = _twins(guide, step, fact)
        if not twins & said:
            yield f"{code}/{step.key}: fact {fact.id} is in no voice paragraph"
        if fact.must_sms and not twins & sent:
            yield f"{code}/{step.key}: fact {fact.id} is in no SMS page"


def _block_problems(
    guide: Guide, step: Step, block: Block, language: Language, spoken: bool
) -> Iterator[str]:
    for id in block.facts:
        fact = guide.facts.get(id)
        if fact is None:
            yield f"{block.source}: names {id}, which is no fact"
        elif fact.step != step.key:
            yield f"{block.source}: names {id}, a fact of another step"
        elif fact.hold:
            yield f"{block.source}: names {id}, which is on hold"
        else:
            yield from _unsaid(fact, block, language, spoken)


def _unsaid(fact: Fact, block: Block, language: Language, spoken: bool) -> Iterator[str]:
    for stem in language.stems.get(fact.id, ()):
        if not _begins_word(stem, block.text):
            yield f"{block.source}: claims {fact.id} without its word '{stem}…'"
    for token in fact.tokens:
        forms = language.speech.tokens.get(token, (token,)) if spoken else (token,)
        found = any(_begins_word(form, block.text) if spoken else _has(form, block.text) for form in forms)
        if not found:
            yield f"{block.source}: claims {fact.id} without '{token}'"


def _has(token: str, text: str) -> bool:
    if token.isdigit():
        return re.search(rf"(?<![0-9]){token}(?![0-9])", text) is not None
    return token.casefold() in text.casefold()


def _begins_word(stem: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(stem.casefold())}", text.casefold()) is not None


def _claimed(blocks: Iterable[Block]) -> set[str]:
    return {id for block in blocks for id in block.facts}


def _publishable(guide: Guide, step: Step) -> list[Fact]:
    return [guide.facts[id] for id in step.facts if id in guide.facts and not guide.facts[id].hold]


def _twins(guide: Guide, step: Step, fact: Fact) -> set[str]:
    """The fact and those of its step that say the same."""
    same = {other.id for other in _publishable(guide, step) if other.same_as == fact.id}
    return {fact.id, *same} | ({fact.same_as} if fact.same_as in step.facts else set())


def _fact_list_problems(guide: Guide) -> Iterator[str]:
    listed = {id for step in guide.steps.values() for id in step.facts}
    for id in sorted(set(guide.facts) - listed):
        yield f"guide.toml: no step lists fact {id}"
    for id in sorted(listed - set(guide.facts)):
        yield f"guide.toml: lists {id}, which facts.toml does not have"


def _review_problems(guide: Guide, today: date) -> Iterator[str]:
    for step in guide.steps.values():
        if step.review_by < today:
            yield f"guide.toml: step {step.key} was to be reviewed by {step.review_by}"


def _stem_problems(guide: Guide) -> Iterator[str]:
    for code, language in guide.languages.items():
        for fact in guide.facts.values():
            stems = language.stems.get(fact.id, ())
            if not fact.hold and not 1 <= len(stems) <= 3:
                yield f"{code}/stems.toml: fact {fact.id} has {len(stems)} stems, not 1 to 3"
        for id in sorted(set(language.stems) - set(guide.facts)):
            yield f"{code}/stems.toml: {id} is no fact"


def _rule_problems(guide: Guide) -> Iterator[str]:
    """A rule whose fact or date there is not, that publishes what is on hold, or has no words for a day."""
    for rule in guide.rules.values():
        for id in rule.facts:
            if id not in guide.facts:
                yield f"reminders.toml: {rule.id} names {id}, which is no fact"
            elif guide.facts[id].hold:
                yield f"reminders.toml: {rule.id} names {id}, which is on hold"
        anchors = (rule.anchor, *rule.or_earlier, *(start.anchor for start in rule.else_from), *rule.unless)
        for anchor in sorted(set(anchors) - set(guide.dates)):
            yield f"reminders.toml: {rule.id} counts from {anchor}, which nobody can leave"
        if rule.after is not None and rule.after not in guide.rules:
            yield f"reminders.toml: {rule.id} follows {rule.after}, which is no rule"
        for key in sorted(_occasions(rule) - set(rule.lines)):
            yield f"reminders.toml: {rule.id} has no line for {key}"


def _occasions(rule: ReminderRule) -> set[str]:
    """The days on which something is said of a rule; a closing one speaks only after the term."""
    if rule.last_safe is None:
        return {"remind"}
    after = {"between"} if rule.late_for_sure is None else {"between", "late"}
    before = {"early", "two_days", "hurry", "tomorrow", "last_day"}
    return before | after if "early" in rule.lines else after


def _line_problems(guide: Guide) -> Iterator[str]:
    ids = set().union(*(language.line_ids for language in guide.languages.values()))
    ids |= {menu.line for menu in guide.menus.values()}
    ids |= {line for rule in guide.rules.values() for line in (*rule.lines.values(), *rule.spoken.values())}
    ids |= {line for kind in guide.dates.values() for line in (*kind.lines.values(), *kind.spoken.values())}
    for id in sorted(ids):
        shapes = {code: _placeholders(language, id) for code, language in guide.languages.items()}
        for code, shape in shapes.items():
            if shape is None:
                yield f"{code}/LC_MESSAGES/hotline.po: no translation of {id}"
        if len({shape for shape in shapes.values() if shape is not None}) > 1:
            yield f"hotline.po: {id} has other placeholders in one language: {shapes}"


def _placeholders(language: Language, id: str) -> frozenset[str] | None:
    if id not in language.line_ids:
        return None
    fields = string.Formatter().parse(language.any_template(id))
    return frozenset(name for _, name, _, _ in fields if name)


def _keyword_problems(guide: Guide) -> Iterator[str]:
    commands = set().union(*(language.keywords for language in guide.languages.values()))
    for code, language in guide.languages.items():
        for command in sorted(commands - set(language.keywords)):
            yield f"{code}/keywords.toml: no words for {command}"
