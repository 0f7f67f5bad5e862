"""Babel extractor: the line ids that prompts/*.toml name: `line = "…"`, `lines = { … }`, `spoken = { … }`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

LINE = re.compile(r'\bline = "([^"]+)"')
LINES = re.compile(r"\b(?:lines|spoken) = \{([^}]*)\}")
SPOKEN = re.compile(r"\bspoken = \{([^}]*)\}")
COUNTED = re.compile(r'\b(?:early|most) = "([^"]+)"')  # these say the days left
QUOTED = re.compile(r'= "([^"]+)"')

Extracted = tuple[int, str, list[str], list[str]]


def extract(source: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Extracted]:  # noqa: ARG001 - Babel's signature
    """Line number, function, id and comments of each line id in a TOML file of prompts/."""
    for number, row in enumerate(source.read().decode().splitlines(), start=1):
        ids = LINE.findall(row) + [id for table in LINES.findall(row) for id in QUOTED.findall(table)]
        counted = [id for table in SPOKEN.findall(row) for id in COUNTED.findall(table)]
        yield from ((number, "counted" if id in counted else "line", [id], []) for id in ids)
