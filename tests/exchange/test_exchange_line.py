"""The call machine: each verb's rule, in call seconds, without network or waiting."""

from typing import Any

import pytest

from hotline.exchange.calls.line import Line, make_hang_up, make_take_over
from hotline.exchange.calls.needs import (
    DocumentAt,
    DocumentText,
    FetchSound,
    Given,
    LegEnded,
    LegStarted,
    Need,
    SetStatus,
    StartLeg,
    StopLeg,
)
from hotline.exchange.calls.needs import Sound as FetchedSound
from hotline.exchange.calls.script import Conversation
from hotline.exchange.journal import Journal
from hotline.exchange.twiml.documents import Answer, Failure


class Booth:
    """A call under test: documents by URL, sounds of two seconds each, everything asked for remembered."""

    def __init__(self, fallback: str | None = None, *, limit_s: float = 14_400.0, **pages: str) -> None:
        self.pages: dict[str, Any] = {f"http://c/{name}": page for name, page in pages.items()}
        self.asked: list[DocumentAt] = []
        self.needs: list[Need] = []
        self.over = False
        self.leg: Given = LegStarted("CAleg")
        self.journal = Journal()
        conversation = Conversation(
            self.journal,
            fallback=None if fallback is None else DocumentAt(f"http://c/{fallback}"),
            caption=lambda url: url.rpartition("/")[2],
            answered=False,
            time_limit_s=limit_s,
        )
        self.line = Line(conversation, self.meet, self.finish)
        self.line.begin(DocumentAt("http://c/start"))

    def meet(self, need: Need) -> Given:
        self.needs.append(need)
        match need:
            case DocumentAt():
                self.asked.append(need)
                page = self.pages.get(need.url)
                if page is None:
                    return Failure(11217, "the server answered 404")
                return Answer(need.url, 200, "text/xml", f"<Response>{page}</Response>".encode())
            case FetchSound():
                return Failure(11217, "no") if "missing" in need.url else FetchedSound(need.url, 2.0)
            case StartLeg():
                return self.leg
        return None

    def finish(self) -> None:
        self.over = True

    def press(self, keys: str, after_s: float | None = None) -> None:
        gather = self.line.waiting.gather if self.line.waiting is not None else None
        self.line.press(keys, gather=gather, at_s=None if after_s is None else self.line.at_s + after_s)

    def heard(self) -> list[tuple[Any, float]]:
        """Captions and seconds of what was heard."""
        return [(entry.facts["caption"], entry.facts["seconds"]) for entry in self.journal.of_kind("heard")]

    def alerts(self) -> list[Any]:
        return [entry.facts["code"] for entry in self.journal.of_kind("alert")]

    def lost(self) -> str:
        return "".join(
            str(entry.facts["keys"]) for entry in self.journal.of_kind("keys") if entry.facts["lost"]
        )

    def digits(self) -> list[str]:
        """What each request carried as Digits."""
        return [dict(asked.extra)["Digits"] for asked in self.asked if "Digits" in dict(asked.extra)]


def test_sounds_follow_one_another_in_call_time() -> None:
    """Play, Pause and Play take their seconds; the end of the document ends the call."""
    booth = Booth(start="<Play>a</Play><Pause length='3'/><Play loop='2'>b</Play>")
    assert booth.over
    assert booth.heard() == [("a", 2.0), ("b", 4.0)]
    assert booth.line.at_s == 9.0


def test_relative_urls_resolve_against_the_document() -> None:
    """A Play, an action and a Redirect name their URLs relative to the present document."""
    booth = Booth(
        **{
            "start": "<Redirect>deep/next</Redirect>",
            "deep/next": "<Play>a</Play><Redirect>/end</Redirect>",
            "end": "",
        }
    )
    assert [asked.url for asked in booth.asked] == ["http://c/start", "http://c/deep/next", "http://c/end"]
    assert FetchSound("http://c/deep/a") in booth.needs


def test_redirect_leaves_the_rest_unreached() -> None:
    """Verbs after a Redirect are ignored; its method is kept."""
    booth = Booth(start="<Redirect method='GET'>end</Redirect><Play>never</Play>", end="<Play>a</Play>")
    assert booth.heard() == [("a", 2.0)]
    assert booth.asked[1].method == "GET"


