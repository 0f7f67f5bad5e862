"""The trunk: every call under way, driven in its own lane, and the leg a Dial opens to another phone."""

import threading
from collections.abc import Callable
from datetime import timedelta

from hotline.exchange.calls.call import UNREACHABLE_SIP_CODE, Call, list_call_params
from hotline.exchange.calls.callbacks import Callbacks
from hotline.exchange.calls.line import Line
from hotline.exchange.calls.machine import note_tape
from hotline.exchange.calls.needs import (
    DocumentAt,
    EndRecording,
    FetchSound,
    Given,
    LegEnded,
    LegStarted,
    Need,
    SetStatus,
    StartLeg,
    StartRecording,
    StopLeg,
    TellDetection,
)
from hotline.exchange.calls.order import Outgoing
from hotline.exchange.calls.pace import RealTime
from hotline.exchange.calls.pickup import begin_script, expect_machine, tell_detection
from hotline.exchange.calls.recorder import Recorder
from hotline.exchange.calls.sound_cache import SoundCache
from hotline.exchange.calls.sounds import Sounds
from hotline.exchange.faults import CALL_FAULTS, FaultKind
from hotline.exchange.numbers import is_e164, make_sid
from hotline.exchange.phones import Condition
from hotline.exchange.records import Shelf
from hotline.exchange.surroundings import Surroundings
from hotline.exchange.twiml.documents import Answer, Failure

Caption = Callable[[str], str | None]

_ORDERED_ENDS = {
    FaultKind.CALL_BUSY: "busy",
    FaultKind.CALL_NO_ANSWER: "no-answer",
    FaultKind.CALL_FAILED: "failed",
}


