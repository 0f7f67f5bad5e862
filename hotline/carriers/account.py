"""The account at Twilio, or at what speaks its API: the settings TWILIO_…, read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hotline.exposure import SHORTEST_TOKEN, is_loopback, is_near
from hotline.people.call_limits import listed

TWILIO_API_URL = "https://api.twilio.com"
MESSAGING_SERVICE = "MG"  # SIDs of messaging services begin so
# Of a callback's URL, neither sent nor signed: the carrier tries again where nothing could be stored (Twilio
# documentation, "Webhooks Connection Overrides"); of itself only where no connection came about.
TRIED_AGAIN = "#rc=3&rp=5xx,ct,rt"
TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII | re.IGNORECASE)
REAL_SID = re.compile(r"AC(?!0{32})[0-9a-f]{32}", re.ASCII | re.IGNORECASE)  # nobody's has zeros alone
NEEDED = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_NUMBER")


class AccountError(ValueError):
    """Settings of the account that cannot be used, by name."""


@dataclass(frozen=True)
class Twilio:
    """How to reach the carrier. Without it the hotline runs on its own exchange."""

    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)  # the first signs, all are accepted
    number: str
    api_url: str = TWILIO_API_URL
    api_key: str | None = None
    api_secret: str | None = field(default=None, repr=False)

    @property
    def is_twilio_itself(self) -> bool:
        """Whether requests go to Twilio's own API and so to real telephones."""
        host = urlsplit(self.api_url).hostname or ""
        return host == "twilio.com" or host.endswith(".twilio.com")


def read_account(settings: Mapping[str, str]) -> Twilio | None:
    """The account in these settings, None without any; its number as it was written.

    Raises AccountError naming what is missing.
    """
    missing = [name for name in NEEDED if name not in settings]
    if len(missing) == len(NEEDED):
        return None
    if missing:
        raise AccountError(f"{', '.join(missing)} must be set too: Twilio needs all of {', '.join(NEEDED)}")
    if "PUBLIC_URL" not in settings:
        raise AccountError("PUBLIC_URL must be set with Twilio: it is what the carrier calls and signs")
    if ("TWILIO_API_KEY" in settings) != ("TWILIO_API_SECRET" in settings):
        raise AccountError("TWILIO_API_KEY and TWILIO_API_SECRET must be set together")
    account = Twilio(
        account_sid=settings["TWILIO_ACCOUNT_SID"],
        auth_tokens=listed(settings["TWILIO_AUTH_TOKEN"]),
        number=settings["TWILIO_NUMBER"],
        api_url=_api_url(settings),
        api_key=settings.get("TWILIO_API_KEY"),
        api_secret=settings.get("TWILIO_API_SECRET"),
    )
    _check_tokens(account)
    return account


def _api_url(settings: Mapping[str, str]) -> str:
    url = settings.get("TWILIO_API_URL", TWILIO_API_URL).rstrip("/")
    scheme, host = _parts(url)
    if scheme not in {"http", "https"} or not host:
        raise AccountError(f"TWILIO_API_URL must look like {TWILIO_API_URL}")
    if scheme != "https" and not is_near(host):
        raise AccountError("TWILIO_API_URL must begin with https://: the credentials would go in clear")
    return url


def _check_tokens(account: Twilio) -> None:
    """Every token that is accepted opens the door to whoever guesses it; what it is, is never told.

    On this machine, and with no account that could be Twilio's, nobody real is behind the door.
    """
    tokens = account.auth_tokens
    if not tokens:
        raise AccountError("TWILIO_AUTH_TOKEN names no token")
    if account.is_twilio_itself and not all(TOKEN.fullmatch(token) for token in tokens):
        raise AccountError("TWILIO_AUTH_TOKEN: each must have 32 digits and letters a to f, as Twilio's have")
    on_trial = is_loopback(_parts(account.api_url)[1]) and not REAL_SID.fullmatch(account.account_sid)
    if not on_trial and any(len(token) < SHORTEST_TOKEN for token in tokens):
        raise AccountError(f"TWILIO_AUTH_TOKEN: each must have {SHORTEST_TOKEN} letters and digits or more")


def _parts(url: str) -> tuple[str, str]:
    """Scheme and host of an address, empty where it is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or ""
    except ValueError:
        return "", ""