def test_gather_waits_for_keys_and_hands_them_to_its_action() -> None:
    """numDigits ends it at once; the rest of a burst is lost because no Gather is open then."""
    booth = Booth(
        start="<Gather numDigits='2' action='got'><Play>a</Play></Gather>",
        got="<Gather action='end'/>",
        end="",
    )
    assert booth.line.waiting is not None
    booth.press("123")
    assert booth.digits() == ["12"]
    assert booth.lost() == "3"
    assert booth.line.waiting is not None
    assert booth.line.waiting.gather == 2


def test_gather_finish_key_ends_it_and_is_no_digit() -> None:
    """1, 2, # gives 12; with an empty finishOnKey # is a digit like any other."""
    booth = Booth(start="<Gather action='got'/>", got="")
    booth.press("12#")
    assert booth.digits() == ["12"]
    booth = Booth(start="<Gather action='got' finishOnKey='' numDigits='1'/>", got="")
    booth.press("#")
    assert booth.digits() == ["#"]
    booth = Booth(start="<Gather action='got' finishOnKey='*'/>", got="")
    booth.press("1#*")
    assert booth.digits() == ["1#"]


def test_gather_star_is_a_digit_like_any_other() -> None:
    """Only the finish key is none."""
    booth = Booth(start="<Gather action='got'/>", got="")
    booth.press("*1*#")
    assert booth.digits() == ["*1*"]


def test_gather_finish_key_first_falls_through() -> None:
    """No digits and the finish key: the next verb follows, no action is requested."""
    booth = Booth(start="<Gather action='got'/><Play>next</Play>", got="")
    booth.press("#")
    assert booth.digits() == []
    assert booth.heard() == [("next", 2.0)]


def test_gather_silence_falls_through_after_sound_and_timeout() -> None:
    """The timeout runs from the end of the sound."""
    booth = Booth(start="<Gather action='got' timeout='4'><Play>a</Play></Gather><Play>next</Play>", got="")
    assert booth.line.waiting is not None
    assert booth.line.waiting.until_s == 6.0
    booth.line.stay_silent()
    assert booth.heard() == [("a", 2.0), ("next", 2.0)]
    assert booth.line.at_s == 8.0
    assert booth.digits() == []


def test_gather_silence_with_action_on_empty_result_asks_the_action() -> None:
    """The action gets empty Digits."""
    booth = Booth(start="<Gather action='got' actionOnEmptyResult='true'/><Play>never</Play>", got="")
    booth.line.stay_silent()
    assert booth.digits() == [""]
    assert booth.heard() == []


def test_gather_timeout_starts_anew_with_each_key() -> None:
    """After a key the wait is the timeout again; then what was pressed is sent."""
    booth = Booth(start="<Gather action='got' timeout='3'><Play>a</Play></Gather>", got="")
    booth.press("1", after_s=4.0)
    assert booth.line.waiting is not None
    assert booth.line.waiting.until_s == 7.0
    booth.press("2", after_s=2.0)
    assert booth.line.waiting.until_s == 9.0
    booth.line.stay_silent()
    assert booth.digits() == ["12"]


def test_gather_key_stops_the_sound() -> None:
    """A key after 2.5 of 6 seconds: the first sound is heard whole, of the second half a second."""
    prompts = "<Play>a</Play><Play>b</Play><Play>c</Play>"
    booth = Booth(start=f"<Gather action='got' numDigits='1'>{prompts}</Gather>", got="")
    booth.press("1", after_s=2.5)
    assert booth.heard() == [("a", 2.0), ("b", 0.5)]
    assert booth.line.at_s == 2.5


def test_gather_first_key_stops_the_sound_for_good() -> None:
    """What was cut at half a second stays so while further keys are awaited."""
    booth = Booth(start="<Gather action='got'><Play>a</Play></Gather>", got="")
    booth.press("1", after_s=0.5)
    booth.press("2", after_s=3.0)
    booth.press("#")
    assert booth.heard() == [("a", 0.5)]
    assert booth.digits() == ["12"]


def test_gather_without_a_named_moment_is_answered_after_its_sound() -> None:
    """At hand pace one hears to the end, then presses."""
    booth = Booth(start="<Gather action='got' numDigits='1'><Play>a</Play></Gather>", got="")
    booth.press("1")
    assert booth.heard() == [("a", 2.0)]


def test_gather_fetches_all_sounds_before_the_first_is_heard() -> None:
    """Captions of the whole prompt are known when it opens."""
    booth = Booth(start="<Gather><Play>a</Play><Say>hello</Say></Gather>")
    assert [entry.facts["caption"] for entry in booth.journal.of_kind("sound")] == ["a", "hello"]


