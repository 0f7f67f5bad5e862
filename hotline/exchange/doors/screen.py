"""What a telephone in the terminal shows: texts that arrive, rings, what is heard in a call."""

from typing import Any, TextIO

from hotline.exchange.doors.owner import OwnersDoor

_AT_DIAL = "   [another phone is called: an empty line lets time pass, or hangup]"


class Screen:
    """One phone's screen: prints what is new since it last looked. call: the last one shown, None if none."""

    def __init__(self, door: OwnersDoor, output: TextIO) -> None:
        self.call: str | None = None
        self._door = door
        self._output = output
        self._texts_shown = 0
        self._events_shown = 0

    def say(self, text: str) -> None:
        """Print a line."""
        self._output.write(f"{text}\n")
        self._output.flush()

    def begin(self, phone: str) -> None:
        """Turn to a phone: what happened before is not shown again."""
        state = self._door.ask("GET", "/phone", phone)
        self._texts_shown = int(state["arrived"])
        self.call, self._events_shown = state["last_call"], 0
        if self.call is not None and state["call"] is None and state["ringing"] is None:
            self._events_shown = len(self._door.ask("GET", f"/calls/{self.call}")["events"])
        self.say(f"This is the phone {phone}. Type help for what it can do.")
        self.show_news(phone)

    def show_news(self, phone: str) -> None:
        """Print the texts and the events of the call that have not been shown yet."""
        arrived = self._door.ask("GET", f"/phone/inbox?since={self._texts_shown}", phone)
        for text in arrived["messages"] if arrived["next"] > self._texts_shown else ():
            self._show_text(text)
        self._texts_shown = arrived["next"]
        state = self._door.ask("GET", "/phone", phone)
        if state["last_call"] != self.call:
            self.call, self._events_shown = state["last_call"], 0
        if self.call is not None:
            self._show_call(state)

    def show_inbox(self, texts: list[dict[str, Any]]) -> None:
        """Print every text with its number, counted from 1."""
        for number, text in enumerate(texts, start=1):
            self._show_text(text, f"{number}. ")
        self.say(f"{count(len(texts), 'text')} in the inbox.")

    def show_faults(self, faults: list[dict[str, Any]]) -> None:
        """Print what is ordered to go wrong."""
        for fault in faults:
            seconds = f", {fault['seconds']:g} s" if fault["seconds"] else ""
            whom = "any phone" if fault["to"] is None else fault["to"]
            self.say(f"   {fault['kind']}, {count(fault['times'], 'time')}{seconds}, for {whom}")
        if not faults:
            self.say("Nothing is ordered to go wrong.")

    def _show_call(self, state: dict[str, Any]) -> None:
        call = self._door.ask("GET", f"/calls/{self.call}?since={self._events_shown}")
        for event in call["events"]:
            self._show_event(event, state)
        self._events_shown += len(call["events"])
        if call["events"] and call["waiting"] is not None:
            at_keys = call["waiting"]["gather"] is not None
            self.say("   [keys, an empty line to stay silent, or hangup]" if at_keys else _AT_DIAL)

    def _show_text(self, text: dict[str, Any], mark: str = "") -> None:
        head = f"{mark}SMS from {text['from']}, {format_time(text['updated_utc'])}"
        self.say(f"{head} ({count(text['segments'], 'segment')}):")
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


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 text, 2 texts."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def format_time(instant_utc: str) -> str:
    """An ISO instant in UTC to the minute."""
    return f"{instant_utc[:10]} {instant_utc[11:16]} UTC"
