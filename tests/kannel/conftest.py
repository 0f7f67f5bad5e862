"""A hotline whose texts go by a real Kannel.

Where Kannel is not installed these tests are skipped and the run says so; with KADAM_KANNEL=required, as in
.ci/run, a missing one fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from app import Hotline, create_app
from hotline.config import Config
from hotline.serving import THREADS
from tests.kannel.gateway import RunningKannel, free_ports, missing, running_kannel
from tests.running import KEY
from tests.serving import served

MISSING = "NO KANNEL: the gateway was not tested. Install it (Debian: apt-get install kannel kannel-extras)"


@pytest.fixture(scope="session")
def kannel_is_here() -> None:
    """Kannel's programs are installed."""
    if not missing():
        return
    if os.environ.get("KADAM_KANNEL") == "required":
        pytest.fail(f"{MISSING}; missing: {missing()}")
    pytest.skip(MISSING)


@dataclass(frozen=True)
class Connected:
    """A hotline and the gateway that it is connected to."""

    app: Flask
    kannel: RunningKannel

    @property
    def hotline(self) -> Hotline:
        return self.app.extensions["kadam"]  # type: ignore[no-any-return]


@pytest.fixture
def connected(kannel_is_here: None, tmp_path: Path) -> Iterator[Connected]:
    """Both running; the hotline without its sound, which texts do not need."""
    (port,) = free_ports(1)
    with running_kannel(tmp_path, port) as kannel:
        environment = {
            "PORT": str(port),
            "DATABASE_URL": f"sqlite:///{tmp_path}/k.db",
            "HOTLINE_DATA_KEY": KEY,
            **kannel.settings,
        }
        app = create_app(Config.from_env(environment))
        hotline: Hotline = app.extensions["kadam"]
        hotline.database.migrate()
        with served(app, port, THREADS):
            hotline.clockwork.start()
            try:
                yield Connected(app, kannel)
            finally:
                hotline.close()
