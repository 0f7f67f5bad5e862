"""Requests to the customer: signed webhooks and unsigned media, within Twilio's limits."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urldefrag, urlencode, urljoin, urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from hotline.exchange.faults import WEBHOOK_FAULTS, FaultKind, Faults
from hotline.exchange.signing import sign
from hotline.exchange.twiml.documents import Answer, Failure

Params = Sequence[tuple[str, str]]

# twilio-facts section 1 (Timing, Failures): 5 s to connect, 15 s in all, 64 kB, 10 redirects.
CONNECT_TIMEOUT_S = 5.0
TOTAL_TIMEOUT_S = 15.0
MOST_BYTES = 64 * 1024
MOST_REDIRECTS = 10
# Sound may be longer than a document; Twilio publishes no limit for it, this one keeps the memory bounded.
MOST_SOUND_BYTES = 40 * 1024 * 1024
_USER_AGENT = "TwilioProxy/1.1"
# Twilio adds parameters unannounced; an application that breaks on one breaks here first.
_UNANNOUNCED = ("UnannouncedParameter", "1")
# The redirects Twilio follows; any other 3xx is 11216 (its page in Twilio's error dictionary).
_KEPT_METHOD = frozenset({307})
_REDIRECTS = frozenset({301, 302, 303}) | _KEPT_METHOD
# What a forger would sign with.
_WRONG_TOKEN = "not the auth token"  # nosec B105


@dataclass(frozen=True)
class _Miss:
    """One failed try and its class in Twilio's retry policies: ct, rt, 4xx, 5xx or none of them."""

    policy: str
    failure: Failure


@dataclass(frozen=True)
class _Moved:
    status: int
    location: str


_UNCONNECTED = _Miss("ct", Failure(11205, "no connection to the server"))
_TOO_LATE = _Miss("rt", Failure(11200, "no answer in time"))


@dataclass(frozen=True)
class _Errand:
    """One webhook: what all its tries have in common. spoilt: the fault ordered for it, if any."""

    method: str
    url: str
    params: Params
    headers: dict[str, str]
    deadline: float
    phone: str | None
    spoilt: FaultKind | None


