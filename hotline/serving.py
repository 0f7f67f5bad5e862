"""Getting ready to answer, and the server of `python app.py`: waitress, with bounds on what it takes in."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

import structlog
from flask import Flask
from waitress.server import create_server

from hotline.people.privacy import DataKeyError
from hotline.speech.job import ClipError

BODY_BYTES = 64 * 1024  # the carrier sends less, and nobody else has anything to send
TAKEN_BYTES = 2 * BODY_BYTES  # before the app is asked (waitress: 1 GiB); chunks have their sizes in it
THREADS = 16  # hotline and exchange call each other within one process

log = structlog.get_logger()


def serve(app: Flask, host: str, port: int) -> None:
    """Serves `app` in a thread until the process ends. Raises OSError where the port is taken."""
    server = create_server(app, host=host, port=port, threads=THREADS, max_request_body_size=TAKEN_BYTES)
    threading.Thread(target=server.run, daemon=True).start()


def prepare_or_exit(prepare: Callable[[], None]) -> None:
    """Ends the process, by name, where the hotline cannot start."""
    try:
        prepare()
    except Exception as e:
        log.error("start.failed", exc_info=e)
        named = isinstance(e, (ClipError, DataKeyError))  # their texts name a clip or a key, never a person
        reason = e if named else f"{type(e).__name__}; the log line above says where"
        print(f"Kadam cannot start: {reason}", file=sys.stderr)
        os._exit(1)
