"""What the acting rooms of one exchange share."""

from dataclasses import dataclass

from hotline.exchange.account import Account
from hotline.exchange.clock import Agenda, Clock
from hotline.exchange.faults import Faults
from hotline.exchange.lanes import Lanes
from hotline.exchange.phones import Phones
from hotline.exchange.webhooks import Webhooks
from hotline.exchange.wire import Wire


@dataclass(frozen=True)
class Surroundings:
    """One account, one clock, one set of threads and phones, one wire."""

    account: Account
    clock: Clock
    agenda: Agenda
    lanes: Lanes
    faults: Faults
    phones: Phones
    webhooks: Webhooks
    wire: Wire
