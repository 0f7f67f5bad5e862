"""What a text message asks for: the values that `hotline.sms.understanding.keywords.read` returns. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hotline.sms.understanding.typed_dates import DateReading


class CommandName(StrEnum):
    """What the person wants."""

    STEP = "step"
    STEPS = "steps"
    MENU = "menu"
    ABOUT = "about"
    ENTRY = "entry"
    DEPART = "depart"
    REGISTERED = "registered"
    UNTIL = "until"
    STATUS = "status"
    DONE = "done"
    MORE = "more"
    LANGUAGE = "language"
    STOP = "stop"
    START = "start"
    DELETE = "delete"
    SOS = "sos"
    CALL = "call"
    YES = "yes"
    NO = "no"
    HELP = "help"
    LATIN = "latin"
    CYRILLIC = "cyrillic"
    CLARIFY = "clarify"
    UNKNOWN = "unknown"


class Clarify(StrEnum):
    """The question to ask back (content notes, part D, collisions).

    With the name CLARIFY the question is all there is to answer. NO_OR_STOP comes with the name NO and
    CHILDREN_HOME_OR_HERE with the name STEP: there the question is asked only as its member says.
    """

    STEP_OR_STOP = "step_or_stop"  # 1: STP, STEP without a number, STOP7; never unsubscribes
    POLICE_OR_POLICY = "police_or_policy"  # 2: the first sentences of step 10, then "medical policy: STEP8"
    ENTRY_OR_DEPARTURE = "entry_or_departure"  # 3: VYEZD is both; `date` holds what was read
    DONE_OR_STOP = "done_or_stop"  # 5: БОЛДУ, ХВАТИТ; with an open question БОЛДУ answers that one
    DONE_REALLY = "done_really"  # 6: "DONE 7 not yet", "registered?"; `steps` holds the one step meant
    DONE_OR_OVER = "done_or_over"  # 5: `каттоо бүттү`: done, or run out? `steps` holds the one step meant
    NO_OR_STOP = "no_or_stop"  # 16: ОТМЕНА, or STOP inside a sentence: NO while a question is open, else ask
    CHILDREN_HOME_OR_HERE = "children_home_or_here"  # 12: ask if an entry date is stored, else send step 2
    RIGHTS = "rights"  # 20: police (10), labour (6), family (11) or discrimination (12)
    RECEIPT = "receipt"  # 14: ТИЛ КАТ, a receipt: for the rent (5) or at work (6)
    WHICH_NUMBER = "which_number"  # КАДАМ or ШАГ without a number
    NO_SUCH_STEP = "no_such_step"  # 22: STEP13, STEP0, STEP112
    TWO_NUMBERS = "two_numbers"  # bare `5 3`, `7 10`: neither a date nor steps
    DATE_UNSURE = "date_unsure"  # nothing but a date, in a form that is not to be guessed
    EMPTY = "empty"  # no words at all
    PICTURE = "picture"  # no words, but a picture or the like, which nobody sees here


class Hint(StrEnum):
    """A line to add to the answer."""

    EMERGENCY = "emergency"  # 112 and 102 in front of everything else
    RENT = "rent"  # 9: "rent: STEP5"
    BAN = "ban"  # 11: "the 5-year ban: STEP7"
    JOIN = "join"  # 7: "to join: START"
    SICK_PAY = "sick_pay"  # 19: "sick pay: STEP9"
    MIGRATION_SERVICE = "migration_service"  # 21: what 1899 is


@dataclass(frozen=True)
class Command:
    """One text message, understood.

    language: the one language that the typed words belong to, as a code of `prompts/`; None for STEP, STOP,
    bare numbers and words of several languages. For LANGUAGE it is the language asked for, None if none was.
    steps: the steps meant, 1 to 12, in the order typed; for DONE, START and UNTIL the steps whose reminders
    are meant; for ENTRY (11,) is a family member's date; for MORE and LANGUAGE a step named besides.
    date: for ENTRY, DEPART, REGISTERED and UNTIL always set (problem MISSING where none was typed).
    bare_number: only a number was typed, so it answers a numbered question if one is open.
    carrier_keyword: the carrier has taken it too. Of STOP: it has opted the number out and answered, and our
    answer would not arrive; of START: it lets our texts through again.
    """

    name: CommandName
    language: str | None = None
    steps: tuple[int, ...] = field(default=(), repr=False)
    date: DateReading | None = field(default=None, repr=False)
    clarify: Clarify | None = None
    also: tuple[Hint, ...] = ()
    bare_number: bool = False
    carrier_keyword: bool = False