def test_gather_without_action_asks_its_own_document() -> None:
    """The default action is the current document."""
    booth = Booth(start="<Gather numDigits='1'/>")
    booth.press("5")
    assert [asked.url for asked in booth.asked] == ["http://c/start", "http://c/start"]


def test_key_of_an_earlier_gather_is_lost_in_the_next() -> None:
    """A press meant for a Gather that has closed meanwhile goes nowhere."""
    booth = Booth(start="<Gather action='got' numDigits='1'/>", got="<Gather numDigits='1'/>")
    booth.line.press("1", gather=1, at_s=None)
    booth.line.press("2", gather=1, at_s=None)
    assert booth.digits() == ["1"]
    assert booth.lost() == "2"


def test_key_at_a_named_second_lands_where_the_call_is_then() -> None:
    """Seven seconds on, the first Gather has passed in silence and the second hears the key."""
    booth = Booth(start="<Gather timeout='3'/><Gather timeout='9' numDigits='1' action='got'/>", got="")
    booth.press("4", after_s=7.0)
    assert booth.digits() == ["4"]
    assert booth.line.at_s == 7.0


def test_hangup_ends_the_call() -> None:
    """Nothing after it is done."""
    booth = Booth(start="<Hangup/><Play>never</Play>")
    assert booth.over
    assert booth.heard() == []
    assert SetStatus("in-progress") in booth.needs


def test_reject_never_answers() -> None:
    """rejected is no-answer to the caller, busy is busy; the call is not answered."""
    assert Booth(start="<Reject/>").needs[1:] == [SetStatus("no-answer")]
    assert Booth(start="<Reject reason='busy'/>").needs[1:] == [SetStatus("busy")]


def test_leading_pause_delays_the_answer() -> None:
    """A Pause at the very start rings on; a later one takes call time."""
    booth = Booth(start="<Pause length='5'/><Play>a</Play>")
    assert booth.line.at_s == 2.0
    assert [need for need in booth.needs if isinstance(need, SetStatus)] == [SetStatus("in-progress")]


def test_hang_up_during_a_prompt_cuts_it() -> None:
    """Hanging up after one second: one second heard, the call over, no further request."""
    booth = Booth(start="<Gather action='got'><Play>a</Play></Gather><Redirect>never</Redirect>")
    booth.line.hang_up_at(1.0)
    assert booth.over
    assert booth.heard() == [("a", 1.0)]
    assert len(booth.asked) == 1


def test_hang_up_ordered_during_a_webhook_stops_the_documents() -> None:
    """An interrupt that comes while a document is fetched is heard at the next sound."""

    class Impatient(Booth):
        def meet(self, need: Need) -> Given:
            if isinstance(need, DocumentAt) and len(self.asked) == 1:
                self.line.interrupt(make_hang_up)
            return super().meet(need)

    booth = Impatient(
        start="<Gather action='got' numDigits='1'/>", got="<Play>a</Play><Redirect>never</Redirect>"
    )
    booth.press("1")
    assert booth.over
    assert [asked.url for asked in booth.asked] == ["http://c/start", "http://c/got"]


def test_take_over_replaces_the_document_at_once() -> None:
    """A live update during a Gather leaves it and runs the new document."""
    booth = Booth(start="<Gather action='got'><Play>a</Play></Gather>", new="<Play>b</Play>")
    booth.line.interrupt(make_take_over(DocumentAt("http://c/new")))
    booth.line.attend()
    assert booth.heard()[-1] == ("b", 2.0)
    assert booth.over


def test_document_given_as_text_needs_absolute_urls() -> None:
    """A relative action in a Twiml parameter is error 11100."""
    booth = Booth(start="<Gather/>")
    booth.line.interrupt(
        make_take_over(DocumentText("<Response><Gather action='x' numDigits='1'/></Response>"))
    )
    booth.line.attend()
    booth.press("1")
    assert booth.alerts() == [11100]


def test_missing_sound_is_an_alert_and_the_call_goes_on() -> None:
    """A Play that cannot be had is noted; the next verb follows."""
    booth = Booth(start="<Play>missing</Play><Play>a</Play>")
    assert booth.alerts() == [11217]
    assert booth.heard() == [("a", 2.0)]


