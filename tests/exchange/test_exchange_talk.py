"""The telephone in the terminal, spoken to through a pipe."""

import io
import threading
import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from hotline.exchange.doors.talk import talk

PHONE = "+996700111111"
NUMBER = "+996555000000"


def say(hall: Any, *lines: str) -> str:
    """What the telephone prints while these lines are typed."""
    output = io.StringIO()
    assert talk(hall.url, "owner", io.StringIO("\n".join([*lines, "quit", "never"])), output, PHONE) == 0
    return output.getvalue()


def test_talk_sends_a_text_and_prints_the_reply_with_its_segments(hall: Any) -> None:
    """The words of the reply, who sent it, what it took."""
    hall.customer.answer("/sms", f"<Message>Кадам 7: {'ө' * 70}</Message>")
    printed = say(hall, "sms STEP7")
    assert hall.customer.on("/sms")[0].params["Body"] == "STEP7"
    assert "Sent (1 segment)." in printed
    assert f"SMS from {NUMBER}" in printed
    assert "(2 segments)" in printed
    assert "Кадам 7: ө" in printed


def test_talk_calls_presses_stays_silent_and_saves_what_was_heard(
    hall: Any, make_wav: Any, tmp_path: Path
) -> None:
    """Captions as they are heard, lost keys, the end with its seconds, one WAV of it all."""
    hall.customer.answer("/a.wav", make_wav(1.0), content_type="audio/wav")
    hall.customer.answer("/b.wav", make_wav(1.0), content_type="audio/wav")
    gather = "<Gather numDigits='1' action='/got'><Play>/a.wav</Play></Gather>"
    hall.customer.answer("/voice", f"{gather}<Play>/b.wav</Play>{gather}")
    hall.customer.answer("/got", "<Say>bye</Say>")
    file = tmp_path / "heard.wav"
    lines = say(hall, "call", "", "12", f"save {file}").splitlines()
    assert [line.strip() for line in lines if "♪" in line] == ["♪ hello", "♪ b.wav", "♪ hello", "♪ bye"]
    assert "   [keys, an empty line to stay silent, or hangup]" in lines
    assert "   (nobody was listening: 2 is lost)" in lines
    assert "-- call completed, 9 s" in lines
    assert hall.customer.on("/got")[0].params["Digits"] == "1"
    with wave.open(str(file)) as reader:
        assert reader.getnframes() == 8 * 8000


def test_talk_moves_the_clock_and_shows_what_arrives(hall: Any) -> None:
    """later 2d runs the due tick; its message is printed after it."""
    hall.timetable.due = [hall.exchange.clock.now() + timedelta(days=1)]

    def remind(now_utc: Any) -> None:
        if now_utc == hall.timetable.due[0]:
            hall.client.messages.create(to=PHONE, from_=NUMBER, body="remember")

    hall.timetable.on_tick.append(remind)
    printed = say(hall, "later 2d", "later soon", "inbox")
    assert printed.index("It is ") < printed.index("remember")
    assert "like: later 14d" in printed
    assert "1 text in the inbox." in printed


def test_talk_shows_a_ring_and_answers_or_rejects(hall: Any) -> None:
    """A call back rings, is answered, hung up; the next is rejected."""
    hall.customer.answer("/out", "<Say>it is us</Say><Gather/>")

    def call_back(request: Any) -> str:
        hall.client.calls.create(to=PHONE, from_=NUMBER, url=f"{hall.customer.url}/out")
        return "<Response/>"

    hall.customer.answers["/sms"] = call_back
    printed = say(hall, "sms CALL", "answer", "hangup", "sms CALL", "reject")
    assert printed.count(f"Ringing: {NUMBER} calls. Type answer or reject.") == 2
    assert "♪ it is us" in printed
    assert "-- call in-progress" in printed
    assert "-- call completed, 1 s" in printed
    assert "-- call busy" in printed


def test_talk_tells_of_a_phone_that_is_dialled(hall: Any) -> None:
    """That another phone rings, is connected, has hung up."""
    hall.customer.answer("/voice", "<Dial>+79161234567</Dial><Gather/>")
    printed = say(hall, "call", "phone +79161234567", "answer", "hangup", f"phone {PHONE}")
    assert "[another phone is called" in printed
    printed = say(hall, "hangup", "call", "")
    assert "the other phone: no-answer" in printed
    assert "[keys" in printed


def test_talk_switches_phones(hall: Any) -> None:
    """The other phone is another number; a malformed one is refused."""
    printed = say(hall, "phone +7 916 123 45 67", "sms hi", "phone me")
    assert hall.customer.on("/sms")[0].params["From"] == "+79161234567"
    assert "written like" in printed


