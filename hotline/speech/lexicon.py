"""Words that are said otherwise than they are written, from prompts/<language>/lexicon.toml. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping


def pronounced(text: str, engines: Mapping[str, str]) -> str:
    """The text as an engine should read it.

    Whole words are replaced, of any case, the longest first; a hyphen belongs to its word. A capital letter
    at the beginning stays one: engines end a sentence by it.
    """
    if not engines:
        return text
    said = {word.casefold(): replacement for word, replacement in engines.items()}
    longest_first = sorted(said, key=len, reverse=True)
    word = rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])"
    return re.sub(word, lambda found: _cased(said[found[0].casefold()], found[0]), text, flags=re.IGNORECASE)


def hints(text: str, readers: Mapping[str, str]) -> list[str]:
    """What a person who reads the text should know of its words; an entry is the beginning of a word."""
    folded = text.casefold()
    return [
        hint
        for word, hint in readers.items()
        if re.search(rf"(?<![\w-]){re.escape(word.casefold())}", folded)
    ]


def _cased(replacement: str, written: str) -> str:
    return replacement[:1].upper() + replacement[1:] if written[:1].isupper() else replacement
