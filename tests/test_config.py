"""Every setting is read strictly; a bad one is named."""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from hotline.config import ROOT, Config, ConfigError
from hotline.people.call_limits import CallLimits
from hotline.people.keep_days import KeepDays
from hotline.people.operator_limits import OperatorLimits
from hotline.setting_names import NAMES

NEW_TOKEN, OLD_TOKEN = "0123456789abcdef" * 2, "F" * 32
TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": f"{NEW_TOKEN}, {OLD_TOKEN}",
    "TWILIO_NUMBER": "+996 312 000 001",
    "PUBLIC_URL": "https://hotline.example.org/",
}


def test_config_defaults_run_the_hotline_on_this_machine() -> None:
    """Nothing set: the own exchange, loopback, Moscow, ten to twelve, three languages."""
    config = Config.from_env({})
    assert config.twilio is None
    assert (config.host, config.port, config.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (config.window.opens, config.window.closes) == (time(10), time(12))
    assert config.window.zone == ZoneInfo("Europe/Moscow")
    assert config.languages == ("ky", "ru", "en")
    assert config.database_url.startswith("sqlite:///")


def test_config_reads_twilio() -> None:
    """Two tokens for rotation, the number in E.164, the public URL without its last slash."""
    twilio = Config.from_env(TWILIO).twilio
    assert twilio is not None
    assert twilio.auth_tokens == (NEW_TOKEN, OLD_TOKEN)
    assert twilio.number == "+996312000001"
    assert twilio.is_twilio_itself
    assert Config.from_env(TWILIO).public_url == "https://hotline.example.org"


def test_config_reads_the_operators_hours_in_the_hotlines_zone() -> None:
    """Nine o'clock is nine in HOTLINE_TIMEZONE; without hours it is always; messages stay 30 days."""
    env = {"HOTLINE_OPERATOR_HOURS": "Mon-Fri 09:00-18:00", "HOTLINE_TIMEZONE": "Asia/Bishkek"}
    config = Config.from_env({**env, "HOTLINE_VOICE_MESSAGE_DAYS": "7"})
    assert config.operator_hours.is_open(datetime(2026, 11, 23, 3, tzinfo=UTC))
    assert not config.operator_hours.is_open(datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert config.voice_message_days == 7
    assert Config.from_env({}).operator_hours.is_open(datetime(2026, 11, 22, 0, tzinfo=UTC))
    assert Config.from_env({}).voice_message_days == 30


def test_config_tells_another_api_from_twilios() -> None:
    """A compatible server does not reach real telephones."""
    elsewhere = Config.from_env({**TWILIO, "TWILIO_API_URL": "http://127.0.0.1:9000"}).twilio
    assert elsewhere is not None
    assert not elsewhere.is_twilio_itself


def test_config_never_shows_its_secrets() -> None:
    """A traceback that prints the config prints no token, key or database password."""
    env = {
        **TWILIO,
        "TWILIO_API_URL": "https://carrier.example.org",
        "TWILIO_AUTH_TOKEN": "the-sentinel-of-tokens",
        "DATABASE_URL": "postgresql+psycopg://kadam:sentinel-password@db/kadam",
        "HOTLINE_DATA_KEY": "sentinel-key",
    }
    assert "sentinel" not in repr(Config.from_env(env))


def test_config_reads_the_numbers_for_missed_calls() -> None:
    """In E.164, whatever spaces they are written with; none unless they are set."""
    assert Config.from_env({}).missed_call_numbers == frozenset()
    config = Config.from_env({"HOTLINE_MISSED_CALL_NUMBERS": "+996 312 000 003, +79990000003"})
    assert config.missed_call_numbers == {"+996312000003", "+79990000003"}


def test_config_caps_the_calls_back() -> None:
    """Ten a number, two thousand in all, to Kyrgyz and Russian numbers; each can be set, also to 0."""
    assert Config.from_env({}).call_limits == CallLimits(10, (), 2_000, ("+996", "+7"))
    env = {
        "HOTLINE_CALLS_PER_NUMBER_DAY": "3",
        "HOTLINE_CALLS_PER_PREFIX_DAY": "+996=2000,+7=0",
        "HOTLINE_CALLS_PER_DAY": "2500",
        "HOTLINE_CALL_COUNTRIES": "+996, +998",
    }
    expected = CallLimits(3, (("+996", 2_000), ("+7", 0)), 2_500, ("+996", "+998"))
    assert Config.from_env(env).call_limits == expected


def test_config_caps_the_operator() -> None:
    """Five hundred rings a day in all, twenty a number; two hundred messages, ten a number."""
    assert Config.from_env({}).operator_limits == OperatorLimits(20, 500, 10, 200)
    env = {"HOTLINE_OPERATOR_RINGS_PER_DAY": "60", "HOTLINE_VOICE_MESSAGES_PER_DAY": "0"}
    assert Config.from_env(env).operator_limits == OperatorLimits(rings=60, messages=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_OPERATOR_RINGS_PER_DAY", "many"),
        ("HOTLINE_OPERATOR_RINGS_PER_DAY", "-1"),
        ("HOTLINE_VOICE_MESSAGES_PER_DAY", "1.5"),
        ("HOTLINE_MISSED_CALL_NUMBERS", "0312 000003"),
        ("HOTLINE_CALLS_PER_NUMBER_DAY", "-1"),
        ("HOTLINE_CALLS_PER_NUMBER_DAY", "many"),
        ("HOTLINE_CALLS_PER_DAY", "1.5"),
        ("HOTLINE_CALLS_PER_PREFIX_DAY", "996=5"),
        ("HOTLINE_CALLS_PER_PREFIX_DAY", "+996"),
        ("HOTLINE_CALLS_PER_PREFIX_DAY", "+996=x"),
        ("HOTLINE_CALL_COUNTRIES", "KG"),
        ("HOTLINE_CALL_COUNTRIES", "+"),
    ],
)
def test_config_refuses_a_limit_that_is_none(name: str, value: str) -> None:
    """A cap that was mistyped must not be no cap: the hotline does not start."""
    with pytest.raises(ConfigError, match=name):
        Config.from_env({name: value})


def test_config_keeps_words_a_week_and_records_a_month() -> None:
    """A person a month beyond the last deadline; each can be set."""
    assert Config.from_env({}).keep_days == KeepDays(7, 30, 30)
    env = {"HOTLINE_TEXT_DAYS": "3", "HOTLINE_RECORD_DAYS": "14", "HOTLINE_PERSON_DAYS": "365"}
    assert Config.from_env(env).keep_days == KeepDays(3, 14, 365)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_TEXT_DAYS", "2"),
        ("HOTLINE_TEXT_DAYS", "31"),  # longer than the records
        ("HOTLINE_RECORD_DAYS", "13"),
        ("HOTLINE_RECORD_DAYS", "366"),
        ("HOTLINE_PERSON_DAYS", "0"),
        ("HOTLINE_PERSON_DAYS", "never"),
    ],
)
def test_config_refuses_days_in_which_something_is_still_needed(name: str, value: str) -> None:
    """Too few would lose a limit, a replay or the closing words; the setting is named."""
    with pytest.raises(ConfigError, match=name):
        Config.from_env({name: value})


