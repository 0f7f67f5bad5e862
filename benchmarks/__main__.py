"""`make bench`: how much of what is possible the hotline reaches, each beside its measure in the same run.

Usage: python -m benchmarks [--small] [NAME…]. Ratios can be compared between machines, seconds cannot; take
them on a quiet one. Nothing is asserted. Loopback only.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks import cost, dispatch, ticks, web
from hotline.logs import configure_logs

BENCHES = {"cost": cost.run, "dispatch": dispatch.run, "tick": ticks.run, "web": web.run}


def main(names: list[str], small: bool) -> None:
    """Prints the table, a line as soon as it is known."""
    sys.stdout.write("| Bench | What | Found | Aim |\n|---|---|---|---|\n")
    for name, run in BENCHES.items():
        if not names or name in names:
            for what, found, aim in run(small):
                sys.stdout.write(f"| `{name}` | {what} | {found} | {aim} |\n")
                sys.stdout.flush()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="make bench")
    asked.add_argument("names", nargs="*")
    asked.add_argument("--small", action="store_true")
    options = asked.parse_args()
    with Path(os.devnull).open("w") as nowhere:
        configure_logs(nowhere)
        main(options.names, options.small)
