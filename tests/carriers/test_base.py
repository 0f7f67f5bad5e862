"""The outcome table, one test a row."""

import pytest

from hotline.carriers.base import (
    OutcomeKind,
    ReceiptKind,
    is_one_way,
    outcome_of_error,
    receipt_kind,
)


@pytest.mark.parametrize(
    ("http_status", "error_code", "kind"),
    [
        (429, None, OutcomeKind.BACK_OFF),
        (429, 20429, OutcomeKind.BACK_OFF),
        (400, 20429, OutcomeKind.BACK_OFF),
        (400, 21611, OutcomeKind.BACK_OFF),
        (301, None, OutcomeKind.UNKNOWN),
        (307, None, OutcomeKind.UNKNOWN),
        (500, None, OutcomeKind.UNKNOWN),
        (500, 20500, OutcomeKind.UNKNOWN),
        (502, None, OutcomeKind.UNKNOWN),
        (503, 20503, OutcomeKind.UNKNOWN),
        (504, None, OutcomeKind.UNKNOWN),
        (408, None, OutcomeKind.UNKNOWN),
        (401, 20003, OutcomeKind.HALT),
        (401, None, OutcomeKind.HALT),
        (403, None, OutcomeKind.HALT),
        (404, 20404, OutcomeKind.HALT),
        (400, 21606, OutcomeKind.HALT),
        (400, 21610, OutcomeKind.OPTED_OUT),
        (403, 21610, OutcomeKind.OPTED_OUT),
        (400, 21211, OutcomeKind.FINAL),
        (400, 21408, OutcomeKind.BARRED),
        (403, 21408, OutcomeKind.BARRED),
        (400, 21215, OutcomeKind.BARRED),
        (400, 21612, OutcomeKind.FINAL),
        (400, 21614, OutcomeKind.FINAL),
        (400, 21214, OutcomeKind.FINAL),
        (400, 21635, OutcomeKind.FINAL),
        (400, 21602, OutcomeKind.REFUSED),
        (400, 99999, OutcomeKind.REFUSED),
        (400, None, OutcomeKind.HALT),
        (404, None, OutcomeKind.HALT),
        (405, None, OutcomeKind.HALT),
        (410, None, OutcomeKind.HALT),
        (422, None, OutcomeKind.HALT),
    ],
)
def test_outcome_of_each_answer(http_status: int, error_code: int | None, kind: OutcomeKind) -> None:
    """What it does to a message: see the table in the module."""
    assert outcome_of_error(http_status, error_code).kind is kind


def test_outcome_keeps_status_code_and_wait() -> None:
    """For the operator, the ledger and the retry."""
    outcome = outcome_of_error(429, 20429, 7.0)
    assert (outcome.http_status, outcome.error_code, outcome.retry_after_s) == (429, 20429, 7.0)


@pytest.mark.parametrize(
    ("status", "error_code", "kind"),
    [
        ("queued", None, ReceiptKind.PROGRESS),
        ("sent", None, ReceiptKind.PROGRESS),
        ("a-new-status", None, ReceiptKind.PROGRESS),
        ("delivered", None, ReceiptKind.DELIVERED),
        ("completed", None, ReceiptKind.DELIVERED),
        ("failed", 30001, ReceiptKind.TRY_LATER),
        ("undelivered", 30036, ReceiptKind.TRY_LATER),
        ("failed", 30500, ReceiptKind.TRY_LATER),
        ("undelivered", 30003, ReceiptKind.UNREACHABLE),
        ("failed", 21610, ReceiptKind.OPTED_OUT),
        ("undelivered", 30005, ReceiptKind.FAILED),
        ("undelivered", 30006, ReceiptKind.FAILED),
        ("undelivered", 30007, ReceiptKind.FAILED),
        ("undelivered", None, ReceiptKind.FAILED),
        ("no-answer", None, ReceiptKind.FAILED),
    ],
)
def test_receipt_kind_of_each_status(status: str, error_code: int | None, kind: ReceiptKind) -> None:
    """What a status callback asks for."""
    assert receipt_kind(status, error_code) is kind


@pytest.mark.parametrize(
    ("sender", "one_way"),
    [("+996312000777", False), ("5555", False), ("KADAM", True), ("Kadam 1", True), ("MG" + "0" * 32, False)],
)
def test_alphanumeric_sender_is_one_way(sender: str, one_way: bool) -> None:
    """Nobody can answer KADAM; a number, a short code and a messaging service can be answered."""
    assert is_one_way(sender) is one_way
