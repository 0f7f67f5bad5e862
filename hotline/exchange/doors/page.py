"""The page: a telephone in the browser, at /phone, for whoever sits at this machine.

The page carries the owner's token, so it is handed to visitors from this machine alone who asked for it under
a name of this machine: another site cannot read it, and a name pointed here from outside (DNS rebinding) is
refused. So is whatever a proxy on this machine passes on: behind it may be anybody.
"""

import ipaddress
from pathlib import Path

from flask import Blueprint, Response, make_response, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

_FOLDER = Path(__file__).parent.parent / "page"
# Everything from this server; sound may come under its public name.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; media-src 'self' {media}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_ELSEWHERE = "This telephone is for whoever sits at this machine: open http://127.0.0.1:{port}/phone there."


def make_page(owner_token: str, base_url: str) -> Blueprint:
    """The blueprint of /phone and its files; / leads there. base_url: under which sounds are played."""
    door = Blueprint("exchange_page", __name__, template_folder=str(_FOLDER))

    def show() -> Response:
        """The page itself."""
        response = make_response(render_template("phone.html", token=owner_token, base_url=base_url))
        response.headers["Content-Security-Policy"] = _POLICY.format(media=base_url)
        response.headers["Cache-Control"] = "no-store"
        return response

    def give(name: str) -> Response:
        """One of its files."""
        return send_from_directory(_FOLDER, name)

    door.before_request(_refuse_strangers)
    door.after_request(_harden)

    def lead() -> AnyResponse:
        """Whoever opens the hotline's own address gets to the telephone."""
        return redirect("/phone")

    door.add_url_rule("/phone", "show", show)
    door.add_url_rule("/phone/<path:name>", "give", give)
    for path in ("/", "/phone/"):
        door.add_url_rule(path, "lead", lead)
    return door


def _refuse_strangers() -> Response | None:
    if (
        _is_loopback(request.remote_addr or "")
        and _is_loopback(_host_of(request.host))
        and not any(_is_proxys(name) for name, _ in request.headers)
    ):
        return None
    port = request.environ.get("SERVER_PORT", "8000")
    return Response(_ELSEWHERE.format(port=port) + "\n", 403, content_type="text/plain; charset=utf-8")


def _is_proxys(header: str) -> bool:
    """Whether a header says that the request was passed on."""
    return header.lower() in ("forwarded", "via") or header.lower().startswith("x-forwarded-")


def _harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _host_of(host: str) -> str:
    """The name in a Host header, without its port and brackets."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
