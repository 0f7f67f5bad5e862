"""The catalogs hold what the code and prompts/*.toml say, no more and no less, by Babel's own extraction."""

import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

from hotline.config import ROOT
from hotline.guide.loader import load_catalog
from hotline.guide.model import Guide

EXTRACT = ["-m", "babel.messages.frontend", "-q", "extract", "-F", "prompts/babel.cfg"]
KEYWORDS = ["--no-default-keywords", "-k", "line", "-k", "choosing:2", "-k", "counted:1,1", "-k", "Spoken"]


def test_catalogs_match_what_is_extracted(guide: Guide, tmp_path: Path) -> None:
    """`make lines` would add nothing and drop nothing."""
    template = tmp_path / "hotline.pot"
    subprocess.run(
        [sys.executable, *EXTRACT, *KEYWORDS, "-o", str(template), "."],
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    with template.open("rb") as source:
        said = {message.id if isinstance(message.id, str) else message.id[0] for message in read_po(source)}
    said.discard("")
    for language in guide.languages.values():
        assert language.line_ids == said, language.code


def test_catalogs_have_the_plural_forms_of_their_language() -> None:
    """Babel's rules: Russian counts in three forms, Kyrgyz and English in two."""
    forms = {
        code: load_catalog(ROOT / "prompts" / code / "LC_MESSAGES" / "hotline.po").num_plurals
        for code in ("ky", "ru", "en")
    }
    assert forms == {"ky": 2, "ru": 3, "en": 2}
