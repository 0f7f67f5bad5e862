"""The places of a call, as they stand in a URL."""

from __future__ import annotations

import pytest

from hotline.guide.model import Guide
from hotline.voice import places
from hotline.voice.places import LANGUAGE, MAIN, Kind, Place, Wish

DETOURS = (places.code, places.person, places.offer, places.record)


def every_place(guide: Guide) -> list[Place]:
    """Each place that a call can be at."""
    simple = [
        *places.SINGLE.values(),
        *(Place(Kind.MENU, id) for id in guide.menus),
        *(places.confirm(wish) for wish in Wish),
        places.remind(rule.id for rule in guide.rules.values() if rule.spoken),
        *(places.after(key) for key in guide.steps),
        *(
            places.step(key, index)
            for key, step in guide.steps.items()
            for index in range(len(step.texts["ky"].paragraphs))
        ),
    ]
    simple += [places.resume(place) for place in simple if place.kind is Kind.STEP]
    detours = [detour(place) for place in simple for detour in DETOURS]
    return [*simple, *detours]


def test_place_reads_what_it_writes(guide: Guide) -> None:
    """Every place comes back from its segment, and a segment is one part of a path."""
    for place in every_place(guide):
        assert "/" not in str(place)
        assert places.place_of(str(place), guide) == place


@pytest.mark.parametrize(
    "segment",
    [
        "",
        "menu",
        "menu-",
        "menu-nowhere",
        "step-07",
        "step-07-",
        "step-13-0",
        "remind-",
        "remind-d99",
        "remind-d05.",
        "step-07-x",
        "step-07-999",
        "step-07-٣",
        "after-99",
        "resume-",
        "resume-menu-main",
        "resume-step-13-0",
        "resume-resume-step-07-0",
        "code",
        "code-",
        "code-code-menu-main",
        "person-code-menu-main",
        "record-offer-menu-main",
        "confirm-everything",
        "date-when",
        "date-when-departure",
        "date-digits-job",
        "date-confirm-2026-11-22",
        "language-ky",
        "MENU-main",
        "+996555123456",
        "code-" + "menu-main" * 50,
    ],
)
def test_place_of_a_malformed_segment_is_none(guide: Guide, segment: str) -> None:
    """What is no place of the guide is None, never an exception."""
    assert places.place_of(segment, guide) is None


def test_path_holds_language_place_misses_and_turn() -> None:
    """The path of a turn, before and after a language is known."""
    assert places.path("ky", places.step("07", 2), 1, 5) == "/voice/ky/step-07-2/1/5"
    assert places.path(None, LANGUAGE) == "/voice/-/language/0/0"
    assert places.path("ru", places.code(MAIN), 0, 3) == "/voice/ru/code-menu-main/0/3"
    assert places.path("ru", places.DATES, 0, 9, date_stored=True) == "/voice/ru/dates/0/9/stored"
    assert places.path("ru", places.confirm(Wish.STOP)) == "/voice/ru/confirm-stop/0/0"
    assert places.path("ky", places.resume(places.step("07", 2)), 0, 1) == "/voice/ky/resume-step-07-2/0/1"


def test_call_back_knows_no_language_where_it_asks_for_one() -> None:
    """Elsewhere it begins in the person's own."""
    assert places.ring_path("ru", "step-07-2") == "/voice/ru/step-07-2/0/0"
    assert places.ring_path("ky", "language") == "/voice/-/language/0/0"


def test_back_leads_to_the_main_menu_from_everywhere(guide: Guide) -> None:
    """`*` pressed again and again comes to the main menu and stays there: no dead end and no circle."""
    for place in every_place(guide):
        seen = 0
        while place != MAIN:
            place = places.back_of(place, guide)
            seen += 1
            assert seen < 10
        assert places.back_of(MAIN, guide) == MAIN
    assert places.back_of(places.step("10", 2), guide) == Place(Kind.MENU, "police")


@pytest.mark.parametrize(
    ("anchor", "way"),
    [
        ("entry", ["date-when-entry", "dates"]),
        ("registered", ["date-when-registered", "date-other", "date-when-entry", "dates"]),
        ("departure", ["date-digits-departure", "date-other", "date-when-entry", "dates"]),
        ("job-until", ["date-digits-job-until", "date-paper", "date-other", "date-when-entry", "dates"]),
    ],
)
def test_back_leads_the_way_that_a_date_was_left(guide: Guide, anchor: str, way: list[str]) -> None:
    """From the confirming key through the question for the day to the choice of a date."""
    place = places.date_confirm(anchor)
    for expected in way:
        place = places.back_of(place, guide)
        assert str(place) == expected
