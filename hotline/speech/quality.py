"""What is wrong with a recording, judged as it came from the microphone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hotline.speech.sound import FRAME_S, RATE_HZ, Samples, audible, frame_rms, voiced_dbfs

FULL_SCALE = 0.999
CLIPPED_SHARE = 0.001  # of all samples; one loud vowel that is cut off makes more, a single click less
QUIET_S = 0.1  # the reader is asked for half a second of quiet at both ends
QUIET_BELOW_DB = 25.0  # below the voice; ITU-T G.712 asks telephone coding itself for 33 dB
SHORTEST_SHARE, LONGEST_SHARE = 0.4, 2.5  # of the usual length; people differ by half, another text by more
SLACK_S = 1.0  # for a single word


def faults(samples: Samples, rate_hz: int) -> Iterator[str]:
    """What is wrong with a recording whatever its text; `samples` untrimmed."""
    if not audible(samples):
        yield "silent"
        return
    if rate_hz < RATE_HZ:
        yield f"recorded at {rate_hz} Hz; at least {RATE_HZ} Hz are needed"
    clipped = float(np.mean(np.abs(samples) >= FULL_SCALE))
    if clipped > CLIPPED_SHARE:
        yield f"too loud: {clipped:.1%} of it is cut off at full scale; move back or turn the level down"
    quiet_db = voiced_dbfs(samples, rate_hz) - noise_dbfs(samples, rate_hz)
    if quiet_db < QUIET_BELOW_DB:
        yield (
            f"noise only {quiet_db:.0f} dB below the voice, at least {QUIET_BELOW_DB:.0f} are needed; find a"
            " quieter room, and leave half a second of quiet before and after the words"
        )


def length_faults(seconds: float, usual_s: float) -> Iterator[str]:
    """Whether a recording, trimmed, can be of its text, which usually takes `usual_s`."""
    if seconds < SHORTEST_SHARE * usual_s:
        yield f"too short for its text: {seconds:.1f} s, usual are {usual_s:.1f} s; is something missing?"
    if seconds > LONGEST_SHARE * usual_s + SLACK_S:
        yield f"too long for its text: {seconds:.1f} s, usual are {usual_s:.1f} s"


def noise_dbfs(samples: Samples, rate_hz: int) -> float:
    """The level of the quietest QUIET_S in dB below full scale; of a shorter file, of all of it."""
    power = frame_rms(samples, rate_hz).astype(np.float64) ** 2
    frames = min(round(QUIET_S / FRAME_S), power.size)
    quietest = float(np.convolve(power, np.ones(frames) / frames, mode="valid").min())
    return 10 * float(np.log10(max(quietest, np.finfo(np.float64).tiny)))
