"""Every setting, with its unit and default. A bad one stops the start and says which and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import phonenumbers

from hotline.addresses import AddressError, read_port, read_public_url
from hotline.carriers.account import MESSAGING_SERVICE, AccountError, Twilio, read_account
from hotline.carriers.base import is_one_way
from hotline.carriers.gateway import GatewayError, Kannel, read_gateway
from hotline.carriers.senders import SenderError, read_senders
from hotline.exposure import ExposureError, check_exposure, read_metrics_tokens
from hotline.people.call_limits import CallLimits, LimitError, listed, read_call_limits
from hotline.people.keep_days import KeepDays, read_keep_days, read_voice_message_days
from hotline.people.operator_limits import OperatorLimits, read_operator_limits
from hotline.people.reply_limits import ReplyLimits, read_reply_limits
from hotline.reminders.discretion import DiscretionError, read_discreet
from hotline.reminders.send_limits import SendLimits, read_send_limits
from hotline.reminders.send_window import SendWindow, WindowError, read_window
from hotline.setting_names import UnknownSettingError, check_names
from hotline.speech.settings import SPEECH_COMMAND, SpeechSettingError, read_commands, read_speed
from hotline.voice.hours import HoursError, OpeningHours, read_hours

ROOT = Path(__file__).parent.parent
EMBEDDED_DATABASE = f"sqlite:///{ROOT / 'db' / 'kadam.sqlite3'}"
DATABASES = ("sqlite:///", "postgresql+psycopg://")
EXCHANGE_NUMBER = "+996312000777"  # the hotline's own number on the exchange of this machine

READING_ERRORS = (
    AccountError,
    AddressError,
    DiscretionError,
    ExposureError,
    GatewayError,
    LimitError,
    SenderError,
    SpeechSettingError,
    UnknownSettingError,
    WindowError,
)

T = TypeVar("T")


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True)
class Config:
    """The settings of one hotline; see README, Settings."""

    twilio: Twilio | None
    senders: tuple[tuple[str, str], ...]  # (number prefix or "", sender), longest prefix first
    public_url: str
    database_url: str = field(repr=False)
    data_keys: tuple[str, ...] = field(repr=False)  # empty: made on first run for the embedded default
    languages: tuple[str, ...]
    window: SendWindow
    operator_number: str | None
    operator_hours: OpeningHours
    voice_message_days: int  # after which a message to the operator is erased
    speech_command: str | None
    speech_commands: tuple[tuple[str, str], ...]  # (language code, command) of languages that have their own
    speech_speed_percent: int
    host: str
    port: int
    missed_call_numbers: frozenset[str] = frozenset()  # of ours: a ring is not answered but called back
    call_limits: CallLimits = field(default_factory=CallLimits)
    reply_limits: ReplyLimits = field(default_factory=ReplyLimits)
    operator_limits: OperatorLimits = field(default_factory=OperatorLimits)
    kannel: Kannel | None = None  # the gateway that carries the texts of its prefixes
    send_limits: SendLimits = field(default_factory=SendLimits)
    keep_days: KeepDays = field(default_factory=KeepDays)
    ticks_here: bool = True  # False: `flask worker` ticks, this process only answers
    discreet: bool = False  # reminders by text do not say what they are about
    metrics_tokens: tuple[str, ...] = field(default=(), repr=False)  # any of them opens /metrics
    prompts: Path = ROOT / "prompts"
    audio: Path = ROOT / "audio"
    private: Path = ROOT / "db"  # owner-only files: the embedded database, its key, the exchange's address

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """The configuration in `env`. Raises ConfigError naming the setting that is wrong."""
        settings = {name: value.strip() for name, value in env.items() if value.strip()}
        _read(settings, check_names)
        host, port = settings.get("HOST", "127.0.0.1"), _read(settings, read_port)
        if not settings.get("DATABASE_URL", EMBEDDED_DATABASE).startswith(DATABASES):
            raise ConfigError(f"DATABASE_URL must begin with {' or '.join(DATABASES)}")
        data_keys = _data_keys(settings)
        window, twilio = _read(settings, read_window), _twilio(settings)
        kannel = _kannel(settings, port, twilio)
        unstripped = {**settings, "FLASK_DEBUG": env.get("FLASK_DEBUG", "")}
        _read(unstripped, lambda given: check_exposure(given, host, twilio is not None, kannel is not None))
        call_limits = _read(settings, read_call_limits)
        if kannel and not twilio:
            call_limits = replace(call_limits, without_voice=kannel.prefixes)
        return cls(
            twilio=twilio,
            kannel=kannel,
            senders=_read(settings, read_senders),
            public_url=_read(settings, partial(read_public_url, port=port, has_twilio=twilio is not None)),
            database_url=settings.get("DATABASE_URL", EMBEDDED_DATABASE),
            data_keys=data_keys,
            languages=_languages(settings),
            window=window,
            operator_number=_operator_number(settings, twilio),
            operator_hours=_operator_hours(settings, window.zone),
            voice_message_days=_read(settings, read_voice_message_days),
            speech_command=settings.get(SPEECH_COMMAND),
            speech_commands=_read(settings, partial(read_commands, is_language=_is_language)),
            speech_speed_percent=_read(settings, read_speed),
            host=host,
            port=port,
            missed_call_numbers=_missed_call_numbers(settings),
            call_limits=call_limits,
            reply_limits=_read(settings, read_reply_limits),
            operator_limits=_read(settings, read_operator_limits),
            send_limits=_read(settings, read_send_limits) if twilio or kannel else SendLimits(),
            keep_days=_read(settings, read_keep_days),
            ticks_here=_ticks_here(settings),
            discreet=_read(settings, read_discreet),
            metrics_tokens=_read(settings, read_metrics_tokens),
        )

    @property
    def reaches_telephones(self) -> bool:
        """Whether what is sent reaches real telephones, not only those of this machine's exchange."""
        return self.kannel is not None or (self.twilio is not None and self.twilio.is_twilio_itself)

    @property
    def messaging_services(self) -> tuple[str, ...]:
        """The senders that are SIDs of messaging services."""
        return tuple(sender for _, sender in self.senders if sender.startswith(MESSAGING_SERVICE))

    @property
    def own_senders(self) -> frozenset[str]:
        """All that texts of the hotline may come from, and the numbers that ring for missed calls."""
        gateway = {self.kannel.sender} if self.kannel else set()
        return self.missed_call_numbers | {sender for _, sender in self.senders} | gateway

    def cleared_senders(self, number: str) -> tuple[str, ...]:
        """Whose texts are looked for by age at the main carrier, besides those of its `number`.

        What a messaging service sends comes from numbers that we do not know.
        """
        senders = {sender for _, sender in self.senders if not sender.startswith(MESSAGING_SERVICE)}
        return tuple(sorted({number, *senders, *self.missed_call_numbers}))

    def written_to(self, number: str) -> tuple[str, ...]:
        """Whose texts come in at the main carrier: its `number`, and every sender that can be answered.

        Not the numbers of a messaging service, which we do not know.
        """
        return tuple(sender for sender in self.cleared_senders(number) if not is_one_way(sender))

    def called_numbers(self, number: str) -> tuple[str, ...]:
        """Whose calls are looked for by age: ours, and the operator's, whom callers are put through to."""
        operator = (self.operator_number,) if self.operator_number else ()
        return tuple(called for called in (*self.written_to(number), *operator) if called.startswith("+"))

    def sender_for(self, number: str, default: str) -> str:
        """The sender of texts to `number`: the gateway's, the one of the longest prefix, else `default`."""
        if self.kannel and self.kannel.carries(number):
            return self.kannel.sender
        return next((sender for prefix, sender in self.senders if number.startswith(prefix)), default)


