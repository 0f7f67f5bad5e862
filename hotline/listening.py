"""`flask messages`: the operator's voice messages, listed, played, deleted. Numbers only where asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import click

from db import Database
from hotline.keys import require_keys
from hotline.people import messages
from hotline.people.messages import Message, NotHereError
from hotline.people.privacy import DataKeyError, Vault
from hotline.private import OWNER_ONLY

UNKNOWN = "-"


def messages_group(database: Database, vault: Vault, zone: tzinfo) -> click.Group:
    """The commands below `flask messages`; times are told in `zone`."""
    desk = _Listening(database, vault, zone)
    id = click.Argument(["id"], type=int)
    numbers = click.Option(["--numbers"], is_flag=True, help="Show the callers' numbers too.")
    path = click.Path(dir_okay=False, path_type=Path)
    out = click.Option(["--out"], required=True, type=path, help="A new file; only you can read it.")
    group = click.Group("messages", help="What callers have said for the operator.")
    for command in (
        click.Command("list", callback=desk.list_all, params=[numbers], help="Every message, oldest first."),
        click.Command("play", callback=desk.play, params=[id, out], help="Write message ID to a WAV file."),
        click.Command("delete", callback=desk.delete, params=[id], help="Erase message ID."),
    ):
        group.add_command(command)
    return group


@dataclass(frozen=True)
class _Listening:
    """What the commands ask."""

    database: Database
    vault: Vault
    zone: tzinfo

    def list_all(self, numbers: bool) -> None:
        """Prints a row a message: id, when, seconds, language, state, and the number if it is asked for."""
        require_keys(self.database, self.vault)
        with self.database.reading() as session:
            found = messages.listed(session, self.vault)
        for message in found:
            click.echo("  ".join(self._cells(message, numbers)))
        if not found:
            click.echo("no messages")

    def play(self, id: int, out: Path) -> None:
        """Writes the sound to a file that is not there yet, then marks the message as heard."""
        require_keys(self.database, self.vault)
        try:
            with self.database.reading() as session:
                sound = messages.sound_of(session, self.vault, id)
            _write_new(out, sound)
        except (NotHereError, DataKeyError) as e:
            raise click.ClickException(str(e)) from e
        except OSError as e:
            raise click.ClickException(f"{out} cannot be written: {e.strerror}") from e
        with self.database.writing() as session:
            messages.mark_heard(session, id)
        click.echo(f"message {id} is in {out}; delete the file when you have heard it")

    def delete(self, id: int) -> None:
        """Erases a message; the carrier's copy, if there still is one, goes with the next tick."""
        with self.database.writing() as session:
            erased = messages.erase(session, id)
        if not erased:
            raise click.ClickException(f"there is no message {id}")
        click.echo("erased")

    def _cells(self, message: Message, numbers: bool) -> tuple[str, ...]:
        when = message.left_at_utc.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")
        told = (message.language or UNKNOWN, message.state.value)
        cells = (f"{message.id:>4}", when, f"{message.seconds:>3} s", *told)
        return (*cells, message.phone or "withheld or not known") if numbers else cells


def _write_new(path: Path, content: bytes) -> None:
    """Readable by its owner alone from its first byte; never over a file that is there."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
        file.write(content)
