"""Reads prompts/ into a Guide. The only reader of those files; broken content stops the start, by name."""

from __future__ import annotations

import gettext
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from hotline.guide.language import Language, Speech
from hotline.guide.model import Choice, DateKind, Fact, Guide, Menu, ReminderRule, Start, Step
from hotline.guide.steptext import ContentError, parse_step
from hotline.sms.edition import with_latin

Table = Mapping[str, Any]
SPOKEN_WORDS = {"numbers": 100, "days": 31, "months": 12, "months_of_year": 12, "weekdays": 7}
KEYS_WITH_A_NAME = 10  # 0 to 9
LEXICON_TABLES = ("engines", "readers")
PO_LINE = re.compile(r'\s*|#.*|(msg[a-z_]+(\[[0-9]\])? )?"([^"\\]|\\.)*"')


def load_guide(prompts: Path, languages: tuple[str, ...]) -> Guide:
    """The guide in `prompts`, in the given languages and in both scripts.

    Raises ContentError naming the file, and the line or key, of what is missing or malformed.
    """
    guide = Guide(
        steps=_steps(prompts, languages),
        menus=_menus(prompts / "guide.toml"),
        rules=_rules(prompts / "reminders.toml"),
        facts=_facts(prompts / "facts.toml"),
        languages={code: _language(prompts / code) for code in languages},
        dates=_dates(prompts / "reminders.toml"),
    )
    return with_latin(guide)


def load_catalog(path: Path) -> Catalog:
    """The short lines of one language, as Babel reads them from its .po file.

    Raises ContentError naming file and line where Babel cannot read it.
    """
    source = _read(path)
    for number, row in enumerate(source.splitlines(), start=1):
        if not PO_LINE.fullmatch(row):  # Babel would cut the text at a lost quote without a word
            raise ContentError(f"{path}:{number}: neither a comment nor a quoted text")
    try:
        return read_po(io.StringIO(source), locale=path.parts[-3], abort_invalid=True)
    except PoFileError as e:
        raise ContentError(f"{path}:{e.lineno + 1}: {e}") from e


def _compiled(catalog: Catalog) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return gettext.GNUTranslations(io.BytesIO(compiled.getvalue()))


def _line_ids(catalog: Catalog) -> frozenset[str]:
    """Ids with a translation in every plural form; what translators marked fuzzy does not count."""
    return frozenset(_id(message) for message in catalog if message.id and _translated(message))


def _id(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def _translated(message: Message) -> bool:
    forms = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return all(forms) and not message.fuzzy


def _steps(prompts: Path, languages: tuple[str, ...]) -> dict[str, Step]:
    path = prompts / "guide.toml"
    steps = {}
    for row in _rows(path, "steps"):
        with _blaming(path, row.get("key")):
            name = f"{row['key']}-{row['slug']}.md"
            files = {code: prompts / code / "steps" / name for code in languages}
            texts = {code: parse_step(_read(file), str(file)) for code, file in files.items()}
            steps[row["key"]] = Step(**_tupled(row), texts=texts)
    return steps


def _menus(path: Path) -> dict[str, Menu]:
    menus = {}
    for row in _rows(path, "menus"):
        with _blaming(path, row.get("id")):
            choices = tuple(Choice(**choice) for choice in row["choices"])
            menus[row["id"]] = Menu(row["id"], row["line"], choices)
    return menus


def _rules(path: Path) -> dict[str, ReminderRule]:
    rules = {}
    for row in _rows(path, "rules"):
        with _blaming(path, row.get("id")):
            starts = tuple(Start(**start) for start in row.pop("else_from", ()))
            rules[row["id"]] = ReminderRule(**_tupled(row), else_from=starts)
    return rules


def _dates(path: Path) -> dict[str, DateKind]:
    kinds = {}
    for row in _rows(path, "dates"):
        with _blaming(path, row.get("anchor")):
            kinds[row["anchor"]] = DateKind(**row)
    return kinds


def _facts(path: Path) -> dict[str, Fact]:
    facts = {}
    for id, row in _toml(path).items():
        with _blaming(path, id):
            facts[id] = Fact(id=id, **_tupled(row))
    return facts


def _language(folder: Path) -> Language:
    path = folder / "language.toml"
    head = _toml(path)
    catalog = load_catalog(folder / "LC_MESSAGES" / "hotline.po")
    with _blaming(path, "language"):
        return Language(
            code=folder.name,
            name=head["name"],
            date_pattern=head["date_pattern"],
            day_pattern=head["day_pattern"],
            key_names=_key_names(path, head["key_names"]),
            catalog=_compiled(catalog),
            line_ids=_line_ids(catalog),
            speech=_speech(path, head["speech"], _lexicon(folder / "lexicon.toml")),
            keywords=_tupled(_toml(folder / "keywords.toml")),
            stems=_tupled(_toml(folder / "stems.toml")),
            latin=head.get("latin", {}),
        )


def _key_names(path: Path, names: list[str]) -> tuple[str, ...]:
    if len(names) != KEYS_WITH_A_NAME:
        raise ContentError(f"{path}: key_names has {len(names)} entries, not {KEYS_WITH_A_NAME}")
    return tuple(names)


def _lexicon(path: Path) -> Table:
    """How words are said; a language without the file is read as it is written."""
    if not path.exists():
        return {}
    lexicon = _toml(path)
    for key, words in lexicon.items():
        if key not in LEXICON_TABLES or not all(isinstance(said, str) and said for said in words.values()):
            raise ContentError(
                f"{path}: [{key}] is none of {', '.join(LEXICON_TABLES)}, or an entry is no text"
            )
    return lexicon


def _speech(path: Path, row: Table, lexicon: Table) -> Speech:
    for key, count in SPOKEN_WORDS.items():
        if key in row and len(row[key]) != count:
            raise ContentError(f"{path}: [speech] {key} has {len(row[key])} entries, not {count}")
    years = {int(year): words for year, words in row["years"].items()}
    return Speech(**{**_tupled(row), **lexicon, "years": years, "tokens": _tupled(row["tokens"])})


def _tupled(row: Table) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _rows(path: Path, key: str) -> list[dict[str, Any]]:
    with _blaming(path, key):
        return list(_toml(path)[key])


@contextmanager
def _blaming(path: Path, key: object) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, AttributeError) as e:
        raise ContentError(f"{path}: [{key}] {type(e).__name__}: {e}") from e


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as e:
        raise ContentError(f"{path}: {e}") from e


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as e:
        raise ContentError(f"{path}:1: missing") from e
    except UnicodeDecodeError as e:
        raise ContentError(f"{path}:1: not UTF-8: {e}") from e
