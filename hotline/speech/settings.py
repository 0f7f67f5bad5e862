"""What speaks, and how fast: the settings HOTLINE_SPEECH…, read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hotline.people.call_limits import whole

SPEECH_COMMAND = "HOTLINE_SPEECH_COMMAND"
SLOWEST_PERCENT, FASTEST_PERCENT = 60, 150  # 90 to 225 words a minute; espeak-ng itself goes down to 80


class SpeechSettingError(ValueError):
    """A setting that cannot be used; the message names it."""


def read_commands(
    settings: Mapping[str, str], is_language: Callable[[str], bool]
) -> tuple[tuple[str, str], ...]:
    """The commands of single languages, `HOTLINE_SPEECH_COMMAND_KY`, by language code."""
    commands = []
    for name, command in sorted(settings.items()):
        code = name.removeprefix(f"{SPEECH_COMMAND}_").lower()
        if not name.startswith(f"{SPEECH_COMMAND}_"):
            continue
        if not is_language(code):
            raise SpeechSettingError(f"{name}: there is no prompts/{code}/language.toml")
        commands.append((code, command))
    return tuple(commands)


def read_speed(settings: Mapping[str, str]) -> int:
    """HOTLINE_SPEECH_SPEED in percent of the usual speed."""
    raw = settings.get("HOTLINE_SPEECH_SPEED", "100")
    percent = whole(raw)
    if percent is None or not SLOWEST_PERCENT <= percent <= FASTEST_PERCENT:
        wanted = f"a percentage from {SLOWEST_PERCENT} to {FASTEST_PERCENT}"
        raise SpeechSettingError(f"HOTLINE_SPEECH_SPEED: '{raw[:20]}' is not {wanted}")
    return percent
