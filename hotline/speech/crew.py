"""Processes that make clips side by side.

Not multiprocessing: that would run the main module again in each process, and with it the whole hotline.
Not threads alone: espeak-ng cannot bear them.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from hotline.speech.job import ClipError, Job
from hotline.speech.synthesis import Engine

ROOT = Path(__file__).parents[2]
CLIPS_A_PROCESS = 40  # starting a process takes as long as making some dozens of clips


def make_all(jobs: Sequence[Job], engine: Engine, processes: int, done: Callable[[], None]) -> None:
    """Makes all clips in up to `processes` processes; calls `done` after each, from any thread.

    Raises ClipError for the first clip that cannot be made; what is made by then stays.
    """
    waiting: SimpleQueue[Job] = SimpleQueue()
    for job in sorted(jobs, key=lambda job: len(job.said), reverse=True):  # long ones first: all end together
        waiting.put(job)
    hands = min(processes, -(-len(jobs) // CLIPS_A_PROCESS))
    with ThreadPoolExecutor(max(hands, 1)) as threads:
        shifts = [threads.submit(_work_off, waiting, engine, done) for _ in range(hands)]
        try:
            for shift in shifts:
                shift.result()
        except BaseException:
            _empty(waiting)
            raise


def _work_off(waiting: SimpleQueue[Job], engine: Engine, done: Callable[[], None]) -> None:
    with _Worker(engine) as worker:
        while True:
            try:
                job = waiting.get_nowait()
            except Empty:
                return
            try:
                worker.make(job)
            except ClipError:
                _empty(waiting)  # so that the other processes stop too
                raise
            done()


def _empty(waiting: SimpleQueue[Job]) -> None:
    while not waiting.empty():
        try:
            waiting.get_nowait()
        except Empty:
            return


class _Worker:
    """One process and the pipes to it."""

    def __init__(self, engine: Engine) -> None:
        self._process = subprocess.Popen(  # nosec B603
            [sys.executable, "-m", "hotline.speech.worker"],
            cwd=ROOT,  # where `hotline` is found
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._engine: Engine | None = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def make(self, job: Job) -> None:
        """Makes one clip. Raises ClipError, also where the process dies of it."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            if self._engine is not None:
                pickle.dump(self._engine, self._process.stdin)
                self._engine = None
            pickle.dump(job, self._process.stdin)
            self._process.stdin.flush()
            # From a process of our own, by its pipe.
            failed = pickle.load(self._process.stdout)  # nosec B301
        except (OSError, EOFError) as e:
            raise ClipError(f"{job.language}/{job.name} cannot be made: its process ended") from e
        if failed:
            raise ClipError(failed)
