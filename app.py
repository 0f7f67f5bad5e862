"""Composition root: the only module that knows every room.

`python app.py` runs the whole hotline on this machine, with a telephone exchange of its own unless Twilio is
set; `gunicorn app:app` serves the same app; `flask` finds its commands in it.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from dotenv import load_dotenv
from flask import Flask
from rich.console import Console

from db import Database
from hotline.carriers.account import Twilio
from hotline.carriers.lines import carrier_of
from hotline.carriers.signature import SignedRequests
from hotline.carriers.twilio import TwilioCarrier
from hotline.commands import Commands
from hotline.config import Config, ConfigError
from hotline.counters import Counters
from hotline.exchange.exchange import Exchange
from hotline.guide.loader import load_guide
from hotline.guide.steptext import ContentError
from hotline.headers import harden
from hotline.health import Health
from hotline.logs import configure_logs, log_uncaught
from hotline.metrics import MetricsDesk
from hotline.people.data_keys import KeyWatch, check_keys
from hotline.people.effects import Effects
from hotline.people.limits import Limits
from hotline.people.privacy import DataKeyError, Vault, new_data_key
from hotline.practice import found_line, line_of, make_exchange, publish, welcome
from hotline.private import data_key, withdraw_exchange
from hotline.reminders.clockwork import Clockwork
from hotline.reminders.discretion import wording_of
from hotline.reminders.dispatch import Dispatcher
from hotline.reminders.heartbeat import ClockElsewhere
from hotline.reminders.webhook import ReceiptsDesk
from hotline.rounds import rounds_of
from hotline.serving import BODY_BYTES, prepare_or_exit, serve
from hotline.sms.answering import Answering
from hotline.sms.backfill import Backfill
from hotline.sms.kannel import KannelDesk
from hotline.sms.understanding.vocabulary import build_vocabulary
from hotline.sms.webhook import SmsDesk
from hotline.speech.studio import open_studio, render
from hotline.speech.synthesis import engine_of
from hotline.speech.webhook import AudioDesk
from hotline.voice import places
from hotline.voice.recordings import RecordingsDesk
from hotline.voice.webhook import VoiceDesk
from hotline.worker import worker_of

log = structlog.get_logger()


class Hotline:
    """The rooms of one hotline, wired; nothing is stored or started before `prepare`."""

    def __init__(self, config: Config) -> None:
        """Raises ContentError naming file and line where prompts/ is broken, DataKeyError for a bad key."""
        self.config = config
        self.guide = load_guide(config.prompts, config.languages)
        self.engine = engine_of(
            config.speech_command or "", config.speech_commands, config.speech_speed_percent
        )
        self.studio = open_studio(
            self.guide, config.audio / "rendered", config.audio / "recordings", self.engine
        )
        self.database = Database(config.database_url)
        self.vault = Vault(config.data_keys or (data_key(new_data_key()),))
        self.owner_token = secrets.token_urlsafe(32)  # opens the exchange's control API
        self.exchange = None if config.twilio else self._make_exchange()
        self.line = line_of(self.exchange, config)
        self.now_utc: Callable[[], datetime] = lambda: datetime.now(UTC)
        if self.exchange and not config.kannel:  # a clock that is moved would reach real telephones early
            self.now_utc = self.exchange.clock.now
        self.dispatcher = self.make_dispatcher(self.line, self.now_utc)
        self.rounds = rounds_of(config, self.guide, self.dispatcher, self.line.number, self.now_utc)
        # Whoever moves the clock of an exchange ticks too: only time that passes by itself is looked after.
        is_asked = self.dispatcher.is_asked if config.twilio or config.kannel else None
        self.clockwork = Clockwork(self.rounds.go, is_asked)
        here, elsewhere = self._clock_problem, ClockElsewhere(self.database).problem
        self.counters = Counters(self.database)
        keys = KeyWatch(self.database, self.vault)
        self.health = Health(self.database, here if config.ticks_here else elsewhere, keys.problem)

    def prepare(self, console: Console | None = None) -> None:
        """Migrates, checks the data key, renders what is missing, winds the clock: webhooks are answered.

        Raises DataKeyError or ClipError, by name, where the hotline cannot start.
        """
        self.health.starting[:] = ["the database is being migrated"]
        self._prepare_database()
        self.health.starting[:] = ["the sound is being rendered"]
        render(self.guide, self.studio.folder, self.studio.recordings, self.engine, console=console)
        if self.config.ticks_here:
            self.clockwork.start()
        self.health.starting.clear()

    def work(self) -> None:
        """Only ticks, until SIGTERM: the work of `flask worker`."""
        self._prepare_database()
        worker_of(self.dispatcher, self.rounds.go).run()
        self.close()

    def tick(self, now_utc: datetime) -> None:
        """Everything that is due at an instant; the exchange asks for it when its clock is moved."""
        self.rounds.go_as_of(now_utc)

    def close(self) -> None:
        """Stops the clock, the sending, the exchange and the database, in that order."""
        self.dispatcher.stop()
        self.clockwork.stop()
        self.dispatcher.close()
        self.counters.add()
        if self.exchange:
            self.exchange.close()
        self.database.close()

    def _prepare_database(self) -> None:
        self.database.migrate()
        with self.database.unhurried().writing() as session:
            check_keys(session, self.vault)

    def make_dispatcher(self, line: Twilio, now_utc: Callable[[], datetime]) -> Dispatcher:
        """A dispatcher that sends through `line`, whose clock is `now_utc`."""
        return Dispatcher(
            self.database.unhurried(),
            self.vault,
            self.guide,
            carrier_of(self.config, line),
            self.config.window,
            lambda number: self.config.sender_for(number, line.number),
            self.config.public_url,
            line.number,
            self._ring_path,
            now_utc,
            self.config.call_limits,
            send_limits=self.config.send_limits,
            worded=wording_of(self.config.discreet),
        )

    def open_doors(self, app: Flask) -> None:
        """Adds every route to `app`."""
        config = self.config
        signed = SignedRequests(self.line.auth_tokens, config.public_url)
        limits = Limits(
            calls=config.call_limits, replies=config.reply_limits, operator=config.operator_limits
        )
        effects = Effects(self.vault, self.guide, config.window, limits)
        vocabulary = build_vocabulary(self.guide.languages)
        reached = (self.now_utc, self.clockwork.wake, self.line.number)
        rooms = (self.guide, vocabulary, self.database, effects)
        count = self.counters.count
        answering = Answering(*rooms, *reached, config.own_senders, count=count)
        receipts = ReceiptsDesk(self.database, self.vault, self.config.window, signed, self.now_utc)
        sms = SmsDesk(answering, signed)
        if self.config.twilio:
            archive, numbers = TwilioCarrier(self.line), config.written_to(self.line.number)
            self.rounds.backfill = Backfill(self.database, archive, numbers, sms.answer_late)
        heard = (config.operator_number, config.public_url, config.missed_call_numbers, config.operator_hours)
        voice = (self.guide, self.studio, self.database, effects, signed, *reached, *heard)
        desks = (
            sms,
            VoiceDesk(*voice, count=count),
            RecordingsDesk(self.database, signed, *reached[:2]),
            receipts,
            AudioDesk(self.studio),
            self.health,
            MetricsDesk(self.database, self.counters, self.now_utc, self._tick_age_s, config.metrics_tokens),
        )
        app.after_request(self.counters.after_request)
        for desk in desks:
            app.register_blueprint(desk.blueprint())
        if kannel := self.config.kannel:
            app.register_blueprint(KannelDesk(kannel, answering, self.vault, receipts.record).blueprint())
        if self.exchange:
            app.register_blueprint(self.exchange.rest())
            app.register_blueprint(self.exchange.control())
            if not config.kannel:  # a telephone to play with would have the numbers of real people
                app.register_blueprint(self.exchange.page())

    def _make_exchange(self) -> Exchange:
        return make_exchange(
            self.config,
            self.owner_token,
            self.database,
            self.vault,
            lambda at_utc: self.tick(self.now_utc() if self.config.kannel else at_utc),
            self.studio.caption,
            self.guide.rules,
        )

    def _ring_path(self, language: str, place: str) -> str:
        return places.ring_path(language, str(places.place_of(place, self.guide) or places.MAIN))

    def _tick_age_s(self) -> float | None:
        return self.clockwork.watchdog.age_s() if self.config.ticks_here else None

    def _clock_problem(self) -> str | None:
        return self.rounds.problem(self.clockwork.watchdog)


def create_app(config: Config) -> Flask:
    """The hotline as a Flask app, its rooms under `extensions["kadam"]`; see Hotline for what it raises."""
    app = Flask("kadam", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    app.url_map.merge_slashes = False  # a redirect would lose the keys that a caller pressed
    app.url_map.redirect_defaults = False
    app.after_request(harden)
    hotline = app.extensions["kadam"] = Hotline(config)
    hotline.open_doors(app)
    rooms = (hotline.guide, hotline.studio, hotline.engine, hotline.database.unhurried(), hotline.vault)
    Commands(config, *rooms, lambda: _commanded(hotline), hotline.work).register(app)
    return app


def _commanded(hotline: Hotline) -> Dispatcher | None:
    """A command's dispatcher: on Twilio, or on the exchange of the hotline that runs here, if one does."""
    if hotline.config.twilio:
        return hotline.dispatcher
    found = found_line(hotline.config)
    return hotline.make_dispatcher(*found) if found else None


