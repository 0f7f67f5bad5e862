"""Sounds placed in a call's time (pure)."""

from dataclasses import dataclass, field

from hotline.exchange.twiml.verbs import Pause, Say

# About 150 words a minute: an estimate, good enough for the carrier's own words; a Play is measured.
_LETTERS_PER_S = 14.0


@dataclass(frozen=True)
class Sounding:
    """One sound in the queue: kind play, say or pause; when it starts and how long it lasts, in call seconds.

    length_s covers all times it is repeated. key finds its samples (play only).
    """

    kind: str
    starts_at_s: float
    length_s: float
    times: int = 1
    url: str | None = None
    caption: str | None = field(default=None, repr=False)
    key: str | None = None

    @property
    def ends_at_s(self) -> float:
        return self.starts_at_s + self.length_s

    def as_facts(self) -> dict[str, object]:
        """What a transcript tells of it."""
        return {
            "what": self.kind,
            "url": self.url,
            "caption": self.caption,
            "starts_at_s": round(self.starts_at_s, 3),
            "length_s": round(self.length_s, 3),
            "times": self.times,
        }


def cut(sounding: Sounding, at_s: float) -> float:
    """Seconds of a sound that were heard if everything stopped at call second at_s."""
    return min(max(at_s - sounding.starts_at_s, 0.0), sounding.length_s)


def place(prompt: Say | Pause, starts_at_s: float) -> Sounding:
    """A pause or a spoken text (its length estimated) at its place in the call."""
    if isinstance(prompt, Pause):
        return Sounding("pause", starts_at_s, prompt.length_s)
    length_s = len(prompt.text) / _LETTERS_PER_S * prompt.times
    return Sounding("say", starts_at_s, length_s, prompt.times, caption=prompt.text)
