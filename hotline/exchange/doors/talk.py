"""A telephone in the terminal: one line is one act, what comes back is printed. Works on a pipe too."""

import re
import threading
from pathlib import Path
from typing import Any, TextIO

import requests

from hotline.exchange.calls.keypad import KEYS
from hotline.exchange.numbers import is_e164

HELP = """\
sms TEXT       send a text to the hotline
call           call it; then a line of keys (0-9 * #) presses them, an empty line stays silent
hangup         end the call          answer, reject   when it rings
later 14d      move the clock on by days (d), hours (h) or minutes (m); reminders arrive
inbox          every text this phone got          phone +996...   take another phone
save FILE.wav  what was heard in this or the last call          help, quit"""

_AT_DIAL = "   [another phone is called: an empty line lets time pass, or hangup]"
_UNIT_S = {"d": 86_400, "h": 3_600, "m": 60}
# Moving the clock by months runs every tick on the way; all else is over after a webhook and its fallback.
_ANSWER_TIMEOUT_S = 600.0
_LOOK_EVERY_S = 1.0


def talk(base_url: str, token: str, input: TextIO, output: TextIO, phone: str) -> int:
    """Read commands until quit or the end of input; 0, or 1 if the hotline was not to be reached.

    base_url: of the running hotline. token: the owner's. phone: the number to be, in E.164.
    On a terminal, texts and rings that arrive while one thinks are shown at once.
    """
    telephone = _Telephone(_Door(base_url, token), output, phone)
    try:
        telephone.pick_up()
        if input.isatty():
            telephone.watch()
        for line in input:
            if not telephone.obey(line.strip()):
                break
    except _NoHotlineError as error:
        telephone.say(str(error))
        return 1
    finally:
        telephone.put_down()
    return 0


class _RefusedError(Exception):
    """The exchange refused; the text is one clear sentence."""


class _NoHotlineError(Exception):
    """No hotline, or not ours; the text is one clear sentence."""


