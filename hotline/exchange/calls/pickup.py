"""Picking up: the script a call begins with, and how the customer learns who is there."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from hotline.exchange.calls.call import Call
from hotline.exchange.calls.machine import RINGS_S, TAPE_ENDS_AT_S, AnsweredConversation
from hotline.exchange.calls.needs import DocumentAt, Source
from hotline.exchange.calls.script import Conversation
from hotline.exchange.clock import Agenda
from hotline.exchange.phones import Phone
from hotline.exchange.surroundings import Surroundings
from hotline.exchange.twiml.documents import Answer


class Rings(Protocol):
    """What rings phones: the trunk, as far as it is needed here."""

    phones_lock: threading.Lock

    def pick_up(self, call: Call) -> None:
        """A ringing phone was answered."""

    def end_leg(self, call: Call, status: str, after_s: float) -> None:
        """End a call that has no script, so many call seconds from now."""


def expect_machine(trunk: Rings, agenda: Agenda, call: Call, phone: Phone) -> None:
    """Let an answering machine pick up once the phone has rung long enough, unless something came before.

    A machine that a Dial reached hangs up by the clock when its tape ends; any other has a script that does.
    """

    def answer() -> None:
        with trunk.phones_lock:
            if phone.ringing_sid != call.sid:
                return
            phone.ringing_sid, phone.call_sid = None, call.sid
        call.on_machine = True
        trunk.pick_up(call)
        if call.parent_sid is not None:
            agenda.add(TAPE_ENDS_AT_S, call.sid, lambda: trunk.end_leg(call, "completed", TAPE_ENDS_AT_S))

    agenda.add(RINGS_S, call.sid, answer)


def begin_script(
    call: Call, caption: Callable[[str], str | None], *, answered: bool
) -> tuple[Conversation, Source]:
    """The script of a call and its first document.

    answered: an outbound call was picked up. Detection that holds the call up comes first: its seconds have
    passed, and the document's request names its verdict.
    """
    if not answered:
        conversation = Conversation(
            call.journal,
            fallback=call.fallback,
            caption=caption,
            answered=False,
            time_limit_s=call.time_limit_s,
        )
        return conversation, call.source
    verdict = None if call.detection is None else call.detection.judge(machine=call.on_machine)
    in_background = call.detection is not None and call.detection.in_background
    conversation = AnsweredConversation(
        call.journal,
        fallback=call.fallback,
        caption=caption,
        time_limit_s=call.time_limit_s,
        machine=call.on_machine,
        tells_at_s=verdict.after_s if verdict is not None and in_background else None,
    )
    if verdict is None or in_background:
        return conversation, call.source
    call.answered_by = verdict.answered_by
    conversation.pass_to(verdict.after_s)
    return conversation, _name_answerer(call.source, verdict.answered_by)


def tell_detection(call: Call, around: Surroundings) -> None:
    """Send the verdict of detection in the background (AsyncAmdStatusCallback)."""
    detection = call.detection
    assert detection is not None
    verdict = detection.judge(machine=call.on_machine)
    call.answered_by = verdict.answered_by
    if detection.callback_url is None:
        return
    params = [
        ("CallSid", call.sid),
        ("AccountSid", around.account.sid),
        ("AnsweredBy", verdict.answered_by),
        # Milliseconds, as in requests recorded by others.
        ("MachineDetectionDuration", str(round(verdict.after_s * 1_000))),
    ]
    outcome = around.webhooks.send(detection.callback_method, detection.callback_url, params)
    call.journal.note(
        "callback",
        verdict.after_s,
        event="detection",
        url=detection.callback_url,
        arrived=isinstance(outcome, Answer),
    )


def _name_answerer(source: Source, answered_by: str) -> Source:
    if not isinstance(source, DocumentAt):
        return source
    return replace(source, extra=(*source.extra, ("AnsweredBy", answered_by)))