def test_config_chooses_the_sender_by_the_longest_prefix() -> None:
    """+7 gets the registered name, +996 a number, all others the default."""
    config = Config.from_env({"TWILIO_SMS_SENDER": "+7=KADAM,+7700=+77001234567,+996=+996312000002"})
    assert config.sender_for("+79161234567", "+1") == "KADAM"
    assert config.sender_for("+77001112233", "+1") == "+77001234567"
    assert config.sender_for("+996555123456", "+1") == "+996312000002"
    assert config.sender_for("+49301234567", "+1") == "+1"


def test_config_knows_what_of_ours_is_written_to_and_called() -> None:
    """Late texts and old copies are looked for at all of them; names and services cannot be written to."""
    senders = "+7=KADAM,+7700=+77001234567,+1=MG1,+49=4040"
    env = {"TWILIO_SMS_SENDER": senders, "HOTLINE_MISSED_CALL_NUMBERS": "+996312000002"}
    config = Config.from_env({**env, "HOTLINE_OPERATOR_NUMBER": "+996312000999"})
    ours = {"+996312000001", "+77001234567", "+996312000002"}
    assert set(config.written_to("+996312000001")) == {*ours, "4040"}
    assert set(config.called_numbers("+996312000001")) == {*ours, "+996312000999"}


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN, TWILIO_NUMBER"),
        ({key: value for key, value in TWILIO.items() if key != "PUBLIC_URL"}, "PUBLIC_URL"),
        ({**TWILIO, "TWILIO_API_KEY": "SK1"}, "TWILIO_API_SECRET"),
        ({**TWILIO, "TWILIO_NUMBER": "0312 000001"}, "TWILIO_NUMBER"),
        ({"PUBLIC_URL": "hotline.example.org"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://example.org/?a=1"}, "PUBLIC_URL"),
        ({"HOTLINE_LANGUAGES": "ky,xx"}, "HOTLINE_LANGUAGES"),
        ({"HOTLINE_LANGUAGES": ","}, "HOTLINE_LANGUAGES"),
        ({"HOTLINE_LANGUAGES": "ru,ru"}, "HOTLINE_LANGUAGES"),
        ({"DATABASE_URL": "postgres://kadam@db/kadam", "HOTLINE_DATA_KEY": "k"}, "DATABASE_URL"),
        ({"HOTLINE_SEND_WINDOW": "12:00-10:00"}, "HOTLINE_SEND_WINDOW"),
        ({"HOTLINE_SEND_WINDOW": "morning"}, "HOTLINE_SEND_WINDOW"),
        ({"HOTLINE_SEND_WINDOW": "10:00-10:29"}, "HOTLINE_SEND_WINDOW"),  # too short to send in
        ({"HOTLINE_SEND_WINDOW": "10:00:00-10:00:01"}, "HOTLINE_SEND_WINDOW"),
        ({"HOTLINE_SEND_WINDOW": "10:00+09:00-12:00+09:00"}, "HOTLINE_SEND_WINDOW"),
        ({"HOTLINE_SEND_WINDOW": "24:00-25:00"}, "HOTLINE_SEND_WINDOW"),
        ({"HOTLINE_TIMEZONE": "Europe"}, "HOTLINE_TIMEZONE"),  # a folder
        ({"HOTLINE_TIMEZONE": "/etc/localtime"}, "HOTLINE_TIMEZONE"),
        ({"HOTLINE_OPERATOR_NUMBER": "+996312000777"}, "HOTLINE_OPERATOR_NUMBER"),  # the exchange's own
        ({"HOTLINE_OPERATOR_NUMBER": "+79161234567890123"}, "HOTLINE_OPERATOR_NUMBER"),  # a digit too many
        ({"HOTLINE_MISSED_CALL_NUMBERS": "+99631200077"}, "HOTLINE_MISSED_CALL_NUMBERS"),  # one too few
        ({**TWILIO, "HOTLINE_OPERATOR_NUMBER": "+996 312 000001"}, "HOTLINE_OPERATOR_NUMBER"),
        (
            {"HOTLINE_OPERATOR_NUMBER": "+996312000002", "HOTLINE_MISSED_CALL_NUMBERS": "+996312000002"},
            "HOTLINE_OPERATOR_NUMBER",
        ),
        (
            {"HOTLINE_OPERATOR_NUMBER": "+996312000002", "TWILIO_SMS_SENDER": "+7=+996312000002"},
            "HOTLINE_OPERATOR_NUMBER",
        ),
        ({"DATABASE_URL": "sqlite:///elsewhere.db", "HOTLINE_DATA_KEY": ","}, "HOTLINE_DATA_KEY"),
        ({"HOTLINE_DATA_KEY": " , "}, "HOTLINE_DATA_KEY"),
        ({"HOTLINE_REPLIES_PER_PREFIX_DAY": "+7=0,+7=100"}, "HOTLINE_REPLIES_PER_PREFIX_DAY"),
        ({"HOTLINE_CALLS_PER_PREFIX_DAY": "+7=0,+996=1,+7=0"}, "HOTLINE_CALLS_PER_PREFIX_DAY"),
        ({"TWILIO_SMS_SENDER": "+7=KADAM,+7=+996312000002"}, "TWILIO_SMS_SENDER"),
        ({"TWILIO_SMS_SENDER": "KADAM,+996312000002"}, "TWILIO_SMS_SENDER"),
        ({**TWILIO, "HOTLINE_SEGMENTS_PER_SECOND": "KADAM=1,KADAM=100"}, "HOTLINE_SEGMENTS_PER_SECOND"),
        ({"PORT": "²"}, "PORT"),
        ({"PORT": "0"}, "PORT"),
        ({"PUBLIC_URL": "https://[::1"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://example.org:port"}, "PUBLIC_URL"),
        ({**TWILIO, "TWILIO_API_URL": "https://[::1"}, "TWILIO_API_URL"),
        ({**TWILIO, "TWILIO_API_URL": "api.twilio.com"}, "TWILIO_API_URL"),
        ({"HOTLINE_TIMEZONE": "Europe/Mosow"}, "HOTLINE_TIMEZONE"),
        ({"HOTLINE_OPERATOR_NUMBER": "operator"}, "HOTLINE_OPERATOR_NUMBER"),
        ({"HOTLINE_OPERATOR_HOURS": "Mon-Fri 9-18"}, "HOTLINE_OPERATOR_HOURS: 'Mon-Fri 9-18'"),
        ({"HOTLINE_VOICE_MESSAGE_DAYS": "0"}, "HOTLINE_VOICE_MESSAGE_DAYS"),
        ({"HOTLINE_VOICE_MESSAGE_DAYS": "366"}, "HOTLINE_VOICE_MESSAGE_DAYS"),
        ({"HOTLINE_VOICE_MESSAGE_DAYS": "a month"}, "HOTLINE_VOICE_MESSAGE_DAYS"),
        ({"PORT": "eighty"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"TWILIO_SMS_SENDER": "seven=KADAM"}, "TWILIO_SMS_SENDER"),
        ({"DATABASE_URL": "sqlite:///elsewhere.db"}, "HOTLINE_DATA_KEY"),
    ],
)
def test_config_names_the_setting_that_is_wrong(env: dict[str, str], named: str) -> None:
    """The message says which setting and why."""
    with pytest.raises(ConfigError, match=named):
        Config.from_env(env)


@pytest.mark.parametrize(
    "name",
    [
        "PORT",
        "HOTLINE_CALLS_PER_DAY",
        "HOTLINE_REPLIES_PER_DAY",
        "HOTLINE_TEXT_DAYS",
        "HOTLINE_VOICE_MESSAGE_DAYS",
        "HOTLINE_SPEECH_SPEED",
        "HOTLINE_REMINDERS_PER_DAY",
        "HOTLINE_SEGMENTS_PER_SECOND",
        "HOTLINE_OPERATOR_NUMBER",
    ],
)
def test_config_names_a_setting_of_five_thousand_digits(name: str) -> None:
    """Python reads no number of so many digits: it was a traceback that named nothing."""
    with pytest.raises(ConfigError, match=name):
        Config.from_env({**TWILIO, name: "9" * 5_000})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("HOTLINE_DISCRETE", "HOTLINE_DISCREET"),
        ("HOTLINE_REPLIES_PER_DAYS", "HOTLINE_REPLIES_PER_DAY"),
        ("HOTLINE_DATAKEY", "HOTLINE_DATA_KEY"),
        ("TWILIO_TOKEN", "TWILIO_AUTH_TOKEN"),
        ("TWILIO_SENDER", "TWILIO_SMS_SENDER"),
        ("HOTLINE_", "HOTLINE_"),
    ],
)
def test_config_refuses_a_name_that_is_none_and_tells_the_nearest(name: str, meant: str) -> None:
    """Whoever writes HOTLINE_DISCRETE=yes must not believe that reminders are discreet."""
    with pytest.raises(ConfigError, match=f"{name} is no setting; is {meant}"):
        Config.from_env({name: "yes"})
    assert Config.from_env({name: " ", "HOTEL_DISCRETE": "yes", "KADAM_THOROUGH": "1"})


