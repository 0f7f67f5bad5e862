"""Answering machine detection: how it was ordered, and what it makes of whoever picked up (pure)."""

from dataclasses import dataclass

from hotline.exchange.forms import Form, RestError, read_method, read_url

# A machine's greeting and the beep after it, what a person says at the phone: our own measures.
GREETING_S = 4.0
BEEP_S = 0.5
HELLO_S = 1.0


@dataclass(frozen=True)
class Verdict:
    """answered_by as Twilio words it; after_s: call seconds that detection took."""

    answered_by: str
    after_s: float


@dataclass(frozen=True)
class Detection:
    """The order: to_message_end waits for a machine's beep, in_background does not hold the document up.

    Times in seconds. Their defaults and ranges are those of Twilio's page on answering machine detection.
    """

    to_message_end: bool = False
    in_background: bool = False
    callback_url: str | None = None
    callback_method: str = "POST"
    timeout_s: float = 30.0
    speech_s: float = 2.4
    speech_end_s: float = 1.2

    def judge(self, *, machine: bool) -> Verdict:
        """Speech longer than speech_s is a machine's; unknown where timeout_s is over first."""
        verdict = self._listen(GREETING_S if machine else HELLO_S, machine=machine)
        if verdict.after_s > self.timeout_s:
            return Verdict("unknown", self.timeout_s)
        return verdict

    def _listen(self, spoken_s: float, *, machine: bool) -> Verdict:
        if spoken_s < self.speech_s:
            return Verdict("human", spoken_s + self.speech_end_s)
        if self.to_message_end and machine:
            return Verdict("machine_end_beep", spoken_s + BEEP_S)
        return Verdict("machine_start", self.speech_s)


def read_detection(form: Form) -> Detection | None:
    """The parameters MachineDetection... and AsyncAmd... of a call; None where nothing is to be detected.

    A call that sends digits is not listened to (Twilio's API description, MachineDetection).
    """
    mode = form.get("MachineDetection")
    if mode not in ("", "Enable", "DetectMessageEnd"):
        raise RestError(20001, "MachineDetection")
    in_background = form.get("AsyncAmd", "false").lower()
    if in_background not in ("true", "false"):
        raise RestError(20001, "AsyncAmd")
    detection = Detection(
        to_message_end=mode == "DetectMessageEnd",
        in_background=in_background == "true",
        callback_url=read_url(form, "AsyncAmdStatusCallback", 21609),
        callback_method=read_method(form, "AsyncAmdStatusCallbackMethod"),
        timeout_s=_read_whole(form, "MachineDetectionTimeout", 30, 3, 59),
        speech_s=_read_whole(form, "MachineDetectionSpeechThreshold", 2_400, 1_000, 6_000) / 1_000,
        speech_end_s=_read_whole(form, "MachineDetectionSpeechEndThreshold", 1_200, 500, 5_000) / 1_000,
    )
    # Checked, then without use here: whoever picks up on this exchange speaks at once.
    _read_whole(form, "MachineDetectionSilenceTimeout", 5_000, 2_000, 10_000)
    return detection if mode and not form.get("SendDigits") else None


def _read_whole(form: Form, name: str, default: int, least: int, most: int) -> int:
    value = form.get(name, str(default))
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise RestError(20001, name)
    return int(value)
