"""A spoken line is the right clips in the right order, and every clip that can be asked for exists."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from hotline.guide.language import MissingLineError
from hotline.guide.model import Guide
from hotline.speech.clips import Clip, Spoken, clips_of, every_clip

SUNDAY = date(2026, 12, 20)


def names(clips: tuple[Clip, ...]) -> list[str]:
    """The clips by name."""
    return [clip.name for clip in clips]


def said(clips: tuple[Clip, ...]) -> str:
    """What is heard."""
    return " | ".join(clip.text for clip in clips)


def test_sentence_without_placeholders_is_one_clip(guide: Guide) -> None:
    """A sentence is one piece of sound, named after its line."""
    assert clips_of(guide, "ky", Spoken("voice-menu")) == (
        Clip("ky", "voice-menu.0", "Каттоо болсо, бирди басыңыз."),
    )


def test_line_splits_at_its_placeholders(guide: Guide) -> None:
    """Fixed words, the date, fixed words: the fragments are numbered."""
    clips = clips_of(guide, "ky", Spoken("voice-until", {"date": SUNDAY}))
    assert names(clips)[:5] == ["voice-until.0", "day-20", "month-12", "weekday-6", "voice-until.1"]
    assert said(clips[:5]) == "Каттоого | жыйырманчы | декабрь | жекшемби | күнүнө чейин туруңуз."


def test_each_sentence_of_a_line_is_a_clip_of_its_own(guide: Guide) -> None:
    """A choice of a menu is heard, timed and recorded by itself; the numbering runs through the line."""
    clips = clips_of(guide, "ky", Spoken("voice-until", {"date": SUNDAY}))
    assert names(clips)[-2:] == ["voice-until.1", "voice-until.2"]
    assert said(clips[-2:]) == "күнүнө чейин туруңуз. | Кийин кеч болот."


def test_fragment_drops_the_end_of_the_sentence_before_it(guide: Guide) -> None:
    """The full stop after a date is no sound and does not begin the next clip."""
    clips = clips_of(guide, "ru", Spoken("voice-until", {"date": SUNDAY}))
    assert said(clips) == "Встаньте на учёт до | двадцатого | декабря | воскресенье | Потом будет поздно."


def test_date_year_says_the_year_where_the_language_has_it(guide: Guide) -> None:
    """Year first in Kyrgyz, with its own form of the month; last in Russian. A comma alone is no clip."""
    spoken = Spoken("voice-entry-read", {"date_year": date(2026, 3, 5), "n": 12})
    assert said(clips_of(guide, "ky", spoken)) == (
        "эки миң жыйырма алтынчы жылдын | бешинчи | марты | бейшемби | он эки"
    )
    assert names(clips_of(guide, "ru", spoken)) == [
        "day-05",
        "month-03",
        "year-2026",
        "weekday-3",
        "number-12",
    ]


def test_year_without_clip_is_said_digit_by_digit(guide: Guide) -> None:
    """A contract may run longer than the years that the language names."""
    spoken = Spoken("voice-entry-read", {"date_year": date(2041, 3, 5), "n": 0})
    assert names(clips_of(guide, "ky", spoken))[:5] == [
        "number-02",
        "number-00",
        "number-04",
        "number-01",
        "day-05",
    ]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, "Остался | один | день."),
        (2, "Осталось | два | дня."),
        (5, "Осталось | пять | дней."),
        (11, "Осталось | одиннадцать | дней."),
        (21, "Остался | двадцать один | день."),
        (0, "Осталось | ноль | дней."),
    ],
)
def test_counted_line_takes_the_plural_form_of_its_count(guide: Guide, count: int, expected: str) -> None:
    """Russian nouns change with the number."""
    assert said(clips_of(guide, "ru", Spoken("voice-days-left", count=count))) == expected


def test_counted_line_names_its_form(guide: Guide) -> None:
    """Forms are numbered in the order of 1, 2, 5; forms that read alike share their clips."""
    for count, form in ((1, "p0"), (2, "p1"), (5, "p2")):
        clips = clips_of(guide, "ru", Spoken("voice-days-left", count=count))
        assert names(clips) == [
            f"voice-days-left.{form}.0",
            f"number-0{count}",
            f"voice-days-left.{form}.1",
        ]
    assert names(clips_of(guide, "ky", Spoken("voice-days-left", count=2)))[-1] == "voice-days-left.p0.0"


def test_paragraph_is_one_clip(guide: Guide) -> None:
    """Paragraphs are counted from 0."""
    clips = clips_of(guide, "ky", Spoken("step-07-1"))
    assert clips == (Clip("ky", "step-07-1", "Бир, бир, эки номерине чалыңыз."),)


def test_tone_is_a_clip(guide: Guide) -> None:
    """The tone after # is played like any other clip."""
    assert names(clips_of(guide, "ky", Spoken("tone"))) == ["tone"]


@pytest.mark.parametrize("id", ["voice-nothing", "step-07-2", "step-99-0", "menu"])
def test_unknown_line_is_a_mistake_of_the_program(guide: Guide, id: str) -> None:
    """Nothing silent is played for an id that does not exist."""
    with pytest.raises(MissingLineError, match=id):
        clips_of(guide, "ky", Spoken(id))


@pytest.mark.parametrize("number", [-1, 100])
def test_number_out_of_range_is_a_mistake_of_the_program(guide: Guide, number: int) -> None:
    """Never a wrong number: -1 is not the last of the list."""
    with pytest.raises(ValueError, match=str(number)):
        clips_of(guide, "ky", Spoken("voice-days-left", count=number))


def test_every_clip_holds_whatever_can_be_said(guide: Guide) -> None:
    """All days of three years, all numbers and all lines need no clip beyond the list."""
    for code in guide.languages:
        listed = set(every_clip(guide, code))
        spoken = [
            Spoken("voice-menu"),
            Spoken("step-07-0"),
            Spoken("step-07-1"),
            Spoken("tone"),
            *(Spoken("voice-days-left", count=count) for count in range(100)),
            *(
                Spoken("voice-entry-read", {"date_year": date(2026, 1, 1) + timedelta(days), "n": 5})
                for days in range(1100)
            ),
            *(Spoken("voice-until", {"date": SUNDAY + timedelta(days)}) for days in range(366)),
        ]
        assert {clip for line in spoken for clip in clips_of(guide, code, line)} <= listed


def test_every_clip_names_each_clip_once_and_only_what_is_spoken(guide: Guide) -> None:
    """Names are file names: no two clips share one, and text messages are not rendered."""
    for code in guide.languages:
        counted = Counter(clip.name for clip in every_clip(guide, code))
        assert max(counted.values()) == 1
        assert not any(name.startswith("sms-") for name in counted)
        assert sum(name.startswith("number-") for name in counted) == 100
        assert sum(name.startswith("year-") for name in counted) == 13


def test_spoken_hides_its_values() -> None:
    """A person's date does not get into a log by way of a repr."""
    assert "2026" not in repr(Spoken("voice-until", {"date": SUNDAY}))
