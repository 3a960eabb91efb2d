"""Points around three places, and a word that no network makes."""

import numpy as np
import pandas as pd

OPTIONS = {"hidden_dim": 8, "num_layers": 1}
OTHERS = {"latent_dim": [3]}


def data(folder):
    generator = np.random.default_rng(0)
    places = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])[generator.integers(3, size=120)]
    points = pd.DataFrame(places + generator.normal(size=(120, 2)), columns=["wide", "high"])
    points["colour"] = generator.choice(["red", "blue"], 120)
    path = folder / "points.csv"
    points.round(4).to_csv(path, index=False)
    return path


def inputs(folder):
    """Noise, as an exported generator takes it."""
    return [{"noise_1": one, "noise_2": other} for one, other in ((0.5, -1.0), (1.5, 0.0), (-0.7, 0.3))]


def answered_elsewhere(run, inputs):
    """What the network makes of the noise, in the units of the table."""
    import torch

    from deepglass.tasks.made._numbers import from_rows

    noise = torch.tensor([list(one.values()) for one in inputs])
    return from_rows(run.model(noise).detach().numpy(), run.task.numbers).ravel().tolist()