class Webhooks:
    """Sends requests as the carrier; the customer's faults come back as Failure, never as an exception."""

    def __init__(self, auth_token: str, faults: Faults, *, total_timeout_s: float = TOTAL_TIMEOUT_S) -> None:
        self._auth_token = auth_token
        self._faults = faults
        self._total_timeout_s = total_timeout_s

    def send(self, method: str, url: str, params: Params, *, phone: str | None = None) -> Answer | Failure:
        """A signed request with form parameters (POST) or in the query (GET), retried as its fragment says.

        Without a fragment: one retry, only when no connection came about. `#rc=2&rp=5xx,ct,rt` asks for more
        (rc at most 5); the fragment is neither sent nor signed. All tries carry the same idempotency token.

        phone: whose call or text it is about; faults of webhooks strike only where it is named.
        """
        bare_url, fragment = urldefrag(url)
        if urlsplit(bare_url).scheme not in ("http", "https") or not urlsplit(bare_url).hostname:
            return Failure(11100, "the URL is not absolute")
        retries, policies = _read_retries(fragment)
        headers = {"User-Agent": _USER_AGENT, "I-Twilio-Idempotency-Token": str(uuid.uuid4())}
        deadline = time.monotonic() + self._total_timeout_s
        order = None if phone is None else self._faults.take(WEBHOOK_FAULTS, to=phone)
        spoilt = None if order is None else order.kind
        errand = _Errand(method, bare_url, (*params, _UNANNOUNCED), headers, deadline, phone, spoilt)
        if order is not None and spoilt is FaultKind.WEBHOOK_SLOW:
            time.sleep(min(order.seconds, self._total_timeout_s))
        while True:
            outcome = self._try_errand(errand)
            if not isinstance(outcome, _Miss):
                return outcome
            if retries == 0 or not (outcome.policy in policies or "all" in policies):
                return outcome.failure
            retries -= 1

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Answer | Failure:
        """A plain GET of a sound: no signature, no call parameters; redirects are followed.

        headers: conditions (If-None-Match, If-Modified-Since); a 304 is then an Answer without a body.
        """
        deadline = time.monotonic() + self._total_timeout_s
        with requests.Session() as session:
            session.trust_env = False
            session.max_redirects = MOST_REDIRECTS
            request = requests.Request("GET", url, headers={**(headers or {}), "User-Agent": _USER_AGENT})
            outcome = self._try(session, request, deadline, follow=True, most_bytes=MOST_SOUND_BYTES)
        if isinstance(outcome, _Moved):
            return Failure(11200, "the sound is behind a redirect without an address")
        return outcome.failure if isinstance(outcome, _Miss) else outcome

    def _try_errand(self, errand: _Errand) -> Answer | _Miss:
        phone = errand.phone
        if phone is not None and self._faults.take({FaultKind.WEBHOOK_UNCONNECTED}, to=phone) is not None:
            return _UNCONNECTED
        if time.monotonic() >= errand.deadline:
            return _TOO_LATE
        if errand.spoilt is FaultKind.WEBHOOK_DOUBLED:
            self._follow(errand)
        return self._follow(errand)

    def _follow(self, errand: _Errand) -> Answer | _Miss:
        method, url, params = errand.method, errand.url, errand.params
        with requests.Session() as session:
            session.trust_env = False
            for _ in range(MOST_REDIRECTS + 1):
                request = self._sign(errand, method, url, params)
                outcome = self._try(session, request, errand.deadline, follow=False, most_bytes=MOST_BYTES)
                if isinstance(outcome, Answer):
                    # The URL without the parameters a GET carries: actions resolve against it.
                    return replace(outcome, url=url)
                if isinstance(outcome, _Miss):
                    return outcome
                if outcome.status not in _KEPT_METHOD:
                    # A 3xx answer to a Gather's action loses the digits (twilio-facts section 1).
                    method = "GET"
                    params = [(name, value) for name, value in params if name != "Digits"]
                url = urljoin(url, outcome.location)
        return _Miss("", Failure(11215, f"more than {MOST_REDIRECTS} redirects"))

    def _sign(self, errand: _Errand, method: str, url: str, params: Params) -> requests.Request:
        if method == "GET":
            url, params = f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(params)}", ()
        token = _WRONG_TOKEN if errand.spoilt is FaultKind.WEBHOOK_MISSIGNED else self._auth_token
        headers = {**errand.headers, "X-Twilio-Signature": sign(token, url, params)}
        if errand.spoilt is FaultKind.WEBHOOK_UNSIGNED:
            del headers["X-Twilio-Signature"]
        return requests.Request(method, url, data=list(params), headers=headers)

    def _try(
        self,
        session: requests.Session,
        request: requests.Request,
        deadline: float,
        *,
        follow: bool,
        most_bytes: int,
    ) -> Answer | _Moved | _Miss:
        left_s = max(deadline - time.monotonic(), 0.001)
        try:
            response = session.send(
                session.prepare_request(request),
                stream=True,
                allow_redirects=follow,
                timeout=(min(CONNECT_TIMEOUT_S, left_s), left_s),
            )
            with response:
                return _read(response, deadline, most_bytes)
        except requests.Timeout as error:
            return _UNCONNECTED if isinstance(error, requests.ConnectTimeout) else _TOO_LATE
        except requests.TooManyRedirects:
            return _Miss("", Failure(11215, f"more than {MOST_REDIRECTS} redirects"))
        except requests.ConnectionError as error:
            if _is_unconnected(error):
                return _UNCONNECTED
            return _Miss("rt", Failure(11200, "the connection broke off"))
        except requests.RequestException as error:
            return _Miss("", Failure(11200, f"no usable answer: {type(error).__name__}"))


def _read(response: requests.Response, deadline: float, most_bytes: int) -> Answer | _Moved | _Miss:
    status = response.status_code
    if status in _REDIRECTS and "Location" in response.headers:
        return _Moved(status, response.headers["Location"])
    if 300 <= status < 400 and not (status == 304 and _is_conditional(response.request)):
        return _Miss("", Failure(11216, f"the server answered {status}, which is no redirect to follow"))
    if status >= 400:
        return _Miss(f"{status // 100}xx", Failure(11217, f"the server answered {status}"))
    body = b""
    for chunk in response.iter_content(8192):
        body += chunk
        if len(body) > most_bytes:
            return _Miss("", Failure(11750, f"the answer is longer than {most_bytes} bytes"))
        if time.monotonic() > deadline:
            return _TOO_LATE
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.url, status, media_type, body, headers)


def _is_conditional(request: requests.PreparedRequest) -> bool:
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers


def _read_retries(fragment: str) -> tuple[int, frozenset[str]]:
    wishes = parse_qs(fragment)
    count = wishes.get("rc", ["1"])[0]
    policies = wishes.get("rp", ["ct"])[0]
    return (min(int(count), 5) if count.isdigit() else 1), frozenset(policies.split(","))


def _is_unconnected(error: requests.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
