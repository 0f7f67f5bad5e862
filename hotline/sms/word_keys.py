"""The keys of `prompts/<lang>/keywords.toml`: what phrases can stand for. Pure."""

from __future__ import annotations

STEP_KEYS = {f"step-{number:02}": number for number in range(1, 13)}
NUMBER_KEYS = {f"number-{number:02}": number for number in (*range(1, 21), 30)}
MONTH_KEYS = {f"month-{number:02}": number for number in range(1, 13)}  # their names come from Babel
LANGUAGE_PREFIX = "language-"  # followed by the code of the language asked for

DAYS_AGO = {"today": 0, "yesterday": 1, "before-yesterday": 2, "tomorrow": -1}
COUNTING_KEYS = {"step-word", "number-word", "and", "day-endings", *NUMBER_KEYS}
DATE_KEYS = {*DAYS_AGO, "days-ago", "year-words", "day-endings", "month-words", "old-months", *NUMBER_KEYS}
ENDINGS_KEY = "month-endings"
DELETE_ANYWHERE_KEY = "delete-anywhere"
POLITE_KEY = "polite"  # says nothing beside STOP, START or YES
ANYWHERE_KEYS = {DELETE_ANYWHERE_KEY, POLITE_KEY}
GRAMMAR_KEYS = COUNTING_KEYS | DATE_KEYS | ANYWHERE_KEYS | {ENDINGS_KEY}

ASK_KEYS = {
    "ask-step-or-stop",
    "ask-police-or-policy",
    "ask-entry-or-departure",
    "ask-done-or-stop",
    "ask-no-or-stop",
    "ask-rights",
    "ask-receipt",
    "ask-children",
}
HINT_KEYS = {"hint-rent", "hint-ban", "hint-join", "hint-sick"}
