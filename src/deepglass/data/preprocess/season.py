"""Seasons: after how many steps a series repeats, found in the values and told apart from trend and chance.

A random walk wanders in waves that look like seasons, so the question is asked of the innovations: does a wave of
period P help to predict the next value, once the last values and a straight trend have had their say?

    yₜ = a + b·t + Σ φᵢ yₜ₋ᵢ  [+ Σₖ αₖ sin(2πkt/P) + βₖ cos(2πkt/P)]

The number of waves k and the period are those with the largest gain n·ln(SSE₀/SSE₁) less what chance would give
(BIC: ln n a parameter, and the choice among all periods). What repeats only roughly, such as sunspots, has no fixed
phase: it shows as a peak in the spectrum of the autoregression itself.

References:
    Fisher (1929), Tests of Significance in Harmonic Analysis, https://doi.org/10.1098/rspa.1929.0151
    Schwarz (1978), Estimating the Dimension of a Model (BIC), https://doi.org/10.1214/aos/1176344136
    Burg (1967), Maximum Entropy Spectral Analysis
"""

from collections.abc import Iterable

import numpy as np

FEWEST_STEPS = 24  # of a series in which a season is looked for
MOST_STEPS = 12_000  # the last ones are looked at: they hold a year of hours
MOST_LAGS = 12  # of the autoregression
WAVES = 8  # harmonics of a period that may count
PEAKS = 8  # of the spectrum that are looked at, with their multiples
MULTIPLES = (1, 2, 3, 4)  # a season may show most in its second or third harmonic
CYCLES = 2.2  # so many must be there
ADVANTAGE = 10.0  # of a period that the time step proposes, such as 12 months, on the scale of the gain
TIE = 6.0  # in gain, within which the half or the third of a period is the better answer
JITTER = 0.02  # deviations of noise that are added: without any noise everything is predictable from its past
SHARPNESS = 4.0  # of the peak of a spectrum: its height over that of the lowest frequency
SAME = 0.01  # relative, within which a period is one that the time step proposes
ADDED = 0.02  # of the variance that a further season must explain


def seasons_of(values: np.ndarray, proposed: Iterable[int] = ()) -> list[int]:
    """The seasons of one series, the strongest first; empty where nothing repeats.

    Args:
        values: (T,), gaps as NaN.
        proposed: Periods that the time step suggests: 24 for hours, 12 for months.

    Example:
        >>> wave = np.sin(np.arange(600) * 2 * np.pi / 97) + np.random.default_rng(0).normal(size=600) / 2
        >>> seasons_of(wave)
        [97]
    """
    x = _prepared(values)
    if x is None:
        return []
    proposed = [period for period in dict.fromkeys(proposed) if 2 <= period <= len(x) / 2]
    first = _Innovations(x).best(proposed)
    if first is None:
        return _rough_season(x)
    season = _near(first, proposed)
    rest = x - _folded(x, season)
    second = _Innovations(rest).best(proposed)
    if second is None or _folded(rest, _near(second, proposed)).var() < ADDED * x.var():
        return [season]
    other = _near(second, proposed)
    return [season] if season % other == 0 else [season, other]


def _near(period: float, proposed: list[int]) -> int:
    """A whole number of steps: the proposed one where the period is as good as that."""
    return next((other for other in proposed if abs(period / other - 1) < SAME), round(period))


