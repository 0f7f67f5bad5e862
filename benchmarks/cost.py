"""The processor time of one request in one process, without a server: other work alters it least."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing

from flask import Flask

from app import create_app
from benchmarks.bare import app as bare
from benchmarks.web import BARE, LOADS, PUBLIC, VALIDATOR, Load, settings_of, text_of
from hotline.config import Config

REQUESTS = 25  # of one kind at a time
AIM = "none"


def run(small: bool) -> Iterator[tuple[str, str, str]]:
    """The least of several turns, of each kind and of the bare app."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Config.from_env(settings_of(folder)))
        with closing(app.extensions["kadam"]) as hotline:
            hotline.prepare()
            kinds = {BARE: (bare, text_of), **{name: (app, load) for name, (load, _, _) in LOADS.items()}}
            turns = range(1 if small else 10)
            costs = [{name: _cost_ms(*kind) for name, kind in kinds.items()} for _ in turns]
        least = {name: min(turn[name] for turn in costs) for name in kinds}
        for name in LOADS:
            found = f"{least[name]:.1f} ms; the bare app {least[BARE]:.1f} ms"
            yield f"{name}, processor time", found, AIM


def _cost_ms(app: Flask, load: Load) -> float:
    client = app.test_client()
    requests = [load() for _ in range(REQUESTS)]
    signed = [(path, form, VALIDATOR.compute_signature(PUBLIC + path, form)) for path, form in requests]
    began_s = time.process_time()
    for path, form, signature in signed:
        answer = client.post(path, data=form, headers={"X-Twilio-Signature": signature})
        assert answer.status_code == 200, answer.status_code
    return 1_000 * (time.process_time() - began_s) / REQUESTS
