"""A new rule needs no code: it stands in prompts/reminders.toml, its words in the catalogs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from db import Database
from hotline.config import ROOT, SendWindow
from hotline.guide.check import problems
from hotline.guide.loader import load_guide
from hotline.people.privacy import Vault
from tests.reminders.conftest import Hotline

ENTRY = date(2026, 11, 22)
RULE = """
[[rules]]
id = "new"
step = "09"
anchor = "entry"
remind_on = [10]
facts = ["s09-f01"]
lines = { remind = "sms-new" }
"""
WORDS = {"ky": "Жаңы эреже.", "ru": "Новое правило.", "en": "A new rule."}


def test_new_rule_is_planned_and_said_without_new_code(
    sqlite: Database, vault: Vault, window: SendWindow, tmp_path: Path
) -> None:
    """A row and a line a language: planned with the date, said once on its day in the language of each."""
    prompts = Path(shutil.copytree(ROOT / "prompts", tmp_path / "prompts"))
    with (prompts / "reminders.toml").open("a") as rules:
        rules.write(RULE)
    for language, words in WORDS.items():
        with (prompts / language / "LC_MESSAGES" / "hotline.po").open("a") as catalog:
            catalog.write(f'\nmsgid "sms-new"\nmsgstr "{words}"\n')
    guide = load_guide(prompts, tuple(WORDS))
    assert problems(guide, ENTRY) == []
    alone = replace(guide, rules={"new": guide.rules["new"]})  # of the others other tests tell
    hotline = Hotline(sqlite, vault, alone, window)
    phones = {f"+9965550007{n:02}": language for n, language in enumerate(WORDS)}
    ids = [hotline.remember(phone, ENTRY, language) for phone, language in phones.items()]
    assert [[row.due_on for row in hotline.rows(id)] for id in ids] == [[ENTRY + timedelta(days=10)]] * 3
    for day in range(5):
        hotline.tick(datetime(2026, 11, 30, 7, 30, tzinfo=UTC) + timedelta(days=day))
    hotline.dispatcher.close()
    said = {text.to: (text.created_at_utc.date(), text.body) for text in hotline.carrier.texts}
    assert len(hotline.carrier.texts) == 3
    for phone, language in phones.items():
        day, body = said[phone]
        assert day == ENTRY + timedelta(days=10)
        assert WORDS[language] in body
