"""Sound as a network sees it: how strong each band of pitches is, a hundred times per second.

    waveform ── windows of 25 ms, every 10 ms ── spectrum of each ── bands of the mel scale ── logarithm ── (T, M)

Ears tell 200 Hz from 300 Hz easily and 7,000 from 7,100 hardly at all; the bands of the mel scale are as wide as that.
They also hear ratios and not differences of loudness, hence the logarithm. NumPy alone: this very file is a part of
`deploy/runtime` too.

References:
    Davis & Mermelstein (1980), Comparison of parametric representations for monosyllabic word recognition,
    https://doi.org/10.1109/TASSP.1980.1163420 (bands of the mel scale for speech)
    Smith (2002), Digital Audio Resampling, https://ccrma.stanford.edu/~jos/resample/ (the windowed sinc)
"""

import numpy as np

WINDOW_SECONDS, HOP_SECONDS = 0.025, 0.010  # of speech: a window holds two periods of a low voice
LOWEST_HZ = 20.0
FLOOR = 1e-8  # of the strength of a band: below the rounding noise of 16 bits, so that silence is not minus infinity
BEHIND = -1000.0  # stands in frames behind the end of a sound: no logarithm of a loudness is so low
ZEROS = 16  # crossings of the sinc on each side: more is sharper and slower
ROLL_OFF = 0.95  # of the highest pitch that the lower rate can hold: above, the filter lets nothing through
AT_ONCE = 8_192  # new samples that are made together


def log_mel(waveform: np.ndarray, sample_rate: int, num_bands: int = 40) -> np.ndarray:
    """ln of the strength of each mel band in each window.

    Args:
        waveform: Between -1 and 1.
        sample_rate: Numbers per second.
        num_bands: Bands M.

    Shape:
        - waveform: (samples,)
        - output: (T, M) float32, T = 1 + samples // hop

    Example:
        >>> log_mel(np.zeros(8000, np.float32), 8000).shape
        (101, 40)
    """
    width, hop = round(WINDOW_SECONDS * sample_rate), round(HOP_SECONDS * sample_rate)
    n_fft = 1 << (width - 1).bit_length()
    padded = np.pad(waveform, width // 2)
    padded = np.pad(padded, (0, max(0, width - len(padded))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[::hop]  # (T, width)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(width) / width)
    power = np.abs(np.fft.rfft(windows * hann, n_fft)) ** 2  # (T, n_fft / 2 + 1)
    return np.log(np.maximum(power @ mel_filters(sample_rate, n_fft, num_bands).T, FLOOR)).astype(np.float32)


def mel_filters(sample_rate: int, n_fft: int, num_bands: int) -> np.ndarray:
    """(M, n_fft / 2 + 1) triangles whose tips are equally far apart on the mel scale; neighbours meet at half."""
    edges = hertz(np.linspace(mel(LOWEST_HZ), mel(sample_rate / 2), num_bands + 2))
    pitches = np.linspace(0, sample_rate / 2, n_fft // 2 + 1)
    rising = (pitches - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - pitches) / np.diff(edges)[1:, None]
    return np.maximum(0, np.minimum(rising, falling))


def mel(hertz: np.ndarray | float) -> np.ndarray:
    """Pitches as ears space them: nearly even up to 700 Hz, then by their logarithm."""
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def hertz(mel: np.ndarray) -> np.ndarray:
    """The way back from `mel`."""
    return 700 * (10 ** (mel / 2595) - 1)


def resampled(waveform: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """The same sound with another number of samples per second; pitches that it cannot hold are filtered out.

    Each new sample is a mean of the old ones around its time, weighted by a windowed sinc.

    Shape:
        - waveform: (n,)
        - output: (n · wanted / rate,) float32
    """
    if rate == wanted:
        return waveform.astype(np.float32)
    common = np.gcd(rate, wanted)
    up, down = wanted // common, rate // common  # new sample k lies at k · down / up old ones
    cutoff = ROLL_OFF * min(1.0, wanted / rate)
    reach = int(np.ceil(ZEROS / cutoff))
    count = -(-len(waveform) * up // down)
    padded = np.pad(waveform.astype(np.float64), (reach, reach + down))
    taps = np.arange(-reach, reach + 1)
    phases = np.arange(min(up, count))  # new samples of a phase lie alike between old ones and share their weights
    away = taps - (phases * down % up / up)[:, None]  # (phases, taps)
    window = np.where(np.abs(away) <= reach, 0.5 + 0.5 * np.cos(np.pi * away / reach), 0)
    weights = cutoff * np.sinc(cutoff * away) * window
    made = np.zeros(count)
    for begin in range(0, count, AT_ONCE):
        new = np.arange(begin, min(begin + AT_ONCE, count))
        old = (new * down // up)[:, None] + taps + reach  # (n, taps) places in the padded sound
        made[new] = (weights[new % up] * padded[old]).sum(axis=1)
    return made.astype(np.float32)