def test_config_knows_the_names_that_the_code_reads() -> None:
    """A new setting that is not among them would be refused; one that nobody reads does nothing."""
    quoted = re.compile(r'"((?:HOTLINE|TWILIO)_[A-Z_]+)"')
    list_of_names = ROOT / "hotline" / "setting_names.py"
    read = {
        name
        for path in (ROOT / "hotline").rglob("*.py")
        if path != list_of_names
        for name in quoted.findall(path.read_text())
    }
    assert read - {"TWILIO_REGION"} == NAMES  # that one is kept from twilio's client, and is nobody's setting


@pytest.mark.parametrize(
    "weak",
    [
        {"TWILIO_AUTH_TOKEN": "x"},
        {"TWILIO_AUTH_TOKEN": f"{NEW_TOKEN},x"},
        {"TWILIO_AUTH_TOKEN": f"{NEW_TOKEN},{'g' * 32}"},
        {"TWILIO_AUTH_TOKEN": f"{NEW_TOKEN}0"},
        {"TWILIO_AUTH_TOKEN": ","},
        {"TWILIO_AUTH_TOKEN": ",", "TWILIO_API_URL": "http://127.0.0.1:9"},
        {"TWILIO_AUTH_TOKEN": f"{NEW_TOKEN},x", "TWILIO_API_URL": "https://carrier.example.org"},
        {"TWILIO_AUTH_TOKEN": f"{NEW_TOKEN},x", "TWILIO_API_URL": "http://10.0.0.7:8080"},
        {
            "TWILIO_AUTH_TOKEN": f"{NEW_TOKEN},x",
            "TWILIO_API_URL": "http://127.0.0.1:9",  # a way out to Twilio, with an account that is real
            "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        },
    ],
)
def test_config_refuses_a_token_that_can_be_guessed(weak: dict[str, str]) -> None:
    """Each one that is accepted opens the door; none is shown."""
    with pytest.raises(ConfigError, match="TWILIO_AUTH_TOKEN") as refused:
        Config.from_env({**TWILIO, **weak})
    assert NEW_TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    "allowed",
    [
        {"TWILIO_AUTH_TOKEN": "token", "TWILIO_API_URL": "http://127.0.0.1:9"},
        {"TWILIO_AUTH_TOKEN": "PT" + "z" * 30, "TWILIO_API_URL": "https://carrier.example.org"},
    ],
)
def test_config_takes_the_tokens_of_other_carriers(allowed: dict[str, str]) -> None:
    """The form is Twilio's alone; on this machine, with an account that is nobody's, any will do."""
    assert Config.from_env({**TWILIO, **allowed}).twilio


