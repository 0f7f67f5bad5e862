"""Twilio's REST API, or what speaks it, asked by plain requests where its client library is in the way.

Each request has a time-out and no hidden retry; no redirect is followed: it would take the credentials along.
"""

from __future__ import annotations

import requests

from hotline.carriers.account import Twilio
from hotline.carriers.base import CarrierUnavailableError, outcome_of_error


class Api:
    """One account, with its credentials."""

    def __init__(self, settings: Twilio, timeout_s: float) -> None:
        """`timeout_s`: of connecting, and of each wait for bytes."""
        self._base = f"{settings.api_url}/2010-04-01/Accounts/{settings.account_sid}"
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.auth = (
            settings.api_key or settings.account_sid,
            settings.api_secret or settings.auth_tokens[0],
        )
        self._session.trust_env = False  # a .netrc would put other credentials in place of these

    def asked(self, method: str, path: str) -> requests.Response:
        """The answer to a request below the account's path. Raises CarrierUnavailableError."""
        try:
            return self._session.request(
                method, f"{self._base}/{path}", timeout=self._timeout_s, stream=True, allow_redirects=False
            )
        except requests.RequestException as e:
            raise CarrierUnavailableError(f"no answer: {type(e).__name__}") from None

    def close(self) -> None:
        """Closes the connections that are kept for the next request."""
        self._session.close()


def refused(response: requests.Response) -> CarrierUnavailableError:
    """Classed by the outcome table; its words may repeat what was asked and are not kept."""
    kind = outcome_of_error(response.status_code).kind
    return CarrierUnavailableError(f"HTTP {response.status_code}: {kind}")
