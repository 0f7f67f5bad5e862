"""GET /healthz: 200 when database, content, sound and clock are well, else 503 with the reasons by name.

GET /readyz is for a load balancer: whether this process can answer the carrier, and has every data key. A
clock that stalls is told by /healthz alone: callers are answered all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from db import Database
from hotline.voice.places import FALLBACK

WEBHOOKS = ("/voice", "/sms", "/receipts")


@dataclass
class Health:
    """Whether the hotline may answer, and why not.

    `starting` names what is still being prepared and is emptied as it is done; `clock` returns what is wrong
    with the ticks, `keys` which data key is missing, or None.
    """

    database: Database
    clock: Callable[[], str | None]
    keys: Callable[[], str | None] = lambda: None
    starting: list[str] = field(default_factory=lambda: ["starting"])

    def blueprint(self) -> Blueprint:
        """The route, and the guard that refuses webhooks until everything is prepared."""
        blueprint = Blueprint("health", __name__)
        blueprint.add_url_rule("/healthz", view_func=self.answer)
        blueprint.add_url_rule("/readyz", view_func=self.answer_ready)
        blueprint.before_app_request(self.refuse_while_starting)
        return blueprint

    def answer(self) -> tuple[Response, int]:
        """The state as JSON: `{"status": "ok"}` or `{"status": "unwell", "reasons": […]}`."""
        return _state(self.starting or [self._database_problem(), self.clock()])

    def answer_ready(self) -> tuple[Response, int]:
        """The same, of this process and its database only."""
        return _state(self.starting or [self._database_problem()])

    def refuse_while_starting(self) -> None:
        """503 for a webhook before all is prepared: the carrier goes on to its fallback."""
        if self.starting and request.path.startswith(WEBHOOKS) and request.path != FALLBACK:
            abort(503)

    def _database_problem(self) -> str | None:
        try:
            with self.database.reading() as session:
                session.execute(text("SELECT 1"))
            return self.keys()
        except SQLAlchemyError as e:
            return f"database: {type(e).__name__}"


def _state(found: Sequence[str | None]) -> tuple[Response, int]:
    reasons = [reason for reason in found if reason]
    if reasons:
        return jsonify(status="unwell", reasons=reasons), 503
    return jsonify(status="ok"), 200
