"""Reading while writing: with or without a cache the same logits, inside the context and beyond it."""

import pytest
import torch
from torch import nn

from deepglass.core.errors import OptionError
from deepglass.models.decoding.reader import Reader
from deepglass.tasks._sampling import generate
from deepglass.zoo import architectures

CONTEXT = 8
SMALL = {
    "gpt": {"num_layers": 2, "embed_dim": 32},
    "llama": {"num_layers": 2, "embed_dim": 32},
    "lstm": {"hidden_size": 16},
}


class WithoutCache(nn.Module):
    """The same model, which reads the whole window every time."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.model(tokens)


def build(name: str) -> nn.Module:
    torch.manual_seed(0)
    model = architectures.load(name, task="language-modelling", vocab_size=20, context=CONTEXT, **SMALL[name]).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.2)
    return model


@pytest.mark.parametrize("name", SMALL)
def test_the_cache_changes_no_logit_inside_the_context_or_beyond(name):
    model = build(name)
    reader, plain = Reader(model, CONTEXT), Reader(WithoutCache(model), CONTEXT)
    seen = [3, 1, 4]
    for _ in range(2 * CONTEXT):
        came, expected = reader.read(seen), plain.read(seen)
        torch.testing.assert_close(came, expected, rtol=0, atol=1e-5)
        seen.append(int(expected.argmax()))


@pytest.mark.parametrize("more", [{"top_k": 3}, {"top_p": 0.5}, {"seed": 1}])
def test_what_chance_would_decide_is_refused_where_nothing_is_left_to_it(more):
    option = "--" + next(iter(more)).replace("_", "-")
    with pytest.raises(OptionError, match=f"{option} has no effect: --temperature 0 always takes the likeliest token"):
        generate(build("gpt"), None, [1], CONTEXT, temperature=0, **more)
    generate(build("gpt"), None, [1], CONTEXT, temperature=0.5, **more)


@pytest.mark.parametrize("name", ["gpt", "llama"])
def test_what_was_read_is_not_read_again_until_the_window_slides(name):
    model, lengths = build(name), []
    model.register_forward_pre_hook(lambda _, inputs: lengths.append(inputs[0].shape[1]))
    reader = Reader(model, CONTEXT)
    for length in range(5, 11):
        reader.read(list(range(length)))
    assert lengths == [5, 1, 1, 1, CONTEXT, CONTEXT]
