"""What every verb of a call shares (pure): the call's time, its queue of sounds, its journal."""

from collections.abc import Callable, Generator
from dataclasses import replace

from hotline.exchange.calls.needs import (
    Event,
    FetchSound,
    Given,
    HangUp,
    Keys,
    Listen,
    Need,
    Sound,
    Source,
    Speech,
    TakeOver,
    TimeUp,
)
from hotline.exchange.calls.soundings import Sounding, cut, place
from hotline.exchange.journal import Journal
from hotline.exchange.twiml.documents import Failure, resolve
from hotline.exchange.twiml.verbs import Play, Prompt


class CallOverError(Exception):
    """The call ends here."""


class TakenOverError(Exception):
    """The REST API gave the live call another document."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source


class Hearing:
    """One call as it is heard. at_s: seconds since it was answered.

    document_url: what relative URLs resolve against. documents: performed since a person was last waited for.
    """

    def __init__(self, journal: Journal, caption: Callable[[str], str | None], time_limit_s: float) -> None:
        self.at_s = 0.0
        self.document_url: str | None = None
        self.documents = 0
        self._journal = journal
        self._caption = caption
        self._time_limit_s = time_limit_s
        self._queue: tuple[Sounding, ...] = ()

    def listen(self, listen: Listen) -> Generator[Need, Given, Event]:
        """Let time pass; hanging up, being taken over and the time limit leave by exception."""
        event = yield replace(listen, until_s=min(listen.until_s, self._time_limit_s))
        assert isinstance(event, Event)
        before_s = self.at_s
        now_s = listen.until_s if isinstance(event, TimeUp) else event.at_s
        self.at_s = max(self.at_s, min(now_s, self._time_limit_s))
        if listen.by_hand and (self.at_s > before_s or not isinstance(event, TimeUp)):
            self.documents = 0
        if isinstance(event, Speech) and not listen.records:
            self.note("speech", seconds=event.seconds, lost=True)
        if isinstance(event, Keys) and (listen.gather is None or not event.heard):
            self.lose_keys(event.keys)
        if isinstance(event, TakeOver):
            self.stop_sounds()
            self.note("taken-over")
            raise TakenOverError(event.source)
        if isinstance(event, HangUp):
            self.stop_sounds()
            self.note("hung-up")
            raise CallOverError
        if self.at_s >= self._time_limit_s:
            self.stop_sounds()
            self.note("time-limit")
            raise CallOverError
        return event

    def queue_up(self, prompts: tuple[Prompt, ...]) -> Generator[Need, Given, float]:
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
                self.note("sound", **sounding.as_facts())
        self._queue = tuple(queue)
        return starts_at_s

    def _prepare(self, prompt: Prompt, starts_at_s: float) -> Generator[Need, Given, Sounding | None]:
        if not isinstance(prompt, Play):
            return place(prompt, starts_at_s)
        url = self.resolve(prompt.url)
        sound = yield FetchSound(url)
        if isinstance(sound, Failure):
            self.note("alert", code=sound.code, detail=sound.detail, url=url)
            return None
        assert isinstance(sound, Sound)
        length_s = sound.length_s * prompt.times
        return Sounding("play", starts_at_s, length_s, prompt.times, url, self._caption(url), sound.key)

    def stop_sounds(self) -> None:
        """End what is queued here, noting what of it was heard."""
        for sounding in self._queue:
            heard_s = cut(sounding, self.at_s)
            if heard_s > 0 and sounding.kind != "pause":
                self.note("heard", **sounding.as_facts(), seconds=heard_s, sound=sounding.key)
        self._queue = ()

    def lose_keys(self, keys: str) -> None:
        """Note keys that nobody listened to."""
        if keys:
            self.note("keys", keys=keys, lost=True)

    def resolve(self, url: str | None) -> str:
        """A URL named in the present document, absolute."""
        return resolve(self.document_url, url)

    def note(self, kind: str, **facts: object) -> None:
        """Append to the journal at the present call second."""
        self._journal.note(kind, self.at_s, **facts)
