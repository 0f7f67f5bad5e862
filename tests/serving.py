"""An app on waitress, as in production, until the end of a block."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

END_S = 5.0


@contextmanager
def served(app: Flask, port: int = 0, threads: int = 4) -> Iterator[str]:
    """Serves `app` on loopback, on any free port unless one is named; its base URL."""
    server = create_server(app, host="127.0.0.1", port=port, threads=threads)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # In the thread of its own loop: a socket that is closed under a select is an error there. The loop
        # may be awake by itself, and have closed everything before it is woken.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join(END_S)
        server.task_dispatcher.shutdown(timeout=END_S)