def test_talk_orders_lists_and_clears_faults_for_this_phone(hall: Any) -> None:
    """A kind, how often, how many seconds; other phones are spared; an unknown kind names the known."""
    printed = say(hall, "fault text-undelivered 2", "fault rest-429 3 10", "faults")
    assert printed.count(f"   text-undelivered, 2 times, for {PHONE}") == 3
    assert printed.count(f"   rest-429, 3 times, 10 s, for {PHONE}") == 2
    message = hall.client.messages.create(to="+996700222222", from_=NUMBER, body="x")
    hall.exchange.drain()
    assert hall.client.messages(message.sid).fetch().status == "delivered"
    assert "Nothing is ordered to go wrong." in say(hall, "faults off")
    assert hall.ask("GET", "/faults").json() == {"faults": []}
    mistakes = say(hall, "fault", "fault rain", "faults on")
    assert "like: fault rest-429 3 10" in mistakes
    assert "webhook-doubled" in mistakes
    assert "Say faults, or faults off." in mistakes


def test_talk_switches_the_phone_off_and_on(hall: Any) -> None:
    """What the phone is now is said; an unknown condition names the known ones."""
    printed = say(hall, "switch off", "sms hi", "switch asleep", "switch on", "sms hi")
    assert "This phone is off." in printed
    assert "This phone is switched off." in printed
    assert "on, off, full, machine" in printed
    assert len(hall.customer.on("/sms")) == 1


def test_talk_deletes_a_text_by_its_number_in_the_inbox(hall: Any) -> None:
    """The second of three goes; a number that is not there is refused in words; nothing is news again."""
    for body in ("first", "second", "third"):
        hall.client.messages.create(to=PHONE, from_=NUMBER, body=body)
        hall.exchange.drain()
    printed = say(hall, "delete 2", "delete 3", "inbox")
    assert "Deleted, 2 texts left." in printed
    assert "by its number in the inbox" in printed
    assert "2. SMS from" in printed
    assert (printed.count("first"), printed.count("second"), printed.count("third")) == (1, 0, 1)


def test_talk_says_how_to_speak(hall: Any) -> None:
    """Seconds are a number; without a call the exchange refuses in one sentence."""
    lines = say(hall, "speak", "speak up", "speak 4.5").splitlines()
    assert lines.count("Say for how many seconds you speak, like: speak 4.5") == 2
    assert lines[-1].endswith(".")


def test_talk_answers_mistakes_in_one_sentence(hall: Any) -> None:
    """Keys without a call, unknown words, nothing to save: each one line, and the line goes on."""
    printed = say(hall, "7", "dance", "save x.wav", "answer", "", "help")
    assert "This phone is not in a call." in printed
    assert "Not understood." in printed
    assert "There was no call yet." in printed
    assert "This phone is not ringing." in printed
    assert "later 14d" in printed


def test_talk_does_not_repeat_what_happened_before(hall: Any) -> None:
    """Old texts and old calls are not news."""
    hall.customer.answer("/sms", "<Message>old</Message>")
    hall.customer.answer("/voice", "<Say>old words</Say>")
    hall.act("text", PHONE, body="x")
    hall.act("dial", PHONE)
    assert "old" not in say(hall, "help")


def test_talk_names_the_remedy_when_nothing_is_there(serve: Any) -> None:
    """No server, a wrong token or another server: one sentence and 1."""
    empty = io.StringIO("sms x")
    output = io.StringIO()
    assert talk("http://127.0.0.1:9", "owner", empty, output, PHONE) == 1
    assert output.getvalue() == "Nothing answers: start the hotline first: make run\n"
    output = io.StringIO()
    assert talk(serve(Flask("stranger")), "owner", empty, output, PHONE) == 1
    assert "not the hotline" in output.getvalue()


def test_talk_with_a_wrong_token_says_so(hall: Any) -> None:
    """403 is told in words."""
    output = io.StringIO()
    assert talk(hall.url, "wrong", io.StringIO(""), output, PHONE) == 1
    assert "token" in output.getvalue()


def test_talk_shows_arrivals_at_once_on_a_terminal(hall: Any) -> None:
    """While the person thinks, a text that arrives is printed without a command."""

    printed = threading.Event()

    class Screen(io.StringIO):
        def write(self, text: str) -> int:
            if "unasked" in text:
                printed.set()
            return super().write(text)

    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

        def __iter__(self) -> Any:
            hall.client.messages.create(to=PHONE, from_=NUMBER, body="unasked")
            assert printed.wait(5)
            yield "quit\n"

    assert talk(hall.url, "owner", Keyboard(), Screen(), PHONE) == 0
