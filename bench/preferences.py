"""What DPO makes of a small language model, and what becomes of a policy that is paid by a reward model.

    python -m bench.preferences               # about two minutes of the processor for three seeds

`dpo`: a model of dialogues learns small talk, then the comparisons of `courteous-answers`, with several values of beta.
Measured on prompts that training never saw: how often the chosen answer is the likelier one, and how often it moved the
right way, before and after; and the KL divergence from the reference by answers that the tuned model draws, in nats for
each answer. `reward`: a reward model of the same size and comparisons, alone and beginning with the model of dialogues,
beside the linear one of words and length: how often the chosen answer scores higher, of prompts never seen before.
`hacking`: the world of lesson 93, with comparisons drawn anew: mean reward and mean use of the best policy
for each beta, and once more after people were asked again.
"""

import importlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

import deepglass as dg
from bench.records import Record, measure_parts, processor_seconds
from deepglass.data.containers import Layout
from deepglass.data.datasets import courteous_answers, small_talk
from deepglass.data.reading import dialogues, preferences
from deepglass.training import bradley_terry

RESULTS = Path(__file__).parent / "results" / "preferences.json"
QUICK = {"device": "cpu", "threads": 1, "precision": "float32", "compile": "off"}
BASE = {"num_layers": 2, "embed_dim": 48, "context": 64, "epochs": 4, "learning_rate": 0.01}
BETAS, DRAWN, LONGEST = (0.03, 0.1, 0.5), 100, 24  # answers that are drawn, their most tokens
REWARD = {"epochs": 10, "learning_rate": 0.003, "batch_size": 32}
STRENGTHS = (1.0, 0.4, 0.1, 0.05)


def dpo(seed: int) -> Iterator[Record]:
    """Small talk, then comparisons."""
    with tempfile.TemporaryDirectory() as folder:
        base, pairs = beginning(folder, seed), comparisons(seed)
        for beta in BETAS:
            began = processor_seconds()
            run = dg.train(pairs, run=f"{folder}/{beta}", task="preferences", pretrained=f"{folder}/talk", beta=beta,
                           epochs=3, learning_rate=0.001, seed=seed, **QUICK)  # fmt: skip
            test, before = run.metrics["test"], run.metrics["baseline"]
            yield {
                "seed": seed,
                "beta": beta,
                "comparisons": test["count"],
                "preferred_before": round(before["preferred"]["value"], 4),
                "preferred": round(test["preferred"]["value"], 4),
                "moved": round(test["moved"]["value"], 4),
                "chosen_fell": test["details"]["chosen_fell"],
                "linear_reward_model": round(run.metrics["rival"]["preferred"]["value"], 4),
                "kl_nats_per_answer": round(drawn_divergence(run, base, seed), 3),
                "processor_seconds": round(processor_seconds() - began, 1),
            }


def beginning(folder: str, seed: int) -> dg.Run:
    """A model of dialogues that has learnt small talk."""
    talk = dialogues.layout(small_talk.dialogues(600, seed=seed), "talk")
    return dg.train(talk, run=f"{folder}/talk", task="dialogue", seed=seed, **BASE, **QUICK)


def comparisons(seed: int) -> Layout:
    """Of answers, drawn anew."""
    return preferences.layout(courteous_answers.preferences(800, seed=100 + seed), "pairs")


def reward(seed: int) -> Iterator[Record]:
    """Scores of answers by a network, and by words and length."""
    with tempfile.TemporaryDirectory() as folder:
        pairs, sizes = comparisons(seed), {name: BASE[name] for name in ("num_layers", "embed_dim", "context")}
        beginning(folder, seed)
        for begins, own in (("nothing", sizes), ("dialogues", {"pretrained": f"{folder}/talk"})):
            began = processor_seconds()
            run = dg.train(pairs, run=f"{folder}/{begins}", task="preferences", reward_model=True, seed=seed,
                           **REWARD, **own, **QUICK)  # fmt: skip
            test, linear = run.metrics["test"], run.metrics["rival"]
            yield {
                "seed": seed,
                "begins_with": begins,
                "comparisons": test["count"],
                "preferred": {name: round(test["preferred"][name], 4) for name in ("value", "low", "high")},
                "linear": {name: round(linear["preferred"][name], 4) for name in ("value", "low", "high")},
                "processor_seconds": round(processor_seconds() - began, 1),
            }


@torch.no_grad()
def drawn_divergence(run: dg.Run, base: dg.Run, seed: int) -> float:
    """The mean of log π − log π₀ over answers that π draws."""
    generator, field, found = torch.Generator().manual_seed(seed), run.task.inputs, []
    for one in courteous_answers.preferences(DRAWN, seed=10_000 + seed):
        ids, total = field.template.prompt(field.coded(one.prompt))[0], 0.0
        for _ in range(LONGEST):
            own, other = (m(torch.tensor([ids]))[0, -1].float().log_softmax(dim=0) for m in (run.model, base.model))
            chosen = int(torch.multinomial(own.exp(), 1, generator=generator))
            total += float(own[chosen] - other[chosen])
            ids = [*ids, chosen]
            if chosen == field.template.end or len(ids) >= field.context:
                break
        found.append(total)
    return float(np.mean(found))


def hacking(seed: int) -> Iterator[Record]:
    """The world of lesson 93: what the reward model pays, and what the answers are worth."""
    world = importlib.import_module("deepglass.lessons.93_what_you_wish_for")
    sides = [world.compared(world.REFERENCE, world.TASTE, seed=seed)]
    for asked in (1, 2):
        chosen, rejected = (np.concatenate(side) for side in zip(*sides, strict=True))
        worths = bradley_terry.fit_linear(world.GRID[chosen], world.GRID[rejected], world.PENALTY)
        reward = world.GRID @ worths
        policies = {beta: world.best_for(reward, beta) for beta in STRENGTHS}
        yield {
            "seed": seed,
            "times_asked": asked,
            "use_before": round(float(world.REFERENCE @ world.TRUTH), 3),
            "reward": {str(beta): round(float(p @ reward), 3) for beta, p in policies.items()},
            "use": {str(beta): round(float(p @ world.TRUTH), 3) for beta, p in policies.items()},
            "kl_nats": {str(beta): round(world.divergence(p), 3) for beta, p in policies.items()},
        }
        sides.append(world.compared(world.mixed(policies[world.BETA]), world.TASTE, seed=1000 + seed))


if __name__ == "__main__":
    measure_parts(RESULTS, {"dpo": dpo, "reward": reward, "hacking": hacking}, __doc__ or "")
