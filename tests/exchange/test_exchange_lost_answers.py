"""Answers of the REST API that never come, on more than one server."""

import threading
from typing import Any

import pytest
import requests
import waitress
from flask import Flask

PHONE = "+996700111111"
NUMBER = "+996555000000"


def test_lost_answer_breaks_the_connection_but_the_message_exists(hall: Any) -> None:
    """The client sees an aborted connection; the message is made and delivered."""
    hall.ask("POST", "/faults", body={"kind": "rest-lost"})
    with pytest.raises(requests.ConnectionError):
        hall.create(To=PHONE, From=NUMBER, Body="made")
    assert hall.inbox(PHONE) == ["made"]
    assert [message.body for message in hall.client.messages.list(to=PHONE)] == ["made"]


def test_lost_answer_is_cut_short_where_the_server_hides_its_socket(hall: Any) -> None:
    """On waitress the answer breaks off after its first byte."""
    app = Flask("other")
    app.register_blueprint(hall.exchange.rest())
    server = waitress.create_server(app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    hall.ask("POST", "/faults", body={"kind": "rest-lost"})
    url = f"http://127.0.0.1:{server.effective_port}/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
    form = {"To": PHONE, "From": NUMBER, "Body": "made"}
    try:
        with pytest.raises(requests.RequestException):
            requests.post(url, data=form, auth=("AC" + "0" * 32, "the token of the tests"), timeout=5)
        assert hall.inbox(PHONE) == ["made"]
    finally:
        server.close()
        thread.join(5)


def test_hanging_answer_outlasts_the_clients_patience(hall: Any) -> None:
    """The client gives up; the message is made once the hang is over."""
    hall.ask("POST", "/faults", body={"kind": "rest-hang", "seconds": 0.3})
    url = f"{hall.url}/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
    form = {"To": PHONE, "From": NUMBER, "Body": "late"}
    auth = ("AC" + "0" * 32, "the token of the tests")
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, data=form, auth=auth, timeout=(5, 0.1))
    assert requests.post(url, data={**form, "Body": "next"}, auth=auth, timeout=5).status_code == 201
