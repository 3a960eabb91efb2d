"""Conversations: how often the right reply is found among ten, and what tuning with few parameters costs.

    python -m bench.dialogue            # about nine minutes of the processor for three seeds

`retrieval`: the dialogues of self-dialogue, of which a fifth is the test; each reply among nine others of the same
topic. Beside the two encoders, TF-IDF and BM25 over the last 1, 2, 4 or 6 turns, as validation prefers, and the
fusion of the ranks of encoders and BM25 (Cormack, Clarke & Buettcher 2009, https://doi.org/10.1145/1571941.1572114).

`tuning`: a language model of Shakespeare's plays learns small talk, all of its weights, or changes of rank 8 with
the vectors of tokens, since the marks of speakers are new to it.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import deepglass as dg
from bench.records import Record, measure_parts, processor_seconds
from deepglass.data.datasets import small_talk
from deepglass.data.reading import dialogues
from deepglass.evaluate.metrics import retrieval as metrics
from deepglass.runs.again import own_job

RESULTS = Path(__file__).parent / "results" / "dialogue.json"
DATA = RESULTS.parents[3] / "shared" / "data" / "self-dialogue" / "dialogues.jsonl"
QUICK = {"device": "cpu", "threads": 1, "precision": "float32", "compile": "off"}
RATES = (1e-2, 3e-2)  # of a tuning; the validation part chooses
FUSION = 60  # of the fusion of ranks, as in the paper


def retrieval(seed: int) -> Iterator[Record]:
    """Two encoders, and what knows words alone."""
    with tempfile.TemporaryDirectory() as folder:
        began = processor_seconds()
        run = dg.train(DATA, run=f"{folder}/run", task="retrieval", epochs=4, seed=seed, **QUICK)
        spent = processor_seconds() - began
        parts: Any = own_job(run).prepared
        found = {"dual-encoder": run.task.outputs(run.model, parts.test).predictions}
        methods = own_job(run).task.simple_methods()
        for kind in ("TF-IDF", "BM25"):
            own = {name: method(parts.val) for name, method in methods.items() if name.startswith(kind)}
            best = max(own, key=lambda name: (1 / metrics.ranks(own[name])).mean())
            found[kind] = methods[best](parts.test)
        found["dual-encoder and BM25, fused"] = fused(found["dual-encoder"], found["BM25"])
        chosen = round(run.metrics["val"]["recall_at_1"]["value"], 4)
        of_training = {"val_recall_at_1": chosen, "training_processor_seconds": round(spent, 1)}
        for model, scores in found.items():
            scored = metrics.evaluate(scores)
            yield {
                "seed": seed,
                "model": model,
                "replies": scored["count"],
                "recall_at_1": round(scored["recall_at_1"]["value"], 4),
                "interval": [round(scored["recall_at_1"][end], 4) for end in ("low", "high")],
                "recall_at_5": round(scored["recall_at_5"]["value"], 4),
                "reply_mrr": round(scored["reply_mrr"]["value"], 4),
            } | (of_training if model == "dual-encoder" else {})


def tuning(seed: int) -> Iterator[Record]:
    """A language model of Shakespeare's plays learns small talk: all of its weights, or low-rank changes."""
    with tempfile.TemporaryDirectory() as folder:
        base = {"tokens": "byte-pairs", "vocab_size": 512, "num_layers": 2, "embed_dim": 48, "context": 96, "epochs": 1}
        start = {"task": "language-modelling", "model": "llama", "seed": seed} | base
        dg.train("shakespeare", run=f"{folder}/base", **start, **QUICK)
        talk = dialogues.layout(small_talk.dialogues(400, seed=seed), "talk")
        for rank in (None, 8):
            began = processor_seconds()
            more = {} if rank is None else {"lora": rank}
            runs = [
                dg.train(talk, run=f"{folder}/{rank}-{rate}", task="dialogue", pretrained=f"{folder}/base", context=96,
                         epochs=4, learning_rate=rate, seed=seed, **more, **QUICK)
                for rate in RATES
            ]  # fmt: skip
            run = min(runs, key=lambda one: one.metrics["val"]["loss"]["value"])
            total = sum(p.numel() for p in run.model.parameters())
            layers = run.folder.read("environment.json")["pretrained"].get("layers", "")
            yield {
                "seed": seed,
                "lora": rank or "all weights",
                "learning_rate": run.config["train"]["learning_rate"],
                "learnt": int(re.findall(r": ([\d,]+) numbers", layers)[0].replace(",", "")) if layers else total,
                "parameters": total,
                "perplexity": round(run.metrics["test"]["perplexity"]["value"], 3),
                "loss": round(run.metrics["test"]["loss"]["value"], 4),
                "interval": [round(run.metrics["test"]["loss"][end], 4) for end in ("low", "high")],
                "processor_seconds": round(processor_seconds() - began, 1),
            }


def fused(*scores: np.ndarray) -> np.ndarray:
    """(N, C) the sum of 1 / (60 + rank) over several scores (N, C)."""
    return sum((1 / (FUSION + (-one).argsort(axis=1, kind="stable").argsort(axis=1) + 1) for one in scores), start=0.0)  # type: ignore[return-value]


if __name__ == "__main__":
    measure_parts(RESULTS, {"retrieval": retrieval, "tuning": tuning}, __doc__ or "")
