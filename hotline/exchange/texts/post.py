"""The exchange's post: texts from phones to the customer, from the customer to phones, and their receipts."""

import threading
from collections.abc import Sequence
from urllib.parse import urljoin

from hotline.exchange.calls.needs import DocumentAt
from hotline.exchange.faults import RECEIPT_FAULTS, TEXT_FAULTS, FaultKind, Order
from hotline.exchange.numbers import is_e164, make_sid
from hotline.exchange.phones import Condition
from hotline.exchange.records import Shelf
from hotline.exchange.surroundings import Surroundings
from hotline.exchange.texts.message import Message, list_inbound_params, list_receipt_params
from hotline.exchange.texts.optout import rule
from hotline.exchange.texts.order import OutgoingText
from hotline.exchange.twiml.documents import Answer, Failure, read_text
from hotline.exchange.twiml.reading import TwimlError
from hotline.exchange.twiml.verbs import Message as MessageVerb
from hotline.exchange.twiml.verbs import Redirect, TextVerb

# twilio-facts section 3 (Create) and section 2 (Message).
MOST_LETTERS = 1_600
_MOST_DOCUMENTS = 50
# 30003 is a handset that is off, cannot receive or is otherwise unreachable for a time (Twilio's error
# dictionary). No code there names a full memory; the dictionary's words fit a full one best.
_UNREACHABLE = 30003


