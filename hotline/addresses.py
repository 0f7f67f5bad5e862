"""Where the hotline is reached: the settings PUBLIC_URL and PORT, read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from hotline.exposure import is_near
from hotline.people.call_limits import whole

LAST_PORT = 65_535


class AddressError(ValueError):
    """An address that cannot be used, by the name of the setting."""


def read_port(settings: Mapping[str, str]) -> int:
    """PORT. Raises AddressError."""
    raw = settings.get("PORT", "8000")
    port = whole(raw)
    if port is None or not 1 <= port <= LAST_PORT:
        raise AddressError(f"PORT: '{raw[:20]}' is not a port")
    return port


def read_public_url(settings: Mapping[str, str], port: int, has_twilio: bool) -> str:
    """PUBLIC_URL without its last slash; with Twilio encrypted, unless only a near machine reads along.

    Raises AddressError.
    """
    url = settings.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
    scheme, host = _parts(url)
    if scheme not in {"http", "https"} or not host:
        raise AddressError(
            "PUBLIC_URL must look like https://hotline.example.org or https://example.org/path"
        )
    if has_twilio and scheme != "https" and not is_near(host):
        raise AddressError("PUBLIC_URL must begin with https:// with Twilio: texts would go in clear")
    return url


def _parts(url: str) -> tuple[str, str]:
    """Scheme and host, the host empty where it is no address of a website."""
    try:
        parts = urlsplit(url)
        fits = not (parts.query or parts.fragment) and (parts.port is None or parts.port >= 1)
        return parts.scheme, (parts.hostname or "") if fits else ""
    except ValueError:
        return "", ""
