"""Records of texts and calls at Twilio, or at anything that speaks its API: deleted one by one."""

from __future__ import annotations

import requests

from hotline.carriers.api import Api, refused
from hotline.carriers.base import SID, UnderWayError

RESOURCES = {"SM": "Messages", "MM": "Messages", "CA": "Calls"}


def delete_copy(api: Api, sid: str) -> None:
    """Deletes one; see Carrier. Of what is under way Twilio says 20009, which may last up to 14 days."""
    if SID.fullmatch(sid) is None:
        raise ValueError("not the SID of a text or a call")
    with api.asked("DELETE", f"{RESOURCES[sid[:2]]}/{sid}.json") as response:
        if response.status_code == requests.codes.conflict:
            raise UnderWayError
        if response.status_code not in {requests.codes.no_content, requests.codes.not_found}:
            raise refused(response)
