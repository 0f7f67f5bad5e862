"""One call's line: drives the script of the call, at the pace of a hand or in real time.

At the pace of a hand, sounds and pauses outside a Gather pass at once; at a Gather or a Dial the line waits
for the person at the phone, and what a person does without naming a moment happens once the queued sounds
have ended. Nothing sleeps: time is the call's own. In real time every wait takes as long as it takes, the
time that webhooks take passes too, and what a person does happens at that moment.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator

from hotline.exchange.calls.needs import (
    Event,
    Given,
    HangUp,
    Keys,
    LegAnswered,
    LegEnded,
    Listen,
    Need,
    Source,
    Speech,
    TakeOver,
    TimeUp,
)
from hotline.exchange.calls.pace import RealTime
from hotline.exchange.calls.script import Conversation


class Line:
    """All methods but `interrupt`, `waiting` and `at_s` belong to the lane of the call.

    meet: fulfils every need that is not a Listen. finish: called once, when the script has ended. pace: of
    real time, None for the pace of a hand.
    """

    def __init__(
        self,
        conversation: Conversation,
        meet: Callable[[Need], Given],
        finish: Callable[[], None],
        pace: RealTime | None = None,
    ) -> None:
        self.waiting: Listen | None = None
        self._conversation = conversation
        self._meet = meet
        self._finish = finish
        self._pace = pace
        self._script: Generator[Need, Given, None] | None = None
        self._interrupts: deque[Callable[[float], Event]] = deque()
        self._lock = threading.Lock()

    @property
    def at_s(self) -> float:
        """Seconds since the call was answered."""
        scripted_s = self._conversation.at_s
        return scripted_s if self._pace is None else max(scripted_s, self._pace.now_s())

    @property
    def is_real_time(self) -> bool:
        """Whether waits end by the clock."""
        return self._pace is not None

    def begin(self, source: Source) -> None:
        """Run the first documents until the person is waited for."""
        self._script = self._conversation.run(source)
        self._go(None)

    def interrupt(self, make_event: Callable[[float], Event]) -> None:
        """Order a hang-up or a take-over for the next moment the script listens (any thread)."""
        with self._lock:
            self._interrupts.append(make_event)

    def attend(self) -> None:
        """Let a waiting script hear what was ordered meanwhile."""
        if self.waiting is not None:
            event = self._take_interrupt(self.waiting)
            if event is not None:
                self._go(event)

    def press(self, keys: str, *, gather: int | None, at_s: float | None) -> None:
        """Keys for the Gather that was open when they were pressed, or at a named call second.

        gather: its number, None if none was open: then the keys are lost, as they are at Twilio.
        """
        if at_s is not None:
            self._pass_until(at_s)
        if self.waiting is not None:
            heard = at_s is not None or (gather is not None and self.waiting.gather == gather)
            moment_s = self._moment(self.waiting) if at_s is None else at_s
            self._go(Keys(keys, moment_s, heard))

    def speak(self, seconds: float, *, at_s: float | None) -> None:
        """Speech of so many seconds, once all sounds have ended or at a named call second."""
        if at_s is not None:
            self._pass_until(at_s)
        if self.waiting is not None:
            self._go(Speech(seconds, self._moment(self.waiting) if at_s is None else at_s))

    def stay_silent(self) -> None:
        """Let the present wait run out."""
        if self.waiting is not None:
            self._go(TimeUp())

    def _expire(self, listen: Listen) -> None:
        if self.waiting is listen:
            self._go(TimeUp())

    def hang_up_at(self, at_s: float) -> None:
        """Hang up at a named call second, letting what comes before it pass."""
        self._pass_until(at_s)
        if self.waiting is not None:
            self._go(HangUp(at_s))

    def tell_leg_answered(self) -> None:
        """The dialled phone was answered."""
        if self.waiting is not None:
            self._go(LegAnswered(self.at_s))

    def tell_leg_ended(self, status: str, after_s: float = 0.0) -> None:
        """The dialled leg ended by itself, after_s call seconds from now."""
        if self.waiting is not None:
            self._go(LegEnded(status, self.at_s + after_s))

    def _pass_until(self, at_s: float) -> None:
        while self.waiting is not None and self.waiting.until_s <= at_s:
            self._go(TimeUp())

    def _take_interrupt(self, listen: Listen) -> Event | None:
        with self._lock:
            if not self._interrupts:
                return None
            return self._interrupts.popleft()(self._moment(listen))

    def _go(self, given: Given) -> None:
        script = self._script
        if script is None:
            return
        self.waiting = None
        try:
            need = self._tell(script, given)
            while True:
                if not isinstance(need, Listen):
                    need = self._tell(script, self._meet(need))
                    continue
                event = self._take_interrupt(need)
                if event is None and (need.by_hand or self._pace is not None):
                    self._wait(need)
                    return
                need = script.send(event or TimeUp())
        except StopIteration:
            self._script = None
            self._finish()

    def _tell(self, script: Generator[Need, Given, None], given: Given) -> Need:
        if self._pace is not None:
            self._conversation.pass_to(self._pace.now_s())
        return script.send(given)

    def _wait(self, listen: Listen) -> None:
        self.waiting = listen
        if self._pace is not None:
            self._pace.wake_at(listen.until_s, lambda: self._expire(listen))

    def _moment(self, listen: Listen) -> float:
        """When something that a person does without naming a moment happens."""
        return max(self.at_s, listen.quiet_at_s) if self._pace is None else self.at_s


def make_hang_up(at_s: float) -> HangUp:
    """A hang-up at a call second."""
    return HangUp(at_s)


def make_take_over(source: Source) -> Callable[[float], TakeOver]:
    """A take-over by another document, at whatever call second the line hears it."""
    return lambda at_s: TakeOver(source, at_s)
