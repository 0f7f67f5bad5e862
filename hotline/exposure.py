"""Settings that would open the hotline to strangers, refused before it starts. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from hotline.people.call_limits import listed

EXCHANGE_PUBLIC = "HOTLINE_EXCHANGE_PUBLIC"
METRICS_TOKEN = "HOTLINE_METRICS_TOKEN"  # nosec B105
SHORTEST_TOKEN = 20  # openssl rand -hex 16 has 32
NOT_DEBUGGING = ("0", "false", "no")  # as Flask itself reads FLASK_DEBUG, blanks and all


class ExposureError(ValueError):
    """A setting that opens too much; the message names it."""


def check_exposure(settings: Mapping[str, str], host: str, has_twilio: bool, has_gateway: bool) -> None:
    """`settings`: FLASK_DEBUG as it was written, since Flask takes "no " for yes; all others without blanks.

    Raises ExposureError where real people meet a debugger, or the network the exchange of this machine.

    While debugging Flask hands exceptions on to the server, whose log then holds numbers and texts. The
    exchange is there without Twilio; whoever reads its token off the network calls and writes as any number.
    """
    if has_twilio or has_gateway:
        _refuse_debugging(settings)
    public = settings.get(EXCHANGE_PUBLIC, "no")
    if public not in {"yes", "no"}:
        raise ExposureError(f"{EXCHANGE_PUBLIC}: '{public}' is neither yes nor no")
    if not has_twilio and public == "no" and not is_loopback(host):
        raise ExposureError(
            f"HOST: without Twilio's settings the hotline runs on an exchange of its own, which {host} would "
            f"open to the network; use 127.0.0.1, or set {EXCHANGE_PUBLIC}=yes if you want that"
        )


def read_metrics_tokens(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Who may read /metrics: HOTLINE_METRICS_TOKEN, several separated by commas. Raises ExposureError."""
    tokens = listed(settings.get(METRICS_TOKEN, ""))
    if any(len(token) < SHORTEST_TOKEN or not token.isascii() for token in tokens):
        raise ExposureError(f"{METRICS_TOKEN} must have {SHORTEST_TOKEN} letters and digits or more")
    return tokens


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_near(host: str) -> bool:
    """Whether nobody beyond our own machines reads along on the way: loopback, a private address or name."""
    if is_loopback(host):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host  # a name of a private network, such as that of a container


def _refuse_debugging(settings: Mapping[str, str]) -> None:
    debugging = settings.get("FLASK_DEBUG", "")
    if debugging and debugging.lower() not in NOT_DEBUGGING:
        raise ExposureError("FLASK_DEBUG must not be set with a real carrier: errors would tell of people")
    if settings.get("FLASK_ENV", "").lower() == "development":
        raise ExposureError("FLASK_ENV must not be development with a real carrier; leave it out")
