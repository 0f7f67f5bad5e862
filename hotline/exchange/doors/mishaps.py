"""Requests to the REST API, carried out or spoiled as ordered."""

import socket
import threading
from collections.abc import Callable, Iterator

from flask import Response, request

from hotline.exchange.doors.answers import refuse
from hotline.exchange.faults import REST_FAULTS, FaultKind, Faults, Order
from hotline.exchange.forms import RestError


class Mishaps:
    """Stands before every request. closed: set when the exchange shuts, so that a hang ends."""

    def __init__(self, faults: Faults, closed: threading.Event) -> None:
        self._faults = faults
        self._closed = closed

    def carry_out(self, act: Callable[[], Response]) -> Response:
        """What was asked for, unless a fault was ordered for its method (and its To, if it names one)."""
        order = self._faults.take(REST_FAULTS, to=request.values.get("To", ""), method=request.method)
        return act() if order is None else self._spoil(order, act)

    def _spoil(self, order: Order, act: Callable[[], Response]) -> Response:
        match order.kind:
            case FaultKind.REST_429:
                return _refuse_for_a_while(order)
            case FaultKind.REST_500:
                raise RestError(20500)
            case FaultKind.REST_SLOW:
                response = act()
                self._closed.wait(order.seconds)
                return response
            case FaultKind.REST_LATE:
                self._closed.wait(order.seconds)
                return act()
            case FaultKind.REST_HANG:
                self._closed.wait(order.seconds)
                return _lose_answer()
        act()
        return _lose_answer()


def _refuse_for_a_while(order: Order) -> Response:
    response = refuse(RestError(20429))
    if order.seconds:
        response.headers["Retry-After"] = str(round(order.seconds))
    return response


def _lose_answer() -> Response:
    """Break the connection off: before the first byte where the server shows its socket, else after it."""
    connection = request.environ.get("werkzeug.socket") or request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
        return Response(status=201)

    def stumble() -> Iterator[bytes]:
        yield b"{"
        raise ConnectionAbortedError

    return Response(stumble(), 201, {"Content-Type": "application/json", "Content-Length": "1000"})
