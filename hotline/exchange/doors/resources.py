"""A resource of the REST API: one path and what each HTTP method does there."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request

from hotline.exchange.doors.answers import refuse
from hotline.exchange.doors.mishaps import Mishaps
from hotline.exchange.forms import RestError

ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def add_resource(
    door: Blueprint, path: str, name: str, views: Mapping[str, Callable[..., Response]], mishaps: Mishaps
) -> None:
    """Add a path with its views by method, each of them spoiled as ordered.

    Any other method is 405 with error 20004 and an Allow header.
    """

    def serve(**parts: str) -> Response:
        view = views.get(request.method)
        if view is None:
            response = refuse(RestError(20004))
            response.headers["Allow"] = ", ".join(sorted(views))
            return response
        return mishaps.carry_out(lambda: view(**parts))

    door.add_url_rule(path, name, serve, methods=ALL_METHODS, provide_automatic_options=False)
