"""The account at Twilio, or at what speaks its API: the settings TWILIO_…, read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hotline.people.call_limits import listed

TWILIO_API_URL = "https://api.twilio.com"
MESSAGING_SERVICE = "MG"  # SIDs of messaging services begin so
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
    return Twilio(
        account_sid=settings["TWILIO_ACCOUNT_SID"],
        auth_tokens=listed(settings["TWILIO_AUTH_TOKEN"]),
        number=settings["TWILIO_NUMBER"],
        api_url=settings.get("TWILIO_API_URL", TWILIO_API_URL).rstrip("/"),
        api_key=settings.get("TWILIO_API_KEY"),
        api_secret=settings.get("TWILIO_API_SECRET"),
    )
