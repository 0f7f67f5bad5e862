"""The whole app with its doors open, on a migrated database and without sound, for tests from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from app import Hotline, create_app
from db import Database
from hotline.config import Config
from tests.running import KEY
from tests.telephone import HOTLINE, PUBLIC_URL, TOKEN

TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": f"the-new-token,{TOKEN}",
    "TWILIO_NUMBER": HOTLINE,
    "TWILIO_API_URL": "http://127.0.0.1:9",  # nobody answers there, and nobody is asked
    "PUBLIC_URL": PUBLIC_URL,
}
KANNEL = {
    "KANNEL_SENDSMS_URL": "http://127.0.0.1:9/cgi-bin/sendsms",
    "KANNEL_USERNAME": "kadam",
    "KANNEL_PASSWORD": "the-password",
    "KANNEL_SENDER": "4040",
    "KANNEL_PREFIXES": "+996",
    "KANNEL_SECRET": "n" * 32,
}


@contextmanager
def opened(database: Database, **settings: str) -> Iterator[Flask]:
    """An app with these settings that answers while the block runs; its clock is not wound."""
    environment = {
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "HOTLINE_DATA_KEY": KEY,
        **settings,
    }
    app = create_app(Config.from_env(environment))
    hotline: Hotline = app.extensions["kadam"]
    hotline.health.starting.clear()
    try:
        yield app
    finally:
        hotline.close()


def webhooks(app: Flask) -> list[str]:
    """A path of every route that the carrier's signature guards."""
    values = {"<language>": "ky", "<place>": "menu-main", "<misses>": "0", "<number>": "1"}
    paths = []
    for rule in app.url_map.iter_rules():
        path = str(rule)
        for name, value in values.items():
            path = path.replace(name, value)
        if path.startswith(("/voice", "/sms", "/receipts")):
            paths.append(path)
    return sorted(set(paths))
