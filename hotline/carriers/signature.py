"""Whether a request really comes from the carrier: X-Twilio-Signature over the public URL and the form.

The URL is the configured public base and the raw path and query, never the Host header: proxies change that.
Source: Twilio documentation, "Security"; the check itself is twilio's RequestValidator.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Request
from twilio.request_validator import RequestValidator

FORM = "application/x-www-form-urlencoded"


class SignedRequests:
    """Checks signatures against every auth token in use, so that tokens can be rotated."""

    def __init__(self, auth_tokens: Sequence[str], public_url: str) -> None:
        """`public_url`: what the carrier calls, perhaps with a path prefix."""
        self._validators = [RequestValidator(token) for token in auth_tokens]
        self._base = public_url.rstrip("/")
        self._prefix = urlsplit(public_url).path.rstrip("/")

    def check(self, request: Request) -> bool:
        """Whether one of the tokens signed this request; False for anything malformed."""
        signature, target = request.headers.get("X-Twilio-Signature"), _target(request)
        if not signature or (request.method == "POST" and request.mimetype != FORM):
            return False
        if not target.startswith("/"):  # `POST http://elsewhere/sms`: no path to put behind the public base
            return False
        url = self._base + target.removeprefix(self._prefix)
        return any(validator.validate(url, request.form, signature) for validator in self._validators)


def _target(request: Request) -> str:
    """Path and query as they were sent, undecoded."""
    return str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or _rebuilt(request))


def _rebuilt(request: Request) -> str:
    """Path and query where the server does not hand over the raw ones."""
    query = request.query_string.decode("latin-1")
    return request.path + (f"?{query}" if query else "")
