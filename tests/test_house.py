"""The rules of the house: who may import whom, which modules are pure, every webhook signed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hotline.config import ROOT

# Pure modules decide: values in, values out. No files, network, database, clock or framework.
PURE = {
    "hotline.addresses",
    "hotline.carriers.account", "hotline.carriers.base", "hotline.carriers.gateway",
    "hotline.carriers.senders",
    "hotline.exposure",
    "hotline.guide.check", "hotline.guide.language", "hotline.guide.model", "hotline.guide.steptext",
    "hotline.people.call_limits",
    "hotline.people.errands", "hotline.people.keep_days", "hotline.people.members",
    "hotline.people.model", "hotline.people.numbers", "hotline.people.operator_limits",
    "hotline.people.purses", "hotline.people.questions",
    "hotline.people.reply_limits", "hotline.people.text_limits",
    "hotline.reminders.agenda", "hotline.reminders.days", "hotline.reminders.deadlines",
    "hotline.reminders.discretion", "hotline.reminders.doing", "hotline.reminders.of_today",
    "hotline.reminders.plan", "hotline.reminders.send_limits", "hotline.reminders.send_window",
    "hotline.reminders.states", "hotline.reminders.two_dates", "hotline.reminders.whose",
    "hotline.reminders.window", "hotline.reminders.wording",
    "hotline.setting_names",
    "hotline.sms.brevity", "hotline.sms.budget", "hotline.sms.clarifying", "hotline.sms.dating",
    "hotline.sms.doing", "hotline.sms.edition", "hotline.sms.incoming", "hotline.sms.latin",
    "hotline.sms.limiting", "hotline.sms.lost", "hotline.sms.more", "hotline.sms.naming", "hotline.sms.pages",
    "hotline.sms.replies", "hotline.sms.reply", "hotline.sms.scripts", "hotline.sms.segments",
    "hotline.sms.situations", "hotline.sms.telling",
    "hotline.sms.understanding.beside", "hotline.sms.understanding.command",
    "hotline.sms.understanding.date_forms",
    "hotline.sms.understanding.folding", "hotline.sms.understanding.guessing",
    "hotline.sms.understanding.keywords", "hotline.sms.understanding.lexicon",
    "hotline.sms.understanding.meaning", "hotline.sms.understanding.message",
    "hotline.sms.understanding.slips", "hotline.sms.understanding.typed_dates",
    "hotline.sms.understanding.typed_numbers", "hotline.sms.understanding.vocabulary",
    "hotline.sms.understanding.wishes", "hotline.sms.understanding.word_keys",
    "hotline.sms.undoing", "hotline.sms.welcome", "hotline.sms.whose",
    "hotline.speech.clips", "hotline.speech.lexicon", "hotline.speech.pacing", "hotline.speech.script",
    "hotline.speech.settings",
    "hotline.voice.asking", "hotline.voice.dates", "hotline.voice.hours", "hotline.voice.keyed_dates",
    "hotline.voice.keys", "hotline.voice.leaving", "hotline.voice.length", "hotline.voice.menu",
    "hotline.voice.missed", "hotline.voice.model", "hotline.voice.person", "hotline.voice.places",
    "hotline.voice.prompts", "hotline.voice.reminding", "hotline.voice.resuming", "hotline.voice.ringing",
    "hotline.voice.storing", "hotline.voice.terms", "hotline.voice.timetable", "hotline.voice.timing",
    "hotline.voice.twiml",
}  # fmt: skip

# What a pure module may import beside pure modules:
# twilio.twiml only writes XML; ipaddress, markdown_it and babel only read text, difflib and rapidfuzz only
# compare words.
PURE_LIBRARIES = {
    "__future__", "collections", "dataclasses", "datetime", "enum", "functools", "gettext", "itertools", "re",
    "difflib", "ipaddress", "string", "typing", "unicodedata", "xml", "babel", "holidays", "markdown_it",
    "phonenumbers", "rapidfuzz", "twilio.twiml", "urllib.parse", "zoneinfo",
}  # fmt: skip

IMPURE = {"now", "utcnow", "today", "open", "read_text", "write_text", "monotonic", "sleep"}

# Rooms of acting modules, from the bottom up: a module imports acting modules of its own or lower rooms only.
FLOORS = ["db", "config", "guide", "speech", "carriers", "people", "reminders", "sms", "voice"]
WEBHOOKS = {f"hotline.{room}.webhook" for room in ("voice", "sms", "reminders", "speech")} | {
    "hotline.sms.kannel"
}
TWILIO_ALLOWED = {"hotline.carriers.twilio", "hotline.carriers.signature", "hotline.voice.twiml", *WEBHOOKS}


def modules() -> dict[str, Path]:
    found = {}
    for path in [ROOT / "app.py", *(ROOT / "db").glob("*.py"), *(ROOT / "hotline").rglob("*.py")]:
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


@cache
def parsed(name: str) -> ast.Module:
    """The tree of a module, which no test changes."""
    return ast.parse(MODULES[name].read_text())


def imports(name: str) -> Iterator[str]:
    """What a module imports, as full names; `from a import b` is `a.b` where that is a module."""
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def is_ours(name: str) -> bool:
    return name in MODULES


def in_library(name: str, libraries: set[str]) -> bool:
    return any(name == library or name.startswith(f"{library}.") for library in libraries)


def test_every_pure_module_is_there() -> None:
    """The list above names modules that exist."""
    assert PURE - set(MODULES) == set()


def test_pure_modules_import_only_pure_modules() -> None:
    """No Flask, SQLAlchemy, network, files or clock reaches a module that decides."""
    strangers = [
        (name, other)
        for name in PURE
        for other in imports(name)
        if other not in PURE and not in_library(other, PURE_LIBRARIES)
    ]
    assert strangers == []


def test_pure_modules_ask_no_clock_and_open_no_file() -> None:
    """Now and today are arguments."""
    called = [
        (name, node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
        for name in PURE
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.Call)
    ]
    assert [(name, function) for name, function in called if function in IMPURE] == []


def test_imports_have_no_cycle() -> None:
    """Modules can be put in an order in which each imports only earlier ones."""
    waiting = {
        name: {other for other in imports(name) if is_ours(other) and other != name} for name in MODULES
    }
    while waiting:
        free = {name for name, others in waiting.items() if not others & set(waiting)}
        assert free, f"a cycle among {sorted(waiting)}"
        waiting = {name: others for name, others in waiting.items() if name not in free}


def test_no_function_imports() -> None:
    """Imports stand at the top of a module."""
    hidden = [
        f"{name}:{node.lineno}"
        for name in MODULES
        for function in ast.walk(parsed(name))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    assert hidden == []


def floor(name: str) -> int | None:
    room = name.split(".")[1] if name.startswith("hotline.") else name.split(".")[0]
    return FLOORS.index(room) if room in FLOORS else None


def test_acting_modules_import_downwards() -> None:
    """An acting module imports acting modules of its own or lower rooms; the one step up is the ledger's."""
    upwards = [
        (name, other)
        for name in MODULES
        if name not in PURE and floor(name) is not None
        for other in imports(name)
        if is_ours(other) and other not in PURE and (floor(other) or 0) > (floor(name) or 0)
    ]
    assert upwards == [("hotline.people.effects", "hotline.reminders.ledger")]


