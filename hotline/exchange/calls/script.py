"""A call as a conversation (pure): documents become sounds, waits and requests, in the call's own seconds.

`Conversation.run` is a generator: it yields what it needs (needs.py) and is sent what came of it. It knows no
network and no clock; at_s counts seconds since the call was answered and moves only by what it is told.
"""

from collections.abc import Callable, Generator
from dataclasses import replace

from hotline.exchange.calls.dialling import perform_dial
from hotline.exchange.calls.gathering import perform_gather
from hotline.exchange.calls.hearing import CallOverError, Hearing, TakenOverError
from hotline.exchange.calls.needs import (
    DocumentAt,
    DocumentText,
    Given,
    Listen,
    Need,
    SetStatus,
    Source,
    TimeUp,
)
from hotline.exchange.calls.recording import perform_record
from hotline.exchange.journal import Journal
from hotline.exchange.twiml.documents import Answer, Failure, read_voice
from hotline.exchange.twiml.reading import TwimlError, parse_voice
from hotline.exchange.twiml.verbs import (
    Dial,
    Gather,
    Hangup,
    Pause,
    Play,
    Prompt,
    Record,
    Redirect,
    Reject,
    Say,
    VoiceVerb,
)

# Longest call: twilio-facts section 2 (Dial timeLimit) and section 4 (TimeLimit).
TIME_LIMIT_S = 14_400.0
# Our own guard: documents one after another without waiting for the person, such as a Redirect to itself.
MOST_DOCUMENTS = 50
ERROR_WORDS = "An application error has occurred. Goodbye."


class Conversation:
    """One call's script; its time is in seconds since the call was answered."""

    def __init__(
        self,
        journal: Journal,
        *,
        fallback: DocumentAt | None,
        caption: Callable[[str], str | None],
        answered: bool,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        self._hearing = Hearing(journal, caption, time_limit_s)
        self._fallback = fallback
        self._answered = answered
        self._gathers = 0

    @property
    def at_s(self) -> float:
        """The call's time."""
        return self._hearing.at_s

    def pass_to(self, at_s: float) -> None:
        """Tell that time has passed while something was fetched."""
        self._hearing.at_s = max(self._hearing.at_s, at_s)

    def run(self, source: Source) -> Generator[Need, Given, None]:
        """Perform documents from the first to the end of the call; an error goes to the fallback URL once."""
        following: Source | None = source
        try:
            while following is not None:
                current = following
                try:
                    verbs = yield from self._load(current)
                    following = yield from self._perform(verbs)
                except TakenOverError as change:
                    following = change.source
                except TwimlError as fault:
                    following = yield from self._recover(fault, current)
        except CallOverError:
            return

    def _load(self, source: Source) -> Generator[Need, Given, tuple[VoiceVerb, ...]]:
        self._hearing.documents += 1
        if self._hearing.documents > MOST_DOCUMENTS:
            self._hearing.note(
                "alert", code=12400, detail="documents follow one another without end", url=None
            )
            raise CallOverError
        if isinstance(source, DocumentText):
            self._hearing.document_url = None
            return parse_voice(source.twiml)
        self._hearing.document_url = source.url
        answer = yield source
        if isinstance(answer, Failure):
            raise TwimlError(answer.code, answer.detail)
        assert isinstance(answer, Answer)
        self._hearing.document_url = answer.url
        return read_voice(answer)

    def _recover(self, fault: TwimlError, failed: Source) -> Generator[Need, Given, Source | None]:
        url = failed.url if isinstance(failed, DocumentAt) else None
        self._hearing.note("alert", code=fault.code, detail=fault.detail, url=url)
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
                raise CallOverError
            if isinstance(verb, Pause) and not self._answered:
                # A leading pause delays the answer; the call's seconds have not begun.
                self._hearing.note("ringing-pause", seconds=verb.length_s)
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
                self._gathers += 1
                return (yield from perform_gather(self._hearing, verb, self._gathers))
            case Record():
                self._gathers += 1
                return (yield from perform_record(self._hearing, verb, self._gathers))
            case Dial():
                return (yield from perform_dial(self._hearing, verb))
            case Redirect():
                return DocumentAt(self._hearing.resolve(verb.url), verb.method)
            case Hangup() | Reject():
                raise CallOverError
        return None

    def _answer(self) -> Generator[Need, Given, None]:
        if not self._answered:
            self._answered = True
            yield SetStatus("in-progress")

    def _sound(self, prompts: tuple[Prompt, ...]) -> Generator[Need, Given, None]:
        quiet_at_s = yield from self._hearing.queue_up(prompts)
        while True:
            event = yield from self._hearing.listen(Listen(quiet_at_s, quiet_at_s))
            if isinstance(event, TimeUp):
                self._hearing.stop_sounds()
                return
