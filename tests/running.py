"""The whole hotline as `python app.py` runs it, on a free port, with all that it keeps in one folder."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import requests
from flask import Flask

from app import Hotline, create_app
from hotline.config import Config
from hotline.serving import THREADS
from hotline.speech.studio import Studio
from tests.serving import served
from tests.twilio_api.checking import Inspector

KEY = "A" * 43 + "="


@contextmanager
def running(folder: Path, sound: Studio, inspector: Inspector, **settings: str) -> Iterator[Flask]:
    """A prepared hotline and its exchange, served while the block runs; settings as in the environment.

    What goes between the two is held against Twilio's API by `inspector`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder}/k.db",
        "HOTLINE_DATA_KEY": KEY,
        **settings,
    }
    config = replace(Config.from_env(environment), audio=sound.folder.parent, private=folder)
    made = create_app(config)
    inspector.watch(made)
    hotline: Hotline = made.extensions["kadam"]
    with served(made, port, THREADS) as url:
        early = requests.get(f"{url}/healthz", timeout=5)
        assert early.status_code == 503
        hotline.prepare()
        try:
            yield made
        finally:
            hotline.close()