def test_broken_document_goes_to_the_fallback() -> None:
    """The fallback URL is asked with ErrorCode and ErrorUrl and its document performed."""
    booth = Booth("spare", start="<say>x</say>", spare="<Play>a</Play>")
    assert booth.alerts() == [12200]
    assert dict(booth.asked[1].extra) == {"ErrorCode": "12200", "ErrorUrl": "http://c/start"}
    assert booth.heard() == [("a", 2.0)]


def test_failed_fetch_without_fallback_says_so_and_ends() -> None:
    """The caller hears an error and the call is over."""
    booth = Booth()
    assert booth.alerts() == [11217]
    assert booth.over
    assert "error" in str(booth.heard()[0][0])


def test_broken_fallback_is_not_asked_again() -> None:
    """Two failures: two alerts, the spoken error, the end."""
    booth = Booth("spare", start="<say>x</say>", spare="<Gathr/>")
    assert booth.alerts() == [12200, 12200]
    assert len(booth.asked) == 2
    assert booth.over


def test_redirect_to_itself_comes_to_an_end() -> None:
    """A loop that never waits for the person is stopped and noted."""
    booth = Booth(start="<Redirect>start</Redirect>")
    assert booth.over
    assert booth.alerts() == [12400]


def test_call_ends_at_its_time_limit() -> None:
    """A long sound is cut at the limit."""
    booth = Booth(start="<Play loop='0'>a</Play><Play>never</Play>", limit_s=60.0)
    assert booth.over
    assert booth.heard() == [("a", 60.0)]


def test_dial_waits_joins_and_reports() -> None:
    """Ring, answer, talk for 65 seconds, the other side hangs up: the action learns it all."""
    booth = Booth(start="<Dial action='done' timeout='20'><Number>+996700222222</Number></Dial>", done="")
    assert booth.line.waiting is not None
    assert booth.line.waiting.until_s == 20.0
    booth.line.tell_leg_answered()
    booth.press("5")
    booth.line.tell_leg_ended("completed", 65.0)
    assert booth.lost() == "5"
    assert dict(booth.asked[1].extra) == {
        "DialCallStatus": "completed",
        "DialBridged": "true",
        "DialCallSid": "CAleg",
        "DialCallDuration": "65",
    }


def test_dial_ends_a_talk_at_its_time_limit() -> None:
    """The other side does not hang up: after so many seconds of talk its leg is stopped."""
    booth = Booth(start="<Dial action='done' timeLimit='1200'>+996700222222</Dial>", done="")
    booth.line.tell_leg_answered()
    assert booth.line.waiting is not None
    assert booth.line.waiting.until_s == 1_200.0
    booth.line.stay_silent()
    assert dict(booth.asked[1].extra)["DialCallDuration"] == "1200"
    assert any(isinstance(need, StopLeg) for need in booth.needs)


def test_dial_rings_out() -> None:
    """Nobody answers: the leg is stopped, the action told no-answer without a duration."""
    booth = Booth(start="<Dial action='done'>+996700222222</Dial>", done="")
    booth.line.stay_silent()
    assert StopLeg("no-answer") in booth.needs
    assert dict(booth.asked[1].extra)["DialCallStatus"] == "no-answer"
    assert "DialCallDuration" not in dict(booth.asked[1].extra)


def test_dial_without_action_goes_on_with_the_document() -> None:
    """The next verb follows when the leg has ended."""
    booth = Booth(start="<Dial>+996700222222</Dial><Play>a</Play>")
    booth.line.tell_leg_ended("busy")
    assert booth.heard() == [("a", 2.0)]


def test_dial_leg_is_stopped_when_the_caller_hangs_up() -> None:
    """Hanging up while it rings cancels the leg, while talking completes it."""
    for answered, status in ((False, "canceled"), (True, "completed")):
        booth = Booth(start="<Dial>+996700222222</Dial><Play>never</Play>")
        if answered:
            booth.line.tell_leg_answered()
        booth.line.hang_up_at(3.0)
        assert StopLeg(status) in booth.needs
        assert booth.over


@pytest.mark.parametrize("status", ["busy", "failed"])
def test_dial_that_cannot_start_reports_why(status: str) -> None:
    """A busy phone or a wrong number never rings."""

    class Dead(Booth):
        def meet(self, need: Need) -> Given:
            given = super().meet(need)
            return LegEnded(status, 0.0) if isinstance(need, StartLeg) else given

    booth = Dead(start="<Dial action='done'>+996700222222</Dial>", done="")
    assert dict(booth.asked[1].extra) == {"DialCallStatus": status, "DialBridged": "false"}
