"""One step file (Markdown) -> StepText. Pure.

# Title
## sms
### s07-f02 s07-f03        the facts that the page below carries
The page, one paragraph of text.
## voice
### s07-f01
The spoken paragraph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from hotline.guide.model import Block, StepText

SECTIONS = ("sms", "voice")


class ContentError(ValueError):
    """A file in prompts/ that cannot be used; the message names file and line."""


@dataclass(frozen=True)
class _Piece:
    kind: str  # h1, h2, h3 or p
    text: str
    line: int


def parse_step(source: str, name: str) -> StepText:
    """The step text in `source`; `name` is the file's name for messages.

    Raises ContentError naming file and line where the file does not have the shape above.
    """
    title = ""
    blocks: dict[str, list[Block]] = {section: [] for section in SECTIONS}
    section: str | None = None
    claimed: _Piece | None = None
    for piece in _pieces(source, name):
        if piece.kind == "h1":
            title = piece.text
        elif piece.kind == "h2":
            section = _section(piece, name)
        elif piece.kind == "h3":
            claimed = piece
        elif section is None or claimed is None:
            raise ContentError(f"{name}:{piece.line}: text before '## sms' or '## voice' and its '### facts'")
        else:
            blocks[section].append(_block(piece, claimed, name))
            claimed = None
    if not title or not all(blocks.values()):
        raise ContentError(
            f"{name}:1: a step needs '# title', '## sms' with pages and '## voice' with paragraphs"
        )
    return StepText(title, tuple(blocks["sms"]), tuple(blocks["voice"]))


def _section(piece: _Piece, name: str) -> str:
    if piece.text not in SECTIONS:
        raise ContentError(f"{name}:{piece.line}: section '{piece.text}' is neither sms nor voice")
    return piece.text


def _block(piece: _Piece, claimed: _Piece, name: str) -> Block:
    return Block(" ".join(piece.text.split()), tuple(claimed.text.split()), f"{name}:{piece.line}")


def _pieces(source: str, name: str) -> Iterator[_Piece]:
    tokens = MarkdownIt("zero").enable("heading").parse(source)
    for opening, inline in pairwise(tokens):
        if opening.type in {"heading_open", "paragraph_open"}:
            yield _Piece(_kind(opening, name), inline.content.strip(), _line(opening))


def _kind(token: Token, name: str) -> str:
    kind = token.tag
    if kind not in {"h1", "h2", "h3", "p"}:
        raise ContentError(f"{name}:{_line(token)}: headings go no deeper than ###")
    return kind


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1
