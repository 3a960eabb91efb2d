"""Every setting of every model changes the network, or is refused where it could not."""

from typing import Any

import pytest
import torch

from deepglass.core.errors import DeepglassError
from deepglass.zoo import architectures
from tests.api.option_walk import outcome_of
from tests.models import zoo

BESIDE = {"rope_type": {"rope_factor": 8.0, "rope_original_context": 16}}  # what a setting needs to be seen
OF_LARGE_PICTURES = ("largest_side",)
IN_THE_LOSS = ("beta",)  # asked with the loss, which needs the rows: in `tests/tasks`
OF_ANSWERS = ("both_sides",)  # of a network that has learnt
LEGAL = {"moving_average": [5], "patch_size": [4, 2], "pool": [2]}  # where not every number will do


@pytest.mark.parametrize("case", zoo.CASES, ids=str)
def test_every_setting_of_a_model_changes_it_or_is_refused(case):
    example, small = zoo.example(case), zoo.small(case.entry)

    def attempt(more):
        model = zoo.build(case, **more).train(not set(more) & set(OF_ANSWERS))
        zoo.fill_zeros(model)  # gates that begin closed hide what is behind them
        torch.manual_seed(5)
        with torch.no_grad():
            said = model(*example.inputs)
        said = said if isinstance(said, torch.Tensor) else said[0]
        return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}, said.numpy().tobytes()

    for setting in case.entry.settings:
        beside = {name: value for name, value in BESIDE.get(setting.name, {}).items() if name != setting.name}
        usual = attempt({**beside, **({setting.name: setting.default} if setting.name in OF_ANSWERS else {})})
        now = small.get(setting.name, case.entry.overrides.get(setting.name, setting.default))
        values = LEGAL.get(setting.name) or others_than(setting, now)
        if setting.name in (*IN_THE_LOSS, *OF_LARGE_PICTURES):
            continue
        if list(architectures.unused_settings(case.entry, {setting.name: values[0]}, example.dims)):
            continue
        outcomes = (outcome_of(attempt, {**beside, setting.name: value}) for value in values)
        assert any(not isinstance(one, DeepglassError) and one != usual for one in outcomes), (
            f"{setting.option} changes nothing, with any of {values}"
        )


def others_than(setting: Any, now: Any) -> list[Any]:
    """Values other than the present one."""
    if setting.choices and now in setting.choices:
        return [choice for choice in setting.choices if choice != now]
    if isinstance(now, bool):
        return [not now]
    if isinstance(now, int):
        return [now * 2, now + 1, max(1, now // 2)]
    if isinstance(now, float):
        return [0.5 if now != 0.5 else 0.3]
    return [2, 4]


def test_a_setting_says_what_it_needs():
    entry = architectures.entry("mlp", "tabular-classification")
    names = [
        one.name
        for one in architectures.unused_settings(entry, {"category_dim": 4, "dropout": 0.5}, {"cardinalities": ()})
    ]
    assert names == ["category_dim"]
    assert not list(architectures.unused_settings(entry, {"category_dim": 4}, {"cardinalities": (3,)}))
    [one] = architectures.unused_settings(entry, {"dropout": 0.5}, {"num_layers": 0})
    assert str(one) == "--dropout has no effect: it needs a hidden layer, and there is none; leave it out"
