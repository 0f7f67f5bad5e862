"""The Calls resource of the REST API."""

from flask import Blueprint, Response, request

from hotline.exchange.account import Account
from hotline.exchange.calls.call import Call, describe_call
from hotline.exchange.calls.order import read_call_order, read_source
from hotline.exchange.calls.switchboard import Switchboard
from hotline.exchange.doors.answers import answer, find, is_within, matches, page, read_form
from hotline.exchange.doors.mishaps import Mishaps
from hotline.exchange.forms import RestError
from hotline.exchange.records import Shelf


class CallsDesk:
    """Makes, lists, fetches and changes calls."""

    def __init__(
        self, account: Account, calls: Shelf[Call], switchboard: Switchboard, mishaps: Mishaps
    ) -> None:
        self._account = account
        self._calls = calls
        self._switchboard = switchboard
        self._mishaps = mishaps

    def add_rules(self, door: Blueprint, base: str) -> None:
        """Add the routes below an account's path."""
        door.add_url_rule(f"{base}/Calls.json", "create_call", self.create, methods=["POST"])
        door.add_url_rule(f"{base}/Calls.json", "list_calls", self.list, methods=["GET"])
        door.add_url_rule(f"{base}/Calls/<sid>.json", "fetch_call", self.fetch, methods=["GET"])
        door.add_url_rule(f"{base}/Calls/<sid>.json", "update_call", self.update, methods=["POST"])

    def create(self, account_sid: str) -> Response:
        def act() -> Response:
            call = self._switchboard.prepare(read_call_order(read_form(), self._account))
            response = answer(describe_call(call, account_sid), 201)
            self._switchboard.dispatch(call)
            return response

        return self._mishaps.carry_out(act)

    def list(self, account_sid: str) -> Response:
        def act() -> Response:
            wanted = [
                call
                for call in self._calls.newest_first()
                if matches(request.args.get("To"), call.to_number)
                and matches(request.args.get("From"), call.from_number)
                and matches(request.args.get("Status"), call.status)
                and matches(request.args.get("ParentCallSid"), call.parent_sid or "")
                and is_within("StartTime", call.started_at)
                and is_within("EndTime", call.ended_at)
            ]
            return answer(page(wanted, "calls", lambda call: describe_call(call, account_sid)))

        return self._mishaps.carry_out(act)

    def fetch(self, account_sid: str, sid: str) -> Response:
        return self._mishaps.carry_out(lambda: answer(describe_call(find(self._calls, sid), account_sid)))

    def update(self, account_sid: str, sid: str) -> Response:
        def act() -> Response:
            call = find(self._calls, sid)
            status, source = request.form.get("Status", ""), read_source(read_form())
            if call.is_over:
                raise RestError(21220)
            if status not in ("", "completed", "canceled"):
                raise RestError(20001, "Status")
            if status:
                self._switchboard.end(call, live_too=status == "completed")
            elif source is not None:
                self._switchboard.take_over(call, source)
            return answer(describe_call(call, account_sid))

        return self._mishaps.carry_out(act)
