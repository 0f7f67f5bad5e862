"""Golden transcripts of calls: who pressed what, what was heard, what was stored.

A transcript is a file of scenes. `## title` begins one, with a telephone that the hotline does not know yet.
Lines with `> ` are what happens: `call`, `ring ky confirm-stop` (the hotline rings, somebody answers),
`machine ky remind-d05` (a machine answers), `silence`, `operator completed` (how the operator's telephone
ended), `speak 4` (seconds, after the tone), `on 2026-12-31` (the day it is), `later 50m`, `hide` (the
number), `from +49…` (another number), `miss` (a call to a number for missed calls), `called 10` (so often has
the hotline just called back), `hangup`, or the keys pressed. The lines below are what follows: `ky
voice-menu-main: words` is heard (the words stand where the file has the line first, later only its id), `=
entry 2026-11-22` or `= person 2: family 2026-11-22` is changed, `= text …` and `= ring …` go out, `= message
4 s` is kept, `= tomorrow d05` is planned, `(busy)`, `(the call ends)`.

`KADAM_WRITE_DIALOGUES=1 pytest tests/voice/test_dialogues.py` writes what follows anew; read the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from hotline.people.model import Person
from tests.voice.handset import Line

HAPPENS = "> "
SCENE = "## "


@dataclass(frozen=True)
class Followed:
    """What follows something that happened: lines heard, what went out, and whether the call goes on."""

    heard: Sequence[Line]
    sent: Sequence[str] = ()
    goes_on: bool = True
    dials: bool = False
    busy: bool = False
    records: bool = False


@dataclass(frozen=True)
class Scene:
    """A title and what happens, each with what has to follow."""

    title: str
    steps: list[tuple[str, list[str]]] = field(default_factory=list)


class Stage(Protocol):
    """Where a scene is played: the pure turn function, or signed webhooks."""

    def call(self) -> Followed: ...
    def ring(self, language: str, place: str) -> Followed: ...
    def machine(self, language: str, place: str) -> Followed: ...
    def press(self, keys: str) -> Followed: ...
    def operator(self, status: str) -> Followed: ...
    def speak(self, seconds: int) -> Followed: ...
    def hide(self) -> None: ...
    def miss(self) -> Followed: ...
    def later(self, minutes: int) -> None: ...
    def use(self, number: str) -> None: ...
    def called(self, times: int) -> None: ...
    def on(self, day: date) -> None: ...
    def person(self) -> Person: ...


def scenes_of(text: str) -> tuple[list[str], list[Scene]]:
    """The head of a transcript (comments) and its scenes."""
    head: list[str] = []
    scenes: list[Scene] = []
    for row in text.splitlines():
        if row.startswith(SCENE):
            scenes.append(Scene(row.removeprefix(SCENE)))
        elif not scenes:
            head.append(row)
        elif row.startswith(HAPPENS):
            scenes[-1].steps.append((row.removeprefix(HAPPENS), []))
        elif row.strip():
            scenes[-1].steps[-1][1].append(row)
    return head, scenes


def played(scene: Scene, stage: Stage) -> Scene:
    """The scene with what really follows on `stage`."""
    before = stage.person()
    steps = []
    for happens, _ in scene.steps:
        followed = _happen(stage, happens)
        after = stage.person()
        steps.append((happens, [*_rows(followed), *_changes(before, after)]))
        before = after
    return Scene(scene.title, steps)


def written(head: Sequence[str], scenes: Sequence[Scene]) -> str:
    """The transcript as a file."""
    rows = list(head)
    known: set[str] = set()
    for scene in scenes:
        rows.append(f"{SCENE}{scene.title}")
        for happens, follows in scene.steps:
            rows += [f"{HAPPENS}{happens}", *(_short(row, known) for row in follows)]
        rows.append("")
    return "\n".join(rows).rstrip("\n") + "\n"


def _short(row: str, known: set[str]) -> str:
    """A row; words that stand further up in the file are not written again, only the id of their line."""
    if row not in known:
        known.add(row)
        return row
    return row if row.startswith("    =") else row.partition(":")[0]


def _happen(stage: Stage, happens: str) -> Followed | None:
    match happens.split():
        case ["call"]:
            return stage.call()
        case ["ring", language, place]:
            return stage.ring(language, place)
        case ["machine", language, place]:
            return stage.machine(language, place)
        case ["operator", status]:
            return stage.operator(status)
        case ["speak", seconds]:
            return stage.speak(int(seconds))
        case ["on", day]:
            stage.on(date.fromisoformat(day))
            return None
        case ["hangup"]:
            return None  # the carrier asks for nothing any more
        case ["hide"]:
            stage.hide()
            return None
        case ["miss"]:
            return stage.miss()
        case ["later", minutes]:
            stage.later(int(minutes.removesuffix("m")))
            return None
        case ["from", number]:
            stage.use(number)
            return None
        case ["called", times]:
            stage.called(int(times))
            return None
        case ["silence"]:
            return stage.press("")
    return stage.press(happens)


def _rows(followed: Followed | None) -> Iterator[str]:
    if followed is None:
        return
    yield from (f"    {line.language} {line.id}: {line.text}" for line in followed.heard)
    yield from (f"    = {sent}" for sent in followed.sent)
    if followed.dials:
        yield "    (the operator is rung)"
    if followed.records:
        yield "    (a tone, then the caller is recorded)"
    if followed.busy:
        yield "    (busy)"
    elif not followed.goes_on:
        yield "    (the call ends)"


def _changes(before: Person, after: Person) -> Iterator[str]:
    if before.language != after.language:
        yield f"    = language {after.language or 'forgotten'}"
    for kind in dict.fromkeys((*before.dates, *after.dates)):
        if before.dates.get(kind) != after.dates.get(kind):
            yield f"    = {kind} {after.dates.get(kind) or 'forgotten'}"
    for number in sorted({*before.others, *after.others}):
        old, new = before.member(number), after.member(number)
        for kind in sorted({*old.dates, *new.dates}):
            if old.dates.get(kind) != new.dates.get(kind):
                yield f"    = person {number + 1}: {kind} {new.dates.get(kind) or 'forgotten'}"
    if before.done != after.done:
        yield f"    = done {' '.join(sorted(after.done)) or 'nothing'}"
    if before.reminded_by != after.reminded_by:
        yield f"    = reminders by {after.reminded_by}"
    if before.opted_out != after.opted_out:
        yield "    = no messages" if after.opted_out else "    = messages again"
