"""Sounds: how Play fetches them, keeps them and asks for them again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Response

from hotline.exchange.calls.sound_cache import MOST_BYTES_KEPT, SoundCache
from hotline.exchange.twiml.documents import Answer, Failure

PHONE = "+996700111111"


class Shop:
    """A customer's web server in small: answers by turns, remembers the conditions it was asked under."""

    def __init__(self, *answers: Answer | Failure) -> None:
        self.now = datetime(2026, 5, 1, tzinfo=UTC)
        self.asked: list[dict[str, str]] = []
        self._answers = list(answers)
        self.cache = SoundCache(lambda: self.now, self._fetch)

    def _fetch(self, url: str, headers: Any) -> Answer | Failure:
        self.asked.append(dict(headers))
        return self._answers.pop(0)

    def get(self) -> Any:
        return self.cache.get("http://c/a.wav")


def sound(body: bytes, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer("http://c/a.wav", status, "audio/wav", body, named)


def test_sound_with_an_age_is_played_from_the_cache_until_it_is_stale() -> None:
    """max-age=60: not asked again for 60 seconds of the exchange's time, then conditionally."""
    shop = Shop(sound(b"1", cache_control="public, max-age=60", etag='"x"'), sound(b"", 304))
    assert (shop.get().body, shop.get().body) == (b"1", b"1")
    shop.now += timedelta(seconds=59)
    assert shop.get().body == b"1"
    assert len(shop.asked) == 1
    shop.now += timedelta(seconds=1)
    assert shop.get().body == b"1"
    assert shop.asked == [{}, {"If-None-Match": '"x"'}]


def test_sound_confirmed_by_304_is_fresh_again() -> None:
    """The 304's max-age counts from its arrival."""
    shop = Shop(
        sound(b"1", cache_control="max-age=60", etag='"x"'), sound(b"", 304, cache_control="max-age=90")
    )
    shop.get()
    shop.now += timedelta(seconds=61)
    shop.get()
    shop.now += timedelta(seconds=80)
    assert shop.get().body == b"1"
    assert len(shop.asked) == 2


@pytest.mark.parametrize("control", ["no-cache", "no-cache, max-age=60", ""])
def test_sound_that_must_be_confirmed_is_asked_for_each_time(control: str) -> None:
    """no-cache, or no age at all: the validators are sent, and a changed file is played as it is now."""
    old = sound(b"old", cache_control=control, etag='"1"', last_modified="Fri, 01 May 2026 00:00:00 GMT")
    shop = Shop(old, sound(b"", 304), sound(b"new", cache_control=control, etag='"2"'), sound(b"", 304))
    assert [shop.get().body for _ in range(4)] == [b"old", b"old", b"new", b"new"]
    assert shop.asked[1] == {"If-None-Match": '"1"', "If-Modified-Since": "Fri, 01 May 2026 00:00:00 GMT"}
    assert shop.asked[3] == {"If-None-Match": '"2"'}


@pytest.mark.parametrize("headers", [{"cache_control": "no-store", "etag": '"1"'}, {}])
def test_sound_that_may_not_be_kept_is_fetched_whole_each_time(headers: dict[str, str]) -> None:
    """no-store, or nothing to ask by: a plain GET."""
    shop = Shop(sound(b"1", **headers), sound(b"2", **headers))
    assert [shop.get().body, shop.get().body] == [b"1", b"2"]
    assert shop.asked == [{}, {}]


def test_sound_for_private_caches_is_not_kept() -> None:
    """Twilio's proxy serves many customers: it is a shared cache."""
    shop = Shop(sound(b"1", cache_control="private, max-age=60"), sound(b"2"))
    assert [shop.get().body, shop.get().body] == [b"1", b"2"]


def test_shared_age_goes_before_the_age_for_browsers() -> None:
    """s-maxage=0 asks each time, whatever max-age says."""
    shop = Shop(sound(b"1", cache_control="max-age=60, s-maxage=0", etag='"1"'), sound(b"", 304))
    shop.get()
    shop.get()
    assert len(shop.asked) == 2


def test_failure_is_not_kept_and_does_not_drop_what_is_kept() -> None:
    """A server that is down for once is asked again under the same conditions."""
    shop = Shop(sound(b"1", etag='"1"'), Failure(11217, "the server answered 500"), sound(b"", 304))
    shop.get()
    assert isinstance(shop.get(), Failure)
    assert shop.get().body == b"1"


def test_cache_is_bounded_and_drops_what_was_not_fetched_for_longest() -> None:
    """The oldest copies go when the bytes exceed the limit."""
    size = MOST_BYTES_KEPT // 2
    asked: list[str] = []

    def fetch(url: str, headers: Any) -> Answer:
        asked.append(url)
        return Answer(url, 200, "audio/wav", bytes(size), {"cache-control": "max-age=60"})

    cache = SoundCache(lambda: datetime(2026, 5, 1, tzinfo=UTC), fetch)
    for url in ("a", "b", "b", "c", "c", "b", "a"):
        cache.get(url)
    assert asked == ["a", "b", "c", "a"]


def test_play_asks_again_with_the_etag_and_is_content_with_304(hall: Any, make_wav: Any) -> None:
    """Over HTTP: unsigned, without parameters, conditional the second time; the sound is heard both times."""
    wav = make_wav(2.0)
    conditions: list[str | None] = []

    def serve(request: Any) -> Response:
        conditions.append(request.headers.get("If-None-Match"))
        assert "X-Twilio-Signature" not in request.headers
        known = conditions[-1] == '"v1"'
        return Response(
            b"" if known else wav, 304 if known else 200, {"ETag": '"v1"'}, content_type="audio/wav"
        )

    hall.customer.views["/a.wav"] = serve
    hall.customer.answer("/voice", "<Play>/a.wav</Play>")
    for _ in range(2):
        call = hall.act("dial", PHONE)
        assert [e["seconds"] for e in call["events"] if e["kind"] == "heard"] == [2.0]
    assert conditions == [None, '"v1"']


def test_play_of_a_fresh_sound_asks_nothing(hall: Any, make_wav: Any) -> None:
    """Within max-age one fetch serves two calls; a move of the clock beyond it brings the next."""
    hall.customer.answer(
        "/a.wav", make_wav(1.0), content_type="audio/wav", headers={"Cache-Control": "max-age=3600"}
    )
    hall.customer.answer("/voice", "<Play>/a.wav</Play>")
    hall.act("dial", PHONE)
    hall.act("dial", PHONE)
    assert len(hall.customer.on("/a.wav")) == 1
    hall.ask("POST", "/clock", body={"seconds": 3600})
    hall.act("dial", PHONE)
    assert len(hall.customer.on("/a.wav")) == 2


def test_unasked_304_is_no_sound(hall: Any) -> None:
    """Without a condition a 304 is 11216, as any redirect that leads nowhere."""
    hall.customer.answer("/a.wav", "", content_type="audio/wav", status=304)
    hall.customer.answer("/voice", "<Play>/a.wav</Play>")
    call = hall.act("dial", PHONE)
    assert [event["code"] for event in call["events"] if event["kind"] == "alert"] == [11216]


def test_sound_may_be_larger_than_a_document(hall: Any, make_wav: Any) -> None:
    """Ten seconds are 160 kB; they are heard whole, looped at most 1,000 times."""
    hall.customer.answer("/a.wav", make_wav(10.0), content_type="audio/wav")
    hall.customer.answer("/voice", "<Play loop='0'>/a.wav</Play>")
    call = hall.act("dial", PHONE)
    (heard,) = [event for event in call["events"] if event["kind"] == "heard"]
    assert (heard["times"], heard["seconds"]) == (1000, 10_000.0)


@pytest.mark.parametrize(
    ("kind", "code"), [("audio/mpeg", None), ("audio/x-wav", None), ("video/mp4", 12300), ("", 12300)]
)
def test_type_of_a_sound_is_what_its_server_says(
    hall: Any, make_wav: Any, kind: str, code: int | None
) -> None:
    """Twilio's audio types are taken whatever is inside, as long as it can be decoded; others are 12300."""
    hall.customer.answers["/a"] = Response(make_wav(1.0), headers={"Content-Type": kind})
    hall.customer.answer("/voice", "<Play>/a</Play>")
    call = hall.act("dial", PHONE)
    codes = [event["code"] for event in call["events"] if event["kind"] == "alert"]
    assert codes == ([] if code is None else [code])
