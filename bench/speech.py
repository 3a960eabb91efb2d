"""Spoken digits: the official split, a speaker who was never heard, and digits joined to sentences.

    python -m bench.speech                                  # all parts, three seeds
    python -m bench.speech --only official --seeds 0 1 2
    python -m bench.speech --only unseen joined --seeds 0   # six trainings of words, seven of sentences

`official` learns recordings 5 to 14 of each digit and speaker (14 chooses the epoch) and is tested on 0 to 4, as the
origin divides them. `unseen` leaves one speaker out of training altogether, each of six in turn. `joined` puts three to
seven recordings of one speaker behind each other, with pauses and other speeds, and counts wrong words: of known
speakers, by recordings of which none was learnt from, and of speakers who were never heard. Seconds are the
processor's, of a whole training with its report. Results are kept in bench/results/speech.json.
"""

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import deepglass as dg
from bench import records
from deepglass.core.mel import resampled
from deepglass.core.sound_files import decoded

RESULTS = Path(__file__).resolve().parent / "results" / "speech.json"
DATA = RESULTS.parents[3] / "shared" / "data" / "free-spoken-digits" / "recordings"
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TESTED, CHOOSES = range(5), 14  # indices of recordings
RATE = 8_000
SENTENCES = {"train": 100, "val": 10, "test": 20}  # of each speaker
PAUSE_SECONDS, SPEEDS, DIGITS = (0.05, 0.35), (0.9, 1.1), (3, 8)
SPOKEN = {"centre": True, "threads": 1, "split_column": "split"}


def main() -> None:
    parts = {"official": official, "unseen": unseen, "joined": joined}
    records.measure_parts(RESULTS, parts, __doc__ or "")


def official(seed: int) -> Iterator[dict[str, Any]]:
    """Accuracy on recordings 0 to 4 of speakers who are known."""
    rows = [(path, digit, speaker, _split(index)) for path, digit, speaker, index in recordings()]
    yield {"seed": seed, **words_learnt(rows, seed)}


def unseen(seed: int) -> Iterator[dict[str, Any]]:
    """Accuracy on all recordings of a speaker who was never heard."""
    for held in SPEAKERS:
        rows = [
            (path, digit, speaker, "test" if speaker == held else "val" if index == CHOOSES else "train")
            for path, digit, speaker, index in recordings()
        ]
        yield {"seed": seed, "speaker": held, **words_learnt(rows, seed)}


def joined(seed: int) -> Iterator[dict[str, Any]]:
    """Word error rate of sentences: of known speakers, then of each as one who was never heard."""
    for held in (None, *SPEAKERS):
        yield {"seed": seed, "speaker": held or "known", **sentences_learnt(held, seed)}


def words_learnt(rows: list[tuple[Path, str, str, str]], seed: int) -> dict[str, Any]:
    """One training of single words."""
    with tempfile.TemporaryDirectory() as folder:
        table = written(Path(folder) / "digits.csv", "digit", rows)
        before = records.processor_seconds()
        run = dg.train(
            str(table), run=Path(folder) / "run", task="sound-classification", target="digit", seed=seed, **SPOKEN
        )
        test = run.metrics["test"]
        return summary(run, before) | {"accuracy": test["accuracy"]["value"], "interval": test["accuracy"]}


def sentences_learnt(held: str | None, seed: int) -> dict[str, Any]:
    """One training of sentences."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for speaker in SPEAKERS:
            splits = ("test",) if speaker == held else ("train", "val") if held else ("train", "val", "test")
            for split in splits:
                takes = [
                    (path, digit)
                    for path, digit, who, index in recordings()
                    if who == speaker and (held is not None or (_split(index) == "test") == (split == "test"))
                ]
                for i in range(SENTENCES[split] * (3 if held and split == "test" else 1)):
                    path = Path(folder) / f"{split}-{speaker}-{i}.wav"
                    rows.append((path, said(path, takes, rng), speaker, split))
        table = written(Path(folder) / "sentences.csv", "transcript", rows)
        before = records.processor_seconds()
        run = dg.train(str(table), run=Path(folder) / "run", task="speech-recognition", seed=seed, **SPOKEN)
        test = run.metrics["test"]
        found = {name: test[name]["value"] for name in ("word_error_rate", "sentences_right")}
        return summary(run, before) | found | {"interval": test["word_error_rate"], "words": test["details"]["words"]}


def said(path: Path, takes: list[tuple[Path, str]], rng: np.random.Generator) -> str:
    """Write a sentence of recordings drawn at random; what is said in it."""
    import soundfile

    chosen = rng.integers(0, len(takes), rng.integers(*DIGITS))
    pieces = []
    for place in chosen:
        speed = rng.uniform(*SPEEDS)
        sound = resampled(decoded(takes[place][0].read_bytes(), 10).samples, round(RATE * speed), RATE)
        pieces += [np.zeros(int(rng.uniform(*PAUSE_SECONDS) * RATE), np.float32), sound]
    whole = np.concatenate(pieces) + rng.normal(0, 1e-4, sum(map(len, pieces)))
    soundfile.write(path, whole, RATE)
    return " ".join(takes[place][1] for place in chosen)


def summary(run: Any, before: float) -> dict[str, Any]:
    """What every record says."""
    return {
        "model": run.config["model"]["name"] if isinstance(run.config["model"], dict) else run.config["model"],
        "parameters": sum(parameter.numel() for parameter in run.network.parameters()),
        "epochs": len(run.history),
        "precision": run.config["train"]["precision"],
        "cpu_seconds": round(records.processor_seconds() - before, 1),
        "test_count": run.metrics["test"]["count"],
    }


def recordings() -> list[tuple[Path, str, str, int]]:
    """Every recording: its file, its digit in letters, who speaks, and its index."""
    found = []
    for path in sorted(DATA.glob("*.wav")):
        digit, speaker, index = path.stem.split("_")
        found.append((path, NAMES[int(digit)], speaker, int(index)))
    return found


def written(path: Path, target: str, rows: list[tuple[Path, str, str, str]]) -> Path:
    """A table of sounds."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("file", target, "speaker", "split"), *rows])
    return path


def _split(index: int) -> str:
    return "test" if index in TESTED else "val" if index == CHOOSES else "train"


if __name__ == "__main__":
    main()
