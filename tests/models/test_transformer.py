"""The encoder-decoder: nn.Transformer's answers from the same weights, both engines, and sequences it learns."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from deepglass.models import transformer
from deepglass.models.decoding.beam import beam_search
from deepglass.zoo import architectures, on_glass
from tests.models.judge import count
from tests.models.test_both_engines import differences

CONFIG = transformer.Config(embed_dim=32, num_heads=4, num_layers=2, mlp_dim=48, dropout=0.0)
START, END = 1, 2


def small(**values) -> transformer.Transformer:
    torch.manual_seed(0)
    return transformer.Transformer(**{"vocab_size": 20, "max_length": 12, "config": CONFIG, **values})


def sequences() -> tuple[torch.Tensor, torch.Tensor]:
    """Sources (3, 9) and targets (3, 7), some of them padded with 0."""
    draw = torch.Generator().manual_seed(1)
    source, target = torch.randint(3, 20, (3, 9), generator=draw), torch.randint(3, 20, (3, 7), generator=draw)
    source[1, 6:], target[2, 4:] = 0, 0
    return source, target


def test_answers_are_those_of_pytorch_from_the_same_weights():
    judge = nn.Transformer(32, 4, 2, 2, dim_feedforward=48, dropout=0.0, batch_first=True)
    with torch.no_grad():
        for parameter in judge.parameters():
            parameter.normal_(std=0.2)
    model = small()
    missing, unexpected = model.load_state_dict(judge.state_dict(), strict=False)
    assert missing == ["source_embedding.weight", "target_embedding.weight"]
    assert unexpected == []
    source, target = sequences()
    masks = {
        "tgt_mask": torch.ones(7, 7, dtype=torch.bool).triu(1),
        "src_key_padding_mask": source == 0,
        "memory_key_padding_mask": source == 0,
        "tgt_key_padding_mask": target == 0,
    }
    vectors = model.embed(source, model.source_embedding), model.embed(target, model.target_embedding)
    expected = judge(*vectors, **masks) @ model.target_embedding.weight.T
    torch.testing.assert_close(model(source, target), expected, rtol=0, atol=1e-4)


def test_layers_count_as_many_parameters_as_pytorchs():
    with torch.device("meta"):
        ours, judge = architectures.load("transformer-base", vocab_size=37_000, max_length=512), nn.Transformer()
    assert count(ours.encoder) + count(ours.decoder) == count(judge) == 44_140_544
    assert count(ours) == 44_140_544 + 2 * 37_000 * 512


def test_positions_are_the_papers_waves():
    table = transformer.sinusoids(50, 6)
    for place, i in [(0, 0), (3, 1), (49, 2)]:
        angle = place / 10_000 ** (2 * i / 6)
        assert table[place, 2 * i] == pytest.approx(math.sin(angle), abs=1e-5)
        assert table[place, 2 * i + 1] == pytest.approx(math.cos(angle), abs=1e-5)


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_both_engines_agree(training):
    theirs = small(source_vocab_size=30)
    dims = {"vocab_size": 20, "max_length": 12, "source_vocab_size": 30}
    options = {"embed_dim": 32, "num_heads": 4, "num_layers": 2, "mlp_dim": 48, "dropout": 0.0}
    ours = architectures.load("transformer", "glass", **dims, **options)
    ours.load_state_dict(on_glass.to_glass(theirs.state_dict()))
    output, gradients, _ = differences(theirs, ours, sequences(), training)
    assert output < 1e-6
    assert max(gradients.values()) < 1e-6, gradients


@torch.no_grad()
def test_padding_of_the_source_changes_nothing():
    model = small().eval()
    source, target = sequences()
    torch.testing.assert_close(model(F.pad(source, (0, 3)), target), model(source, target))


@torch.no_grad()
def test_the_future_of_the_target_is_not_seen():
    model = small().eval()
    source, target = sequences()
    changed = target.clone()
    changed[:, 4:] = 5
    torch.testing.assert_close(model(source, changed)[:, :4], model(source, target)[:, :4])
    assert not torch.allclose(model(source, changed)[0, 4:], model(source, target)[0, 4:])


@torch.no_grad()
def test_token_by_token_gives_the_same_logits():
    model = small().eval()
    source, target = sequences()
    state, pieces = model.encode(source), []
    for t in range(target.shape[1]):
        logits, state = model.step(target[:, t], state)
        pieces.append(logits)
    is_token = target != 0
    torch.testing.assert_close(torch.stack(pieces, dim=1)[is_token], model(source, target)[is_token])


def test_an_empty_source_gets_a_number():
    assert small().eval()(torch.zeros(2, 3, dtype=torch.int64), torch.ones(2, 1, dtype=torch.int64)).isfinite().all()


def test_it_learns_a_batch_by_heart_and_writes_it():
    model = small()
    source = torch.randint(3, 20, (6, 5), generator=torch.Generator().manual_seed(2))
    start, end = torch.full((6, 1), START), torch.full((6, 1), END)
    target = torch.cat([start, source.flip(1), end], dim=1)  # written backwards
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(150):
        loss = F.cross_entropy(model(source, target[:, :-1]).flatten(0, 1), target[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        assert all(p.grad.abs().sum() > 0 for p in model.parameters())
        optimizer.step()
    model.eval()
    for row in source:
        best = beam_search(model.step, model.encode(row.unsqueeze(0)), START, END, width=2, max_length=8)[0]
        assert best.tokens == row.flip(0).tolist()


@pytest.mark.parametrize("place", ["source", "target"])
def test_sequences_that_are_too_long_are_refused(place):
    lengths = {"source": 5, "target": 5} | {place: 13}
    source, target = (torch.ones(1, length, dtype=torch.int64) for length in lengths.values())
    with pytest.raises(ValueError, match="at most 12 tokens, got 13"):
        small()(source, target)


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="not divisible by num_heads 5"):
        small(config=transformer.Config(embed_dim=32, num_heads=5))
