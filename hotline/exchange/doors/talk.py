"""A telephone in the terminal: one line is one act, what comes back is printed. Works on a pipe too."""

import re
import threading
from pathlib import Path
from typing import Any, TextIO

from hotline.exchange.calls.keypad import KEYS
from hotline.exchange.doors.owner import NoHotlineError, OwnersDoor, RefusedError
from hotline.exchange.doors.screen import Screen, count, format_time
from hotline.exchange.numbers import is_e164

HELP = """\
sms TEXT       send a text to the hotline
call           call it; then a line of keys (0-9 * #) presses them, an empty line stays silent
speak 4.5      speak for so many seconds
hangup         end the call          answer, reject   when it rings
later 14d      move the clock on by days (d), hours (h) or minutes (m); reminders arrive
inbox          every text this phone got          delete 2   the second of them
switch off     the phone: off, on, full (no room for texts) or machine (an answering machine)
fault KIND     let something go wrong for this phone; fault rest-429 3 10: three times, 10 seconds each
faults         what is ordered to go wrong        faults off   nothing any more
phone +996...  take another phone
save FILE.wav  what was heard in this or the last call          help, quit"""

_UNIT_S = {"d": 86_400, "h": 3_600, "m": 60}
_LOOK_EVERY_S = 1.0
_ACTS = {"call": "dial", "hangup": "hangup", "answer": "answer", "reject": "reject"}


def talk(base_url: str, token: str, input: TextIO, output: TextIO, phone: str) -> int:
    """Read commands until quit or the end of input; 0, or 1 if the hotline was not to be reached.

    base_url: of the running hotline. token: the owner's. phone: the number to be, in E.164.
    On a terminal, texts and rings that arrive while one thinks are shown at once.
    """
    door = OwnersDoor(base_url, token)
    screen = Screen(door, output)
    telephone = _Telephone(door, screen, phone)
    try:
        screen.begin(phone)
        if input.isatty():
            telephone.watch()
        for line in input:
            if not telephone.obey(line.strip()):
                break
    except NoHotlineError as error:
        screen.say(str(error))
        return 1
    finally:
        telephone.put_down()
    return 0


class _Telephone:
    """One person's end: what each line does."""

    def __init__(self, door: OwnersDoor, screen: Screen, phone: str) -> None:
        self._door = door
        self._screen = screen
        self._phone = phone
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._commands = {
            "sms": self._send_text,
            "speak": self._speak,
            "later": self._move_clock,
            "inbox": self._show_inbox,
            "delete": self._delete,
            "switch": self._switch,
            "fault": self._order_fault,
            "faults": self._show_faults,
            "phone": self._change_phone,
            "save": self._save,
        }

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
                self._screen.show_news(self._phone)
            except RefusedError as refusal:
                self._screen.say(str(refusal))
        return True

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            with self._lock:
                try:
                    self._screen.show_news(self._phone)
                except (RefusedError, NoHotlineError):
                    # The next command meets the same trouble and tells it.
                    continue

    def _do(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if not line:
            self._stay_silent()
        elif set(line) <= KEYS:
            self._act("press", keys=line)
        elif line in _ACTS:
            self._act(_ACTS[line])
        elif word in self._commands:
            self._commands[word](rest.strip())
        elif line == "help":
            self._screen.say(HELP)
        else:
            self._screen.say("Not understood. Type help for what this phone can do.")

    def _act(self, path: str, **body: object) -> dict[str, Any]:
        return self._door.ask("POST", f"/phone/{path}", self._phone, body)

    def _send_text(self, body: str) -> None:
        sent = self._act("text", body=body)
        self._screen.say(f"Sent ({count(int(sent['segments']), 'segment')}).")

    def _stay_silent(self) -> None:
        if self._door.ask("GET", "/phone", self._phone)["call"] is not None:
            self._act("silence")

    def _speak(self, seconds: str) -> None:
        if re.fullmatch(r"\d{1,4}(\.\d{1,3})?", seconds) is None:
            self._screen.say("Say for how many seconds you speak, like: speak 4.5")
            return
        self._act("speak", seconds=float(seconds))

    def _move_clock(self, span: str) -> None:
        found = re.fullmatch(r"(\d{1,5})\s*([dhm])", span)
        if found is None:
            self._screen.say("Say how much later, like: later 14d, later 3h, later 10m")
            return
        moved = self._door.ask("POST", "/clock", "", {"seconds": int(found[1]) * _UNIT_S[found[2]]})
        self._screen.say(f"It is {format_time(moved['now_utc'])}.")

    def _change_phone(self, number: str) -> None:
        number = number.replace(" ", "")
        if not is_e164(number):
            self._screen.say("A phone's number is written like +996700123456.")
            return
        self._phone = number
        self._screen.begin(number)

    def _switch(self, condition: str) -> None:
        self._screen.say(f"This phone is {self._act('condition', condition=condition)['condition']}.")

    def _order_fault(self, words: str) -> None:
        found = re.fullmatch(r"([a-z0-9-]+)(?:\s+(\d{1,4}))?(?:\s+(\d{1,5}(?:\.\d{1,3})?))?", words)
        if found is None:
            self._screen.say("Say what goes wrong, how often, how many seconds, like: fault rest-429 3 10")
            return
        order: dict[str, object] = {"kind": found[1], "to": self._phone}
        order |= {"times": int(found[2] or 1), "seconds": float(found[3] or 0)}
        self._screen.show_faults(self._door.ask("POST", "/faults", "", order)["faults"])

    def _show_faults(self, word: str) -> None:
        if word not in ("", "off"):
            self._screen.say("Say faults, or faults off.")
            return
        self._screen.show_faults(self._door.ask("DELETE" if word else "GET", "/faults")["faults"])

    def _list_texts(self) -> list[dict[str, Any]]:
        return list(self._door.ask("GET", "/phone/inbox", self._phone)["messages"])

    def _show_inbox(self, word: str) -> None:
        if word:
            self._screen.say("Say inbox, and nothing after it.")
            return
        self._screen.show_inbox(self._list_texts())

    def _delete(self, number: str) -> None:
        texts = self._list_texts()
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= len(texts)):
            self._screen.say("Say which text, by its number in the inbox, like: delete 2")
            return
        self._act("delete", sid=texts[int(number) - 1]["sid"])
        self._screen.say(f"Deleted, {count(len(texts) - 1, 'text')} left.")

    def _save(self, name: str) -> None:
        if self._screen.call is None:
            self._screen.say("There was no call yet.")
            return
        content = self._door.fetch(f"/calls/{self._screen.call}/sound.wav")
        try:
            Path(name).write_bytes(content)
        except OSError as error:
            self._screen.say(f"The file cannot be written: {error.strerror}.")
            return
        self._screen.say(f"Saved {name} ({len(content) // 1024} kB).")
