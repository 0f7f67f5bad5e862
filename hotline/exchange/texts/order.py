"""A text ordered through the REST API: its form, read as Twilio reads it (pure)."""

from dataclasses import dataclass, field

from hotline.exchange.account import Account
from hotline.exchange.forms import Form, RestError, check_to, read_url, refuse_magic
from hotline.exchange.numbers import MAGIC_TEXT_FROM, MAGIC_TEXT_TO, MAGIC_VALID_FROM


@dataclass(frozen=True)
class OutgoingText:
    """A text ordered through the REST API, checked."""

    to_number: str = field(repr=False)
    from_number: str = field(repr=False)
    body: str = field(repr=False)
    status_callback: str | None


def read_text_order(form: Form, account: Account) -> OutgoingText:
    """POST Messages.json: To, From, Body, StatusCallback, ValidityPeriod; others are accepted unread."""
    to_number, from_number, body = form.get("To"), form.get("From"), form.get("Body")
    if form.get("MessagingServiceSid"):
        raise RestError(21701, form.get("MessagingServiceSid"))
    if not to_number:
        raise RestError(21604)
    if not from_number:
        raise RestError(21603)
    refuse_magic(MAGIC_TEXT_FROM, from_number)
    if from_number not in (account.number, MAGIC_VALID_FROM):
        raise RestError(21606, from_number)
    check_to(to_number, from_number, MAGIC_TEXT_TO)
    if not body:
        raise RestError(21602)
    if len(body) > 1_600:
        raise RestError(21617)
    validity = form.get("ValidityPeriod", "36000")
    if not (validity.isdigit() and 1 <= int(validity) <= 36_000):
        raise RestError(21624, validity)
    return OutgoingText(to_number, from_number, body, read_url(form, "StatusCallback", 21609))
