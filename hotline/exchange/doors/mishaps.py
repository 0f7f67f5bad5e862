"""Changes asked of the REST API, carried out or spoiled as ordered."""

import socket
import threading
from collections.abc import Callable, Iterator

from flask import Response, request

from hotline.exchange.doors.answers import refuse
from hotline.exchange.faults import REST_FAULTS, FaultKind, Faults, Order
from hotline.exchange.forms import RestError


class Mishaps:
    """Stands before every change. closed: set when the exchange shuts, so that a hang ends."""

    def __init__(self, faults: Faults, closed: threading.Event) -> None:
        self._faults = faults
        self._closed = closed

    def carry_out(self, act: Callable[[], Response]) -> Response:
        """A change, unless a fault was ordered for it."""
        order = self._faults.take(REST_FAULTS, to=request.form.get("To", ""))
        if order is None:
            return act()
        if order.kind is FaultKind.REST_429:
            return _refuse_for_a_while(order)
        if order.kind is FaultKind.REST_500:
            raise RestError(20500)
        if order.kind is FaultKind.REST_HANG:
            self._closed.wait(order.seconds)
            return act()
        act()
        return _loseanswer()


def _refuse_for_a_while(order: Order) -> Response:
    response = refuse(RestError(20429))
    if order.seconds:
        response.headers["Retry-After"] = str(round(order.seconds))
    return response


def _loseanswer() -> Response:
    """Break the connection off: before the first byte where the server shows its socket, else after it."""
    connection = request.environ.get("werkzeug.socket") or request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
        return Response(status=201)

    def stumble() -> Iterator[bytes]:
        yield b"{"
        raise ConnectionAbortedError

    return Response(stumble(), 201, {"Content-Type": "application/json", "Content-Length": "1000"})
