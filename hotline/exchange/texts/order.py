"""A text ordered through the REST API: its form, read as Twilio reads it (pure)."""

import re
from dataclasses import dataclass, field

from hotline.exchange.account import Account
from hotline.exchange.forms import Form, RestError, check_to, read_url, refuse_magic
from hotline.exchange.numbers import MAGIC_TEXT_FROM, MAGIC_TEXT_TO, MAGIC_VALID_FROM, is_alphanumeric

_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+?\d+")
# What Twilio would do and this exchange cannot: parameter -> the only value that asks for nothing.
_UNHONOURED = {
    "AddressRetention": "retain",
    "ContentRetention": "retain",
    "ShortenUrls": "false",
    "SmartEncoded": "false",
}


@dataclass(frozen=True)
class OutgoingText:
    """A text ordered through the REST API, checked. service_sid: the messaging service it goes through."""

    to_number: str = field(repr=False)
    from_number: str = field(repr=False)
    body: str = field(repr=False)
    status_callback: str | None
    service_sid: str | None = None


def read_text_order(form: Form, account: Account) -> OutgoingText:
    """POST Messages.json: To, From or MessagingServiceSid, Body, StatusCallback, ValidityPeriod.

    What the exchange cannot do is refused; parameters that change nothing of what can be seen are not read.
    """
    to_number, body, service_sid = form.get("To"), form.get("Body"), form.get("MessagingServiceSid") or None
    if not to_number:
        raise RestError(21604)
    from_number = _read_sender(form, account, service_sid)
    check_to(to_number, from_number, MAGIC_TEXT_TO)
    _refuse_media(form)
    _refuse_unhonoured(form, service_sid)
    if not body:
        raise RestError(21602)
    if len(body) > 1_600:
        raise RestError(21617)
    validity = form.get("ValidityPeriod", "36000")
    if not (validity.isdigit() and 1 <= int(validity) <= 36_000):
        raise RestError(21624, validity)
    callback = read_url(form, "StatusCallback", 21609)
    return OutgoingText(to_number, from_number, body, callback, service_sid)


def _read_sender(form: Form, account: Account, service_sid: str | None) -> str:
    """The sender named, else the one that the messaging service uses."""
    if service_sid is not None and not _SERVICE_SID.fullmatch(service_sid):
        raise RestError(21705, service_sid)
    if service_sid is not None and service_sid not in account.services:
        raise RestError(21701, service_sid)
    sender = form.get("From")
    if not sender:
        if service_sid is None:
            raise RestError(21603)
        return account.services[service_sid]
    refuse_magic(MAGIC_TEXT_FROM, sender)
    if sender not in (account.number, MAGIC_VALID_FROM) and not is_alphanumeric(sender):
        raise RestError(21606 if _NUMBER.fullmatch(sender) else 21212, sender)
    return sender


def _refuse_media(form: Form) -> None:
    for url in form.fields.get("MediaUrl", ()):
        if not url.startswith(("http://", "https://")):
            raise RestError(21620, url)
        raise RestError(21621, form.get("From"))
    if form.get("SendAsMms").lower() == "true":
        raise RestError(21621, form.get("From"))
    if form.get("ContentSid"):
        raise RestError(21655, form.get("ContentSid"))


def _refuse_unhonoured(form: Form, service_sid: str | None) -> None:
    if form.get("ScheduleType") or form.get("SendAt"):
        if service_sid is None:
            raise RestError(35118)
        raise RestError(35126 if form.get("SendAt") else 35111)
    if form.get("ApplicationSid"):
        raise RestError(21218, form.get("ApplicationSid"))
    for name, harmless in _UNHONOURED.items():
        if form.get(name, harmless).lower() != harmless:
            raise RestError(20001, name)
    if form.get("PersistentAction"):
        raise RestError(20001, "PersistentAction")
