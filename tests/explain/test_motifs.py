"""What filters answer to, counted: of a filter that is set by hand, and of networks that learnt planted motifs."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from deepglass.data.datasets import dna
from deepglass.explain import motifs
from deepglass.models.motif_cnn import Config, MotifCNN


@pytest.fixture(scope="module")
def planted():
    """Tokens from 2 on, and proteins."""
    frame = dna.sequences(2400, seed=4)
    letters = np.array([[dna.LETTERS.index(letter) for letter in row] for row in frame["sequence"]])
    return torch.from_numpy(letters + 2), frame["protein"].str.split().str[1].astype(int).to_numpy() - 1


def network(pool=25, **more):
    torch.manual_seed(0)
    return MotifCNN(6, dna.PROTEINS, 100, Config(num_filters=16, pool=pool, hidden_dim=32, **more))


def test_a_filter_that_is_a_motif_is_found_to_be_it(planted):
    model, motif = network(), dna.motifs()[2]
    with torch.no_grad():
        model.filters.weight.zero_()
        model.filters.bias.fill_(-1.0)  # silent but for the first
        model.filters.weight[0, :, 2:12] = torch.from_numpy(np.log2(motif / 0.25).T).float()
        model.filters.bias[0] = -8.0
    found = motifs.of_filters(model, planted[0])
    assert [one.number for one in found] == [0]
    assert motifs.recovered(found, dna.motifs())[2] > 0.95
    assert np.delete(motifs.recovered(found, dna.motifs()), 2).max() < 0.8
    np.testing.assert_allclose(found[0].motif.sum(axis=1), 1)


def test_nothing_is_found_where_nothing_answers(planted):
    model = network()
    with torch.no_grad():
        model.filters.weight.zero_()
        model.filters.bias.fill_(-1.0)
    assert motifs.of_filters(model, planted[0]) == []
    assert (motifs.recovered([], dna.motifs()) == 0).all()


def test_stretches_are_those_around_the_letters_of_the_answers(planted):
    model = network()
    answers = model.responses(planted[0][:50]).detach()
    found = {one.number: one for one in motifs.of_filters(model, planted[0][:50])}
    for number, one in list(found.items())[:3]:
        rows, places = torch.nonzero(answers[:, number] > 0.5 * answers[:, number].max(), as_tuple=True)
        padded = F.pad(planted[0][:50], (7, 7))
        counts = np.zeros((15, 4))
        for row, place in zip(rows.tolist(), places.tolist(), strict=True):
            for at, letter in enumerate(padded[row, place : place + 15].tolist()):
                if letter >= 2:
                    counts[at, letter - 2] += 1
        np.testing.assert_allclose(one.motif, (counts + 0.25) / (counts + 0.25).sum(axis=1, keepdims=True))
        assert one.count == min(len(rows), motifs.MOST)


def learnt(pool, tokens, proteins, steps=600):
    torch.manual_seed(0)
    model, proteins = MotifCNN(6, 8, 100, Config(pool=pool)), torch.from_numpy(proteins)
    optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
    for _ in range(steps):
        rows = torch.randint(len(tokens), (64,))
        optimizer.zero_grad()
        F.cross_entropy(model.train()(tokens[rows]), proteins[rows]).backward()
        optimizer.step()
        schedule.step()
    return model.eval()


@pytest.mark.slow("trains two networks")
def test_wide_pooling_makes_filters_learn_whole_motifs_and_narrow_pooling_does_not(planted):
    tokens, proteins = planted
    held = {
        pool: (motifs.recovered(motifs.of_filters(learnt(pool, tokens, proteins), tokens), dna.motifs()) >= 0.9).mean()
        for pool in (25, 2)
    }
    assert held[25] >= 0.9
    assert held[2] < 0.5


def test_places_let_a_filter_prefer_a_place():
    model = network(places=True)
    with torch.no_grad():
        model.place.weight[7] = 5.0
    tokens = torch.full((1, 30), 3)
    answers = model.responses(tokens)[0].detach()
    assert (answers[:, 7] >= answers[:, 10]).all()
    assert float((answers[:, 7] - answers[:, 10]).max()) == pytest.approx(5.0, abs=1e-4)
    assert not any(name.startswith("place") for name, _ in network().named_parameters())


def test_padding_and_unknown_letters_are_zeros_and_each_letter_is_a_channel():
    embedding = network().embedding.weight
    assert torch.equal(embedding[2:], torch.eye(4))
    assert not embedding[:2].any()
    assert not embedding.requires_grad
    words = MotifCNN(1000, 2).embedding.weight
    assert words.shape == (1000, 32)
    assert words.requires_grad
