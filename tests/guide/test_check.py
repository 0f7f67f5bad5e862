"""The content check is clean, and names whatever is taken away."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from hotline.guide.check import problems, step_problems
from hotline.guide.model import Block, Guide, Step, StepText

TODAY = date(2026, 11, 22)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def with_text(step: Step, language: str, **changes: tuple[Block, ...]) -> Step:
    text = replace(step.texts[language], **changes)
    return replace(step, texts={**step.texts, language: text})


def with_step(guide: Guide, step: Step) -> Guide:
    return replace(guide, steps={**guide.steps, step.key: step})


def test_check_of_the_real_guide_finds_nothing(guide: Guide) -> None:
    """Every fact is said in every language, every line is translated."""
    assert problems(guide, TODAY) == []


def test_guide_has_twelve_steps_introduction_and_emergency(guide: Guide) -> None:
    """Twelve numbered steps in order, each a page and a paragraph at least, in three languages."""
    assert [step.number for step in guide.steps.values() if step.number] == list(range(1, 13))
    assert {"00", "em"} < set(guide.steps)
    assert all(set(step.texts) == {"ky", "ru", "en"} for step in guide.steps.values())


def every_sentence(guide: Guide) -> Iterator[tuple[Step, str, str, int, str, Step]]:
    """Each sentence of each page and paragraph, with the step from which just that sentence is gone."""
    for step in guide.steps.values():
        for language, text in step.texts.items():
            for part in ("pages", "paragraphs"):
                blocks: tuple[Block, ...] = getattr(text, part)
                for index, block in enumerate(blocks):
                    sentences = SENTENCE_END.split(block.text)
                    for gone, sentence in enumerate(sentences):
                        kept = " ".join(sentences[:gone] + sentences[gone + 1 :])
                        shorter = (*blocks[:index], replace(block, text=kept), *blocks[index + 1 :])
                        yield (
                            step,
                            language,
                            part,
                            index,
                            sentence,
                            with_text(step, language, **{part: shorter}),
                        )


def test_check_misses_every_single_sentence(guide: Guide) -> None:
    """Whichever sentence is deleted, the check says which fact is no longer there."""
    unnoticed = [
        (language, step.key, part, index, sentence)
        for step, language, part, index, sentence, shorter in every_sentence(guide)
        if not any("claims" in problem for problem in step_problems(guide, shorter))
    ]
    assert unnoticed == []


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_check_names_a_fact_whose_paragraph_is_gone(guide: Guide, language: str) -> None:
    """Without its paragraph a fact is named, for every fact of the guide."""
    for step in guide.steps.values():
        text = step.texts[language]
        for fact in (id for id in step.facts if not guide.facts[id].hold):
            rest = tuple(block for block in text.paragraphs if fact not in block.facts)
            found = list(step_problems(guide, with_text(step, language, paragraphs=rest)))
            twin = guide.facts[fact].same_as in step.facts or any(
                guide.facts[other].same_as == fact for other in step.facts
            )
            assert twin or f"{language}/{step.key}: fact {fact} is in no voice paragraph" in found


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_check_names_a_must_sms_fact_whose_page_is_gone(guide: Guide, language: str) -> None:
    """Without its page a fact that must be sent is named."""
    for step in guide.steps.values():
        text = step.texts[language]
        for fact in (id for id in step.facts if guide.facts[id].must_sms):
            rest = tuple(block for block in text.pages if fact not in block.facts)
            found = list(step_problems(guide, with_text(step, language, pages=rest)))
            assert f"{language}/{step.key}: fact {fact} is in no SMS page" in found


def test_check_names_a_lost_token(guide: Guide) -> None:
    """The 30 days must stand as "30" in the page; "300" is not 30."""
    step = guide.steps["07"]
    pages = tuple(replace(page, text=page.text.replace("30", "300")) for page in step.texts["ru"].pages)
    found = list(step_problems(guide, with_text(step, "ru", pages=pages)))
    assert any("claims s07-f02 without '30'" in problem for problem in found)


def test_check_refuses_a_fact_on_hold(guide: Guide) -> None:
    """What a lawyer has not settled is not published."""
    step = guide.steps["10"]
    held = Block("…", ("s10-f11",), "here:1")
    found = list(step_problems(guide, with_text(step, "en", paragraphs=(*step.texts["en"].paragraphs, held))))
    assert found == ["here:1: names s10-f11, which is on hold"]


def test_check_refuses_a_fact_of_another_step(guide: Guide) -> None:
    """A text that claims another step's fact is named, as is one that claims no fact at all."""
    step = guide.steps["09"]
    strange = (Block("…", ("s07-f03",), "here:1"), Block("…", ("s09-f99",), "here:2"))
    found = list(step_problems(guide, with_text(step, "en", pages=(*step.texts["en"].pages, *strange))))
    assert found == [
        "here:1: names s07-f03, a fact of another step",
        "here:2: names s09-f99, which is no fact",
    ]


