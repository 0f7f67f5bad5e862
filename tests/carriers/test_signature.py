"""The signature check, against Twilio's published example, every mutation of it, proxies and encodings."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from urllib.parse import quote

import pytest
from flask import Flask, request
from twilio.request_validator import RequestValidator

from hotline.carriers.signature import SignedRequests

# Twilio documentation, "Security": the example that every implementation is checked with.
TOKEN = "12345"
BASE, PATH = "https://example.com", "/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}
SIGNATURE = "L/OH5YylLD5NRKLltdqwSvS0BnU="

app = Flask("signature")


def accepted(
    path: str = PATH,
    form: Mapping[str, str] = FORM,
    signature: str | None = SIGNATURE,
    tokens: tuple[str, ...] = (TOKEN,),
    base: str = BASE,
    **extra: str,
) -> bool:
    """Whether a POST to `path`, as the server sees it, passes."""
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    environ = {"RAW_URI": path, **extra}
    with app.test_request_context(path, method="POST", data=form, headers=headers, environ_overrides=environ):
        return SignedRequests(tokens, base).check(request)


def test_twilios_published_example_passes() -> None:
    """The vector of the documentation."""
    assert accepted()


def mutated(text: str, chance: random.Random) -> str:
    """`text` with one character replaced, removed or added."""
    at = chance.randrange(len(text))
    other = chance.choice([c for c in string.ascii_letters + string.digits if c != text[at]])
    return chance.choice(
        [text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + other + text[at:]]
    )


def test_a_thousand_mutations_of_the_example_are_refused() -> None:
    """URL, names, values, signature, token: none accepted, none an error."""
    chance = random.Random(7)
    for _ in range(200):
        name = chance.choice(list(FORM))
        assert not accepted(path=PATH[:1] + mutated(PATH[1:], chance))
        assert not accepted(form={**FORM, name: mutated(FORM[name], chance)})
        assert not accepted(form={key + "x" * (key == name): value for key, value in FORM.items()})
        assert not accepted(signature=mutated(SIGNATURE, chance))
        assert not accepted(tokens=(mutated(TOKEN, chance),))


@pytest.mark.parametrize("signature", [None, "", " ", "ü", "=" * 28, SIGNATURE + "\t"])
def test_missing_or_odd_signature_is_refused(signature: str | None) -> None:
    """Never an exception."""
    assert not accepted(signature=signature)


def test_added_or_missing_parameter_is_refused() -> None:
    """Every parameter is signed, those that we do not know too."""
    assert not accepted(form={**FORM, "Extra": "1"})
    assert not accepted(form={key: value for key, value in FORM.items() if key != "Digits"})


def test_json_body_is_refused() -> None:
    """Twilio sends forms; a JSON body must not raise either."""
    with app.test_request_context(PATH, method="POST", json=FORM, headers={"X-Twilio-Signature": SIGNATURE}):
        assert not SignedRequests([TOKEN], BASE).check(request)


def test_second_token_passes_while_tokens_are_rotated() -> None:
    """Both pass, a third fails."""
    assert accepted(tokens=("new", TOKEN))
    assert not accepted(tokens=("new", "other"))


def test_host_header_and_forwarding_headers_do_not_matter() -> None:
    """The configured public URL is what was signed, whatever a proxy or a forger puts in the request."""
    assert accepted(HTTP_HOST="internal:8000")
    assert accepted(HTTP_X_FORWARDED_HOST="evil.example", HTTP_X_FORWARDED_PROTO="http")
    assert not accepted(base="https://evil.example", HTTP_HOST="example.com")


@pytest.mark.parametrize(
    "base", ["https://example.org/kadam", "https://example.org:8443", "http://127.0.0.1:8000"]
)
@pytest.mark.parametrize(
    "path", ["/sms", "/sms?a=%20b", "/sms?a=%40", "/voice/ky/menu-main/0/1", "/sms?q=" + quote("ө")]
)
def test_prefix_port_and_encoding_are_signed_as_they_are(base: str, path: str) -> None:
    """Whether the proxy strips the path prefix or not; nothing is decoded and encoded again."""
    signature = RequestValidator(TOKEN).compute_signature(base + path, FORM)
    prefix = "/kadam" if base.endswith("/kadam") else ""
    assert accepted(path, signature=signature, base=base)
    assert accepted(prefix + path, signature=signature, base=base)


def test_cyrillic_and_empty_values_are_signed() -> None:
    """Fields as the carrier sends them: empty ones and Kyrgyz letters."""
    form = {**FORM, "Body": "КИРДИМ 5-март, өң 😀", "ToCity": ""}
    signature = RequestValidator(TOKEN).compute_signature(BASE + PATH, form)
    assert accepted(form=form, signature=signature)
