"""The words of reminders and STATUS, in every language, on every day."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from hotline.guide.model import Guide
from hotline.reminders.days import Today
from hotline.reminders.deadlines import Phase, phase, term_of
from hotline.reminders.wording import Due, reminder_text, status_text
from hotline.sms.reply import joined
from hotline.sms.segments import measure

LANGUAGES = ("ky", "ru", "en")
ENTRY = date(2026, 11, 22)  # the last safe day is Monday 21 December
CLOSED_ENTRY = date(2026, 11, 21)  # the last safe day is Sunday 20 December, to go by Friday 18
CALL = "+996312000777"


def due(guide: Guide, entry: date, *rules: str) -> list[Due]:
    return [Due(guide.rules[rule], term_of(guide.rules[rule], entry)) for rule in rules]


def text(guide: Guide, language: str, entry: date, offset: int, *rules: str) -> str:
    words = guide.words(language)
    return reminder_text(words, due(guide, entry, *rules), entry + timedelta(days=offset)).body


def a_year_of_reminders(guide: Guide) -> Iterator[tuple[list[Due], date]]:
    """Days of entry in every month and on every weekday, on days that put each phase into words."""
    for start in range(0, 365, 3):
        entry = date(2026, 8, 1) + timedelta(days=start)
        for offset in (2, 7, 14, 20, 27, 28, 29):
            yield due(guide, entry, "d05", "d09"), entry + timedelta(days=offset)
        for rule, offset in (("d05", 8), ("d09", 8), ("d06", 30), ("d06", 37)):
            yield due(guide, entry, rule), entry + timedelta(days=offset)


@pytest.mark.parametrize("language", LANGUAGES)
def test_reminder_is_two_pages_at_most_on_any_day(guide: Guide, language: str) -> None:
    """Every page of a year's reminders fits, and so does the whole in one message of four segments."""
    words = guide.words(language)
    for each, on in a_year_of_reminders(guide):
        body = reminder_text(words, each, on, CALL if on.day % 4 == 0 else None).body
        pages = joined(*body.split("\n"))
        assert len(pages) <= 2, body
        assert all(measure(page).fits_page for page in pages), body
        assert measure(body).segments <= 4, body


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_reminder_says_who_writes_and_how_to_stop(guide: Guide, language: str) -> None:
    """In the same two pages; in the last days, if there is no room, they say what is urgent alone."""
    words = guide.words(language)
    hello = words.line("sms-first-reminder")
    for each, on in a_year_of_reminders(guide):
        body = reminder_text(words, each, on, first=True).body
        said_first = body.startswith(f"{hello}\n")
        assert said_first or body == reminder_text(words, each, on, first=False).body
        assert said_first or (each[0].term.last_day - on).days <= 9, body
        assert measure(body).segments <= 4, body
        assert all(measure(page).fits_page for page in joined(*body.split("\n"))), body


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_reminder_of_a_one_way_sender_names_the_keys_that_stop(guide: Guide, language: str) -> None:
    """Nobody is told to answer what cannot be answered; 5 and 4 are the keys of the menu."""
    words = guide.words(language)
    both, on = due(guide, ENTRY, "d05", "d09"), ENTRY + timedelta(days=7)
    body = reminder_text(words, both, on, CALL, first=True).body
    assert body.split("\n")[0] == words.line("sms-first-reminder-call", number=CALL)
    assert not {"ТОКТОТ", "СТОП", "STOP"} & set(body.replace(".", "").split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", ["d05", "d09"])
def test_status_fits_a_page_on_any_day(guide: Guide, language: str, rule: str) -> None:
    """Before, during and after the term."""
    words = guide.words(language)
    for start in range(0, 365, 3):
        entry = date(2026, 8, 1) + timedelta(days=start)
        term = term_of(guide.rules[rule], entry)
        for offset in (0, 1, 8, 9, 26, 27, 28, 29, 30, 31, 200):
            said = status_text(
                words, guide.rules[rule], term, Today.everywhere(entry + timedelta(days=offset))
            )
            assert measure(said).fits_page, said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ky", ["22 күн калды", "21-декабрь, дүйшөмбү", "АТКАРДЫМ 7 (", "6 ("]),
        ("ru", ["осталось 22 дня", "21 декабря, понедельник", "ГОТОВО 7 (", "6 ("]),
        ("en", ["22 days left", "Monday 21 December", "DONE 7 (", "6 ("]),
    ],
)
def test_reminder_says_days_left_last_day_and_how_to_stop_it(
    guide: Guide, language: str, said: list[str]
) -> None:
    """Entry + 7, both rules in one text."""
    body = text(guide, language, ENTRY, 7, "d05", "d09")
    assert all(piece in body for piece in said), body


@pytest.mark.parametrize("language", LANGUAGES)
def test_reminder_gives_each_rule_its_own_sentence_and_date(guide: Guide, language: str) -> None:
    """The guide never says that the two terms are one."""
    body = text(guide, language, ENTRY, 7, "d05", "d09")
    assert body.count(guide.words(language).date(date(2026, 12, 21))) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_reminder_tells_both_days_when_the_last_is_closed(guide: Guide, language: str) -> None:
    """The term ends Sunday 20 December; go by Friday 18."""
    words = guide.words(language)
    for rule in ("d05", "d09"):
        body = text(guide, language, CLOSED_ENTRY, 7, rule)
        assert words.date(date(2026, 12, 20)) in body
        assert words.date(date(2026, 12, 18)) in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_reminder_threatens_only_with_what_the_guide_says(guide: Guide, language: str) -> None:
    """The five-year ban belongs to registration; the job's sentence never borrows it."""
    with_ban = text(guide, language, ENTRY, 7, "d05")
    assert "5" in with_ban.replace("2026", "")
    for offset in range(2, 40):
        term = term_of(guide.rules["d09"], ENTRY)
        said = status_text(
            guide.words(language), guide.rules["d09"], term, Today.everywhere(ENTRY + timedelta(days=offset))
        )
        assert not any(word in said for word in ("тыюу", "депортация", "запрет", "ban", "deport")), said


@pytest.mark.parametrize(
    ("language", "morning"), [("ky", "Эртең менен"), ("ru", "с самого утра"), ("en", "in the morning")]
)
def test_reminder_of_entry_28_sends_people_in_the_morning(guide: Guide, language: str, morning: str) -> None:
    """Tomorrow is the last day, and open."""
    assert morning in text(guide, language, ENTRY, 28, "d05")


@pytest.mark.parametrize(("language", "today"), [("ky", "бүгүн"), ("ru", "сегодня"), ("en", "go today")])
@pytest.mark.parametrize("offset", [27, 28])
def test_reminder_before_a_closed_last_day_sends_people_today(
    guide: Guide, language: str, today: str, offset: int
) -> None:
    """Friday and Saturday before a Sunday: offices may be closed, go today; not "tomorrow morning"."""
    assert today in text(guide, language, CLOSED_ENTRY, offset, "d05")


@pytest.mark.parametrize("language", LANGUAGES)
def test_closing_text_between_the_readings_gives_no_verdict(guide: Guide, language: str) -> None:
    """Entry + 30 is neither in time nor late: go today, with free legal help; no word of a ban."""
    body = text(guide, language, ENTRY, 30, "d06")
    assert phase(term_of(guide.rules["d05"], ENTRY), ENTRY + timedelta(days=30)) is Phase.BETWEEN
    assert "migranty.org" in body
    assert not any(word in body for word in ("тыюу", "запрет", "ban"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_closing_text_of_who_may_be_late_states_the_rule_and_legal_help(guide: Guide, language: str) -> None:
    """From entry + 31: the rule, legal advice today, where it is free. Nothing to answer DONE to."""
    body = text(guide, language, ENTRY, 33, "d06")
    assert "migranty.org" in body
    assert "5" in body
    assert not any(word in body for word in ("АТКАРДЫМ", "ГОТОВО", "DONE"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_reminder_of_a_one_way_sender_names_the_number_to_call(guide: Guide, language: str) -> None:
    """Nobody is told to answer a text that cannot be answered."""
    said = due(guide, ENTRY, "d05", "d09")
    body = reminder_text(guide.words(language), said, ENTRY + timedelta(days=7), CALL).body
    assert CALL in body
    assert not any(word in body for word in ("АТКАРДЫМ", "ГОТОВО", "DONE"))


@pytest.mark.parametrize(
    ("offset", "left"), [(8, "остался 21 день"), (7, "осталось 22 дня"), (9, "осталось 20 дней")]
)
def test_russian_days_left_are_declined(guide: Guide, offset: int, left: str) -> None:
    """21 день, 22 дня, 20 дней."""
    assert left in text(guide, "ru", ENTRY, offset, "d05")


def test_due_does_not_print_the_dates(guide: Guide) -> None:
    """What is due, in a log, tells nobody's date."""
    assert "2026" not in repr(due(guide, ENTRY, "d05"))
