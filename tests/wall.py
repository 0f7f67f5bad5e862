"""A wall clock that a test moves under whoever asks it; the monotonic one goes on."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import pytest

TICKING = ("hotline.reminders.clockwork", "apscheduler.schedulers.base", "apscheduler.triggers.interval")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Wall:
    """What `modules` take for the time until the test ends: `ahead` of the real one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
        self.ahead = timedelta()
        wall = self

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + wall.ahead

        for module in modules:
            monkeypatch.setattr(f"{module}.datetime", Moved)
