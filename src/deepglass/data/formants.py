"""A robot that speaks: words as strings of sounds, each a few resonances of a throat, or noise of some pitch.

    phonemes ── resonances and loudness over time ── harmonics of a voice, as loud as the resonances ── + noise ── sound

A vowel is known by the lowest two or three pitches at which the throat resounds, its formants, whoever speaks and
however high. A shorter throat moves all of them up; a voice has its own pitch and pace. Crude, and enough that words
sound different and voices sound different.

References:
    Peterson & Barney (1952), Control methods used in a study of the vowels, https://doi.org/10.1121/1.1906875 (the
    formants of men's vowels)
    Klatt (1980), Software for a cascade/parallel formant synthesizer, https://doi.org/10.1121/1.383940
"""

from dataclasses import dataclass

import numpy as np

SAMPLE_RATE = 8_000
WIDTHS = (60.0, 90.0, 150.0)  # of the resonances, in Hz
GAINS = (1.0, 0.6, 0.3)
GLIDE = 0.035  # seconds over which one sound turns into the next
FALL = 0.15  # by how much the pitch falls over a word, as a share
VOWELS = {  # resonances in Hz
    "i": (270, 2290, 3010), "e": (530, 1840, 2480), "a": (730, 1090, 2440), "o": (570, 840, 2410),
    "u": (300, 870, 2240), "@": (500, 1500, 2500),
}  # fmt: skip
VOICED = {  # consonants with a voice: resonances, and how loud beside a vowel
    "n": ((250, 1450, 2500), 0.35), "m": ((250, 1000, 2200), 0.35), "l": ((360, 1200, 2700), 0.5),
    "r": ((400, 1100, 1500), 0.5), "w": ((300, 700, 2200), 0.4), "y": ((280, 2200, 2900), 0.4),
}  # fmt: skip
NOISES = {  # middle and width in Hz, loudness, seconds, and whether silence comes before
    "s": (3600, 500, 0.20, 0.11, False), "f": (2000, 1500, 0.06, 0.09, False), "h": (1200, 700, 0.08, 0.06, False),
    "t": (3400, 600, 0.30, 0.03, True), "p": (700, 500, 0.25, 0.03, True), "k": (1800, 400, 0.30, 0.04, True),
}  # fmt: skip
VOWEL_SECONDS, VOICED_SECONDS, CLOSURE_SECONDS = 0.11, 0.06, 0.05
WORDS = {  # what the robot can say
    "yes": "yes", "no": "nou", "stop": "stap", "go": "kou", "left": "left", "right": "rait", "up": "@p", "down": "taun",
}  # fmt: skip


@dataclass(frozen=True)
class Voice:
    """Who speaks: pitch in Hz, `throat` by which all resonances are multiplied, pace, and how breathy."""

    pitch: float
    throat: float
    pace: float
    breath: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Voice":
        """Somebody: the higher voice has, as a rule, the shorter throat."""
        height = rng.uniform(0, 1)
        return cls(
            pitch=95 + 125 * height + rng.normal(0, 8),
            throat=0.9 + 0.22 * height + rng.normal(0, 0.03),
            pace=rng.uniform(0.85, 1.2),
            breath=rng.uniform(0.002, 0.01),
        )


def word(name: str, voice: Voice, rng: np.random.Generator) -> np.ndarray:
    """(n,) one of `WORDS`, never twice alike, at `SAMPLE_RATE`."""
    parts = [_timed(phoneme, voice, rng) for phoneme in WORDS[name]]
    ends = np.cumsum([seconds for *_, seconds in parts])
    times = np.arange(int(ends[-1] * SAMPLE_RATE)) / SAMPLE_RATE
    middles = ends - np.array([seconds for *_, seconds in parts]) / 2
    formants = np.stack([np.interp(times, middles, [part[0][j] for part in parts]) for j in range(3)])
    edges = _steps(times, ends, [part[1] for part in parts])
    return _finished(_voiced(formants, edges, voice, rng) + _noisy(times, ends, parts, rng), voice, rng)


