"""The web server of `python app.py`: waitress, with bounds on what it takes in."""

from __future__ import annotations

import threading

from flask import Flask
from waitress.server import create_server

BODY_BYTES = 64 * 1024  # the carrier sends less, and nobody else has anything to send
TAKEN_BYTES = 2 * BODY_BYTES  # before the app is asked (waitress: 1 GiB); chunks have their sizes in it
THREADS = 16  # hotline and exchange call each other within one process


def serve(app: Flask, host: str, port: int) -> None:
    """Serves `app` in a thread until the process ends. Raises OSError where the port is taken."""
    server = create_server(app, host=host, port=port, threads=THREADS, max_request_body_size=TAKEN_BYTES)
    threading.Thread(target=server.run, daemon=True).start()