@pytest.mark.parametrize(
    ("name", "url", "taken"),
    [
        ("PUBLIC_URL", "http://hotline.example.org", False),
        ("PUBLIC_URL", "http://93.184.216.34", False),
        ("PUBLIC_URL", "http://127.0.0.1:8000", True),
        ("PUBLIC_URL", "http://[::1]:8000", True),
        ("PUBLIC_URL", "http://10.1.2.3/kadam", True),
        ("PUBLIC_URL", "http://hotline:8000", True),
        ("TWILIO_API_URL", "http://api.twilio.com", False),
        ("TWILIO_API_URL", "http://carrier.example.org:8080", False),
        ("TWILIO_API_URL", "http://8.8.8.8", False),
        ("TWILIO_API_URL", "http://192.168.1.9:8080", True),
        ("TWILIO_API_URL", "http://gateway:8080", True),
        ("TWILIO_API_URL", "https://carrier.example.org", True),
    ],
)
def test_config_lets_nothing_go_in_clear_beyond_our_own_machines(name: str, url: str, taken: bool) -> None:
    """Texts, numbers and the account's credentials are in each request."""
    if taken:
        assert Config.from_env({**TWILIO, name: url}).twilio
        return
    with pytest.raises(ConfigError, match=f"{name} must begin with https://"):
        Config.from_env({**TWILIO, name: url})


