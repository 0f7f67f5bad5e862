"""The keys of `prompts/<lang>/keywords.toml`: what phrases can stand for. Pure."""

from __future__ import annotations

STEP_KEYS = {f"step-{number:02}": number for number in range(1, 13)}
NUMBER_KEYS = {f"number-{number:02}": number for number in (*range(1, 21), 30)}
MONTH_KEYS = {f"month-{number:02}": number for number in range(1, 13)}  # their names come from Babel
LANGUAGE_PREFIX = "language-"  # followed by the code of the language asked for

DAYS_AGO = {"today": 0, "yesterday": 1, "before-yesterday": 2, "tomorrow": -1}
STEP_WORD_KEY = "step-word"
COUNTING_KEYS = {STEP_WORD_KEY, "number-word", "and", "day-endings", *NUMBER_KEYS}
DATE_KEYS = {*DAYS_AGO, "days-ago", "year-words", "day-endings", "month-words", "old-months", *NUMBER_KEYS}
ENDINGS_KEY = "month-endings"
BEGINNINGS_KEY = "month-beginnings"
DELETE_ANYWHERE_KEY = "delete-anywhere"
POLITE_KEY = "polite"  # says nothing beside STOP, START or YES
GREETING_KEY = "greeting"  # says nothing beside anything
ANSWER_KEY = "answer"  # says nothing beside the name of a language: "write", "speak"
ANYWHERE_KEYS = {DELETE_ANYWHERE_KEY, POLITE_KEY, GREETING_KEY, ANSWER_KEY}
NEVER_GUESSED_KEY = "never-guessed"  # nothing is guessed from a word that is near to one of these
OTHER_WORDS_KEY = "other-words"  # no slip, though near to a word that may be guessed
SPELLING_KEYS = {NEVER_GUESSED_KEY, OTHER_WORDS_KEY}
GRAMMAR_KEYS = COUNTING_KEYS | DATE_KEYS | ANYWHERE_KEYS | SPELLING_KEYS | {BEGINNINGS_KEY, ENDINGS_KEY}

# The words that may be guessed from a slip: those that only bring something to read. What stores, switches
# off, erases, rings a telephone or answers a question is never guessed, nor is a number or a word of a date.
GUESSED_KEYS = {
    STEP_WORD_KEY,
    *STEP_KEYS.keys() - {"step-10"},  # the police, which is one letter from a policy
    "menu",
    "about",
    "status",
    "more",
    "language",  # only the question which; so does the name of a language
    "help",
    "sos",
    "ask-rights",
    "ask-receipt",
    "hint-sick",
}

ASK_KEYS = {
    "ask-step-or-stop",
    "ask-police-or-policy",
    "ask-entry-or-departure",
    "ask-done-or-stop",
    "ask-done-or-over",
    "ask-no-or-stop",
    "ask-rights",
    "ask-receipt",
    "ask-children",
}
HINT_KEYS = {"hint-rent", "hint-ban", "hint-join", "hint-sick"}
SILENT_KEYS = {
    OTHER_WORDS_KEY,
    ANSWER_KEY,
    "ask-children",
    *HINT_KEYS,
} - GUESSED_KEYS  # name nothing to guess, and bar nothing
