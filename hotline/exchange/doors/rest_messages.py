"""The Messages resource of the REST API."""

from flask import Blueprint, Response, request

from hotline.exchange.account import Account
from hotline.exchange.doors.answers import answer, find, is_within, matches, page, read_form
from hotline.exchange.doors.mishaps import Mishaps
from hotline.exchange.forms import RestError
from hotline.exchange.texts.message import describe_message
from hotline.exchange.texts.order import read_text_order
from hotline.exchange.texts.post import Post


class MessagesDesk:
    """Makes, lists and fetches messages."""

    def __init__(self, account: Account, post: Post, mishaps: Mishaps) -> None:
        self._account = account
        self._post = post
        self._mishaps = mishaps

    def add_rules(self, door: Blueprint, base: str) -> None:
        """Add the routes below an account's path."""
        door.add_url_rule(f"{base}/Messages.json", "create_message", self.create, methods=["POST"])
        door.add_url_rule(f"{base}/Messages.json", "list_messages", self.list, methods=["GET"])
        door.add_url_rule(f"{base}/Messages/<sid>.json", "fetch_message", self.fetch, methods=["GET"])

    def create(self, account_sid: str) -> Response:
        def act() -> Response:
            order = read_text_order(read_form(), self._account)
            if self._post.is_blocked(order.to_number):
                raise RestError(21610)
            message = self._post.prepare(order)
            response = answer(describe_message(message, account_sid), 201)
            self._post.dispatch(message)
            return response

        return self._mishaps.carry_out(act)

    def list(self, account_sid: str) -> Response:
        def act() -> Response:
            wanted = [
                message
                for message in self._post.messages.newest_first()
                if matches(request.args.get("To"), message.to_number)
                and matches(request.args.get("From"), message.from_number)
                and is_within("DateSent", message.sent_at)
            ]
            return answer(page(wanted, "messages", lambda message: describe_message(message, account_sid)))

        return self._mishaps.carry_out(act)

    def fetch(self, account_sid: str, sid: str) -> Response:
        return self._mishaps.carry_out(
            lambda: answer(describe_message(find(self._post.messages, sid), account_sid))
        )
