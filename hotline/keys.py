"""`flask keys`: everything under the first data key, and which older one may be taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from db import Database
from hotline.people.data_keys import UNKNOWN, check_keys, name_of, opted_out_by, sealed_by
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.rotation import rotate

STILL_ASKED = timedelta(days=1)  # texts are counted by it, and receipts of what was sent with it arrive


def keys_group(database: Database, vault: Vault, now_utc: Callable[[], datetime]) -> click.Group:
    """The commands below `flask keys`."""
    desk = _Keys(database, vault, now_utc)
    group = click.Group("keys", help="The data keys, HOTLINE_DATA_KEY.")
    words = "Bring all that is stored under the first key; the hotline may run meanwhile."
    group.add_command(click.Command("rotate", callback=desk.rotate, help=words))
    return group


def require_keys(database: Database, vault: Vault) -> None:
    """Raises ClickException, naming them, where data keys are missing: a command would find nobody."""
    try:
        with database.writing() as session:
            check_keys(session, vault)
    except DataKeyError as e:
        raise click.ClickException(str(e)) from e


@dataclass(frozen=True)
class _Keys:
    """What the command asks."""

    database: Database
    vault: Vault
    now_utc: Callable[[], datetime]

    def rotate(self) -> None:
        """Rotates, and says of each older key whether it is still needed, and for what."""
        require_keys(self.database, self.vault)
        done = rotate(self.database, self.vault)
        self.database.empty_log()
        for column, count in done.sealed.items():
            click.echo(f"{column:22} {count:>8} sealed anew")
        click.echo(f"{'numbers':22} {done.indexed:>8} indexed anew")
        if done.unreadable:
            click.echo(f"{done.unreadable} values do not open: they were altered, or belong elsewhere")
        if done.doubled:
            click.echo(f"{done.doubled} numbers have two rows, one under each key: forget one of them")
        for line in self._older(done.doubled):
            click.echo(line)

    def _older(self, doubled: int) -> list[str]:
        """A line for each key but the first."""
        with self.database.reading() as session:
            sealed, opted_out = sealed_by(session), opted_out_by(session)
        first, *older = self.vault.key_ids
        rows = sum(count for id, count in sealed.items() if id != first) + doubled
        lines = [f"rows under older keys: {rows}"]
        for id in older:
            wanted = opted_out[id] + opted_out[UNKNOWN]
            lines.append(f"key {name_of(id)}: {self._said(sealed[id] + doubled, wanted)}")
        return lines

    def _said(self, rows: int, opted_out: int) -> str:
        if rows:
            return f"still needed by {rows} rows. Run this again; do not take it away."
        if opted_out:
            return (
                f"still needed: {opted_out} numbers that want no messages, and of which nothing else "
                "is stored, are known by it alone. Leave it in HOTLINE_DATA_KEY, behind the first."
            )
        from_utc = self.now_utc() + STILL_ASKED
        return f"may be taken out of HOTLINE_DATA_KEY from {from_utc:%Y-%m-%d %H:%M} UTC on."
