"""The customer's account on this exchange: one number and where its webhooks go."""

from dataclasses import dataclass, field

API_VERSION = "2010-04-01"


@dataclass(frozen=True)
class Account:
    """sid and auth_token as the REST API and the signatures use them; number in E.164; URLs absolute.

    answers_keywords: whether the carrier itself answers STOP, START and HELP. api_url: what comes before
    /2010-04-01 in the addresses of recordings, without a slash at the end.
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