def _twilio(settings: Mapping[str, str]) -> Twilio | None:
    account = _read(settings, read_account)
    return account and replace(account, number=_e164("TWILIO_NUMBER", account.number))


def _languages(settings: Mapping[str, str]) -> tuple[str, ...]:
    codes = listed(settings.get("HOTLINE_LANGUAGES", "ky,ru,en"))
    for code in codes:
        if not _is_language(code):
            raise ConfigError(f"HOTLINE_LANGUAGES: there is no prompts/{code}/language.toml")
    if len(set(codes)) < len(codes):
        raise ConfigError("HOTLINE_LANGUAGES: a language is named twice")
    if not 1 <= len(codes) <= 5:
        raise ConfigError("HOTLINE_LANGUAGES: one to five languages, one for each key of the first question")
    return codes


def _is_language(code: str) -> bool:
    return (ROOT / "prompts" / code / "language.toml").is_file()


def _missed_call_numbers(settings: Mapping[str, str]) -> frozenset[str]:
    name = "HOTLINE_MISSED_CALL_NUMBERS"
    return frozenset(_e164(name, number) for number in listed(settings.get(name, "")))


def _read(settings: Mapping[str, str], reader: Callable[[Mapping[str, str]], T]) -> T:
    try:
        return reader(settings)
    except READING_ERRORS as e:
        raise ConfigError(str(e)) from e


def _kannel(settings: Mapping[str, str], port: int, twilio: Twilio | None) -> Kannel | None:
    kannel = _read(settings, partial(read_gateway, port=port))
    if kannel and twilio is None and is_one_way(kannel.sender):
        raise ConfigError("KANNEL_SENDER must be a number without Twilio: its texts could not be answered")
    return kannel


def _ticks_here(settings: Mapping[str, str]) -> bool:
    where = settings.get("HOTLINE_CLOCK", "here")
    if where not in {"here", "worker"}:
        raise ConfigError(f"HOTLINE_CLOCK: '{where}' is neither here nor worker")
    if where == "worker" and "TWILIO_NUMBER" not in settings:
        raise ConfigError("HOTLINE_CLOCK: without Twilio's settings the clock is here, where the exchange is")
    return where == "here"


def _operator_hours(settings: Mapping[str, str], zone: ZoneInfo) -> OpeningHours:
    try:
        return read_hours(settings.get("HOTLINE_OPERATOR_HOURS", ""), zone)
    except HoursError as e:
        raise ConfigError(f"HOTLINE_OPERATOR_HOURS: {e}") from e


def _operator_number(settings: Mapping[str, str], twilio: Twilio | None) -> str | None:
    """Whom key 7 rings; a number of ours would ring the hotline itself, at the hotline's cost."""
    name = "HOTLINE_OPERATOR_NUMBER"
    if name not in settings:
        return None
    number = _e164(name, settings[name])
    own = {sender for _, sender in _read(settings, read_senders)} | _missed_call_numbers(settings)
    if number in {twilio.number if twilio else EXCHANGE_NUMBER, *own}:
        raise ConfigError(f"{name} is a number of the hotline itself: key 7 would ring nobody else")
    return number


def _data_keys(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that are set; none is for the embedded database alone, whose key is made by itself."""
    name = "HOTLINE_DATA_KEY"
    if "DATABASE_URL" in settings and name not in settings:
        raise ConfigError(f"{name} must be set with DATABASE_URL: it seals what is stored")
    keys = listed(settings.get(name, ""))
    if name in settings and not keys:
        raise ConfigError(f"{name} names no key")
    return keys


def _e164(name: str, raw: str) -> str:
    try:
        number = phonenumbers.parse(raw)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ConfigError(f"{name} must be a number with its country code, such as +996312000000")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
