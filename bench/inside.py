"""What is found inside language models that learn here, in minutes on two cores.

    python -m bench.inside                     # both parts, seeds 0 to 2
    python -m bench.inside --only induction --seeds 0

induction   a Transformer of two layers of attention and nothing else, with rotary positions, learns random tokens that
            repeat, in rounds of many lengths: the score of its best induction head, and the loss of what is new and of
            what is repeated (with learnt positions it repeats as well, but looks at many places at once: score 0.04)
features    a character GPT learns Shakespeare; a sparse autoencoder takes the stream in its middle apart: the variance
            that 20 features at once explain on text that neither has learnt from
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import deepglass as dg
from bench.made_with import made_with
from deepglass.core import files
from deepglass.core.console import console
from deepglass.explain.methods import induction
from deepglass.explain.methods.attention import attentions
from deepglass.models.llama import Config, Llama

RESULTS = Path(__file__).resolve().parent / "results" / "inside.json"
VOCABULARY, CONTEXT, TEXTS, STEPS, RATE = 64, 64, 64, 3_000, 3e-3
ENOUGH = 0.95  # of the score, at which no more steps are taken
LOOK = 100  # steps between two looks


def main() -> None:
    """Measure what was asked for; each part is kept as soon as it is there."""
    parts = {"induction": learnt_induction, "features": features}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    asked, kept = parser.parse_args(), files.read_json(RESULTS) if RESULTS.exists() else {}
    console.mode = "quiet"
    for name in asked.only:
        kept[name] = [record for record in kept.get(name, []) if record["seed"] not in asked.seeds]
        for seed in asked.seeds:
            kept[name].append(parts[name](seed))
            kept["environment"] = made_with()
            files.write_json(RESULTS, kept)
            print(kept[name][-1], flush=True)


class Nothing(nn.Module):
    """Stands where an MLP was."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


def attention_only(seed: int) -> Llama:
    """Two layers of attention."""
    torch.manual_seed(seed)
    model = Llama(VOCABULARY, CONTEXT, Config(embed_dim=64, num_heads=4, num_kv_heads=4, num_layers=2))
    for block in model.model.layers:
        block.mlp = Nothing()
    return model


def learnt_induction(seed: int) -> dict[str, Any]:
    """Score and losses on texts that were not learnt from, after as many steps as were needed."""
    model, began = attention_only(seed), time.monotonic()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    ids, rounds = induction.repeated(TEXTS, VOCABULARY, CONTEXT, seed=10**6)
    step, best = 0, 0.0
    while best < ENOUGH and step < STEPS:
        step += 1
        texts, _ = induction.repeated(TEXTS, VOCABULARY, CONTEXT, seed=seed * STEPS + step)
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, step / LOOK)
        loss = F.cross_entropy(model(texts)[:, :-1].transpose(1, 2), texts[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % LOOK == 0:
            best = max(float(induction.scores(layer, rounds).max()) for layer in attentions(model, (ids,)))
    with torch.no_grad():
        first, second = induction.losses(model.eval()(ids), ids, rounds)
    found = {"seed": seed, "score": best, "steps": step, "loss_new": first, "loss_repeated": second}
    return found | {"seconds": time.monotonic() - began}


def features(seed: int) -> dict[str, Any]:
    """Of the middle of a character GPT."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        run = dg.train("shakespeare", model="gpt", run=Path(name) / "run", epochs=2, seed=seed)
        learnt = time.monotonic()
        found = run.explain(method="sparse-autoencoder", seed=seed, count=8)
    told = {name.replace(" ", "_"): value for name, value in found.figures.items()}
    shown = [f"{part['value']} ({part['contribution']:.3f})" for part in found.parts]
    seconds = {"seconds_training": learnt - began, "seconds_features": time.monotonic() - learnt}
    return {"seed": seed, **told, "loss": run.metrics["test"]["loss"], **seconds, "features_shown": shown}


if __name__ == "__main__":
    main()
