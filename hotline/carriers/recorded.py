"""Recordings at Twilio, or at anything that speaks its API: their sound is fetched, their copies deleted.

The address is made of the SID and our own API URL. What a webhook calls RecordingUrl is never asked: whoever
could forge it would make the hotline fetch, with its credentials, from wherever they like. For the same
reason a redirect is not followed.
"""

from __future__ import annotations

import re
import time

import requests

from hotline.carriers.api import Api, refused
from hotline.carriers.base import CarrierUnavailableError, NoRecordingError

SID = re.compile(r"RE[0-9a-fA-F]{32}", re.ASCII)
LARGEST_BYTES = 4 * 1024 * 1024  # two minutes of 8 kHz 16-bit sound are 1.9 MB
WHOLE_S = 25.0  # of one sound: the time-out of each wait for bytes does not end a trickle
CHUNK_BYTES = 64 * 1024
WAV_HEAD = re.compile(rb"RIFF....WAVE", re.DOTALL)


class Recorded:
    """Asks for recordings."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def fetch(self, sid: str) -> bytes:
        """The sound as a WAV file. Raises NoRecordingError and CarrierUnavailableError as Carrier says."""
        with self._api.asked("GET", f"Recordings/{_checked(sid)}.wav") as response:
            if response.status_code == requests.codes.not_found:
                raise NoRecordingError
            if response.status_code != requests.codes.ok:
                raise refused(response)
            sound = self._read(response)
        if WAV_HEAD.match(sound) is None:
            raise CarrierUnavailableError("what came is no WAV file")
        return sound

    def delete(self, sid: str) -> None:
        """Deletes the copy; one that is not there is deleted. Raises CarrierUnavailableError."""
        with self._api.asked("DELETE", f"Recordings/{_checked(sid)}.json") as response:
            if response.status_code not in {requests.codes.no_content, requests.codes.not_found}:
                raise refused(response)

    def _read(self, response: requests.Response) -> bytes:
        ends_s = time.monotonic() + WHOLE_S
        sound = bytearray()
        try:
            for chunk in response.iter_content(CHUNK_BYTES):
                sound += chunk
                if len(sound) > LARGEST_BYTES or time.monotonic() > ends_s:
                    raise CarrierUnavailableError("the sound is too large or too slow")
        except requests.RequestException as e:
            raise CarrierUnavailableError(f"the sound broke off: {type(e).__name__}") from None
        return bytes(sound)


def _checked(sid: str) -> str:
    if SID.fullmatch(sid) is None:
        raise ValueError("not the SID of a recording")
    return sid
