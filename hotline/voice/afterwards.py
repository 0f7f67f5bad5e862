"""What a webhook does once its answer is on its way, so that no caller waits for it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, after_this_request


def afterwards(act: Callable[[], object]) -> None:
    """Does `act` after the answer to the present request has been sent. It must not raise."""

    def when_sent(response: Response) -> Response:
        response.call_on_close(act)
        return response

    after_this_request(when_sent)
