"""Who gets the page: it carries the token that opens the exchange."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import Hotline, create_app
from hotline.config import Config

KEY = "A" * 43 + "="
TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "TWILIO_NUMBER": "+996312000777",
    "PUBLIC_URL": "https://hotline.example.org",
}


def visitor(folder: Path, **settings: str) -> tuple[FlaskClient, Hotline]:
    """A client of a hotline with these settings, on its own exchange unless they name Twilio's."""
    environment = {"DATABASE_URL": f"sqlite:///{folder}/k.db", "HOTLINE_DATA_KEY": KEY, **settings}
    app = create_app(Config.from_env(environment))
    return app.test_client(), app.extensions["kadam"]


@pytest.fixture
def here(tmp_path: Path) -> tuple[FlaskClient, Hotline]:
    return visitor(tmp_path)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "localhost"])
def test_page_is_handed_to_this_machine(here: tuple[FlaskClient, Hotline], host: str) -> None:
    """From this machine, under one of its own names: the page with the token, kept by nobody."""
    client, hotline = here
    page = client.get("/phone", headers={"Host": host})
    assert page.status_code == 200
    assert hotline.owner_token in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "10.0.0.7"])
def test_page_refuses_a_foreign_name(here: tuple[FlaskClient, Hotline], host: str) -> None:
    """A name pointed at this machine from outside (DNS rebinding) gets no token, and no file either."""
    client, hotline = here
    for path in ("/phone", "/phone/main.js"):
        refused = client.get(path, headers={"Host": host})
        assert refused.status_code == 403
        assert hotline.owner_token not in refused.text
    assert "/phone" in refused.text


def test_page_refuses_a_foreign_visitor(here: tuple[FlaskClient, Hotline]) -> None:
    """Whoever is not at this machine gets no token, whatever name is used."""
    client, hotline = here
    refused = client.get("/phone", headers={"Host": "127.0.0.1"}, environ_base={"REMOTE_ADDR": "10.0.0.7"})
    assert refused.status_code == 403
    assert hotline.owner_token not in refused.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via"])
def test_page_refuses_what_a_proxy_passes_on(here: tuple[FlaskClient, Hotline], header: str) -> None:
    """A proxy on this machine may ask for anybody, whatever name it puts into Host."""
    client, hotline = here
    for path in ("/phone", "/phone/main.js", "/"):
        refused = client.get(path, headers={"Host": "127.0.0.1:8000", header: "10.0.0.7"})
        assert refused.status_code == 403
        assert hotline.owner_token not in refused.text


@pytest.mark.parametrize("path", ["/", "/phone/"])
def test_page_is_found_from_nearby_addresses(here: tuple[FlaskClient, Hotline], path: str) -> None:
    """The hotline's own address and one with a slash too many lead to the telephone."""
    response = here[0].get(path, headers={"Host": "127.0.0.1:8000"})
    assert (response.status_code, response.headers["Location"]) == (302, "/phone")


def test_page_allows_nothing_foreign(here: tuple[FlaskClient, Hotline]) -> None:
    """No other site may frame it, no script but its own runs, nothing is loaded from elsewhere."""
    policy = here[0].get("/phone", headers={"Host": "127.0.0.1"}).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in policy


def test_page_gives_no_file_from_outside_its_folder(here: tuple[FlaskClient, Hotline]) -> None:
    """Paths that climb out find nothing."""
    for path in ("/phone/../doors/page.py", "/phone/%2e%2e/doors/page.py", "/phone/nothing.js"):
        assert here[0].get(path, headers={"Host": "127.0.0.1"}).status_code == 404


def test_page_is_not_there_with_twilio(tmp_path: Path) -> None:
    """A hotline on a real carrier has no telephone to play with, no exchange and no control."""
    client, _ = visitor(tmp_path, **TWILIO)
    for path in ("/", "/phone", "/phone/", "/phone/main.js", "/exchange/state", "/2010-04-01/Accounts"):
        assert client.get(path, headers={"Host": "127.0.0.1"}).status_code == 404
