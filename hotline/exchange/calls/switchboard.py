"""The switchboard: what a person at a phone does with calls, and what the REST API does."""

from hotline.exchange.calls.call import Call
from hotline.exchange.calls.line import Line, make_hang_up, make_take_over
from hotline.exchange.calls.needs import DocumentAt, Listen, Source
from hotline.exchange.calls.order import Outgoing
from hotline.exchange.calls.trunk import Trunk
from hotline.exchange.phones import Phone
from hotline.exchange.surroundings import Surroundings


class NotPossibleError(Exception):
    """What a person at a phone asked for cannot be done now; the text says why, for the person."""


class Switchboard:
    """Every call is driven in its own lane; what a phone does is checked at once and happens there."""

    def __init__(self, around: Surroundings, trunk: Trunk) -> None:
        self._around = around
        self._trunk = trunk

    # What a person at a phone does.

    def dial(self, number: str, *, withheld: bool = False, real_time: bool = False) -> Call:
        """A phone calls the customer's number; withheld: without showing its own."""
        account = self._around.account
        phone = self._around.phones.get(number)
        fallback = None if account.voice_fallback_url is None else DocumentAt(account.voice_fallback_url)
        call = self._trunk.make_call(
            Outgoing(
                account.number,
                "anonymous" if withheld else number,
                DocumentAt(account.voice_url),
                fallback,
                account.call_status_url,
            ),
            phone=number,
            direction="inbound",
            status="ringing",
        )
        call.real_time = real_time
        with self._trunk.phones_lock:
            if phone.call_sid or phone.ringing_sid:
                raise NotPossibleError("This phone is already in a call or ringing.")
            phone.call_sid = phone.last_call_sid = call.sid
        self._trunk.calls.put(call)
        self._trunk.submit(call, lambda: self._trunk.begin(call, answered=False))
        return call

    def press(self, number: str, keys: str, after_s: float | None = None) -> Call:
        """Keys pressed at a phone: after the queued sounds, or after_s call seconds from now."""
        call = self._current(number)
        line = self._trunk.line(call)
        listen = line.waiting if line is not None else None
        if line is None or listen is None:
            call.journal.note("keys", 0.0 if line is None else line.at_s, keys=keys, lost=True)
            return call
        at_s = _name_moment(line, after_s)
        self._trunk.submit(call, lambda: line.press(keys, gather=listen.gather, at_s=at_s))
        return call

    def speak(self, number: str, seconds: float, after_s: float | None = None) -> Call:
        """Speech at a phone: after the queued sounds, or after_s call seconds from now; a Record hears it."""
        call = self._current(number)
        line = self._trunk.line(call)
        if line is None or line.waiting is None:
            call.journal.note("speech", 0.0 if line is None else line.at_s, seconds=seconds, lost=True)
            return call
        at_s = _name_moment(line, after_s)
        self._trunk.submit(call, lambda: line.speak(seconds, at_s=at_s))
        return call

    def stay_silent(self, number: str) -> Call:
        """Let the wait of a phone's call run out: a Gather's sounds and timeout, or a Dial's ring."""
        call = self._current(number)
        line = self._trunk.line(call)
        if line is None:
            raise NotPossibleError("You are connected to a person; hang up to end the call.")
        if line.is_real_time:
            raise NotPossibleError("This call runs in real time: silence passes by itself.")
        self._trunk.submit(call, line.stay_silent)
        return call

    def hang_up(self, number: str, after_s: float | None = None) -> Call:
        """End a phone's call: after the queued sounds, or after_s call seconds from now."""
        call = self._current(number)
        line = self._trunk.line(call)
        if line is None:
            self._trunk.submit(call, lambda: self._trunk.end_leg(call, "completed", after_s or 0.0))
        elif (at_s := _name_moment(line, after_s)) is not None:
            self._trunk.submit(call, lambda: line.hang_up_at(at_s))
        else:
            line.interrupt(make_hang_up)
            self._trunk.submit(call, line.attend)
        return call

    def answer(self, number: str, *, real_time: bool = False) -> Call:
        """Pick up a ringing phone."""
        phone = self._around.phones.get(number)
        with self._trunk.phones_lock:
            call = self._ringing(phone)
            phone.ringing_sid, phone.call_sid = None, call.sid
        call.real_time = real_time
        self._trunk.submit(call, lambda: self._trunk.pick_up(call))
        return call

    def refuse(self, number: str, status: str = "busy") -> Call:
        """Do not pick up: reject the ring (busy) or let it ring out (no-answer)."""
        with self._trunk.phones_lock:
            call = self._ringing(self._around.phones.get(number))
        self._trunk.submit(call, lambda: self._trunk.end_ring(call, status))
        return call

    # What the customer does through the REST API.

    def prepare(self, outgoing: Outgoing) -> Call:
        """A queued call to a phone (checked before), not yet under way, so that it is answered as queued."""
        call = self._trunk.make_call(
            outgoing, phone=outgoing.to_number, direction="outbound-api", status="queued"
        )
        self._trunk.calls.put(call)
        return call

    def dispatch(self, call: Call) -> None:
        """Let a prepared call ring, in its own lane."""
        self._trunk.submit(call, lambda: self._trunk.ring_out(call))

    def end(self, call: Call, *, live_too: bool) -> None:
        """Cancel a call that is not answered yet; live_too: hang up an answered one as well."""
        line = self._trunk.line(call)
        if call.status == "queued":
            # Cancelled while queued: no callback at all (twilio-facts section 4).
            call.callback_url = None
        if call.status in ("queued", "ringing") and line is None:
            self._trunk.submit(call, lambda: self._trunk.end_ring(call, "canceled"))
        elif live_too and line is not None:
            line.interrupt(make_hang_up)
            self._trunk.submit(call, line.attend)
        elif live_too:
            self._trunk.submit(call, lambda: self._trunk.end_leg(call, "completed", 0.0))

    def take_over(self, call: Call, source: Source) -> None:
        """Give a call another document: the first one if it is not answered yet, else at once."""
        line = self._trunk.line(call)
        if line is None:
            call.source = source
            return
        line.interrupt(make_take_over(source))
        self._trunk.submit(call, line.attend)

    def waiting(self, call: Call) -> Listen | None:
        """What a call waits for at present, if it waits for the person at the phone."""
        line = self._trunk.line(call)
        return None if line is None else line.waiting

    def _current(self, number: str) -> Call:
        call = self._trunk.calls.get(self._around.phones.get(number).call_sid or "")
        if call is None:
            raise NotPossibleError("This phone is not in a call.")
        return call

    def _ringing(self, phone: Phone) -> Call:
        call = self._trunk.calls.get(phone.ringing_sid or "")
        if call is None:
            raise NotPossibleError("This phone is not ringing.")
        return call


def _name_moment(line: Line, after_s: float | None) -> float | None:
    """The call second after_s from now; in real time a moment is now and cannot be named."""
    if after_s is None:
        return None
    if line.is_real_time:
        raise NotPossibleError("This call runs in real time: act at the moment itself.")
    return line.at_s + after_s
