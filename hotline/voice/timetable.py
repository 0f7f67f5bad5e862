"""The table of how long callers wait, and the page docs/timing.md that it stands on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hotline.voice.timing import DAY, KEY_S, Measured

HEAD = ("from the answer to", "caller", "keys", "within, s")
PAGE = """# How long a caller waits

Made by `flask --app app audio time --markdown > docs/timing.md`; do not edit it.

Seconds from the answer to the first word of what somebody called for. The tool walks the dialogue itself,
key by key on the shortest way that the menus offer, and adds up the rendered sound: at each turn all that is
heard up to the end of the sentence that names the key, its closing pause of a third of a second too, then
{key_s} s to press it; where a day is typed, all that is heard and {key_s} s a digit. A first caller chooses a
language first, each being offered in itself, so the last one waits longest; a returning caller's is known.
The day given is {day}, which takes longer to say than nine days of ten. Not counted: ringing, and the
moment after each key in which the carrier fetches the answer, which depends on the network.

{table}"""


def page(found: Sequence[Measured]) -> str:
    """The whole of docs/timing.md, without the last line's end."""
    return PAGE.format(key_s=KEY_S, day=DAY.isoformat(), table=table(found))


def table(found: Sequence[Measured]) -> str:
    """One row for each journey and caller, in Markdown; what takes too long is in bold."""
    rows = [(*HEAD, *found[0].seconds), ("---", "---", *("--:" for _ in (*HEAD[2:], *found[0].seconds)))]
    return "\n".join(_row(row) for row in (*rows, *(_cells(each) for each in found)))


def _cells(each: Measured) -> Iterator[str]:
    yield from (each.name, each.caller, str(each.keys))
    yield "" if each.target_s is None else f"{each.target_s:g}"
    for code, seconds in each.seconds.items():
        yield f"**{seconds:.1f}**" if code in each.too_long else f"{seconds:.1f}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