def sentence(names: list[str], voice: Voice, rng: np.random.Generator) -> np.ndarray:
    """(n,) several words with short pauses between them."""
    pieces = []
    for name in names:
        pieces += [_pause(0.03, 0.2, voice, rng), word(name, voice, rng)]
    return np.concatenate([*pieces, _pause(0.05, 0.2, voice, rng)])


def _timed(phoneme: str, voice: Voice, rng: np.random.Generator) -> tuple[tuple, float, tuple | None, float]:
    """Resonances, loudness of the voice, noise, and seconds of a sound of speech."""
    spread = voice.throat * rng.normal(1, 0.025, 3)
    stretch = rng.uniform(0.85, 1.2) / voice.pace
    if phoneme in VOWELS:
        return tuple(VOWELS[phoneme] * spread), 1.0, None, VOWEL_SECONDS * stretch
    if phoneme in VOICED:
        formants, loudness = VOICED[phoneme]
        return tuple(formants * spread), loudness, None, VOICED_SECONDS * stretch
    noise = NOISES[phoneme]
    seconds = (noise[3] + CLOSURE_SECONDS * noise[4]) * stretch
    return tuple(VOWELS["@"] * spread), 0.0, noise, seconds


def _steps(times: np.ndarray, ends: np.ndarray, loudness: list[float]) -> np.ndarray:
    """Loudness over time, turning from one to the next within `GLIDE`."""
    plain = np.array(loudness)[np.searchsorted(ends, times, side="right").clip(max=len(ends) - 1)]
    width = max(1, int(GLIDE * SAMPLE_RATE))
    window = np.hanning(width + 2)[1:-1]
    return np.convolve(plain, window / window.sum(), mode="same")


def _voiced(formants: np.ndarray, loudness: np.ndarray, voice: Voice, rng: np.random.Generator) -> np.ndarray:
    """The harmonics of the voice, each as loud as the throat lets it be."""
    n = len(loudness)
    pitch = voice.pitch * rng.normal(1, 0.04) * (1 - FALL * np.linspace(-0.5, 0.5, n))
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    made = np.zeros(n)
    for k in range(1, int(SAMPLE_RATE / 2 / pitch.max())):
        heard = sum(
            gain / (1 + ((k * pitch - formant) / width) ** 2) for gain, formant, width in zip(GAINS, formants, WIDTHS)
        )
        made += heard * np.sin(k * phase) / np.sqrt(k)
    return 0.35 * loudness * made


def _noisy(times: np.ndarray, ends: np.ndarray, parts: list, rng: np.random.Generator) -> np.ndarray:
    """The hisses and bursts, each at its place."""
    made = np.zeros(len(times))
    for end, (_, _, noise, seconds) in zip(ends, parts):
        if noise is None:
            continue
        middle, width, loudness, own, _ = noise
        count = max(8, int(min(own, seconds) * SAMPLE_RATE))
        stop = min(len(times), int(end * SAMPLE_RATE))
        start = max(0, stop - count)
        hiss = np.fft.rfft(rng.normal(0, 1, stop - start))
        pitches = np.fft.rfftfreq(stop - start, 1 / SAMPLE_RATE)
        shaped = np.fft.irfft(hiss * np.exp(-0.5 * ((pitches - middle) / width) ** 2), stop - start)
        made[start:stop] += loudness * shaped / max(shaped.std(), 1e-9) * np.hanning(stop - start) * 0.5
    return made


def _finished(sound: np.ndarray, voice: Voice, rng: np.random.Generator) -> np.ndarray:
    """As loud as chance has it, with breath."""
    level = rng.uniform(0.15, 0.6) / max(float(np.abs(sound).max()), 1e-9)
    return (level * sound + voice.breath * rng.normal(0, 1, len(sound))).clip(-1, 1).astype(np.float32)


def _pause(least: float, most: float, voice: Voice, rng: np.random.Generator) -> np.ndarray:
    count = int(rng.uniform(least, most) * SAMPLE_RATE / voice.pace)
    return (voice.breath * rng.normal(0, 1, count)).astype(np.float32)