def _configured() -> Flask:
    load_dotenv()
    configure_logs()
    threading.excepthook = log_uncaught
    return create_app(Config.from_env(os.environ))


def _served() -> Flask:
    """The app of `gunicorn app:app`: it prepares itself while /healthz says 503."""
    app = _configured()
    threading.Thread(target=prepare_or_exit, args=(app.extensions["kadam"].prepare,), daemon=True).start()
    return app


def __getattr__(name: str) -> Flask:
    """`app`, made when somebody asks for it: gunicorn serves it, `flask` only looks for its commands."""
    if name != "app":
        raise AttributeError(name)
    made = _configured() if os.environ.get("FLASK_RUN_FROM_CLI") == "true" else _served()
    globals()["app"] = made
    return made


def main() -> int:
    """Runs the hotline on this machine until it is interrupted."""
    os.umask(0o077)  # what is stored here is its owner's alone
    try:
        app = _configured()
    except (ConfigError, ContentError, DataKeyError) as e:
        print(f"Kadam cannot start: {e}", file=sys.stderr)
        return 1
    hotline: Hotline = app.extensions["kadam"]
    config = hotline.config
    try:
        serve(app, config.host, config.port)
    except OSError as e:
        print(f"Kadam cannot start: port {config.port} on {config.host}: {e.strerror}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    prepare_or_exit(lambda: hotline.prepare(Console()))
    if hotline.exchange:
        publish(hotline.exchange, config, hotline.owner_token)
    print(welcome(config), flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("Kadam stops.")
    finally:
        withdraw_exchange(config.private)
        hotline.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
