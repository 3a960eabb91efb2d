"""Perplexity and bits a character by hand."""

import numpy as np
import pytest

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate.metrics import language


def test_a_uniform_guess_has_the_perplexity_of_the_vocabulary():
    result = language.evaluate(np.full(10, np.log(64)), np.full(10, 32))
    assert result["perplexity"]["value"] == pytest.approx(64)
    assert result["bits_per_character"]["value"] == pytest.approx(6)
    assert result["details"] == {"tokens": 320, "characters": 320}


def test_windows_count_by_their_tokens_and_bits_by_their_characters():
    losses, tokens, characters = np.array([1.0, 3.0]), np.array([30, 10]), np.array([120, 40])
    result = language.evaluate(losses, tokens, characters)
    assert result["loss"]["value"] == pytest.approx((30 * 1 + 10 * 3) / 40)
    assert result["perplexity"]["value"] == pytest.approx(np.exp(1.5))
    assert result["bits_per_character"]["value"] == pytest.approx(60 / np.log(2) / 160)


def test_every_headline_score_has_an_interval():
    result = language.evaluate(np.random.default_rng(0).uniform(1, 2, 200))
    for name in result["headline"]:
        assert result[name]["low"] < result[name]["value"] < result[name]["high"]


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ShapeError, match="one shape"):
        language.evaluate(np.ones(3), np.ones(2))
    with pytest.raises(DataError, match="longer text"):
        language.evaluate(np.ones(0))
    with pytest.raises(DataError, match="diverged"):
        language.evaluate(np.array([np.nan]))
