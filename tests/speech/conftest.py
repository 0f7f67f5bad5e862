"""A small guide with every kind of line, and its sound."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hotline.guide.loader import load_guide
from hotline.guide.model import Guide
from hotline.speech.job import Job
from hotline.speech.making import make
from hotline.speech.studio import Studio, render
from hotline.speech.synthesis import Engine, EspeakNg

ROOT = Path(__file__).parents[2]

GUIDE = """
[[steps]]
key = "07"
slug = "registration"
review_by = 2027-05-31
facts = []
[[menus]]
id = "main"
line = "voice-menu"
choices = [{ kind = "step", target = "07" }]
"""

STEP = """# {title}
## sms
### s07-f01
{first}
## voice
### s07-f01
{first}
### s07-f02
{second}
"""

STEPS = {
    "ky": ("Каттоо", "Каттоого эрте туруңуз.", "Бир, бир, эки номерине чалыңыз."),
    "ru": ("Учёт", "Встаньте на учёт пораньше.", "Наберите: один, один, два."),
}

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural}\\n"

"""

PLURALS = {
    "ky": "nplurals=2; plural=(n != 1);",
    "ru": (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
        "n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
    ),
}

LINES = {
    "ky": {
        "voice-menu": "Каттоо болсо, бирди басыңыз.",
        "voice-until": "Каттоого {date} күнүнө чейин туруңуз. Кийин кеч болот.",
        "voice-entry-read": "{date_year}, {n}",
        "sms-menu": "Меню",
    },
    "ru": {
        "voice-menu": "Регистрация: нажмите один.",
        "voice-until": "Встаньте на учёт до {date}. Потом будет поздно.",
        "voice-entry-read": "{date_year}, {n}",
        "sms-menu": "Меню",
    },
}

COUNTED = {
    "ky": ("{n} күн калды.", "{n} күн калды."),
    "ru": ("Остался {n} день.", "Осталось {n} дня.", "Осталось {n} дней."),
}


def make_here(jobs: Sequence[Job], engine: Engine, processes: int, done: Callable[[], None]) -> None:
    """Makes all clips in this process, as one of the crew does: starting another takes long."""
    for job in jobs:
        make(job, engine)
        done()


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prompts folder in Kyrgyz and Russian; not to be changed by a test."""
    folder = tmp_path_factory.mktemp("prompts")
    (folder / "guide.toml").write_text(GUIDE, encoding="utf-8")
    (folder / "reminders.toml").write_text("rules = []\ndates = []", encoding="utf-8")
    (folder / "facts.toml").write_text("", encoding="utf-8")
    for code in STEPS:
        _write_language(folder, code)
    return folder


@pytest.fixture(scope="session")
def guide(prompts: Path) -> Guide:
    """The guide in Kyrgyz and Russian."""
    return load_guide(prompts, ("ky", "ru"))


@pytest.fixture(scope="session")
def kyrgyz(prompts: Path) -> Guide:
    """The guide in Kyrgyz alone, which takes half the time to render."""
    return load_guide(prompts, ("ky",))


@pytest.fixture(scope="session")
def rendered(kyrgyz: Guide, tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """All sound of the Kyrgyz guide; not to be changed by a test."""
    folder = tmp_path_factory.mktemp("audio")
    return render(kyrgyz, folder / "rendered", folder / "recordings", EspeakNg(), making=make_here).studio


@pytest.fixture
def audio(rendered: Studio, tmp_path: Path) -> Path:
    """A copy of all sound, `rendered/` and an empty `recordings/ky/`, for the test to change."""
    shutil.copytree(rendered.folder, tmp_path / "rendered")
    (tmp_path / "recordings" / "ky").mkdir(parents=True)
    return tmp_path


def _write_language(prompts: Path, code: str) -> None:
    folder = prompts / code
    (folder / "steps").mkdir(parents=True)
    (folder / "LC_MESSAGES").mkdir()
    shutil.copy(ROOT / "prompts" / code / "language.toml", folder)
    (folder / "keywords.toml").write_text("", encoding="utf-8")
    (folder / "stems.toml").write_text("", encoding="utf-8")
    title, first, second = STEPS[code]
    step = STEP.format(title=title, first=first, second=second)
    (folder / "steps" / "07-registration.md").write_text(step, encoding="utf-8")
    (folder / "LC_MESSAGES" / "hotline.po").write_text(_catalog(code), encoding="utf-8")


def _catalog(code: str) -> str:
    lines = "".join(f'msgid "{id}"\nmsgstr "{text}"\n\n' for id, text in LINES[code].items())
    forms = "".join(f'msgstr[{i}] "{text}"\n' for i, text in enumerate(COUNTED[code]))
    counted = f'msgid "voice-days-left"\nmsgid_plural "voice-days-left"\n{forms}'
    return HEAD.format(plural=PLURALS[code]) + lines + counted
