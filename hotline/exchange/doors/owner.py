"""The owner's end of the control API: one request to a running exchange and what may come of it."""

from typing import Any

import requests

# Moving the clock by months runs every tick on the way; all else is over after a webhook and its fallback.
_ANSWER_TIMEOUT_S = 600.0


class RefusedError(Exception):
    """The exchange refused; the text is one clear sentence."""


class NoHotlineError(Exception):
    """No hotline, or not ours; the text is one clear sentence."""


class OwnersDoor:
    """The control API of a running exchange. base_url: of the hotline. token: the owner's."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token

    def ask(
        self, method: str, path: str, phone: str = "", body: dict[str, object] | None = None
    ) -> dict[str, Any]:
        """What the exchange answers, as an object; RefusedError or NoHotlineError where it does not."""
        response = self._send(method, path, phone, body)
        try:
            answer = response.json()
        except requests.JSONDecodeError as error:
            raise NoHotlineError("What answers there is not the hotline's own exchange.") from error
        if not response.ok:
            raise RefusedError(str(answer.get("error")))
        return dict(answer)

    def fetch(self, path: str) -> bytes:
        """A file from the exchange."""
        response = self._send("GET", path, "", None)
        if not response.ok:
            raise RefusedError("There is no sound of this call any more.")
        return response.content

    def _send(self, method: str, path: str, phone: str, body: dict[str, object] | None) -> requests.Response:
        headers = {"X-Exchange-Token": self._token, "X-Exchange-Phone": phone}
        url = f"{self._base_url}/exchange{path}"
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.request(method, url, headers=headers, json=body, timeout=_ANSWER_TIMEOUT_S)
        except requests.ConnectionError as error:
            raise NoHotlineError("Nothing answers: start the hotline first: make run") from error
        except requests.Timeout as error:
            raise RefusedError("The hotline took too long.") from error
        if response.status_code == 403:
            raise NoHotlineError("The hotline does not know this token: start it anew and try again.")
        return response
