"""GET /audio/…: the clips. A name holds the hash of what the sound is made of, so it is cached for ever."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, send_from_directory

from hotline.speech.studio import URL_PREFIX, Studio

FOR_EVER_S = 31_536_000  # one year, the most that RFC 9111 caches are asked to keep


@dataclass(frozen=True)
class AudioDesk:
    """Hands out clips that the guide names, and nothing else of the folder."""

    studio: Studio

    def blueprint(self) -> Blueprint:
        """The route of the clips."""
        blueprint = Blueprint("audio", __name__)
        blueprint.add_url_rule(f"{URL_PREFIX}<path:name>", view_func=self.clip)
        return blueprint

    def clip(self, name: str) -> Response:
        """One clip as WAV; 404 for any other name."""
        if self.studio.caption(f"{URL_PREFIX}{name}") is None:
            abort(404)
        response = send_from_directory(self.studio.folder, name, mimetype="audio/wav", max_age=FOR_EVER_S)
        response.cache_control.immutable = True
        return response