class Post:
    """Carries texts both ways on the exchange's own threads, each text to its end."""

    def __init__(self, around: Surroundings) -> None:
        self.messages: Shelf[Message] = Shelf()
        self._around = around
        self._blocked: set[str] = set()
        self._lock = threading.Lock()

    def is_refused(self, order: OutgoingText) -> bool:
        """Whether the recipient has sent STOP to the sender; an alphanumeric sender cannot be sent it."""
        return order.from_number == self._around.account.number and self.is_blocked(order.to_number)

    def is_blocked(self, number: str) -> bool:
        """Whether this number has sent STOP and not START since."""
        with self._lock:
            return number in self._blocked

    def send_from_phone(self, number: str, body: str) -> Message:
        """A phone texts the customer's number; the webhook follows in the phone's lane."""
        self._around.phones.get(number)
        account = self._around.account
        message = self._make(number, account.number, body, "inbound", "received")
        message.service_sid = account.service_sid
        self._around.lanes.submit(f"phone:{number}", lambda: self._receive(message))
        return message

    def prepare(self, order: OutgoingText) -> Message:
        """A text for a phone (checked before), not yet under way, so that it is answered as queued.

        What goes through a messaging service is accepted first, and queued once it is under way.
        """
        status = "queued" if order.service_sid is None else "accepted"
        message = self._make(
            order.from_number, order.to_number, order.body, "outbound-api", status, order.status_callback
        )
        message.service_sid = order.service_sid
        return message

    def dispatch(self, message: Message) -> None:
        """Deliver a queued text, in the lane of its phone's texts."""
        self._around.lanes.submit(f"text:{message.to_number}", lambda: self._deliver(message))

    def _answer(self, asked: Message, to_number: str, body: str, callback: str | None = None) -> Message:
        answer = self._make(asked.to_number, to_number, body, "outbound-reply", "queued", callback)
        self.dispatch(answer)
        return answer

    def _make(
        self,
        from_number: str,
        to_number: str,
        body: str,
        direction: str,
        status: str,
        callback: str | None = None,
    ) -> Message:
        now_utc, sid = self._around.clock.now(), make_sid("SM")
        phone = from_number if direction == "inbound" else to_number
        message = Message(
            sid,
            from_number,
            to_number,
            body,
            direction,
            status,
            now_utc,
            now_utc,
            now_utc if direction == "inbound" else None,
            status_callback=callback,
            journal=self._around.wire.journal("text", sid, phone),
        )
        message.journal.note("status", status=status, error_code=None)
        self.messages.put(message)
        return message

    def _receive(self, message: Message) -> None:
        """An inbound text: the carrier's own keywords first, then the customer's webhook all the same."""
        number = message.from_number
        ruling = rule(message.body, blocked=self.is_blocked(number))
        with self._lock:
            (self._blocked.add if ruling.blocked else self._blocked.discard)(number)
        if ruling.answer is not None and self._around.account.answers_keywords:
            self._answer(message, number, ruling.answer)
        source = DocumentAt(self._around.account.sms_url)
        for _ in range(_MOST_DOCUMENTS):
            following = self._perform(message, source)
            if following is None:
                return
            source = following
        message.alert(14106, f"more than {_MOST_DOCUMENTS} documents", None)

    def _perform(self, message: Message, source: DocumentAt) -> DocumentAt | None:
        """Fetch and perform one document; the next one to fetch, if any."""
        try:
            url, verbs = self._fetch(message, source)
            return self._do(message, url, verbs)
        except TwimlError as error:
            message.alert(error.code, error.detail, source.url)
            fallback_url = self._around.account.sms_fallback_url
            if fallback_url is None or source.url == fallback_url:
                return None
            return DocumentAt(fallback_url, extra=(("ErrorCode", str(error.code)), ("ErrorUrl", source.url)))

    def _fetch(self, message: Message, source: DocumentAt) -> tuple[str, tuple[TextVerb, ...]]:
        params = [*list_inbound_params(message, self._around.account.sid), *source.extra]
        outcome = self._around.webhooks.send(source.method, source.url, params, phone=message.from_number)
        if isinstance(outcome, Failure):
            message.journal.note(
                "webhook", url=source.url, method=source.method, params=dict(params), answer=None
            )
            raise TwimlError(outcome.code, outcome.detail)
        _note_webhook(message, source, params, outcome)
        return outcome.url, read_text(outcome)

    def _do(self, message: Message, url: str, verbs: Sequence[TextVerb]) -> DocumentAt | None:
        for verb in verbs:
            if isinstance(verb, Redirect):
                return DocumentAt(urljoin(url, verb.url), verb.method)
            reply = self._reply(message, url, verb)
            if verb.action is not None:
                # An action takes over: the verbs after it are never reached (twilio-facts, 2, Message).
                extra = (("MessageStatus", reply.status),) if reply is not None else ()
                return DocumentAt(urljoin(url, verb.action), verb.method, extra)
        return None

    def _reply(self, message: Message, url: str, verb: MessageVerb) -> Message | None:
        to_number = verb.to or message.from_number
        for wrong, code, detail in (
            (not verb.body, 14103, "the message has no body"),
            (len(verb.body) > MOST_LETTERS, 21617, f"the body is longer than {MOST_LETTERS} characters"),
            (not is_e164(to_number), 14101, "the number to send to is not valid"),
        ):
            if wrong:
                message.alert(code, detail, url)
                return None
        if self.is_blocked(to_number):
            message.alert(21610, "the recipient has opted out", url)
            blocked = self._make(message.to_number, to_number, verb.body, "outbound-reply", "queued")
            blocked.set_status("failed", self._around.clock.now(), 21610)
            return blocked
        callback = None if verb.status_callback is None else urljoin(url, verb.status_callback)
        reply = self._answer(message, to_number, verb.body, callback)
        message.journal.note("reply", sid=reply.sid)
        return reply

    def _deliver(self, message: Message) -> None:
        """queued -> sent -> delivered (or failed, undelivered); receipts have their own lane."""
        around = self._around
        order = self._find_trouble(message.to_number)
        receipts: list[list[tuple[str, str]]] = []

        def step(status: str, error_code: int | None = None) -> None:
            message.set_status(status, around.clock.now(), error_code)
            receipts.append(list_receipt_params(message, status, around.account.sid))

        if message.service_sid is not None:
            step("queued")
        if order is not None and order.kind is FaultKind.TEXT_FAILED:
            step("failed", order.error_code)
        else:
            step("sent")
            if order is not None:
                step("undelivered", order.error_code)
            else:
                step("delivered")
                around.phones.get(message.to_number).take_in(message.sid)
        if message.status_callback is not None:
            self._order_receipts(message, receipts)

    def _find_trouble(self, number: str) -> Order | None:
        """What keeps a text from its phone: an ordered fault first, then the phone's condition."""
        order = self._around.faults.take(TEXT_FAULTS, to=number)
        if order is None and self._around.phones.get(number).condition in (Condition.OFF, Condition.FULL):
            return Order(FaultKind.TEXT_UNDELIVERED, error_code=_UNREACHABLE)
        return order

    def _order_receipts(self, message: Message, receipts: list[list[tuple[str, str]]]) -> None:
        order = self._around.faults.take(RECEIPT_FAULTS, to=message.to_number)
        kind = None if order is None else order.kind
        if kind is FaultKind.RECEIPTS_LOST:
            for params in receipts:
                _note_receipt(message, params, lost=True)
            return
        if kind is FaultKind.RECEIPTS_DOUBLED:
            receipts = [params for params in receipts for _ in range(2)]
        if kind is FaultKind.RECEIPTS_SHUFFLED:
            receipts = receipts[::-1]
        lane = f"receipts:{message.sid}"
        for params in receipts:
            self._hand_over(order, lane, message, params)

    def _hand_over(
        self, order: Order | None, lane: str, message: Message, params: list[tuple[str, str]]
    ) -> None:
        if order is not None and order.kind is FaultKind.RECEIPTS_LATE:
            self._around.agenda.add(order.seconds, lane, lambda: self._send_receipt(message, params))
        else:
            self._around.lanes.submit(lane, lambda: self._send_receipt(message, params))

    def _send_receipt(self, message: Message, params: list[tuple[str, str]]) -> None:
        outcome = self._around.webhooks.send("POST", message.status_callback or "", params)
        failed = isinstance(outcome, Failure)
        _note_receipt(message, params, lost=False, arrived=not failed)
        if isinstance(outcome, Failure):
            message.alert(outcome.code, outcome.detail, message.status_callback)


def _note_receipt(message: Message, params: Sequence[tuple[str, str]], **facts: bool) -> None:
    fields = dict(params)
    message.journal.note("receipt", status=fields["MessageStatus"], params=fields, **facts)


def _note_webhook(
    message: Message, source: DocumentAt, params: Sequence[tuple[str, str]], answer: Answer
) -> None:
    message.journal.note(
        "webhook",
        url=source.url,
        method=source.method,
        params=dict(params),
        answer=answer.body.decode(errors="replace"),
    )
