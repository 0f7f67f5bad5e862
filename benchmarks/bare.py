"""The measure: a Flask app that checks the signature and builds TwiML, and knows nothing."""

from __future__ import annotations

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

app = Flask("bare")
validator = RequestValidator("token")


@app.get("/readyz")
def answer_ready() -> str:
    return "ok"


@app.post("/sms")
def receive() -> Response:
    signature = request.headers.get("X-Twilio-Signature", "")
    if not validator.validate("https://hotline.example/sms", request.form, signature):
        abort(403)
    response = MessagingResponse()
    response.message(f"You wrote: {request.form.get('Body', '')}")
    return Response(str(response), mimetype="text/xml")
