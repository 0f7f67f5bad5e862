"""Signed webhooks as the carrier sends them, for tests that stand outside the hotline."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC_URL = "https://hotline.example.org"
HOTLINE = "+996312000777"
SIDS = itertools.count()  # every text has a MessageSid of its own


@dataclass
class Telephone:
    """A number that calls and writes to the hotline through `client`."""

    client: FlaskClient
    number: str = "+996555123456"

    def post(self, path: str, params: Mapping[str, str], token: str = TOKEN) -> TestResponse:
        """POSTs a form, signed with `token`."""
        signature = RequestValidator(token).compute_signature(PUBLIC_URL + path, params)
        return self.client.post(path, data=params, headers={"X-Twilio-Signature": signature})

    def text(self, body: str, sid: str | None = None, **more: str) -> TestResponse:
        """Sends a text, with `more` parameters; every one has a MessageSid of its own unless it is given."""
        return self.post("/sms", self.text_params(body, sid) | more)

    def text_params(self, body: str, sid: str | None = None) -> dict[str, str]:
        """The parameters of an incoming text."""
        sid = sid or f"SM{next(SIDS):032x}"
        return {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": "AC" + "0" * 32,
            "From": self.number,
            "To": HOTLINE,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "ToCity": "",
        }
