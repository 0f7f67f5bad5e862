"""What a person at the microphone reads, in an order to read it straight through. Pure."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from hotline.guide.language import Language, MissingLineError
from hotline.guide.model import Guide, Step
from hotline.speech.clips import LINE_PREFIX, TONE, Clip, Spoken, Value, clips_of, every_clip, paragraph_id
from hotline.speech.lexicon import hints
from hotline.speech.pacing import dialled_numbers

EXAMPLE_DATE = date(2026, 12, 20)  # a Sunday: "жыйырманчы декабрь, жекшемби"
EXAMPLE_NUMBER = 12
SENTENCE_ENDS = (".", "!", "?", "…")
FIRST_LINES = "voice-language-"  # what a caller hears first


@dataclass(frozen=True)
class Cue:
    """One clip to read: its words, how to say them, and where in a call they are heard."""

    section: str
    clip: Clip
    how: tuple[str, ...]
    context: tuple[str, ...]


def cues(guide: Guide, language: str) -> tuple[Cue, ...]:
    """Every clip of `language` but the tone, once: menus and lines, steps in order, numbers and dates."""
    words = guide.words(language)
    lines = [*_line_cues(guide, words)]
    steps = [cue for step in guide.steps.values() for cue in _step_cues(words, step)]
    read = {cue.clip.name for cue in (*lines, *steps)} | {TONE}
    rest = (clip for clip in every_clip(guide, language) if clip.name not in read)
    section, how = words.line("script-section-numbers"), (words.line("script-in-sentence"),)
    return (*lines, *steps, *(Cue(section, clip, how, ()) for clip in rest))


def _line_cues(guide: Guide, words: Language) -> Iterator[Cue]:
    section = words.line("script-section-lines")
    menus = {menu.line for menu in guide.menus.values()}
    read: set[str] = set()
    for id in _line_ids(guide, words):
        for spoken in _examples(words, id):
            clips = clips_of(guide, words.code, spoken)
            for clip in clips:
                if clip.name.startswith(f"{id}.") and clip.name not in read:
                    read.add(clip.name)
                    menu = (words.line("script-menu"),) if id in menus else ()
                    context = (*menu, *_whole(words, clips))
                    yield Cue(section, clip, _how(words, clip), context)


def _line_ids(guide: Guide, words: Language) -> list[str]:
    """The spoken lines: the question of the language, the menus, then all others by name."""
    spoken = sorted(id for id in words.line_ids if id.startswith(LINE_PREFIX))
    first = [id for id in spoken if id.startswith(FIRST_LINES)]
    menus = [menu.line for menu in guide.menus.values() if menu.line in spoken]
    return list(dict.fromkeys((*first, *menus, *spoken)))


def _examples(words: Language, id: str) -> Iterator[Spoken]:
    """The line as callers may hear it; a counted one with every number, since they bring up its forms."""
    try:
        for count in range(1, 100):
            yield Spoken(id, _values(words.plural_template(id, count)), count)
    except MissingLineError:
        yield Spoken(id, _values(words.template(id)))


def _values(template: str) -> Mapping[str, Value]:
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    return {name: EXAMPLE_DATE if name.startswith("date") else EXAMPLE_NUMBER for name in names}


def _whole(words: Language, clips: tuple[Clip, ...]) -> tuple[str, ...]:
    """The sentence that a piece belongs to, with an example of a date or a number in it."""
    if len(clips) == 1:
        return ()
    return (words.line("script-whole", text=" ".join(clip.text for clip in clips)),)


def _step_cues(words: Language, step: Step) -> Iterator[Cue]:
    title = step.texts[words.code].title
    section = words.line("script-section-step", step=step.number, title=title) if step.number else title
    texts = [block.text for block in step.texts[words.code].paragraphs]
    for index, text in enumerate(texts):
        clip = Clip(words.code, paragraph_id(step.key, index), text)
        context = [words.line("script-paragraph", n=index + 1, count=len(texts))]
        if index:
            context.append(words.line("script-before", text=texts[index - 1]))
        if index + 1 < len(texts):
            context.append(words.line("script-after", text=texts[index + 1]))
        yield Cue(section, clip, _how(words, clip), tuple(context))


def _how(words: Language, clip: Clip) -> tuple[str, ...]:
    """Numbers to dial, abbreviations and foreign words, and whether the sentence goes on."""
    numbers = dict.fromkeys(dialled_numbers(clip.text, words.speech.numbers[:10]))
    goes_on = not clip.text.endswith(SENTENCE_ENDS)
    return (
        *(words.line("script-digits", number=number) for number in numbers),
        *hints(clip.text, words.speech.readers),
        *([words.line("script-goes-on")] if goes_on else []),
    )
