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
from contextlib import contextmanager
from pathlib import Path

import requests
from twilio.request_validator import RequestValidator

from hotline.config import ROOT

TOKEN, PUBLIC = "token", "https://hotline.example"
THREADS = 16
RATE = 200  # requests a second, for the latency
SIDS = itertools.count()
Load = Callable[[], tuple[str, dict[str, str]]]


def run(small: bool) -> Iterator[tuple[str, str, str]]:
    """Throughput of each as a share of the bare app's, then the latency at a fixed rate."""
    seconds = 1.0 if small else 20.0
    with tempfile.TemporaryDirectory() as folder:
        with served("benchmarks.bare:app", folder) as url:
            bare = _throughput(url, _text, seconds)
        with served("app:app", folder) as url:
            for name, load, aim in (("/sms", _text, "0.25"), ("/voice", _call, "0.6")):
                rate = _throughput(url, load, seconds)
                yield (
                    f"{name}, gunicorn -w 2",
                    f"{rate / bare:.2f} of the bare app's {bare:.0f} a second",
                    aim,
                )
                late = _latency(url, load, seconds)
                yield f"{name} at {RATE} requests a second", f"p99 {late * 1_000:.0f} ms", "below 15 s by far"


@contextmanager
def served(app: str, folder: str) -> Iterator[str]:
    """The app under gunicorn until the end of the block; its URL."""
    port = 18_765
    settings = {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_NUMBER": "+996312000777",
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "PUBLIC_URL": PUBLIC,
        "DATABASE_URL": f"sqlite:///{folder}/kadam.sqlite3",
        "HOTLINE_DATA_KEY": "A" * 43 + "=",
        "HOTLINE_CLOCK": "worker",
    }
    bind = f"127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "8", "-b", bind, app]
    with Path(os.devnull).open("w") as nowhere:
        server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stderr=nowhere)
    try:
        _wait(f"http://{bind}/readyz")
        yield f"http://{bind}"
    finally:
        server.terminate()
        server.wait(60)


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            if requests.get(url, timeout=5).status_code == requests.codes.ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise TimeoutError(url)


def _text() -> tuple[str, dict[str, str]]:
    n = next(SIDS)
    return "/sms", {"MessageSid": f"SM{n:032x}", "Body": "7", **_ends(n)}


def _call() -> tuple[str, dict[str, str]]:
    n = next(SIDS)
    return "/voice", {"CallSid": f"CA{n:032x}", **_ends(n)}


def _ends(n: int) -> dict[str, str]:
    return {"From": f"+99655{n % 10_000_000:07}", "To": "+996312000777"}


def _post(session: requests.Session, url: str, load: Load) -> bool:
    """Whether it was answered: a database that is too busy is told by 503."""
    path, form = load()
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, form)
    answer = session.post(url + path, data=form, headers={"X-Twilio-Signature": signature}, timeout=30)
    assert answer.status_code in {200, 503}, answer.status_code
    return answer.status_code == requests.codes.ok


def _throughput(url: str, load: Load, seconds: float) -> float:
    """Requests a second of sixteen clients that do not pause."""
    done, end_s = [0] * THREADS, time.monotonic() + seconds

    def hammer(n: int) -> None:
        with requests.Session() as session:
            while time.monotonic() < end_s:
                done[n] += _post(session, url, load)

    _together(hammer)
    return sum(done) / seconds


def _latency(url: str, load: Load, seconds: float) -> float:
    """The 99th of a hundred answers, in seconds, where requests come at a fixed rate whatever happens.

    Counted from when a request should have been sent: who waits for its turn waits too.
    """
    took: list[float] = []
    began_s = time.monotonic()
    turns = iter(range(int(RATE * seconds)))
    lock = threading.Lock()

    def send(_n: int) -> None:
        with requests.Session() as session:
            while True:
                with lock:
                    turn = next(turns, None)
                if turn is None:
                    return
                at_s = began_s + turn / RATE
                time.sleep(max(0.0, at_s - time.monotonic()))
                is_answered = _post(session, url, load)
                took.append(time.monotonic() - at_s if is_answered else float("inf"))

    _together(send)
    return sorted(took)[int(0.99 * len(took))]


def _together(do: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=do, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