def test_check_names_a_page_that_is_too_long(guide: Guide) -> None:
    """135 UCS-2 units are one too many."""
    step = guide.steps["05"]
    first = step.texts["ky"].pages[0]
    for units, expected in ((134, []), (135, [f"{first.source}: page of 135 units is longer than a page"])):
        long = replace(first, text=first.text.ljust(units, "я"))
        found = list(step_problems(guide, with_text(step, "ky", pages=(long, *step.texts["ky"].pages[1:]))))
        assert found == expected


def test_check_names_a_paragraph_with_five_facts(guide: Guide) -> None:
    """The ear keeps four at most."""
    step = guide.steps["06"]
    text: StepText = step.texts["en"]
    crowded = replace(text.paragraphs[0], facts=text.paragraphs[0].facts * 5)
    found = list(step_problems(guide, with_text(step, "en", paragraphs=(crowded, *text.paragraphs[1:]))))
    assert f"{crowded.source}: more than 4 facts in one paragraph" in found


def test_check_names_an_untranslated_line(guide: Guide) -> None:
    """A line that one language lacks is named with its catalog."""
    ky = guide.languages["ky"]
    poorer = replace(ky, line_ids=ky.line_ids - {"sms-unknown"})
    found = problems(replace(guide, languages={**guide.languages, "ky": poorer}), TODAY)
    assert found == ["ky/LC_MESSAGES/hotline.po: no translation of sms-unknown"]


def test_check_names_missing_keywords_and_stems(guide: Guide) -> None:
    """Words of a command and stems of a fact exist in every language."""
    ru = guide.languages["ru"]
    poorer = replace(
        ru,
        keywords={key: words for key, words in ru.keywords.items() if key != "stop"},
        stems={key: stems for key, stems in ru.stems.items() if key != "s07-f03"},
    )
    found = problems(replace(guide, languages={**guide.languages, "ru": poorer}), TODAY)
    assert "ru/keywords.toml: no words for stop" in found
    assert "ru/stems.toml: fact s07-f03 has 0 stems, not 1 to 3" in found


def test_check_names_a_step_past_its_review_date(guide: Guide) -> None:
    """Old content warns."""
    step = guide.steps["07"]
    last = step.review_by
    assert problems(guide, last) == []
    old = with_step(guide, replace(step, review_by=date(2026, 11, 21)))
    assert problems(old, TODAY) == ["guide.toml: step 07 was to be reviewed by 2026-11-21"]


def test_check_names_a_fact_that_no_step_lists(guide: Guide) -> None:
    """The two lists of facts agree."""
    step = guide.steps["02"]
    shorter = with_step(guide, replace(step, facts=step.facts[:-1]))
    assert "guide.toml: no step lists fact s02-f06" in problems(shorter, TODAY)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"facts": ("s10-f11",)}, "d08 names s10-f11, which is on hold"),
        ({"facts": ("s07-f99",)}, "d08 names s07-f99, which is no fact"),
        ({"anchor": "wedding"}, "d08 counts from wedding, which nobody can leave"),
        ({"lines": {}}, "d08 has no line for remind"),
        ({"last_safe": 29, "lines": {"early": "sms-d08"}}, "d08 has no line for between"),
    ],
)
def test_check_names_a_rule_of_time_that_cannot_be_said(
    guide: Guide, changed: dict[str, object], problem: str
) -> None:
    """Before it is due for anybody."""
    rules = {**guide.rules, "d08": replace(guide.rules["d08"], **changed)}  # type: ignore[arg-type]
    assert f"reminders.toml: {problem}" in problems(replace(guide, rules=rules), date(2026, 11, 22))
