"""The exchange's signature against Twilio's published example and twilio's own validator."""

from twilio.request_validator import RequestValidator

from hotline.exchange.signing import sign

EXAMPLE = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675310"),
    ("Digits", "1234"),
    ("From", "+14158675310"),
    ("To", "+18005551212"),
]


def test_signature_matches_the_published_example() -> None:
    """Twilio's documented token, URL and form give the documented signature."""
    signature = sign("12345", "https://example.com/myapp.php?foo=1&bar=2", EXAMPLE)
    assert signature == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_signature_of_odd_forms_passes_twilios_validator() -> None:
    """Empty, Cyrillic and repeated fields and a GET are signed as twilio checks them."""
    validator = RequestValidator("secret")
    url = "http://127.0.0.1:8000/sms?a=%D3%A9"
    for form in ([], [("Body", "Кадам ө ү ң 7"), ("ToCity", "")]):
        assert validator.validate(url, dict(form), sign("secret", url, form))
    assert not validator.validate(url, {"Body": "other"}, sign("secret", url, [("Body", "one")]))


def test_signature_counts_a_repeated_value_once() -> None:
    """Repeated names are sorted by value and de-duplicated (twilio request_validator)."""
    url = "https://example.com/"
    assert sign("t", url, [("a", "2"), ("a", "1"), ("a", "1")]) == sign("t", url, [("a", "1"), ("a", "2")])
    assert sign("t", url, [("a", "1")]) != sign("t", url, [("a", "1"), ("a", "2")])