def test_webhooks_do_not_import_one_another() -> None:
    """They sit on top; only the composition root knows them."""
    for name in MODULES:
        if name != "app":
            assert not WEBHOOKS & set(imports(name)), name


def test_exchange_imports_nothing_else_of_the_hotline() -> None:
    """It is another company."""
    for name in (name for name in MODULES if name.startswith("hotline.exchange")):
        ours = {other for other in imports(name) if is_ours(other)}
        assert all(other.startswith("hotline.exchange") for other in ours), name


def test_twilio_is_imported_at_the_edge_alone() -> None:
    """One carrier module, one TwiML module, the webhooks."""
    users = {name for name in MODULES if any(in_library(other, {"twilio"}) for other in imports(name))}
    assert users <= TWILIO_ALLOWED


def test_apscheduler_is_imported_where_the_clock_is_wound_alone() -> None:
    """It is the clock, not the schedule."""
    users = {name for name in MODULES if any(in_library(other, {"apscheduler"}) for other in imports(name))}
    assert users == {"hotline.reminders.clockwork"}


def test_hotline_itself_does_not_load_what_only_rendering_needs() -> None:
    """pyloudnorm brings scipy, 77 MB in memory: the processes that make clips have it, the server has not."""
    loaded, waiting = set(), ["app"]
    while waiting:
        name = waiting.pop()
        if name in MODULES and name not in loaded:
            loaded.add(name)
            waiting.extend(imports(name))
    assert "hotline.speech.studio" in loaded
    users = {name for name in MODULES if any(in_library(other, {"pyloudnorm"}) for other in imports(name))}
    assert users == {"hotline.speech.loudness"}
    assert not users & loaded


def test_modules_are_under_300_lines() -> None:
    """Rooms one can overlook."""
    lines = {name: len(path.read_text().splitlines()) for name, path in MODULES.items()}
    assert {name: number for name, number in lines.items() if number >= 300} == {}
