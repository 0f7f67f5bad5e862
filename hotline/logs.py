"""Structured logs: one JSON line an event, on stderr, without personal data.

Events carry ids, SIDs, codes and timings. What other libraries log is kept to warnings, however talkative
somebody makes them, and whatever still looks like a telephone number is masked; of an exception only its type
and its frames are kept, because the messages of twilio and of database drivers repeat numbers and values.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

TELEPHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+|%2B)?[0-9][0-9 ()-]{7,}[0-9](?![0-9A-Za-z])", re.IGNORECASE)
TALKATIVE = ("twilio", "urllib3", "requests", "sqlalchemy", "apscheduler", "waitress", "werkzeug", "alembic")

Event = MutableMapping[str, Any]


def configure_logs(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Sends structlog's and every library's events through one JSON formatter to `stream` (stderr)."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_exception_type,
        mask_numbers,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=True),  # or U+2028 ends a line, 0x9B is an escape
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(is_for_operators)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def is_for_operators(record: logging.LogRecord) -> bool:
    """Our own events, and warnings of others.

    Below, twilio tells whom it writes to and what, urllib3 where, SQLAlchemy the rows. Asked of each line
    that is to be written, so that no level that somebody sets on a logger lets them out.
    """
    is_ours = isinstance(record.msg, dict)  # as structlog hands it on
    return is_ours or record.levelno >= logging.WARNING


def log_uncaught(failed: threading.ExceptHookArgs) -> None:
    """In place of the traceback of a thread that fails: its last line would be the exception's message."""
    structlog.get_logger().error("thread.failed", exc_info=failed.exc_value)


def keep_exception_type(_logger: Any, _method: str, event: Event) -> Event:
    """Replaces an exception by its type and the places it passed; never its message."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else (info[1] if isinstance(info, tuple) else None)
    if error is None and info:
        error = sys.exc_info()[1]
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        event["frames"] = [f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames[-8:]]
    return event


def mask_numbers(_logger: Any, _method: str, event: Event) -> Event:
    """Masks every string value that holds something like a telephone number."""
    return {
        key: TELEPHONE.sub("[number]", value) if isinstance(value, str) else value
        for key, value in event.items()
    }
