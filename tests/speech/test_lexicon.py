"""Engines read words as they are said; people see them as they are written."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hotline.guide.loader import load_guide
from hotline.guide.model import Guide
from hotline.guide.steptext import ContentError
from hotline.speech.clips import every_clip
from hotline.speech.lexicon import hints, pronounced
from hotline.speech.studio import Studio, open_studio
from hotline.speech.synthesis import EspeakNg

WORDS = {"кырк": "кырык", "эм-эф": "эмэф", "эм-эф-цэ": "эмэфцэ", "кырк жыл": "кыркжыл"}
VOWELS = "аоуыэеиёюяөү"
CONSONANT = rf"[^{VOWELS}\W\d_]"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("кырк күн", "кырык күн"),
        ("Кырк бир, КЫРК", "Кырык бир, Кырык"),
        ("кыркка, окырк", "кыркка, окырк"),
        ("эм-эф-цэ, эм-эф", "эмэфцэ, эмэф"),
        ("эм-эф-цэге", "эм-эф-цэге"),
        ("кырк жыл, кырк ай", "кыркжыл, кырык ай"),
        ("отуз күн", "отуз күн"),
    ],
)
def test_pronounced_replaces_whole_words_longest_first(written: str, said: str) -> None:
    """A word with another ending is another word, a capital letter stays."""
    assert pronounced(written, WORDS) == said


def test_pronounced_without_lexicon_leaves_the_text() -> None:
    """A language may have none."""
    assert pronounced("кырк", {}) == "кырк"


def test_hints_are_of_the_words_in_the_text_with_any_ending() -> None:
    """A reader is told of an abbreviation in whatever case it stands."""
    readers = {"эм-эф-цэ": "МФЦ", "снилс": "СНИЛС"}
    assert hints("Эм-эф-цэге барыңыз.", readers) == ["МФЦ"]
    assert hints("Барыңыз.", readers) == []


def test_lexicon_changes_the_clips_with_its_words_and_no_caption(kyrgyz: Guide, tmp_path: Path) -> None:
    """One word: its clips alone get a new address; what is shown stays as written."""
    words = kyrgyz.words("ky")
    speech = replace(words.speech, engines={"кырк": "кырык"})
    changed = replace(kyrgyz, languages={"ky": replace(words, speech=speech)})
    plain = replace(kyrgyz, languages={"ky": replace(words, speech=replace(words.speech, engines={}))})
    before, after = (open_studio(guide, tmp_path, tmp_path, EspeakNg()) for guide in (plain, changed))
    moved = {name for (_, name), job in after.jobs.items() if job.path != before.jobs["ky", name].path}
    assert moved == {f"number-{number}" for number in range(40, 50)}
    assert sorted(after.captions.values()) == sorted(before.captions.values())


def test_kyrgyz_sounds_that_espeak_swallows_are_in_the_lexicon(sound: Studio) -> None:
    """Its rules have no к, г, л after a consonant unless a vowel follows (ky_rules), and say ь as й."""
    swallowed = rf"(?<!\w|-)[кг](?={CONSONANT})|(?<={CONSONANT})[кг](?![{VOWELS}])|(?<={CONSONANT})л[юяё]|ь|ё"
    found = {
        word
        for job in sound.jobs.values()
        if job.language == "ky"
        for word in re.findall(r"[\w-]+", job.said.lower())
        if re.search(swallowed, word)
    }
    assert found == set()


@pytest.mark.parametrize("code", ["ky", "ru", "en"])
def test_lexicon_has_only_words_that_are_said(real_guide: Guide, code: str) -> None:
    """An entry whose word has gone from the texts goes too."""
    words = real_guide.words(code)
    texts = " ".join(clip.text for clip in every_clip(real_guide, code))
    unused = [word for word in words.speech.engines if pronounced(texts, {word: "□"}) == texts]
    assert [*unused, *(word for word in words.speech.readers if not hints(texts, {word: "x"}))] == []


@pytest.mark.parametrize("broken", ['[word]\n"a" = "b"', '[engines]\n"a" = ""', '[engines]\n"a" = 1', "["])
def test_broken_lexicon_stops_the_start_by_name(prompts: Path, tmp_path: Path, broken: str) -> None:
    """A slip in the file is found before a caller hears it."""
    copy = tmp_path / "prompts"
    shutil.copytree(prompts, copy)
    (copy / "ky" / "lexicon.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(ContentError, match=r"ky/lexicon\.toml"):
        load_guide(copy, ("ky",))
