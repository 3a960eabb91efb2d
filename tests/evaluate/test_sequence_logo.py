"""Bits of a motif, against scipy's entropy, and what counts as the same motif."""

import numpy as np
import pytest
from scipy.stats import entropy

from deepglass.data.datasets import dna
from deepglass.draw.logo import logo
from deepglass.evaluate import sequence_logo


def test_information_is_two_bits_less_scipys_entropy():
    drawn = np.random.default_rng(0).dirichlet(np.ones(4), size=50)
    np.testing.assert_allclose(sequence_logo.information(drawn), 2 - entropy(drawn, base=2, axis=1), atol=1e-12)
    three = drawn[:, :3] / drawn[:, :3].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(
        sequence_logo.information(three), np.log2(3) - entropy(three, base=2, axis=1), atol=1e-12
    )


def test_few_sequences_tell_less_than_they_seem_to():
    sure = np.eye(4)[[0, 1]]
    assert sequence_logo.information(sure, 10) == pytest.approx(2 - 3 / (2 * np.log(2) * 10))
    assert (sequence_logo.information(np.full((1, 4), 0.25), 5) == 0).all()


def test_a_motif_is_itself_wherever_it_lies_and_half_of_it_is_not():
    motif, flat = dna.motifs()[0], np.full((3, 4), 0.25)
    assert sequence_logo.likeness(np.concatenate([flat, motif, flat[:2]]), motif) == pytest.approx(1)
    assert sequence_logo.likeness(motif[:5], motif) < 0.8
    assert sequence_logo.likeness(np.full((15, 4), 0.25), motif) == 0


def test_the_planted_motifs_are_not_each_others():
    planted = dna.motifs()
    others = [sequence_logo.likeness(a, b) for i, a in enumerate(planted) for j, b in enumerate(planted) if i != j]
    assert max(others) < 0.8


def test_a_logo_spells_its_motif_and_stacks_the_likelier_letter_on_top():
    motif = np.array([[0.05, 0.05, 0.85, 0.05], [0.5, 0.5, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    picture = logo(motif, label="A motif")
    bits = sequence_logo.information(motif).sum()
    assert f"GA·, {bits:.1f} bits" in picture.words
    assert picture.svg().count(">G<") == 1
    assert picture.svg().index(">A<") > 0
    assert "0</text>" in picture.svg()