class Trunk:
    """Calls from and to the customer's number and the lines of those that are talking.

    Everything here but `submit`, `make_call`, `line` and `place` runs in the lane of the call it is about.
    """

    def __init__(self, around: Surroundings, sounds: Sounds, caption: Caption, recorder: Recorder) -> None:
        self.calls: Shelf[Call] = Shelf()
        self.phones_lock = threading.Lock()
        self._around = around
        self._sounds = sounds
        self._caption = caption
        self._recorder = recorder
        self._callbacks = Callbacks(around)
        self._sound_cache = SoundCache(around.clock.now, around.webhooks.fetch)
        self._lines: dict[str, Line] = {}

    def line(self, call: Call) -> Line | None:
        """The line of a call whose documents are being performed; None for any other call."""
        return self._lines.get(call.sid)

    def begin(self, call: Call, *, answered: bool) -> None:
        """Start the documents of a call; answered: an outbound call was picked up."""
        conversation, source = begin_script(call, self._caption, answered=answered)
        call.journal.note("begun", real_time=call.real_time)
        pace = RealTime(call, self._around.clock, self._around.agenda) if call.real_time else None
        line = Line(conversation, lambda need: self._meet(call, need), lambda: self._script_ended(call), pace)
        self._lines[call.sid] = line
        line.begin(source)

    def ring_out(self, call: Call) -> None:
        """Ring the phone of an outbound call that is still wanted."""
        if call.is_over:
            return
        self._callbacks.post(call, "initiated")
        end = self._try_to_ring(call)
        if end is not None:
            self._finish(call, end)

    def _try_to_ring(self, call: Call) -> str | None:
        """Ring a call's phone; the status the call ends with if it does not ring."""
        order = self._around.faults.take(CALL_FAULTS, to=call.phone)
        if order is not None:
            return _ORDERED_ENDS[order.kind]
        if self._around.phones.get(call.phone).condition is Condition.OFF:
            call.sip_code = UNREACHABLE_SIP_CODE
            return "no-answer"
        return None if self._ring(call) else "busy"

    def _ring(self, call: Call) -> bool:
        phone = self._around.phones.get(call.phone)
        with self.phones_lock:
            if phone.call_sid or phone.ringing_sid:
                return False
            phone.ringing_sid = phone.last_call_sid = call.sid
        self._set_status(call, "ringing")
        self._callbacks.post(call, "ringing")
        self._around.agenda.add(call.timeout_s, call.sid, lambda: self.end_ring(call, "no-answer"))
        if phone.condition is Condition.MACHINE:
            expect_machine(self, self._around.agenda, call, phone)
        return True

    def pick_up(self, call: Call) -> None:
        """A ringing phone was answered: start the documents, or join the call that dialled."""
        if call.is_over:
            return
        self._set_status(call, "in-progress")
        if call.parent_sid is None:
            self.begin(call, answered=True)
            return
        parent, line = self._parent(call)
        if parent is None or line is None:
            self._finish(call, "completed")
            return
        call.bridged_at_s = line.at_s
        call.journal.note("bridged", number=parent.phone)

        def tell() -> None:
            if parent.leg_sid == call.sid:
                line.tell_leg_answered()

        self.submit(parent, tell)

    def end_ring(self, call: Call, status: str) -> None:
        """End a call nobody has answered."""
        if call.status in ("queued", "ringing") and call.sid not in self._lines:
            self.end_leg(call, status, 0.0)

    def end_leg(self, call: Call, status: str, after_s: float) -> None:
        """End a call that has no script: one not answered, or a leg that a Dial started."""
        if call.is_over:
            return
        parent, line = self._parent(call)
        if parent is None or line is None:
            self._finish(call, status)
            return
        if line.is_real_time:
            after_s = 0.0  # it has passed already
        self._finish(call, status, line.at_s + after_s - call.bridged_at_s)

        def tell() -> None:
            if parent.leg_sid == call.sid:
                line.tell_leg_ended(status, after_s)

        self.submit(parent, tell)

    def _script_ended(self, call: Call) -> None:
        # Over already means rejected; every other script has answered its call before it ends.
        status = call.status if call.is_over else "completed"
        at_s = self._lines[call.sid].at_s
        if call.on_machine:
            note_tape(call.journal, at_s)
        self._recorder.release(call)
        self._finish(call, status, at_s)
        del self._lines[call.sid]

    def _meet(self, call: Call, need: Need) -> Given:
        match need:
            case DocumentAt():
                return self._fetch_document(call, need)
            case FetchSound():
                outcome = self._sound_cache.get(need.url)
                return outcome if isinstance(outcome, Failure) else self._sounds.take_in(outcome)
            case SetStatus():
                self._set_status(call, need.status)
            case StartLeg():
                return self._start_leg(call, need)
            case StopLeg():
                self._stop_leg(call, need.status)
            case StartRecording():
                return self._recorder.start(call, need)
            case EndRecording():
                self._recorder.end(call, need)
            case TellDetection():
                tell_detection(call, self._around)
        return None

    def _fetch_document(self, call: Call, need: DocumentAt) -> Answer | Failure:
        params = [*list_call_params(call, self._around.account.sid, need.call_status), *need.extra]
        outcome = self._around.webhooks.send(need.method, need.url, params, phone=call.phone)
        self._recorder.release(call)
        body = outcome.body.decode(errors="replace") if isinstance(outcome, Answer) else None
        at_s = self._lines[call.sid].at_s
        call.journal.note("webhook", at_s, url=need.url, method=need.method, params=dict(params), answer=body)
        return outcome

    def _start_leg(self, call: Call, need: StartLeg) -> LegStarted | LegEnded:
        at_s = self._lines[call.sid].at_s
        caller_id = need.caller_id or (call.phone if call.direction == "inbound" else call.from_number)
        if not is_e164(need.number) or need.number == self._around.account.number:
            call.journal.note("alert", at_s, code=13224, detail="the number to dial is not valid", url=None)
            return LegEnded("failed", at_s)
        outgoing = Outgoing(need.number, caller_id, call.source, timeout_s=need.timeout_s)
        leg = self.make_call(outgoing, phone=need.number, direction="outbound-dial", status="queued")
        leg.parent_sid, leg.callback_url = call.sid, None
        self.calls.put(leg)
        end = self._try_to_ring(leg)
        if end is not None:
            self._finish(leg, end)
            return LegEnded(end, at_s)
        call.leg_sid = leg.sid
        return LegStarted(leg.sid)

    def _stop_leg(self, call: Call, status: str) -> None:
        leg = self.calls.get(call.leg_sid or "")
        call.leg_sid = None
        if leg is not None and not leg.is_over:
            self._finish(leg, status, self._lines[call.sid].at_s - leg.bridged_at_s)

    def _finish(self, call: Call, status: str, seconds: float = 0.0) -> None:
        now_utc = self._around.clock.now()
        if call.started_at is None:
            call.duration_s, call.ended_at = 0, now_utc
        else:
            # A call of less than a second counts as one (twilio-facts section 7). The call's own seconds
            # count, whatever the clock says: a call at hand pace is over sooner than it would have sounded.
            call.duration_s = max(1, -(-int(seconds * 1000) // 1000))
            call.ended_at = call.started_at + timedelta(seconds=call.duration_s)
        self._set_status(call, status)
        phone = self._around.phones.get(call.phone)
        with self.phones_lock:
            if phone.call_sid == call.sid:
                phone.call_sid = None
            if phone.ringing_sid == call.sid:
                phone.ringing_sid = None
        self._callbacks.post(call, "completed")

    def _set_status(self, call: Call, status: str) -> None:
        if call.status == status:
            return
        now_utc = self._around.clock.now()
        call.status, call.updated_at = status, now_utc
        line = self._lines.get(call.sid)
        call.journal.note(
            "status", 0.0 if line is None else line.at_s, status=status, seconds=call.duration_s
        )
        if status == "in-progress":
            call.started_at = now_utc
            self._callbacks.post(call, "answered")

    def make_call(self, outgoing: Outgoing, *, phone: str, direction: str, status: str) -> Call:
        """A new record of a call, not yet kept or under way."""
        now_utc, sid = self._around.clock.now(), make_sid("CA")
        call = Call(
            sid,
            outgoing.from_number,
            outgoing.to_number,
            phone,
            direction,
            status,
            now_utc,
            now_utc,
            outgoing.source,
            outgoing.fallback,
            outgoing.callback_url,
            outgoing.callback_method,
            outgoing.callback_events,
            outgoing.timeout_s,
            outgoing.time_limit_s,
            journal=self._around.wire.journal("call", sid, phone),
            detection=outgoing.detection,
        )
        call.journal.note("status", status=status, seconds=None)
        return call

    def _parent(self, leg: Call) -> tuple[Call | None, Line | None]:
        """The call whose Dial opened this one, and its line; None where there is none any more."""
        return self.calls.get(leg.parent_sid or ""), self._lines.get(leg.parent_sid or "")

    def submit(self, call: Call, job: Callable[[], None]) -> None:
        """Do a job in the lane of a call."""
        self._around.lanes.submit(call.sid, job)
