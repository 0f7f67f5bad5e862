"""A process that makes clips: `python -m hotline.speech.worker`, started by hotline.speech.crew.

Reads pickles from its input: an engine, then jobs. Answers each job with a pickle: None, or why it failed.
"""

from __future__ import annotations

import pickle
import signal
import sys
from typing import BinaryIO

from hotline.speech.job import ClipError
from hotline.speech.making import make


def work(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Makes clips until its input ends; `jobs` is a pipe of the process that started this one."""
    engine = pickle.load(jobs)  # nosec B301
    while True:
        try:
            job = pickle.load(jobs)  # nosec B301
        except EOFError:
            return
        try:
            make(job, engine)
            answer = None
        except ClipError as e:
            answer = str(e)
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; it then ends our input
    work(sys.stdin.buffer, sys.stdout.buffer)
