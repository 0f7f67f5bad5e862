"""Files that only the owner may read: the data key of the embedded default, and the way to the exchange."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import requests

OWNER_ONLY = 0o600
STATE_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class ExchangeAddress:
    """Where the exchange of a running hotline answers, and what opens its doors."""

    url: str
    token: str = field(repr=False)  # of the owner's control API
    account_sid: str = field(repr=False)
    auth_token: str = field(repr=False)

    def now_utc(self) -> datetime:
        """The time by that exchange's clock. Raises requests' exceptions if it does not answer."""
        headers = {"X-Exchange-Token": self.token}
        state = requests.get(f"{self.url}/exchange/state", headers=headers, timeout=STATE_TIMEOUT_S)
        state.raise_for_status()
        return datetime.fromisoformat(state.json()["now_utc"])


def data_key(make: str) -> str:
    """The data key of the embedded default, kept outside the repository; `make` becomes it the first time."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    path = Path(base) / "kadam" / "data.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, make)
    return path.read_text(encoding="ascii").strip()


def publish_exchange(folder: Path, address: ExchangeAddress) -> None:
    """Leaves the way to the exchange for `flask talk`."""
    _write(folder / "exchange.json", json.dumps(asdict(address)))


def withdraw_exchange(folder: Path) -> None:
    """Takes it away when the hotline stops."""
    (folder / "exchange.json").unlink(missing_ok=True)


def find_exchange(folder: Path) -> ExchangeAddress | None:
    """The way to the exchange that a running hotline left, or None."""
    try:
        return ExchangeAddress(**json.loads((folder / "exchange.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _write(path: Path, text: str) -> None:
    """Writes the whole file or nothing, readable by its owner alone from its first byte."""
    half = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "w") as file:
        file.write(text)
    half.replace(path)
