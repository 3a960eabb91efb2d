"""Encoder-decoder with attention: what it must do whatever it has learnt, and what it learns."""

import itertools

import pytest
import torch
import torch.nn.functional as F

from deepglass import glass
from deepglass.models.decoding.beam import beam_search
from deepglass.zoo import architectures, on_glass
from tests.models.test_both_engines import differences

ATTENTIONS = ["additive", "dot", "general", "concat"]
PADDING, START, END, DIGIT = 0, 1, 2, 3
V, LONGEST = DIGIT + 10, 5
WRITTEN = 40  # of the unseen sequences, word for word; all of them in one step for each word

each_attention = pytest.mark.parametrize("attention", ATTENTIONS)


def build(attention: str, engine: str = "torch", **settings):
    torch.manual_seed(0)
    small = {"embed_dim": 12, "hidden_size": 16, "dropout": 0.0, **settings}
    return architectures.load(
        "seq2seq-bahdanau", engine, vocab_size=V, source_vocab_size=20, attention=attention, **small
    )


def pairs():
    """Sources of length 5, 3, 1 and 0 with targets of length 6."""
    draw = torch.Generator().manual_seed(1)
    source, target = torch.randint(3, 20, (4, 5), generator=draw), torch.randint(1, V, (4, 6), generator=draw)
    for i, length in enumerate((5, 3, 1, 0)):
        source[i, length:] = PADDING
    return source, target


@each_attention
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_both_engines_agree(attention, training):
    theirs, ours = build(attention), build(attention, "glass")
    ours.load_state_dict(on_glass.to_glass(theirs.state_dict()))
    output, gradients, _ = differences(theirs, ours, pairs(), training)
    assert output < 1e-6
    assert max(gradients.values()) < 1e-6, gradients


def test_the_glass_engine_writes_too():
    theirs, ours = build("general").eval(), build("general", "glass").eval()
    ours.load_state_dict(on_glass.to_glass(theirs.state_dict()))
    source, target = (glass.from_numpy(x.numpy()) for x in pairs())
    logits, state = ours.step(target[:, 0], ours.encode(source))
    expected, _ = theirs.step(pairs()[1][:, 0], theirs.encode(pairs()[0]))
    torch.testing.assert_close(torch.from_numpy(logits.detach().numpy().copy()), expected, rtol=1e-4, atol=1e-5)
    assert state.attention.shape == (4, 5)


@each_attention
def test_padding_of_the_source_changes_nothing(attention):
    model = build(attention).eval()
    source, target = pairs()
    torch.testing.assert_close(model(source, target), model(F.pad(source, (0, 4)), target))
    torch.testing.assert_close(model(source[1:2, :3], target[1:2]), model(source, target)[1:2])


@each_attention
def test_attention_is_a_share_of_each_token_and_none_of_padding(attention):
    source, target = pairs()
    logits, weights = build(attention).eval().teacher_force(source, target)
    assert logits.shape == (4, 6, V)
    assert weights.shape == (4, 6, 5)
    torch.testing.assert_close(weights.sum(2), torch.tensor([1.0, 1.0, 1.0, 0.0]).unsqueeze(1).expand(4, 6))
    is_padding = (source == PADDING).unsqueeze(1).expand(4, 6, 5)
    assert weights[is_padding].abs().max() == 0
    assert weights[2, :, 0].min() == 1  # a single token is all there is to look at


@each_attention
def test_an_answer_sees_the_target_so_far_and_nothing_behind_it(attention):
    model = build(attention).eval()
    source, target = pairs()
    changed = target.clone()
    changed[:, 3:] = (changed[:, 3:] + 1) % V
    before, after = model(source, target), model(source, changed)
    torch.testing.assert_close(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3:], after[:, 3:])


@each_attention
def test_every_answer_depends_on_the_first_and_the_last_source_token(attention):
    model = build(attention).eval()
    source, target = pairs()
    for place in (0, 4):
        changed = source[:1].clone()
        changed[0, place] = (changed[0, place] + 1) % 17 + 3
        assert (model(changed, target[:1]) - model(source[:1], target[:1])).abs().amax(dim=2).min() > 0


