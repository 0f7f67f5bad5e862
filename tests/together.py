"""Two requests of one person at the same instant."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

from hotline.people.effects import Effects

TOGETHER_S = 0.5  # whoever waits for the other for longer does not get there


@contextmanager
def side_by_side() -> Iterator[None]:
    """Whoever has read the person waits, before anything is stored, until the other has read them too."""
    both, apply = threading.Barrier(2), Effects.apply

    def wait(*arguments: Any, **named: Any) -> str | None:
        with suppress(threading.BrokenBarrierError):
            both.wait(TOGETHER_S)
        return apply(*arguments, **named)

    with patch.object(Effects, "apply", wait):
        yield


def at_once(*acts: Callable[[], Any]) -> None:
    """Begins all of them, and waits for all to end."""
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
