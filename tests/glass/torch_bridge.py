"""From PyTorch to the glass engine and back, for tests that compare the two."""

import numpy as np
import torch

from deepglass import glass


def to_glass(value):
    """The glass counterpart of a tensor, dtype, activation, encoder layer, or a nest of them; the rest as it is."""
    if isinstance(value, torch.Tensor):
        return glass.tensor(value.detach().numpy().copy(), requires_grad=value.requires_grad)
    if isinstance(value, torch.dtype):
        return getattr(glass, str(value).removeprefix("torch."))
    if isinstance(value, torch.nn.TransformerEncoderLayer):
        return _encoder_layer(value)
    if value in (torch.nn.functional.relu, torch.nn.functional.gelu):
        return getattr(glass.nn.functional, value.__name__)
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return type(value)(map(to_glass, value))
    if isinstance(value, dict):
        return {key: to_glass(item) for key, item in value.items()}
    return value


def as_leaves(value):
    """The same nest with every PyTorch tensor a leaf of its own, so that it receives a gradient."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return type(value)(map(as_leaves, value))
    return {key: as_leaves(item) for key, item in value.items()} if isinstance(value, dict) else value


def _encoder_layer(layer):
    return glass.nn.TransformerEncoderLayer(
        layer.linear1.in_features,
        layer.self_attn.num_heads,
        layer.linear1.out_features,
        layer.dropout.p,
        batch_first=layer.self_attn.batch_first,
        norm_first=layer.norm_first,
        bias=layer.linear1.bias is not None,
        activation=to_glass(layer.activation),
    )


def tensors(value, kind):
    """All tensors of a kind in a nest of lists, tuples and dictionaries, in order."""
    if isinstance(value, kind):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    return (
        [leaf for item in value for leaf in tensors(item, kind)]
        if hasattr(value, "__iter__") and not isinstance(value, str)
        else []
    )


def as_array(tensor):
    return np.asarray(tensor.detach().numpy())


def assert_same(ours, theirs, tolerance, what):
    """Same shape and dtype, and values within a tolerance, relative above 1 and absolute below."""
    if theirs is None:
        assert ours is None, f"{what}: expected None, got {ours}"
        return
    assert ours is not None, f"{what}: missing"
    ours, theirs = as_array(ours), as_array(theirs)
    assert ours.dtype == theirs.dtype, f"{what}: {ours.dtype} is not {theirs.dtype}"
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance, err_msg=what)


def copy_weights(source, target):
    """A PyTorch module's weights into a glass module of the same names."""
    target.load_state_dict({name: value.detach().numpy() for name, value in source.state_dict().items()})
