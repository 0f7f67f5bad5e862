"""A real Kannel on loopback: bearerbox, smsbox, and its own fake operator, fakesmsc.

The boxes read the kannel.conf that docs/kannel.md gives to an operator, with its ports and secrets replaced.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

import requests

from hotline.config import ROOT

BOXES = ("bearerbox", "smsbox")
FAKESMSC = "/usr/lib/kannel/test/fakesmsc"  # of the Debian package kannel-extras; it is in no PATH
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
SAMPLE = re.compile(r"```conf\n(.*?)```", re.DOTALL)
OPERATOR = re.compile(r"group = smsc\n.*?\n\n", re.DOTALL)
# Two lines of one operator: fakesmsc 1.4.5 may crash (double free) when it has sent what it read from stdin.
# So one of them only gets texts, and for each text that comes in a new one is started on the other.
FAKE = """group = smsc
smsc = fake
smsc-id = operator
port = {out}
host = 127.0.0.1
connect-allow-ip = "127.0.0.1"

group = smsc
smsc = fake
smsc-id = incoming
port = {into}
host = 127.0.0.1
connect-allow-ip = "127.0.0.1"
denied-prefix = "+;0;1;2;3;4;5;6;7;8;9"

"""
GOT = re.compile(r"Got message \d+: <(\S+) (\S+) (.*)>")
ONLINE = re.compile(r"operator\[operator\].*\(online")
PATIENCE_S = 20.0
SECRET = "s" * 20 + "-_" + "K" * 20
PASSWORD = "the gateway's password"


def missing() -> list[str]:
    """What of Kannel is not installed here."""
    return [name for name in BOXES if not shutil.which(name, path=PATH)] + (
        [] if Path(FAKESMSC).exists() else ["fakesmsc"]
    )


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def wait_for(what: str, done: Callable[[], object]) -> None:
    """Waits until it is so; fails by name."""
    ends_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < ends_s, f"waited in vain for {what}"
        time.sleep(0.05)


@dataclass
class Delivered:
    """A text as the operator has it: its parts put together by their headers."""

    sender: str
    to: str
    alphabet: str
    whole: int  # how many parts it has in all
    parts: list[bytes] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words that the handset would show."""
        return b"".join(self.parts).decode("utf-16-be" if self.alphabet == "ucs-2" else "utf-8")


class Operator:
    """fakesmsc: what it gets is what handsets would, what handsets write is sent by another of it."""

    def __init__(self, out: int, into: int, log: Path) -> None:
        self._log = log
        self._into = into
        self.process = _start(_fakesmsc(out), log, stdin=subprocess.PIPE)  # it ends with its stdin

    def send(self, sender: str, to: str, text: str) -> None:
        """A handset writes: plain text in GSM-7, anything else in UCS-2."""
        if text.isascii():
            line = f"{sender} {to} text {text}"
        else:
            line = f"{sender} {to} ucs2 {''.join(f'%{byte:02x}' for byte in text.encode('utf-16-be'))}"
        log = self._log.with_name("handset.out")
        handset = _start([*_fakesmsc(self._into), "-i", "0", "-m", "1", line], log)
        try:
            wait_for(f"the handset: {log}", lambda: "sent message 1" in log.read_text())
        finally:
            _end(handset)

    def texts(self) -> list[Delivered]:
        """What it has got whole so far, in order."""
        found: list[Delivered] = []
        for sender, to, rest in GOT.findall(self._log.read_text()):
            kind, _, data = rest.partition(" ")
            if kind == "udh":  # %05%00%03 reference, parts, part
                header, _, data = data.partition(" data ")
                *_, whole, part = unquote_to_bytes(header)
                if part == 1:
                    found.append(Delivered(sender, to, "ucs-2", whole))
                found[-1].parts.append(unquote_to_bytes(data.replace("+", " ")))
            elif kind == "ucs-2":
                found.append(Delivered(sender, to, kind, 1, [unquote_to_bytes(data.replace("+", " "))]))
            else:
                found.append(Delivered(sender, to, kind, 1, [data.encode()]))
        return [text for text in found if len(text.parts) == text.whole]


@dataclass(frozen=True)
class RunningKannel:
    """The gateway with its settings for the hotline."""

    operator: Operator
    settings: dict[str, str]
    processes: list[subprocess.Popen[bytes]]
    logs: Path


@contextmanager
def running_kannel(folder: Path, hotline_port: int) -> Iterator[RunningKannel]:
    """Kannel with an operator, for a hotline on `hotline_port`; nothing of it runs on after the block."""
    admin, boxes, out, into, sendsms = free_ports(5)
    (folder / "spool").mkdir()
    config = folder / "kannel.conf"
    fake = FAKE.format(out=out, into=into)
    config.write_text(configured(admin, boxes, fake, sendsms, hotline_port, folder))
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for box, port in zip(BOXES, (boxes, sendsms), strict=True):
            path = shutil.which(box, path=PATH)
            processes.append(_start([str(path), "-v", "4", str(config)], folder / f"{box}.out"))
            wait_for(f"{box}: {folder / box}.out", lambda port=port: _listens(port))
        operator = Operator(out, into, folder / "operator.out")
        processes.append(operator.process)
        status = f"http://127.0.0.1:{admin}/status.txt?password={'a' * 32}"
        wait_for("the operator on the line", lambda: ONLINE.search(requests.get(status, timeout=5).text))
        settings = {
            "KANNEL_SENDSMS_URL": f"http://127.0.0.1:{sendsms}/cgi-bin/sendsms",
            "KANNEL_USERNAME": "kadam",
            "KANNEL_PASSWORD": PASSWORD,
            "KANNEL_SENDER": "4040",
            "KANNEL_PREFIXES": "+996",
            "KANNEL_SECRET": SECRET,
        }
        yield RunningKannel(operator, settings, processes, folder)
    finally:
        for process in processes[::-1]:
            _end(process)


def configured(admin: int, boxes: int, fake: str, sendsms: int, hotline: int, folder: Path) -> str:
    """The sample of docs/kannel.md with these ports and folders, a fake operator in place of the real one."""
    found = SAMPLE.search((ROOT / "docs" / "kannel.md").read_text())
    assert found is not None
    text, operators = OPERATOR.subn(fake, found[1])
    assert operators == 1
    for placeholder, value in {
        "admin-port = 13000": f"admin-port = {admin}",
        "smsbox-port = 13001": f"smsbox-port = {boxes}",
        "sendsms-port = 13013": f"sendsms-port = {sendsms}",
        "127.0.0.1:8000": f"127.0.0.1:{hotline}",
        "/var/spool/kannel": str(folder / "spool"),
        "/var/log/kannel": str(folder),
        "ADMIN-PASSWORD": "a" * 32,
        "SENDSMS-PASSWORD": PASSWORD,
        "SECRET": SECRET,
        "http-queue-delay = 10": "http-queue-delay = 1",
    }.items():
        assert placeholder in text, placeholder
        text = text.replace(placeholder, value)
    return text


def _start(command: list[str], log: Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """In a process group of its own, so that all of it can be ended."""
    with log.open("wb") as out:
        return subprocess.Popen(
            command, stdin=stdin, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, cwd=log.parent
        )


def _fakesmsc(port: int) -> list[str]:
    return [FAKESMSC, "-H", "127.0.0.1", "-r", str(port)]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(5)
