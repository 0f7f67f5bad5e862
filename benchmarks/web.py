"""/sms and /voice under gunicorn -w 2 beside a bare Flask app that checks the signature and builds TwiML."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import requests
from twilio.request_validator import RequestValidator

from hotline.config import ROOT
from hotline.voice.places import MAIN, path

TOKEN, PUBLIC = "token", "https://hotline.example"
THREADS = 16
ROUNDS = 5  # in turns, so that what else the machine does meets all of them
RATE = 200  # requests a second, for the latency
SIDS = itertools.count()
VALIDATOR = RequestValidator(TOKEN)
Load = Callable[[], tuple[str, dict[str, str]]]


def run(small: bool) -> Iterator[tuple[str, str, str]]:
    """Throughput of each as a share of the bare app's, taken by turns; then the latency at a fixed rate."""
    seconds = 1.0 if small else 20.0
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        bare = stack.enter_context(served("benchmarks.bare:app", folder, 18_764))
        hotline = stack.enter_context(served("app:app", folder, 18_765))
        done = dict.fromkeys((BARE, *LOADS), 0)
        for _ in range(ROUNDS):
            done[BARE] += _done(bare, text_of, seconds / ROUNDS)
            for name, (load, _, _) in LOADS.items():
                done[name] += _done(hotline, load, seconds / ROUNDS)
        of = f"of the bare app's {done[BARE] / seconds:.0f} a second"
        for name, (_, aim, _) in LOADS.items():
            yield f"{name}, gunicorn -w 2", f"{done[name] / done[BARE]:.2f} {of}", aim
        for name, (load, _, aim) in LOADS.items():
            late = _latency(hotline, load, seconds)
            yield f"{name} at {RATE} requests a second", f"p99 {late * 1_000:.0f} ms", aim


@contextmanager
def served(app: str, folder: str, port: int) -> Iterator[str]:
    """The app under gunicorn until the end of the block; its host and port."""
    bind = f"127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "8", "-b", bind, app]
    with Path(os.devnull).open("w") as nowhere:
        server = subprocess.Popen(command, cwd=ROOT, env=settings_of(folder), stderr=nowhere)
    try:
        _wait(f"http://{bind}/readyz")
        yield bind
    finally:
        server.terminate()
        server.wait(60)


def settings_of(folder: str) -> dict[str, str]:
    """A hotline on Twilio, which is not there, with its database in a folder."""
    return {
        **os.environ,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_NUMBER": "+996312000777",
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "PUBLIC_URL": PUBLIC,
        "DATABASE_URL": f"sqlite:///{folder}/kadam.sqlite3",
        "HOTLINE_DATA_KEY": "A" * 43 + "=",
        "HOTLINE_CLOCK": "worker",
    }


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            if requests.get(url, timeout=5).status_code == requests.codes.ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise TimeoutError(url)


def text_of() -> tuple[str, dict[str, str]]:
    n = next(SIDS)
    return "/sms", {"MessageSid": f"SM{n:032x}", "Body": "7", **_ends(n)}


def _call() -> tuple[str, dict[str, str]]:
    n = next(SIDS)
    return "/voice", {"CallSid": f"CA{n:032x}", **_ends(n)}


def _key() -> tuple[str, dict[str, str]]:
    """A key in the main menu, which stores nothing."""
    n = next(SIDS)
    return path("ky", MAIN, turn=1), {"CallSid": f"CA{n:032x}", "Digits": "1", **_ends(n)}


def _ends(n: int) -> dict[str, str]:
    return {"From": f"+99655{n % 10_000_000:07}", "To": "+996312000777"}


BARE = "bare"
LOADS: dict[str, tuple[Load, str, str]] = {  # with the aims for throughput and for latency
    "/sms": (text_of, "0.25", "below 15 s by far"),
    "/voice, a call arrives": (_call, "0.6", "50 ms"),
    "/voice, a key": (_key, "0.6", "50 ms"),
}


def _post(connection: HTTPConnection, load: Load) -> bool:
    """Whether it was answered: a database that is too busy is told by 503."""
    target, form = load()
    signature = VALIDATOR.compute_signature(PUBLIC + target, form)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", target, urlencode(form), headers)  # lighter than requests: it takes our time
    answer = connection.getresponse()
    answer.read()
    assert answer.status in {200, 503}, answer.status
    return bool(answer.status == requests.codes.ok)


def _connected(to: str) -> closing[HTTPConnection]:
    return closing(HTTPConnection(to, timeout=30))


def _done(to: str, load: Load, seconds: float) -> int:
    """How many requests of sixteen clients that do not pause are answered."""
    done, end_s = [0] * THREADS, time.monotonic() + seconds

    def hammer(n: int) -> None:
        with _connected(to) as connection:
            while time.monotonic() < end_s:
                done[n] += _post(connection, load)

    _together(hammer)
    return sum(done)


def _latency(to: str, load: Load, seconds: float) -> float:
    """The 99th of a hundred answers, in seconds, where requests come at a fixed rate whatever happens.

    Counted from when a request should have been sent: who waits for its turn waits too.
    """
    took: list[float] = []
    began_s = time.monotonic()
    turns = iter(range(int(RATE * seconds)))
    lock = threading.Lock()

    def send(_n: int) -> None:
        with _connected(to) as connection:
            while True:
                with lock:
                    turn = next(turns, None)
                if turn is None:
                    return
                at_s = began_s + turn / RATE
                time.sleep(max(0.0, at_s - time.monotonic()))
                is_answered = _post(connection, load)
                took.append(time.monotonic() - at_s if is_answered else float("inf"))

    _together(send)
    return sorted(took)[int(0.99 * len(took))]


def _together(do: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=do, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