class _Door:
    """The control API of a running exchange."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token

    def ask(
        self, method: str, path: str, phone: str = "", body: dict[str, object] | None = None
    ) -> dict[str, Any]:
        """What the exchange answers, as an object."""
        response = self._send(method, path, phone, body)
        try:
            answer = response.json()
        except requests.JSONDecodeError as error:
            raise _NoHotlineError("What answers there is not the hotline's own exchange.") from error
        if not response.ok:
            raise _RefusedError(str(answer.get("error")))
        return dict(answer)

    def fetch(self, path: str) -> bytes:
        """A file from the exchange."""
        response = self._send("GET", path, "", None)
        if not response.ok:
            raise _RefusedError("There is no sound of this call any more.")
        return response.content

    def _send(self, method: str, path: str, phone: str, body: dict[str, object] | None) -> requests.Response:
        headers = {"X-Exchange-Token": self._token, "X-Exchange-Phone": phone}
        url = f"{self._base_url}/exchange{path}"
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.request(method, url, headers=headers, json=body, timeout=_ANSWER_TIMEOUT_S)
        except requests.ConnectionError as error:
            raise _NoHotlineError("Nothing answers: start the hotline first: make run") from error
        except requests.Timeout as error:
            raise _RefusedError("The hotline took too long.") from error
        if response.status_code == 403:
            raise _NoHotlineError("The hotline does not know this token: start it anew and try again.")
        return response


class _Telephone:
    """One person's end: which phone it is, what was shown already."""

    def __init__(self, door: _Door, output: TextIO, phone: str) -> None:
        self._door = door
        self._output = output
        self._phone = phone
        self._texts_shown = 0
        self._call_shown: str | None = None
        self._events_shown = 0
        self._lock = threading.Lock()
        self._over = threading.Event()

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, file=self._output, flush=True)

    def pick_up(self) -> None:
        """Begin with this phone: what happened before is not shown again."""
        state = self._door.ask("GET", "/phone", self._phone)
        self._texts_shown = int(state["arrived"])
        self._call_shown, self._events_shown = state["last_call"], 0
        if self._call_shown is not None and state["call"] is None and state["ringing"] is None:
            self._events_shown = len(self._door.ask("GET", f"/calls/{self._call_shown}")["events"])
        self.say(f"This is the phone {self._phone}. Type help for what it can do.")
        self._show_news()

    def put_down(self) -> None:
        """Stop watching."""
        self._over.set()

    def watch(self) -> None:
        """Show arrivals while the person is thinking."""
        threading.Thread(target=self._watch, daemon=True).start()

    def obey(self, line: str) -> bool:
        """Carry out one line; False to quit."""
        if line == "quit":
            return False
        with self._lock:
            try:
                self._do(line)
                self._show_news()
            except _RefusedError as refusal:
                self.say(str(refusal))
        return True

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            with self._lock:
                try:
                    self._show_news()
                except (_RefusedError, _NoHotlineError):
                    # The next command meets the same trouble and tells it.
                    continue

    def _do(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if not line:
            self._stay_silent()
        elif set(line) <= KEYS:
            self._act("press", keys=line)
        elif word == "sms" and rest:
            sent = self._act("text", body=rest)
            self.say(f"Sent ({_count(int(sent['segments']), 'segment')}).")
        elif line in _ACTS:
            self._act(_ACTS[line])
        elif word == "later":
            self._move_clock(rest)
        elif word == "phone":
            self._change_phone(rest)
        elif word == "save" and rest:
            self._save(rest)
        elif line == "inbox":
            self._show_inbox()
        else:
            self.say(HELP if line == "help" else "Not understood. Type help for what this phone can do.")

    def _act(self, path: str, **body: object) -> dict[str, Any]:
        return self._door.ask("POST", f"/phone/{path}", self._phone, body)

    def _stay_silent(self) -> None:
        if self._door.ask("GET", "/phone", self._phone)["call"] is not None:
            self._act("silence")

    def _move_clock(self, span: str) -> None:
        found = re.fullmatch(r"(\d{1,5})\s*([dhm])", span)
        if found is None:
            self.say("Say how much later, like: later 14d, later 3h, later 10m")
            return
        moved = self._door.ask("POST", "/clock", "", {"seconds": int(found[1]) * _UNIT_S[found[2]]})
        self.say(f"It is {_format_time(moved['now_utc'])}.")

    def _change_phone(self, number: str) -> None:
        number = number.replace(" ", "")
        if not is_e164(number):
            self.say("A phone's number is written like +996700123456.")
            return
        self._phone = number
        self.pick_up()

    def _save(self, name: str) -> None:
        if self._call_shown is None:
            self.say("There was no call yet.")
            return
        content = self._door.fetch(f"/calls/{self._call_shown}/sound.wav")
        try:
            Path(name).write_bytes(content)
        except OSError as error:
            self.say(f"The file cannot be written: {error.strerror}.")
            return
        self.say(f"Saved {name} ({len(content) // 1024} kB).")

    def _show_inbox(self) -> None:
        texts = self._door.ask("GET", "/phone/inbox", self._phone)["messages"]
        for text in texts:
            self._show_text(text)
        self.say(f"{_count(len(texts), 'text')} in the inbox.")

    def _show_news(self) -> None:
        arrived = self._door.ask("GET", f"/phone/inbox?since={self._texts_shown}", self._phone)
        for text in arrived["messages"] if arrived["next"] > self._texts_shown else ():
            self._show_text(text)
        self._texts_shown = arrived["next"]
        state = self._door.ask("GET", "/phone", self._phone)
        if state["last_call"] != self._call_shown:
            self._call_shown, self._events_shown = state["last_call"], 0
        if self._call_shown is not None:
            self._show_call(state)

    def _show_call(self, state: dict[str, Any]) -> None:
        call = self._door.ask("GET", f"/calls/{self._call_shown}?since={self._events_shown}")
        for event in call["events"]:
            self._show_event(event, state)
        self._events_shown += len(call["events"])
        if call["events"] and call["waiting"] is not None:
            at_keys = call["waiting"]["gather"] is not None
            self.say("   [keys, an empty line to stay silent, or hangup]" if at_keys else _AT_DIAL)

    def _show_text(self, text: dict[str, Any]) -> None:
        head = f"SMS from {text['from']}, {_format_time(text['updated_utc'])}"
        self.say(f"{head} ({_count(text['segments'], 'segment')}):")
        self.say("   " + str(text["body"]).replace("\n", "\n   "))

    def _show_event(self, event: dict[str, Any], state: dict[str, Any]) -> None:
        match event["kind"]:
            case "sound":
                name = event["caption"] or str(event["url"]).rpartition("/")[2]
                self.say(f"   ♪ {name}")
            case "status" if event["status"] == "ringing" and state["ringing"] is not None:
                self.say(f"Ringing: {state['ringing']['from']} calls. Type answer or reject.")
            case "status" if event["status"] not in ("queued", "ringing"):
                seconds = "" if not event["seconds"] else f", {event['seconds']} s"
                self.say(f"-- call {event['status']}{seconds}")
            case "bridged":
                self.say("   connected")
            case "dial-ended":
                self.say(f"   the other phone: {event['status']}")
            case "keys" if event["lost"]:
                self.say(f"   (nobody was listening: {event['keys']} is lost)")
            case "alert":
                self.say(f"   ! error {event['code']}: {event['detail']}")


_ACTS = {"call": "dial", "hangup": "hangup", "answer": "answer", "reject": "reject"}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _format_time(instant_utc: str) -> str:
    return f"{instant_utc[:10]} {instant_utc[11:16]} UTC"
