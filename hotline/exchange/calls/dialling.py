"""The verb Dial (pure)."""

from collections.abc import Generator

from hotline.exchange.calls.hearing import CallOverError, Hearing, TakenOverError
from hotline.exchange.calls.needs import (
    DocumentAt,
    Given,
    LegAnswered,
    LegEnded,
    LegStarted,
    Listen,
    Need,
    Source,
    StartLeg,
    StopLeg,
    TimeUp,
)
from hotline.exchange.twiml.verbs import Dial


def perform_dial(hearing: Hearing, dial: Dial) -> Generator[Need, Given, Source | None]:
    """Ring another telephone and, once it answers, let both talk."""
    started = yield StartLeg(dial.number, dial.caller_id, dial.timeout_s)
    sid, seconds = "", None
    if isinstance(started, LegStarted):
        sid = started.sid
        status, seconds = yield from _follow_leg(hearing, dial)
    else:
        assert isinstance(started, LegEnded)
        status = started.status
    hearing.note("dial-ended", status=status, seconds=seconds)
    if dial.action is None:
        return None
    extra = [("DialCallStatus", status), ("DialBridged", "true" if seconds is not None else "false")]
    if sid:
        extra.append(("DialCallSid", sid))
    if seconds is not None:
        extra.append(("DialCallDuration", str(seconds)))
    return DocumentAt(hearing.resolve(dial.action), dial.method, tuple(extra))


def _follow_leg(hearing: Hearing, dial: Dial) -> Generator[Need, Given, tuple[str, int | None]]:
    bridged_at_s: float | None = None
    until_s = hearing.at_s + dial.timeout_s
    try:
        while True:
            event = yield from hearing.listen(Listen(until_s, hearing.at_s, by_hand=True))
            if isinstance(event, LegAnswered):
                bridged_at_s, until_s = hearing.at_s, hearing.at_s + dial.time_limit_s
                hearing.note("bridged", number=dial.number)
            elif isinstance(event, LegEnded | TimeUp):
                break
    except (CallOverError, TakenOverError):
        yield StopLeg("canceled" if bridged_at_s is None else "completed")
        raise
    seconds = None if bridged_at_s is None else max(1, round(hearing.at_s - bridged_at_s))
    if isinstance(event, LegEnded):
        return event.status, seconds
    status = "no-answer" if bridged_at_s is None else "completed"
    yield StopLeg(status)
    return status, seconds
