"""The customer's account on this exchange: one number, its messaging services, where its webhooks go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

API_VERSION = "2010-04-01"
NO_SERVICES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Account:
    """sid and auth_token as the REST API and the signatures use them; number in E.164; URLs absolute.

    answers_keywords: whether the carrier itself answers STOP, START and HELP. services: the SID of each
    messaging service (MG...) with the sender it uses, the number or an alphanumeric one. api_url: what comes
    before /2010-04-01 in the addresses of recordings, without a slash at the end.
    """

    sid: str
    auth_token: str = field(repr=False)
    number: str = field(repr=False)
    voice_url: str
    sms_url: str
    voice_fallback_url: str | None = None
    sms_fallback_url: str | None = None
    call_status_url: str | None = None
    answers_keywords: bool = True
    api_url: str = ""
    services: Mapping[str, str] = field(default_factory=lambda: NO_SERVICES, repr=False)

    @property
    def service_sid(self) -> str | None:
        """The messaging service that the number belongs to, if any."""
        return next((sid for sid, sender in self.services.items() if sender == self.number), None)
