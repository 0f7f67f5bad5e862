"""The reading script on paper and as a table: one HTML page that needs nothing else, and a CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hotline.guide.language import Language
from hotline.guide.model import Guide
from hotline.speech.recordings import Reading
from hotline.speech.script import Cue, cues
from hotline.speech.studio import Studio

TEMPLATE = "script.html"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")  # OWASP, CSV Injection


@dataclass(frozen=True)
class Row:
    """A cue with its number in the script, about how long it takes, and how its recording is."""

    number: int
    cue: Cue
    seconds: float
    reading: Reading
    status: str


def rows(guide: Guide, studio: Studio, language: str) -> list[Row]:
    """The script of a language, in order."""
    words = guide.words(language)
    found = []
    for number, cue in enumerate(cues(guide, language), start=1):
        reading = studio.reading(language, cue.clip.name)
        seconds = studio.about_s(language, cue.clip.name)
        found.append(Row(number, cue, seconds, reading, _status(words, reading)))
    return found


def write_script(guide: Guide, studio: Studio, language: str, folder: Path) -> tuple[Path, Path]:
    """Writes `script-<language>.html` and `.csv` into `folder`, and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    script = rows(guide, studio, language)
    page, table = folder / f"script-{language}.html", folder / f"script-{language}.csv"
    page.write_text(as_html(guide.words(language), script), encoding="utf-8")
    table.write_text(as_csv(guide.words(language), script), encoding="utf-8-sig", newline="")  # for Excel
    return page, table


def as_html(words: Language, script: Sequence[Row]) -> str:
    """One printable page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    sections = [(name, list(found)) for name, found in groupby(script, key=lambda row: row.cue.section)]
    return environment.get_template(TEMPLATE).render(
        language=words.code,
        title=words.line("script-title", language=words.name),
        intro=words.line("script-intro"),
        sections=sections,
    )


def as_csv(words: Language, script: Sequence[Row]) -> str:
    """A table with a head line; no cell is a formula."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(_head(words))
    for row in script:
        clip = row.cue.clip
        how, context = ("; ".join(lines) for lines in (row.cue.how, (row.cue.section, *row.cue.context)))
        cells = (str(row.number), clip.name, clip.text, how, context, f"{row.seconds:.1f}", row.status)
        writer.writerow([_harmless(cell) for cell in cells])
    return table.getvalue()


def _head(words: Language) -> list[str]:
    return [
        words.line("script-column-number"),
        words.line("script-column-clip"),
        words.line("script-column-text"),
        words.line("script-column-how"),
        words.line("script-column-context"),
        words.line("script-column-seconds"),
        words.line("script-column-recording"),
    ]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _status(words: Language, reading: Reading) -> str:
    match reading:
        case Reading.CURRENT:
            return words.line("script-recorded")
        case Reading.STALE:
            return words.line("script-stale")
        case Reading.UNKNOWN:
            return words.line("script-unknown")
        case Reading.MISSING:
            return words.line("script-missing")
