"""A call as a conversation (pure): documents become sounds, waits and requests, in the call's own seconds.

`Conversation.run` is a generator: it yields what it needs (needs.py) and is sent what came of it. It knows no
network and no clock; at_s counts seconds since the call was answered and moves only by what it is told.
"""

from collections.abc import Callable, Generator
from dataclasses import replace

from hotline.exchange.documents import Answer, Failure, read_voice, resolve
from hotline.exchange.journal import Journal
from hotline.exchange.keypad import take_keys
from hotline.exchange.needs import (
    DocumentAt,
    DocumentText,
    Event,
    FetchSound,
    Given,
    HangUp,
    Keys,
    LegAnswered,
    LegEnded,
    LegStarted,
    Listen,
    Need,
    SetStatus,
    Sound,
    Source,
    StartLeg,
    StopLeg,
    TakeOver,
    TimeUp,
)
from hotline.exchange.soundings import Sounding, cut, place
from hotline.exchange.twiml import TwimlError, parse_voice
from hotline.exchange.verbs import Dial, Gather, Hangup, Pause, Play, Prompt, Redirect, Reject, Say, VoiceVerb

# Longest call: twilio-facts section 2 (Dial timeLimit) and section 4 (TimeLimit).
TIME_LIMIT_S = 14_400.0
# Our own guard: documents one after another without waiting for the person, such as a Redirect to itself.
MOST_DOCUMENTS = 50
ERROR_WORDS = "An application error has occurred. Goodbye."


class _CallOverError(Exception):
    """The call ends here."""


