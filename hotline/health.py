"""GET /healthz: 200 when database, content, sound and clock are well, else 503 with the reasons by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from db import Database

WEBHOOKS = ("/voice", "/sms", "/receipts")
FALLBACK = "/voice/fallback"  # static, so it answers whatever else is wrong


@dataclass
class Health:
    """Whether the hotline may answer, and why not.

    `starting` names what is still being prepared and is emptied as it is done; `clock` returns what is wrong
    with the ticks, or None.
    """

    database: Database
    clock: Callable[[], str | None]
    starting: list[str] = field(default_factory=lambda: ["starting"])

    def blueprint(self) -> Blueprint:
        """The route, and the guard that refuses webhooks until everything is prepared."""
        blueprint = Blueprint("health", __name__)
        blueprint.add_url_rule("/healthz", view_func=self.answer)
        blueprint.before_app_request(self.refuse_while_starting)
        return blueprint

    def answer(self) -> tuple[Response, int]:
        """The state as JSON: `{"status": "ok"}` or `{"status": "unwell", "reasons": […]}`."""
        reasons = self.reasons()
        if reasons:
            return jsonify(status="unwell", reasons=reasons), 503
        return jsonify(status="ok"), 200

    def reasons(self) -> list[str]:
        """What is not well, by name."""
        if self.starting:
            return list(self.starting)
        return [reason for reason in (self._database_problem(), self.clock()) if reason]

    def refuse_while_starting(self) -> None:
        """503 for a webhook before all is prepared: the carrier goes on to its fallback."""
        if self.starting and request.path.startswith(WEBHOOKS) and request.path != FALLBACK:
            abort(503)

    def _database_problem(self) -> str | None:
        try:
            with self.database.reading() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError as e:
            return f"database: {type(e).__name__}"
        return None
