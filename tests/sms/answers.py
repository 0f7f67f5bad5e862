"""What a signed text was answered, as the person reads it."""

from __future__ import annotations

from xml.etree import ElementTree

from werkzeug.test import TestResponse


def pages(answer: TestResponse) -> list[str]:
    """The texts of a TwiML answer."""
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    return [message.text or "" for message in ElementTree.fromstring(answer.data).iter("Message")]