class _TakenOverError(Exception):
    """The REST API gave the live call another document."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source


class Conversation:
    """One call's script. at_s is the call's time in seconds since it was answered."""

    def __init__(
        self,
        journal: Journal,
        *,
        fallback: DocumentAt | None,
        caption: Callable[[str], str | None],
        answered: bool,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        self.at_s = 0.0
        self._journal = journal
        self._fallback = fallback
        self._caption = caption
        self._answered = answered
        self._time_limit_s = time_limit_s
        self._document_url: str | None = None
        self._documents = 0
        self._gathers = 0
        self._queue: tuple[Sounding, ...] = ()

    def run(self, source: Source) -> Generator[Need, Given, None]:
        """Perform documents from the first to the end of the call; an error goes to the fallback URL once."""
        following: Source | None = source
        try:
            while following is not None:
                current = following
                try:
                    verbs = yield from self._load(current)
                    following = yield from self._perform(verbs)
                except _TakenOverError as change:
                    following = change.source
                except TwimlError as fault:
                    following = yield from self._recover(fault, current)
        except _CallOverError:
            return

    def _load(self, source: Source) -> Generator[Need, Given, tuple[VoiceVerb, ...]]:
        self._documents += 1
        if self._documents > MOST_DOCUMENTS:
            self._note("alert", code=12400, detail="documents follow one another without end", url=None)
            raise _CallOverError
        if isinstance(source, DocumentText):
            self._document_url = None
            return parse_voice(source.twiml)
        self._document_url = source.url
        answer = yield source
        if isinstance(answer, Failure):
            raise TwimlError(answer.code, answer.detail)
        assert isinstance(answer, Answer)
        self._document_url = answer.url
        return read_voice(answer)

    def _recover(self, fault: TwimlError, failed: Source) -> Generator[Need, Given, Source | None]:
        url = failed.url if isinstance(failed, DocumentAt) else None
        self._note("alert", code=fault.code, detail=fault.detail, url=url)
        in_fallback = isinstance(failed, DocumentAt) and ("ErrorCode", str(fault.code)) in failed.extra
        is_fallback = self._fallback is not None and url == self._fallback.url
        if self._fallback is None or in_fallback or is_fallback:
            yield from self._answer()
            yield from self._sound((Say(ERROR_WORDS),))
            return None
        return replace(self._fallback, extra=(("ErrorCode", str(fault.code)), ("ErrorUrl", url or "")))

    def _perform(self, verbs: tuple[VoiceVerb, ...]) -> Generator[Need, Given, Source | None]:
        for verb in verbs:
            if isinstance(verb, Reject):
                yield SetStatus("busy" if verb.reason == "busy" else "no-answer")
                raise _CallOverError
            if isinstance(verb, Pause) and not self._answered:
                # A leading pause delays the answer; the call's seconds have not begun.
                self._note("ringing-pause", seconds=verb.length_s)
                continue
            yield from self._answer()
            following = yield from self._do(verb)
            if following is not None:
                return following
        yield from self._answer()
        return None

    def _do(self, verb: VoiceVerb) -> Generator[Need, Given, Source | None]:
        match verb:
            case Say() | Play() | Pause():
                yield from self._sound((verb,))
            case Gather():
                return (yield from self._gather(verb))
            case Dial():
                return (yield from self._dial(verb))
            case Redirect():
                return DocumentAt(self._resolve(verb.url), verb.method)
            case Hangup() | Reject():
                raise _CallOverError
        return None

    def _answer(self) -> Generator[Need, Given, None]:
        if not self._answered:
            self._answered = True
            yield SetStatus("in-progress")

    def _sound(self, prompts: tuple[Prompt, ...]) -> Generator[Need, Given, None]:
        quiet_at_s = yield from self._queue_up(prompts)
        while True:
            event = yield from self._listen(Listen(quiet_at_s, quiet_at_s))
            if isinstance(event, TimeUp):
                self._stop_sounds()
                return

    def _gather(self, gather: Gather) -> Generator[Need, Given, Source | None]:
        self._gathers += 1
        quiet_at_s = yield from self._queue_up(gather.prompts)
        until_s = quiet_at_s + gather.timeout_s
        digits, complete = "", False
        self._note("gather", waits_until_s=until_s, num_digits=gather.num_digits)
        while not complete:
            event = yield from self._listen(Listen(until_s, quiet_at_s, self._gathers, by_hand=True))
            if isinstance(event, TimeUp):
                break
            if isinstance(event, Keys) and event.heard:
                self._stop_sounds()
                quiet_at_s = self.at_s
                digits, complete, rest = take_keys(gather, digits, event.keys)
                self._note("keys", keys=event.keys[: len(event.keys) - len(rest)], lost=False)
                self._lose_keys(rest)
                until_s = self.at_s + gather.timeout_s
        self._stop_sounds()
        if not digits and not gather.action_on_empty:
            return None
        return DocumentAt(self._resolve(gather.action), gather.method, (("Digits", digits),))

    def _dial(self, dial: Dial) -> Generator[Need, Given, Source | None]:
        started = yield StartLeg(dial.number, dial.caller_id, dial.timeout_s)
        sid, seconds = "", None
        if isinstance(started, LegStarted):
            sid = started.sid
            status, seconds = yield from self._follow_leg(dial)
        else:
            assert isinstance(started, LegEnded)
            status = started.status
        self._note("dial-ended", status=status, seconds=seconds)
        if dial.action is None:
            return None
        extra = [("DialCallStatus", status), ("DialBridged", "true" if seconds is not None else "false")]
        if sid:
            extra.append(("DialCallSid", sid))
        if seconds is not None:
            extra.append(("DialCallDuration", str(seconds)))
        return DocumentAt(self._resolve(dial.action), dial.method, tuple(extra))

    def _follow_leg(self, dial: Dial) -> Generator[Need, Given, tuple[str, int | None]]:
        bridged_at_s: float | None = None
        until_s = self.at_s + dial.timeout_s
        try:
            while True:
                event = yield from self._listen(Listen(until_s, self.at_s, by_hand=True))
                if isinstance(event, LegAnswered):
                    bridged_at_s, until_s = self.at_s, self.at_s + dial.time_limit_s
                    self._note("bridged")
                elif isinstance(event, LegEnded | TimeUp):
                    break
        except (_CallOverError, _TakenOverError):
            yield StopLeg("canceled" if bridged_at_s is None else "completed")
            raise
        seconds = None if bridged_at_s is None else max(1, round(self.at_s - bridged_at_s))
        if isinstance(event, LegEnded):
            return event.status, seconds
        status = "no-answer" if bridged_at_s is None else "completed"
        yield StopLeg(status)
        return status, seconds

    def _listen(self, listen: Listen) -> Generator[Need, Given, Event]:
        """Let time pass; hanging up, being taken over and the time limit leave by exception."""
        event = yield replace(listen, until_s=min(listen.until_s, self._time_limit_s))
        assert isinstance(event, Event)
        now_s = listen.until_s if isinstance(event, TimeUp) else event.at_s
        self.at_s = max(self.at_s, min(now_s, self._time_limit_s))
        if listen.by_hand:
            self._documents = 0
        if isinstance(event, Keys) and (listen.gather is None or not event.heard):
            self._lose_keys(event.keys)
        if isinstance(event, TakeOver):
            self._stop_sounds()
            self._note("taken-over")
            raise _TakenOverError(event.source)
        if isinstance(event, HangUp):
            self._stop_sounds()
            self._note("hung-up")
            raise _CallOverError
        if self.at_s >= self._time_limit_s:
            self._stop_sounds()
            self._note("time-limit")
            raise _CallOverError
        return event

    def _queue_up(self, prompts: tuple[Prompt, ...]) -> Generator[Need, Given, float]:
        """Fetch every sound first, as a Gather does, then start them; the call second when all have ended.

        A sound that cannot be had is an alert and silence; what Twilio does then is not documented.
        """
        queue: list[Sounding] = []
        starts_at_s = self.at_s
        for prompt in prompts:
            sounding = yield from self._prepare(prompt, starts_at_s)
            if sounding is not None:
                queue.append(sounding)
                starts_at_s = sounding.ends_at_s
        for sounding in queue:
            if sounding.kind != "pause":
                self._note("sound", **sounding.as_facts())
        self._queue = tuple(queue)
        return starts_at_s

    def _prepare(self, prompt: Prompt, starts_at_s: float) -> Generator[Need, Given, Sounding | None]:
        if not isinstance(prompt, Play):
            return place(prompt, starts_at_s)
        url = self._resolve(prompt.url)
        sound = yield FetchSound(url)
        if isinstance(sound, Failure):
            self._note("alert", code=sound.code, detail=sound.detail, url=url)
            return None
        assert isinstance(sound, Sound)
        length_s = sound.length_s * prompt.times
        return Sounding("play", starts_at_s, length_s, prompt.times, url, self._caption(url), sound.key)

    def _stop_sounds(self) -> None:
        for sounding in self._queue:
            heard_s = cut(sounding, self.at_s)
            if heard_s > 0 and sounding.kind != "pause":
                self._note("heard", **sounding.as_facts(), seconds=heard_s, sound=sounding.key)
        self._queue = ()

    def _lose_keys(self, keys: str) -> None:
        if keys:
            self._note("keys", keys=keys, lost=True)

    def _resolve(self, url: str | None) -> str:
        return resolve(self._document_url, url)

    def _note(self, kind: str, **facts: object) -> None:
        self._journal.note(kind, self.at_s, **facts)
