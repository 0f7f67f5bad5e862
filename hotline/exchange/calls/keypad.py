"""Keys and the Gather that collects them (pure)."""

from hotline.exchange.twiml.verbs import Gather

KEYS = frozenset("0123456789*#")


def take_keys(gather: Gather, digits: str, keys: str) -> tuple[str, bool, str]:
    """Digits so far, whether the Gather is complete, and the keys left over once it is.

    The finish key completes it and is not a digit; with an empty finish key every key is a digit.
    """
    for position, key in enumerate(keys):
        rest = keys[position + 1 :]
        if key == gather.finish_key:
            return digits, True, rest
        digits += key
        if gather.num_digits is not None and len(digits) >= gather.num_digits:
            return digits, True, rest
    return digits, False, ""