@pytest.mark.parametrize("debug", ["0 ", "no ", " ", "false\n", "False ", "off", "1"])
def test_config_reads_flask_debug_as_flask_does(debug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which takes anything but three words for yes, blanks and all."""
    monkeypatch.setenv("FLASK_DEBUG", debug)
    assert Flask("debugged").debug
    with pytest.raises(ConfigError, match="FLASK_DEBUG"):
        Config.from_env({**TWILIO, "FLASK_DEBUG": debug})


def test_speech_command_of_one_language_is_read() -> None:
    """Kyrgyz by one engine, the other languages by another."""
    config = Config.from_env({"HOTLINE_SPEECH_COMMAND": "say", "HOTLINE_SPEECH_COMMAND_KY": "rhvoice {text}"})
    assert (config.speech_command, config.speech_commands) == ("say", (("ky", "rhvoice {text}"),))


def test_speech_command_of_no_language_is_refused() -> None:
    """A slip in the name of a setting would leave the old voice without a word."""
    with pytest.raises(ConfigError, match="HOTLINE_SPEECH_COMMAND_KG"):
        Config.from_env({"HOTLINE_SPEECH_COMMAND_KG": "say"})


@pytest.mark.parametrize("speed", ["59", "151", "fast", "80%", "-80", "²"])
def test_speech_speed_is_a_percentage(speed: str) -> None:
    """Too slow costs the caller, too fast is not understood."""
    assert Config.from_env({"HOTLINE_SPEECH_SPEED": "80"}).speech_speed_percent == 80
    assert Config.from_env({}).speech_speed_percent == 100
    with pytest.raises(ConfigError, match="HOTLINE_SPEECH_SPEED"):
        Config.from_env({"HOTLINE_SPEECH_SPEED": speed})


KANNEL = {
    "KANNEL_SENDSMS_URL": "http://127.0.0.1:13013/cgi-bin/sendsms",
    "KANNEL_USERNAME": "kadam",
    "KANNEL_PASSWORD": "the-password",
    "KANNEL_SENDER": "4040",
    "KANNEL_PREFIXES": "+996, +7705",
    "KANNEL_SECRET": f"{'n' * 32},{'o' * 32}",
}


def test_config_sends_the_gateways_prefixes_by_its_sender() -> None:
    """The others keep Twilio's; Kannel calls us on loopback unless another address is named."""
    config = Config.from_env({**TWILIO, **KANNEL, "PORT": "8001"})
    assert config.kannel is not None
    assert config.sender_for("+996555123456", "+996312000001") == "4040"
    assert config.sender_for("+77051234567", "+996312000001") == "4040"
    assert config.sender_for("+79161234567", "+996312000001") == "+996312000001"
    assert config.kannel.callback_url == "http://127.0.0.1:8001"
    assert config.kannel.addresses == {"127.0.0.1", "::1"}
    assert config.kannel.secrets == ("n" * 32, "o" * 32)
    assert Config.from_env({}).kannel is None


def test_config_calls_the_gateways_numbers_by_twilio_or_not_at_all() -> None:
    """Without Twilio a call would ring on this machine's exchange, where nobody hears it."""
    assert Config.from_env({**TWILIO, **KANNEL}).call_limits.reach("+996555123456")
    alone = Config.from_env(KANNEL)
    assert not alone.call_limits.reach("+996555123456")
    assert alone.call_limits.reach("+79161234567")
    assert alone.reaches_telephones
    assert not Config.from_env({}).reaches_telephones


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        *(({name: ""}, name) for name in KANNEL),
        ({"KANNEL_SENDSMS_URL": "127.0.0.1:13013"}, "KANNEL_SENDSMS_URL"),
        ({"KANNEL_SENDSMS_URL": "http://u:p@127.0.0.1/cgi-bin/sendsms"}, "KANNEL_SENDSMS_URL"),
        ({"KANNEL_SENDSMS_URL": "http://127.0.0.1/cgi-bin/sendsms?username=u"}, "KANNEL_SENDSMS_URL"),
        ({"KANNEL_CALLBACK_URL": "ftp://127.0.0.1"}, "KANNEL_CALLBACK_URL"),
        ({"KANNEL_USERNAME": "кадам"}, "KANNEL_USERNAME"),
        ({"KANNEL_PASSWORD": "a\r\nX-Kannel-To: +7"}, "KANNEL_PASSWORD"),
        ({"KANNEL_SENDER": "КАДАМ"}, "KANNEL_SENDER"),
        ({"KANNEL_SENDER": "TWELVELETTER"}, "KANNEL_SENDER"),
        ({"KANNEL_SENDER": "KADAM"}, "KANNEL_SENDER"),  # one-way, and no number to call instead
        ({"KANNEL_PREFIXES": "996"}, "KANNEL_PREFIXES"),
        ({"KANNEL_PREFIXES": ","}, "KANNEL_PREFIXES"),
        ({"KANNEL_SECRET": "short"}, "KANNEL_SECRET"),
        ({"KANNEL_SECRET": "@" * 32}, "KANNEL_SECRET"),
        ({"KANNEL_ADDRESSES": "localhost"}, "KANNEL_ADDRESSES"),
        ({"KANNEL_PASWORD": "x"}, "KANNEL_PASWORD"),
    ],
)
def test_config_refuses_a_bad_gateway_by_name(changed: dict[str, str], named: str) -> None:
    """And never tells what a password or a secret is."""
    with pytest.raises(ConfigError, match=named) as refused:
        Config.from_env({**KANNEL, **changed})
    for secret in (KANNEL["KANNEL_PASSWORD"], "n" * 32, "@" * 32, "X-Kannel-To"):
        assert secret not in str(refused.value)


