"""Twilio's request signature (pure)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(auth_token: str, url: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """The value of X-Twilio-Signature: base64 of HMAC-SHA1 over the URL and the sorted POST fields.

    url: as requested, query included, without fragment. params: (name, value) pairs; a repeated name counts
    each different value once, in sorted order. A GET has no params. Source: twilio-facts section 1.
    """
    fields = "".join(name + value for name, value in sorted(set(params)))
    digest = hmac.new(auth_token.encode(), (url + fields).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
