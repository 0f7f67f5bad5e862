"""What every answer tells a browser: to guess no type, to load nothing, to frame nothing, to tell nobody.

A room that knows better, such as the page of the telephone, sets its own. What is answered is kept by nobody
but the clips: it may be about a person. The proxy in front of the hotline has the TLS, so HSTS is its header.
"""

from __future__ import annotations

from flask import Response

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": NOTHING,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def harden(response: Response) -> Response:
    """Adds what the answer does not say itself."""
    for name, value in EVERYWHERE.items():
        response.headers.setdefault(name, value)
    return response