def test_config_lets_the_gateway_write_one_way_beside_twilio() -> None:
    """Then texts name Twilio's number to call."""
    assert Config.from_env({**TWILIO, **KANNEL, "KANNEL_SENDER": "KADAM"}).kannel is not None


def test_config_never_shows_the_gateways_secrets() -> None:
    """Neither the password nor what Kannel shows us."""
    shown = repr(Config.from_env(KANNEL))
    assert "4040" in shown
    assert "the-password" not in shown
    assert "nnnn" not in shown


@pytest.mark.parametrize("carrier", [TWILIO, KANNEL], ids=["Twilio", "Kannel"])
@pytest.mark.parametrize(
    ("name", "value"), [("FLASK_DEBUG", "1"), ("FLASK_DEBUG", "True"), ("FLASK_ENV", "development")]
)
def test_config_refuses_to_debug_on_a_real_carrier(carrier: dict[str, str], name: str, value: str) -> None:
    """An exception would be shown with numbers and texts; on the own exchange nobody's are there."""
    with pytest.raises(ConfigError, match=name):
        Config.from_env({**carrier, name: value})
    assert Config.from_env({name: value}).twilio is None
    for off in ("", "0", "false", "No"):
        assert Config.from_env({**carrier, "FLASK_DEBUG": off})


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.7", "hotline.example.org", "localhost.example.org"]
)
@pytest.mark.parametrize("carrier", [{}, KANNEL], ids=["exchange", "Kannel alone"])
def test_config_opens_the_exchange_to_the_network_only_if_asked(carrier: dict[str, str], host: str) -> None:
    """Whoever reaches it writes and calls as anybody; with Twilio there is none."""
    with pytest.raises(ConfigError, match=r"HOST: .*HOTLINE_EXCHANGE_PUBLIC=yes"):
        Config.from_env({**carrier, "HOST": host})
    assert Config.from_env({**carrier, "HOST": host, "HOTLINE_EXCHANGE_PUBLIC": "yes"}).host == host
    assert Config.from_env({**TWILIO, "HOST": host}).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_config_has_the_exchange_on_loopback(host: str) -> None:
    """This machine alone."""
    assert Config.from_env({"HOST": host}).host == host


def test_config_wants_a_clear_word_for_a_public_exchange() -> None:
    """A slip must not open it."""
    with pytest.raises(ConfigError, match="HOTLINE_EXCHANGE_PUBLIC"):
        Config.from_env({"HOTLINE_EXCHANGE_PUBLIC": "true"})
