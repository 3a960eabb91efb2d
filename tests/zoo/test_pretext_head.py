"""A pretext head hands features on, on both engines, with what its stages make of them."""

import numpy as np
import torch
from torch import nn

from deepglass.core.catalogue import PACKAGE
from deepglass.zoo import on_glass
from deepglass.zoo.pretext_head import PretextHead

STAGES = ((6, 3, True), (5, 2, False))


def test_features_come_first_and_each_stage_sees_the_one_before():
    torch.manual_seed(0)
    head, features = PretextHead(4, STAGES).eval(), torch.randn(7, 4)
    found = head(features)
    assert found.shape == (7, 4 + 3 + 2)
    assert torch.equal(found[:, :4], features)
    assert torch.equal(found[:, 4:7], head.stages[0](features))
    assert torch.equal(found[:, 7:], head.stages[1](found[:, 4:7]))
    assert [isinstance(stage[1], nn.BatchNorm1d) for stage in head.stages] == [True, False]


def test_it_is_the_same_on_the_glass_engine():
    torch.manual_seed(0)
    head, features = PretextHead(4, STAGES).double(), torch.randn(7, 4, dtype=torch.float64)
    twin = on_glass.execute(PACKAGE / "zoo" / "pretext_head.py").PretextHead(4, STAGES).double()
    twin.load_state_dict(on_glass.to_glass(head.state_dict()))
    np.testing.assert_allclose(
        twin(on_glass.to_glass({"x": features})["x"]).detach().numpy(), head(features).detach(), atol=1e-12
    )
