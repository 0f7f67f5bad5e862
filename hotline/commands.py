"""The command line: `flask remind`, `check`, `audio`, `talk`, `migrate`, `person`, `messages`, `keys`, …

Commands only print what they find; the rooms do the work.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import click
from flask import Flask

from db import Database
from db.copying import CopyError, copy
from hotline.config import DATABASES, Config
from hotline.exchange.doors.talk import talk
from hotline.guide.check import problems
from hotline.guide.model import Guide
from hotline.keys import keys_group, require_keys
from hotline.listening import messages_group
from hotline.people import erasing, store
from hotline.people.numbers import usable_number
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.unopened import ids_of
from hotline.private import find_exchange
from hotline.reminders.dispatch import Dispatcher
from hotline.reminders.window import is_open, next_opening
from hotline.sms import budget
from hotline.speech import inspection
from hotline.speech.commands import StudioCommands, report
from hotline.speech.studio import Studio
from hotline.speech.synthesis import Engine
from hotline.voice.timetable import page, table
from hotline.voice.timing import measured

NO_CARRIER = (
    "a worker needs Twilio's settings; without them the hotline ticks where its exchange is: make run"
)
REMIND_HELP = "One tick of the clock: what is due goes out; or with --until a season, played in advance."
CLOSED = "the send window is closed, and no reminder goes out before"
NOT_RUNNING = "start the hotline first: make run"


@dataclass(frozen=True)
class Commands:
    """The rooms that commands ask."""

    config: Config
    guide: Guide
    studio: Studio
    engine: Engine
    database: Database
    vault: Vault
    dispatcher: Callable[[], Dispatcher | None]  # None: the exchange to send through is not running
    work: Callable[[], None]  # ticks until it is told to stop

    def register(self, app: Flask) -> None:
        """Adds the commands to `flask`."""
        audio = StudioCommands(self.guide, self.studio, self.engine).group()
        markdown = click.Option(["--markdown"], is_flag=True, help="The whole page docs/timing.md.")
        audio.add_command(_command("time", self.time, "How long callers wait for what they need.", markdown))
        person = click.Group("person", help="What is stored of one person.")
        number = click.Argument(["number"])
        person.add_command(_command("forget", self.forget, "Erase all that is stored under NUMBER.", number))
        as_of = click.Option(["--as-of"], help="An instant, ISO 8601 with its zone. Default: now.")
        dry_run = click.Option(["--dry-run"], is_flag=True, help="Show what would be sent, send nothing.")
        prices = click.Option(["--table"], is_flag=True, help="What each reply takes, in segments.")
        moving = click.Group("db", help="The database as a whole.")
        to = click.Option(["--to"], required=True, help="URL of an empty database, as DATABASE_URL has it.")
        moving.add_command(_command("copy", self.copy, "Copy everything that is stored.", to))
        until = click.Option(["--until"], help="With --dry-run: play the days up to this one, 2027-04-01.")
        number_of = click.Option(["--number"], help="Whose season is played, such as +996555123456.")
        texts = click.Option(["--texts"], is_flag=True, help="With --until: the texts too; they hold dates.")
        phone = click.Option(
            ["--phone"], default="+996555123456", show_default=True, help="The number to be."
        )
        for command in (
            audio,
            moving,
            person,
            keys_group(self.database, self.vault, lambda: datetime.now(UTC)),
            messages_group(self.database, self.vault, self.config.window.zone),
            _command("check", self.check, "Settings, content and sound: every problem by name.", prices),
            _command("migrate", self.migrate, "Bring the database to the newest migration."),
            _command("remind", self.remind, REMIND_HELP, as_of, dry_run, until, number_of, texts),
            _command("talk", self.talk, "A telephone in the terminal.", phone),
            _command("worker", self.worker, "The clock alone: ticks until SIGTERM."),
        ):
            app.cli.add_command(command)

    def check(self, table: bool) -> None:
        """Prints every problem of content and sound; settings were checked when the app was made.

        With `table` what each reply takes instead.
        """
        today = datetime.now(UTC).date()
        counts = budget.counted(self.guide, today)
        if table:
            click.echo(budget.table(counts))
            return
        found = [*problems(self.guide, today), *budget.over_budget(self.guide, counts)]
        report([*found, *inspection.check(self.studio)])

    def time(self, markdown: bool) -> None:
        """Prints how long a caller waits, measured on the rendered sound."""
        if self.studio.missing():
            raise click.ClickException("not all sound is there: run `flask audio render`")
        found = measured(self.guide, self.studio.seconds)
        click.echo(page(found) if markdown else table(found))

    def migrate(self) -> None:
        """Migrates the database."""
        self.database.migrate()

    def copy(self, to: str) -> None:
        """Copies the database, and prints each table with its rows and the checksum of both sides."""
        if not to.startswith(DATABASES):
            raise click.BadParameter(f"must begin with {' or '.join(DATABASES)}")
        target = Database(to)
        try:
            for table in copy(self.database, target.unhurried()):
                click.echo(f"{table.table:16} {table.rows:>9} rows  {table.checksum}")
        except CopyError as e:
            raise click.ClickException(f"nothing is copied: {e}") from e
        finally:
            target.close()

    def forget(self, number: str) -> None:
        """Erases a person, also one of whom something does not open.

        When, is told by the clock of the carrier that has copies to delete.
        """
        phone = usable_number(number)
        if phone is None:
            raise click.BadParameter("not a number with its country code, such as +996555123456")
        require_keys(self.database, self.vault)
        dispatcher = self.dispatcher()
        now_utc = dispatcher.carrier_clock() if dispatcher else datetime.now(UTC)
        with self.database.writing() as session:
            ids = ids_of(session, self.vault, phone)
            for id in ids:
                erasing.erase(session, self.vault, id, phone, now_utc)
        self.database.empty_log()
        click.echo("erased" if ids else "nothing is stored under this number")

    def remind(
        self, as_of: str | None, dry_run: bool, until: str | None, number: str | None, texts: bool
    ) -> None:
        """One tick, printed as JSON lines; or the season of one person, a line a reminder."""
        at_utc = _instant(as_of) if as_of else datetime.now(UTC)
        if until is not None or number is not None:
            if not (dry_run and until and number):
                raise click.UsageError("a season needs --dry-run, --until and --number")
            self._play(at_utc, _day(until), number, texts)
            return
        require_keys(self.database, self.vault)
        if self.config.reaches_telephones and as_of and not dry_run:
            raise click.UsageError(
                "--as-of would send the words of another day to real telephones: add --dry-run"
            )
        dispatcher = self.dispatcher()
        if dispatcher is None:
            raise click.ClickException(NOT_RUNNING)
        if not is_open(dispatcher.window, at_utc):
            opens = next_opening(dispatcher.window, at_utc).astimezone(dispatcher.window.zone)
            click.echo(f"{CLOSED} {opens.isoformat()}; to look ahead: --dry-run --as-of", err=True)
        for event in dispatcher.tick(at_utc, dry_run=dry_run):
            click.echo(json.dumps(event))

    def worker(self) -> None:
        """Ticks, for web processes that have HOTLINE_CLOCK=worker."""
        if self.config.twilio is None:
            raise click.ClickException(NO_CARRIER)
        try:
            self.work()
        except DataKeyError as e:
            raise click.ClickException(str(e)) from e

    def _play(self, from_utc: datetime, until: date, number: str, texts: bool) -> None:
        require_keys(self.database, self.vault)
        dispatcher, phone = self.dispatcher(), usable_number(number)
        if dispatcher is None:
            raise click.ClickException(NOT_RUNNING)
        with self.database.reading() as session:
            contact = store.find(session, self.vault, phone)
        if contact.id is None:
            raise click.ClickException("nothing is stored under this number")
        for each in dispatcher.season(contact.id, from_utc, until):
            told = {"day": each.day.isoformat(), "channel": each.channel, "rules": each.rules}
            body = {"text": each.body} if texts else {}
            click.echo(json.dumps({**told, **body}, ensure_ascii=False))

    def talk(self, phone: str) -> None:
        """A telephone on the exchange of the hotline that runs here."""
        address = find_exchange(self.config.private)
        if address is None:
            raise click.ClickException(NOT_RUNNING)
        sys.exit(talk(address.url, address.token, sys.stdin, sys.stdout, phone))


def _command(name: str, callback: Callable[..., None], help: str, *params: click.Parameter) -> click.Command:
    return click.Command(name, callback=callback, help=help, params=list(params))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise click.BadParameter("not a day, such as 2027-04-01") from e


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as e:
        raise click.BadParameter("not an ISO 8601 instant, such as 2026-11-22T10:00:00+03:00") from e
    if at.tzinfo is None:
        raise click.BadParameter("an instant needs its zone, such as 2026-11-22T10:00:00+03:00")
    return at.astimezone(UTC)
