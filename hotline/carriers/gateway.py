"""How to reach an operator's gateway, and how it reaches us: the settings KANNEL_…, read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline.people.call_limits import listed

NEEDED = (
    "KANNEL_SENDSMS_URL",
    "KANNEL_USERNAME",
    "KANNEL_PASSWORD",
    "KANNEL_SENDER",
    "KANNEL_PREFIXES",
    "KANNEL_SECRET",
)
OPTIONAL = ("KANNEL_CALLBACK_URL", "KANNEL_ADDRESSES")
HERE = "127.0.0.1,::1"

_URL = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[^\s?#@%]*)?", re.ASCII)  # without name, password or query
_SENDER = re.compile(r"\+?[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 .\-]{1,11}", re.ASCII)
_PREFIX = re.compile(r"\+[1-9][0-9]{0,6}", re.ASCII)
_SECRET = re.compile(
    r"[A-Za-z0-9_\-]{32,128}", re.ASCII
)  # it stands in a URL; `openssl rand -hex 32` makes one
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]{3,39}", re.ASCII)
_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?", re.ASCII)


class GatewayError(ValueError):
    """A setting of the gateway that cannot be used, by name."""


@dataclass(frozen=True)
class Kannel:
    """A Kannel that carries the texts of some countries.

    prefixes: beginnings of the numbers that are written to through it. secrets: what it shows when it calls
    us; the first goes into the URLs that we give it, all are accepted. callback_url: where it reaches us.
    addresses: the ones that it may call from.
    """

    sendsms_url: str
    username: str
    password: str = field(repr=False)
    sender: str
    prefixes: tuple[str, ...]
    secrets: tuple[str, ...] = field(repr=False)
    callback_url: str
    addresses: frozenset[str]

    def carries(self, number: str) -> bool:
        """Whether texts to `number` (E.164) go through the gateway."""
        return number.startswith(self.prefixes)


def read_gateway(settings: Mapping[str, str], port: int) -> Kannel | None:
    """The gateway in these settings, None without any. Raises GatewayError naming the one that is wrong."""
    named = [name for name in settings if name.startswith("KANNEL_")]
    if not named:
        return None
    for name in named:
        if name not in NEEDED + OPTIONAL:
            raise GatewayError(f"{name} is no setting; there are {', '.join(NEEDED + OPTIONAL)}")
    missing = [name for name in NEEDED if name not in settings]
    if missing:
        raise GatewayError(f"{', '.join(missing)} must be set too: Kannel needs all of {', '.join(NEEDED)}")
    return Kannel(
        sendsms_url=_url(settings, "KANNEL_SENDSMS_URL"),
        username=_header(settings, "KANNEL_USERNAME"),
        password=_header(settings, "KANNEL_PASSWORD"),
        sender=_sender(settings["KANNEL_SENDER"]),
        prefixes=_prefixes(settings["KANNEL_PREFIXES"]),
        secrets=_secrets(settings["KANNEL_SECRET"]),
        callback_url=_url({"KANNEL_CALLBACK_URL": f"http://127.0.0.1:{port}", **settings}, OPTIONAL[0]),
        addresses=_addresses(settings.get("KANNEL_ADDRESSES", HERE)),
    )


def _url(settings: Mapping[str, str], name: str) -> str:
    if not _URL.fullmatch(settings[name]):
        raise GatewayError(
            f"{name} must look like http://127.0.0.1:13013/path, without a password or a query"
        )
    return settings[name].rstrip("/")


def _header(settings: Mapping[str, str], name: str) -> str:
    """It goes into a header of HTTP; what it is is never told."""
    if not _HEADER.fullmatch(settings[name]):
        raise GatewayError(f"{name} must be of Latin letters, digits and signs")
    return settings[name]


def _sender(raw: str) -> str:
    if not _SENDER.fullmatch(raw):
        raise GatewayError("KANNEL_SENDER must be a number, a short code or up to 11 Latin letters")
    return raw


def _prefixes(raw: str) -> tuple[str, ...]:
    prefixes = listed(raw)
    for prefix in prefixes:
        if not _PREFIX.fullmatch(prefix):
            raise GatewayError(f"KANNEL_PREFIXES: '{prefix}' is not a prefix such as +996")
    if not prefixes:
        raise GatewayError("KANNEL_PREFIXES names no prefix such as +996")
    return prefixes


def _secrets(raw: str) -> tuple[str, ...]:
    secrets = listed(raw)
    if not secrets or not all(_SECRET.fullmatch(secret) for secret in secrets):
        raise GatewayError("KANNEL_SECRET must be 32 to 128 letters, digits, - or _: `openssl rand -hex 32`")
    return secrets


def _addresses(raw: str) -> frozenset[str]:
    addresses = listed(raw)
    for address in addresses:
        if not _ADDRESS.fullmatch(address):
            raise GatewayError(f"KANNEL_ADDRESSES: '{address}' is not an address such as 127.0.0.1")
    return frozenset(addresses)
