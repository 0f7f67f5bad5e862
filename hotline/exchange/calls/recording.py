"""The verb Record (pure)."""

from collections.abc import Generator
from dataclasses import dataclass, field

from hotline.exchange.calls.hearing import CallOverError, Hearing, TakenOverError
from hotline.exchange.calls.needs import (
    DocumentAt,
    EndRecording,
    Given,
    Keys,
    Listen,
    Need,
    RecordingStarted,
    Source,
    Speech,
    StartRecording,
    TimeUp,
)
from hotline.exchange.twiml.verbs import Record

# Our own measure: Twilio does not say how long its beep is.
BEEP_S = 0.5


@dataclass
class _Take:
    """A recording that is being made. spoken: from and to, in call seconds."""

    sid: str
    url: str
    begins_at_s: float
    spoken: list[tuple[float, float]] = field(default_factory=list)


def perform_record(hearing: Hearing, record: Record, number: int) -> Generator[Need, Given, Source | None]:
    """Record what is spoken. number: of this Record within its call, counted with the Gathers.

    The action is requested as well if the caller hangs up; what it answers is then performed no more. With
    nothing spoken there is no recording, no action, and the next verb follows.
    """
    if record.beep:
        yield from _beep(hearing)
    take = yield from _start(hearing, record)
    try:
        key = yield from _listen_in(hearing, record, take, number)
    except CallOverError:
        action = yield from _end(hearing, record, take, "hangup")
        if action is not None:
            yield action
        raise
    except TakenOverError:
        yield from _end(hearing, record, take, "")
        raise
    return (yield from _end(hearing, record, take, key))


def _beep(hearing: Hearing) -> Generator[Need, Given, None]:
    hearing.note("beep")
    ends_at_s = hearing.at_s + BEEP_S
    while not isinstance((yield from hearing.listen(Listen(ends_at_s, ends_at_s))), TimeUp):
        continue


def _start(hearing: Hearing, record: Record) -> Generator[Need, Given, _Take]:
    callback_url = None if record.callback_url is None else hearing.resolve(record.callback_url)
    started = yield StartRecording(callback_url, record.callback_method, record.callback_events)
    assert isinstance(started, RecordingStarted)
    hearing.note("record", sid=started.sid, timeout_s=record.timeout_s, max_length_s=record.max_length_s)
    return _Take(started.sid, started.url, hearing.at_s)


def _listen_in(hearing: Hearing, record: Record, take: _Take, number: int) -> Generator[Need, Given, str]:
    """The key that ended the recording; "" where silence or the greatest length did."""
    limit_s = take.begins_at_s + record.max_length_s
    quiet_at_s = take.begins_at_s
    while True:
        until_s = min(quiet_at_s + record.timeout_s, limit_s)
        by_hand = quiet_at_s < limit_s
        event = yield from hearing.listen(Listen(until_s, min(quiet_at_s, limit_s), number, by_hand, True))
        if isinstance(event, TimeUp):
            return ""
        if isinstance(event, Speech):
            hearing.note("speech", seconds=event.seconds, lost=False)
            take.spoken.append((event.at_s, event.at_s + event.seconds))
            quiet_at_s = max(quiet_at_s, event.at_s + event.seconds)
        if isinstance(event, Keys) and event.heard:
            key = _take_key(hearing, record, event.keys)
            if key:
                return key


def _take_key(hearing: Hearing, record: Record, keys: str) -> str:
    """The first key that finishes; every other key is lost."""
    place = next((place for place, key in enumerate(keys) if key in record.finish_keys), None)
    if place is None:
        hearing.lose_keys(keys)
        return ""
    hearing.lose_keys(keys[:place])
    hearing.note("keys", keys=keys[place], lost=False)
    hearing.lose_keys(keys[place + 1 :])
    return keys[place]


def _end(
    hearing: Hearing, record: Record, take: _Take, digits: str
) -> Generator[Need, Given, DocumentAt | None]:
    """Hand the recording over; its action, or None if nothing was spoken."""
    now_s = hearing.at_s
    spoken = [(start_s, min(end_s, now_s)) for start_s, end_s in take.spoken if start_s < now_s]
    if not spoken:
        hearing.note("recorded", sid=take.sid, seconds=0)
        yield EndRecording(take.sid, (), 0.0, 0)
        return None
    starts_at_s = min(start_s for start_s, _ in spoken) if record.trim else take.begins_at_s
    length_s = (max(end_s for _, end_s in spoken) if record.trim else now_s) - starts_at_s
    # Whole seconds; how Twilio rounds is not documented, a sound is never told to be nothing.
    duration_s = max(1, int(length_s + 0.5))
    hearing.note("recorded", sid=take.sid, seconds=duration_s)
    in_file = tuple((start_s - starts_at_s, end_s - starts_at_s) for start_s, end_s in spoken)
    yield EndRecording(take.sid, in_file, length_s, duration_s)
    extra = (
        ("RecordingUrl", take.url),
        ("RecordingSid", take.sid),
        ("RecordingDuration", str(duration_s)),
        ("Digits", digits),
    )
    status = "completed" if digits == "hangup" else None
    return DocumentAt(hearing.resolve(record.action), record.method, extra, status)
