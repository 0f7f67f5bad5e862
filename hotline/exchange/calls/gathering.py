"""The verb Gather (pure)."""

from collections.abc import Generator

from hotline.exchange.calls.hearing import Hearing
from hotline.exchange.calls.keypad import take_keys
from hotline.exchange.calls.needs import DocumentAt, Given, Keys, Listen, Need, Source, TimeUp
from hotline.exchange.twiml.verbs import Gather


def perform_gather(hearing: Hearing, gather: Gather, number: int) -> Generator[Need, Given, Source | None]:
    """Collect keys while the prompts are heard. number: of this Gather within its call."""
    quiet_at_s = yield from hearing.queue_up(gather.prompts)
    until_s = quiet_at_s + gather.timeout_s
    digits, complete = "", False
    hearing.note("gather", waits_until_s=until_s, num_digits=gather.num_digits)
    while not complete:
        event = yield from hearing.listen(Listen(until_s, quiet_at_s, number, by_hand=True))
        if isinstance(event, TimeUp):
            break
        if isinstance(event, Keys) and event.heard:
            hearing.stop_sounds()
            quiet_at_s = hearing.at_s
            digits, complete, rest = take_keys(gather, digits, event.keys)
            hearing.note("keys", keys=event.keys[: len(event.keys) - len(rest)], lost=False)
            hearing.lose_keys(rest)
            until_s = hearing.at_s + gather.timeout_s
    hearing.stop_sounds()
    if not digits and not gather.action_on_empty:
        return None
    return DocumentAt(hearing.resolve(gather.action), gather.method, (("Digits", digits),))
