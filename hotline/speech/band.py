"""The band of the telephone: what a line would cut anyway is taken out before the sound is levelled."""

from __future__ import annotations

import numpy as np

from hotline.speech.sound import RATE_HZ, Samples

LOWEST_HZ = 300.0  # ITU-T G.712: what a telephone channel carries
HIGHEST_HZ = 3400.0
TAPS = 257  # 32 ms; the edge is then about 100 Hz wide (3.3 * rate / taps for a Hamming window)
INSET_HZ = 35.0  # the edge falls off inside the band, so that little is left outside


def telephone_band(samples: Samples) -> Samples:
    """The sound at RATE_HZ without what lies outside the band; as long as before, nothing moved in time."""
    return np.convolve(samples, _KERNEL, mode="full")[TAPS // 2 : TAPS // 2 + samples.size]


def outside_db(samples: Samples) -> float:
    """The energy outside the band in dB against the energy of all of the sound, at RATE_HZ."""
    energy = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(samples.size, 1 / RATE_HZ)
    outside = energy[(hz < LOWEST_HZ) | (hz > HIGHEST_HZ)].sum()
    return float(10 * np.log10(max(outside / energy.sum(), np.finfo(np.float64).tiny)))


def _low_pass(edge_hz: float) -> Samples:
    """An ideal low-pass filter, cut to TAPS."""
    at = np.arange(TAPS) - TAPS // 2
    share = 2 * edge_hz / RATE_HZ
    kernel: Samples = (share * np.sinc(share * at)).astype(np.float32)
    return kernel


_KERNEL = (_low_pass(HIGHEST_HZ - INSET_HZ) - _low_pass(LOWEST_HZ + INSET_HZ)) * np.hamming(TAPS).astype(
    np.float32
)
