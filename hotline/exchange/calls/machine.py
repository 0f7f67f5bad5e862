"""An answering machine at the other end: it greets, beeps, listens until its tape ends (pure)."""

from collections.abc import Callable, Generator
from dataclasses import replace

from hotline.exchange.calls.detection import BEEP_S, GREETING_S
from hotline.exchange.calls.needs import (
    DocumentAt,
    Given,
    HangUp,
    Listen,
    Need,
    Source,
    TellDetection,
    TimeUp,
)
from hotline.exchange.calls.script import Conversation
from hotline.exchange.journal import Journal

# Seconds a machine lets the phone ring, and seconds of tape for one message: our own measures.
RINGS_S = 20.0
_TAPE_S = 60.0
_TAPE_STARTS_AT_S = GREETING_S + BEEP_S
TAPE_ENDS_AT_S = _TAPE_STARTS_AT_S + _TAPE_S


class AnsweredConversation(Conversation):
    """A conversation for which it matters who picked up.

    machine: nobody is there, so every wait ends by itself, and the call with the tape. tells_at_s: the call
    second at which detection in the background comes to its verdict; None without one.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        fallback: DocumentAt | None,
        caption: Callable[[str], str | None],
        time_limit_s: float,
        machine: bool,
        tells_at_s: float | None,
    ) -> None:
        super().__init__(
            journal, fallback=fallback, caption=caption, answered=True, time_limit_s=time_limit_s
        )
        self._machine = machine
        self._tells_at_s = tells_at_s

    def run(self, source: Source) -> Generator[Need, Given, None]:
        """The script of the call; of what it needs, only the waits are changed."""
        script = super().run(source)
        given: Given = None
        while True:
            try:
                need = script.send(given)
            except StopIteration:
                return
            given = (yield from self._wait(need)) if isinstance(need, Listen) else (yield need)

    def _wait(self, listen: Listen) -> Generator[Need, Given, Given]:
        if self._tells_at_s is not None and listen.until_s >= self._tells_at_s:
            event = yield from self._tell(listen, self._tells_at_s)
            if not isinstance(event, TimeUp):
                return event
        if not self._machine:
            return (yield listen)
        until_s = min(listen.until_s, TAPE_ENDS_AT_S)
        event = yield replace(listen, until_s=until_s, by_hand=False)
        if isinstance(event, TimeUp) and listen.until_s > TAPE_ENDS_AT_S:
            return HangUp(TAPE_ENDS_AT_S)
        return event

    def _tell(self, listen: Listen, at_s: float) -> Generator[Need, Given, Given]:
        """Let time pass until the verdict, tell it, and hear what the customer makes of it at once."""
        self._tells_at_s = None
        moment = replace(listen, until_s=at_s, quiet_at_s=at_s, by_hand=False)
        event: Given = yield moment
        if isinstance(event, TimeUp):
            yield TellDetection()
            event = yield moment
        return event


def note_tape(journal: Journal, at_s: float) -> None:
    """Note what a call left on the machine's tape: of each sound heard, what came after the beep.

    seconds: how much of it is on the tape; missed_s: how much of its beginning is not.
    """
    for entry in journal.of_kind("heard"):
        starts_at_s, seconds = _read_s(entry.facts["starts_at_s"]), _read_s(entry.facts["seconds"])
        missed_s = min(max(_TAPE_STARTS_AT_S - starts_at_s, 0.0), seconds)
        if seconds > missed_s:
            facts = {name: entry.facts[name] for name in ("what", "caption", "url")}
            journal.note(
                "taped", at_s, **facts, seconds=round(seconds - missed_s, 3), missed_s=round(missed_s, 3)
            )


def _read_s(fact: object) -> float:
    assert isinstance(fact, int | float)
    return float(fact)
