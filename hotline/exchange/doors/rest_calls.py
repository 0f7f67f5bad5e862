"""The Calls resource of the REST API."""

from flask import Blueprint, Response, request

from hotline.exchange.account import Account
from hotline.exchange.calls.call import Call, describe_call
from hotline.exchange.calls.order import read_call_order, read_source
from hotline.exchange.calls.switchboard import Switchboard
from hotline.exchange.doors.answers import answer, check_days, find, is_within, matches, page, read_form
from hotline.exchange.doors.mishaps import Mishaps
from hotline.exchange.doors.resources import add_resource
from hotline.exchange.forms import RestError
from hotline.exchange.records import Shelf


class CallsDesk:
    """Makes, lists, fetches, changes and deletes calls."""

    def __init__(self, account: Account, calls: Shelf[Call], switchboard: Switchboard) -> None:
        self._account = account
        self._calls = calls
        self._switchboard = switchboard

    def add_rules(self, door: Blueprint, base: str, mishaps: Mishaps) -> None:
        """Add the routes below an account's path."""
        add_resource(door, f"{base}/Calls.json", "calls", {"POST": self.create, "GET": self.list}, mishaps)
        add_resource(
            door,
            f"{base}/Calls/<sid>.json",
            "call",
            {"GET": self.fetch, "POST": self.update, "DELETE": self.delete},
            mishaps,
        )

    def create(self, account_sid: str) -> Response:
        call = self._switchboard.prepare(read_call_order(read_form(), self._account))
        response = answer(describe_call(call, account_sid), 201)
        self._switchboard.dispatch(call)
        return response

    def list(self, account_sid: str) -> Response:
        check_days("StartTime", "EndTime")
        wanted = [
            call
            for call in self._calls.newest_first()
            if not call.deleted
            and matches(request.args.get("To"), call.to_number)
            and matches(request.args.get("From"), call.from_number)
            and matches(request.args.get("Status"), call.status)
            and matches(request.args.get("ParentCallSid"), call.parent_sid or "")
            and is_within("StartTime", call.started_at)
            and is_within("EndTime", call.ended_at)
        ]
        return answer(page(wanted, "calls", lambda call: describe_call(call, account_sid)))

    def fetch(self, account_sid: str, sid: str) -> Response:
        return answer(describe_call(self._find(sid), account_sid))

    def update(self, account_sid: str, sid: str) -> Response:
        call = self._find(sid)
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

    def delete(self, account_sid: str, sid: str) -> Response:  # noqa: ARG002 - Flask hands in the account
        call = self._find(sid)
        if not call.is_over:
            raise RestError(20009)
        call.deleted = True
        return Response(status=204)

    def _find(self, sid: str) -> Call:
        call = find(self._calls, sid)
        if call.deleted:
            raise RestError(20404, request.path)
        return call