@each_attention
def test_every_parameter_gets_a_gradient(attention):
    model = build(attention)
    source, target = pairs()
    F.cross_entropy(model(source, target)[:, :-1].flatten(0, 1), target[:, 1:].flatten()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_the_variants_are_the_two_papers():
    assert type(build("additive").score).__name__ == "Additive"
    bahdanau, luong = (architectures.load(f"seq2seq-{name}", vocab_size=V) for name in ("bahdanau", "luong"))
    assert bahdanau.asks_first
    assert type(luong.score).__name__ == "General"
    assert not luong.asks_first


def test_additive_attention_is_its_formula():
    score = build("additive").score
    v, W, U = score.v.weight[0], score.W.weight, score.U.weight
    hidden, memory = torch.randn(2, 16), torch.randn(2, 5, 16)
    came = score(hidden, score.keys(memory))
    for n, j in itertools.product(range(2), range(5)):
        torch.testing.assert_close(came[n, j], v @ torch.tanh(W @ hidden[n] + U @ memory[n, j]))


def test_an_odd_width_is_refused():
    with pytest.raises(ValueError, match="hidden_size 15 is odd"):
        build("dot", hidden_size=15)


# -- what it learns -------------------------------------------------------------------------------------------------


def digits(count: int, seed: int) -> torch.Tensor:
    """Sequences of 1 to 5 digits, padded: (count, 5)."""
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, LONGEST + 1, (count, 1), generator=draw)
    words = torch.randint(DIGIT, V, (count, LONGEST), generator=draw)
    return torch.where(torch.arange(LONGEST) < lengths, words, PADDING)


def is_held_out(source: torch.Tensor) -> torch.Tensor:
    """Every tenth sequence, by its digits, so that none is ever trained on."""
    return (source * torch.arange(1, LONGEST + 1)).sum(1) % 10 == 0


def reversed_with_marks(source: torch.Tensor) -> torch.Tensor:
    """Start, the digits back to front, end, padding: (count, LONGEST + 2)."""
    rows = [[START, *(t for t in reversed(row) if t != PADDING), END] for row in source.tolist()]
    return torch.tensor([row + [PADDING] * (LONGEST + 2 - len(row)) for row in rows])


def train(name: str, steps: int = 450, learning_rate: float = 4e-3):
    torch.manual_seed(0)
    model = architectures.load(name, vocab_size=V, embed_dim=32, hidden_size=64, dropout=0.0)
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps)
    source = digits(steps * 128, seed=0)
    source = source[~is_held_out(source)]
    for part in source.split(len(source) // steps + 1):
        target = reversed_with_marks(part)
        logits = model(part, target[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=PADDING)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


@pytest.mark.slow("trains until sequences are reversed exactly")
@pytest.mark.parametrize("name", ["seq2seq-bahdanau", "seq2seq-luong"])
def test_it_reverses_unseen_sequences_exactly(name):
    model = train(name)
    unseen = digits(4500, seed=1)
    unseen = unseen[is_held_out(unseen)].unique(dim=0)
    assert len(unseen) > 200
    target = reversed_with_marks(unseen)
    most_probable = model(unseen, target[:, :-1]).argmax(2)  # after each right beginning: all of them are right, so
    assert (most_probable == target[:, 1:])[target[:, 1:] != PADDING].all()  # that is what it writes greedily
    for source in unseen[:: len(unseen) // WRITTEN]:
        expected = [t for t in reversed(source.tolist()) if t != PADDING]
        for width in (1, 4):
            state = model.encode(source.unsqueeze(0))
            assert beam_search(model.step, state, START, END, width, LONGEST + 2)[0].tokens == expected
    whole = unseen[(unseen != PADDING).all(1)]
    looked_at = model.teacher_force(whole, reversed_with_marks(whole))[1][:, :LONGEST].argmax(2)  # (B, 5)
    right = looked_at == torch.arange(LONGEST - 1, -1, -1)
    assert right.float().mean() > 0.9  # the alignment that nobody showed it