def _prepared(values: np.ndarray) -> np.ndarray | None:
    """The last values in deviations, gaps filled along straight lines; None where there is nothing to see."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST_STEPS:
        return None
    values = values[known[0] : known[-1] + 1]
    steps, known = np.arange(len(values)), np.flatnonzero(np.isfinite(values))
    x = np.interp(steps, known, values[known])[-MOST_STEPS:]
    spread = x.std()
    if not spread > 1e-12 * np.abs(x).max():
        return None
    return (x - x.mean()) / spread + JITTER * np.random.default_rng(0).normal(size=len(x))


class _Innovations:
    """What an autoregression with a straight trend leaves unexplained of a series, and how much waves explain of it."""

    def __init__(self, x: np.ndarray):
        self.x, self.steps = x, len(x)
        self.lags = min(MOST_LAGS, max(2, len(x) // 25))
        times = np.arange(self.steps) / self.steps
        past = [np.append(np.zeros(lag), x[:-lag]) for lag in range(1, self.lags + 1)]
        design = np.stack([np.ones(self.steps), times, *past], axis=1)[self.lags :]
        self.basis = np.linalg.qr(design)[0]
        self.rest = x[self.lags :] - self.basis @ (self.basis.T @ x[self.lags :])
        self.count, self.error = len(self.rest), float(self.rest @ self.rest)

    def best(self, proposed: list[int]) -> float | None:
        """The period with the largest gain, refined; None where no gain is more than chance."""
        gains = {period: self.gain(period) for period in self._peaks()}
        gains |= {period: self.gain(period) + ADVANTAGE for period in proposed}
        period = max(gains, key=lambda period: gains[period], default=None)
        if period is None or gains[period] <= 0:
            return None
        if period in proposed:
            return period
        parts = (self._refined(period / k) for k in (2, 3) if period / k >= 2.5)
        found = next((part for part in parts if self.gain(part) > gains[period] - TIE), None)
        return self._refined(period) if found is None else found

    def gain(self, period: float) -> float:
        """BIC of the series less that with waves of a period, for the best number of waves."""
        likelihood = self._likelihood(period)
        waves = np.arange(1, len(likelihood) + 1)
        return float((likelihood - 2 * waves * np.log(self.count)).max() - 2 * np.log(self.count))

    def _likelihood(self, period: float, most: int = WAVES) -> np.ndarray:
        """n·ln(SSE₀/SSE₁) with 1, 2, … waves, `most` at most."""
        waves = min(most, max(1, int(np.ceil(period / 2)) - 1))
        first = np.exp(2j * np.pi / period * np.arange(self.lags, self.steps))  # (n,), its powers are the overtones
        pairs, wave = np.empty((2 * waves, self.count)), first
        for k in range(waves):  # sin, cos, sin, cos, …
            pairs[2 * k], pairs[2 * k + 1] = wave.imag, wave.real
            wave = wave * first
        pairs -= (pairs @ self.basis) @ self.basis.T
        gram, explained = pairs @ pairs.T, pairs @ self.rest
        root = np.linalg.cholesky(gram + 1e-9 * self.count * np.eye(len(gram)))
        sizes = np.linalg.solve(root, explained) ** 2  # what each adds to those before it
        left = np.maximum(self.error - np.cumsum(sizes)[1::2], 1e-12 * self.error)
        return self.count * np.log(self.error / left)

    def _peaks(self) -> list[float]:
        """Periods of the highest peaks in the spectrum, by height and above their surroundings, and their multiples."""
        x = self.x - np.polyval(np.polyfit(times := np.arange(self.steps), self.x, 1), times)
        size = 8 * self.steps
        power = np.log(np.abs(np.fft.rfft(x * np.hanning(self.steps + 2)[1:-1], size)) ** 2 + 1e-30)
        frequency = np.arange(len(power)) / size
        inner = np.arange(max(1, int(np.ceil(CYCLES * 8))), len(power) - 1)
        periods: dict[float, None] = {}
        for height in (power, power - _background(frequency, power)):
            peaks = inner[(height[inner] >= height[inner - 1]) & (height[inner] >= height[inner + 1])]
            for peak in peaks[np.argsort(-height[peaks])[:PEAKS]]:
                periods |= dict.fromkeys(k / float(frequency[peak]) for k in MULTIPLES)
        return [period for period in periods if 2.5 <= period <= self.steps / CYCLES]

    def _refined(self, period: float) -> float:
        """The period near by that explains most, with as many waves as count."""
        likelihood = self._likelihood(period)
        waves = int(np.argmax(likelihood - 2 * np.arange(1, len(likelihood) + 1) * np.log(self.count))) + 1
        for reach in (0.02, 0.004, 0.001):
            near = period * (1 + np.linspace(-reach, reach, 11))
            period = float(near[np.argmax([self._likelihood(other, waves)[-1] for other in near])])
        return period


def _background(frequency: np.ndarray, power: np.ndarray) -> np.ndarray:
    """The smooth course of a log spectrum: medians in bands of equal ratio, joined by lines."""
    log = np.log(np.maximum(frequency, frequency[1]))
    edges = np.linspace(log[1], log[-1], 12)
    band = np.clip(np.digitize(log, edges) - 1, 0, len(edges) - 2)
    middle = np.array([np.median(power[band == i]) if (band == i).any() else np.nan for i in range(len(edges) - 1)])
    there = np.isfinite(middle)
    return np.interp(log, ((edges[1:] + edges[:-1]) / 2)[there], middle[there])


def _folded(x: np.ndarray, season: int) -> np.ndarray:
    """The mean course of a season, again and again (T,)."""
    phase = np.arange(len(x)) % season
    return (np.bincount(phase, x) / np.bincount(phase))[phase]


def _rough_season(x: np.ndarray) -> list[int]:
    """The period at which the spectrum of an autoregression has a sharp peak; none where it falls from the start."""
    lags = min(2 * MOST_LAGS, len(x) // 8)
    past = np.stack([x[lags - lag : len(x) - lag] for lag in range(1, lags + 1)], axis=1)
    design = np.column_stack([np.ones(len(past)), past])
    weights = np.linalg.solve(design.T @ design + 1e-3 * len(past) * np.eye(lags + 1), design.T @ x[lags:])[1:]
    frequency = np.linspace(CYCLES / len(x), 0.5, 2_000)
    response = np.abs(1 - np.exp(-2j * np.pi * np.outer(frequency, np.arange(1, lags + 1))) @ weights) ** -2
    peak = int(np.argmax(response))
    rest = x[lags:] - design[:, 1:] @ weights - x[lags:].mean()
    explained = 1 - rest.var() / max(x.var(), 1e-12)
    if 0 < peak < len(frequency) - 1 and response[peak] > SHARPNESS * response[0] and explained > 0.5:
        return [round(1 / frequency[peak])]
    return []
