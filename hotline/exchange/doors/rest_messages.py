"""The Messages resource of the REST API."""

from flask import Blueprint, Response, request

from hotline.exchange.account import Account
from hotline.exchange.doors.answers import answer, check_days, find, is_within, matches, page, read_form
from hotline.exchange.doors.mishaps import Mishaps
from hotline.exchange.doors.resources import add_resource
from hotline.exchange.forms import RestError
from hotline.exchange.texts.message import Message, describe_message
from hotline.exchange.texts.order import read_text_order
from hotline.exchange.texts.post import Post


class MessagesDesk:
    """Makes, lists, fetches, redacts and deletes messages."""

    def __init__(self, account: Account, post: Post) -> None:
        self._account = account
        self._post = post

    def add_rules(self, door: Blueprint, base: str, mishaps: Mishaps) -> None:
        """Add the routes below an account's path."""
        add_resource(
            door, f"{base}/Messages.json", "messages", {"POST": self.create, "GET": self.list}, mishaps
        )
        add_resource(
            door,
            f"{base}/Messages/<sid>.json",
            "message",
            {"GET": self.fetch, "POST": self.update, "DELETE": self.delete},
            mishaps,
        )

    def create(self, account_sid: str) -> Response:
        order = read_text_order(read_form(), self._account)
        if self._post.is_refused(order):
            raise RestError(21610)
        message = self._post.prepare(order)
        response = answer(describe_message(message, account_sid), 201)
        self._post.dispatch(message)
        return response

    def list(self, account_sid: str) -> Response:
        check_days("DateSent")
        wanted = [
            message
            for message in self._post.messages.newest_first()
            if not message.deleted
            and matches(request.args.get("To"), message.to_number)
            and matches(request.args.get("From"), message.from_number)
            and is_within("DateSent", message.sent_at)
        ]
        return answer(page(wanted, "messages", lambda message: describe_message(message, account_sid)))

    def fetch(self, account_sid: str, sid: str) -> Response:
        return answer(describe_message(self._find(sid), account_sid))

    def update(self, account_sid: str, sid: str) -> Response:
        """Redact a finished text (an empty Body), or cancel a scheduled one, of which there are none here."""
        message, form = self._find(sid), request.form
        redacts, cancels = form.get("Body") == "", form.get("Status") == "canceled"
        if len({"Body", "Status"} & set(form)) != 1 or not (redacts or cancels):
            raise RestError(30400)
        if cancels:
            raise RestError(30409)
        if not message.is_over:
            raise RestError(20009)
        message.redacted = True
        return answer(describe_message(message, account_sid))

    def delete(self, account_sid: str, sid: str) -> Response:  # noqa: ARG002 - Flask hands in the account
        message = self._find(sid)
        if not message.is_over:
            raise RestError(20009)
        message.deleted = True
        return Response(status=204)

    def _find(self, sid: str) -> Message:
        message = find(self._post.messages, sid)
        if message.deleted:
            raise RestError(20404, request.path)
        return message
