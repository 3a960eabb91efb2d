"""What is known of a node as numbers: columns, words, or nothing but its name."""

import json

import numpy as np
import pandas as pd

from deepglass.data.preprocess.node_features import NodeFeatures

FRAME = pd.DataFrame(
    {
        "size": [1.0, 2.0, 3.0, 4.0],
        "colour": ["red", "blue", "red", "blue"],
        "title": ["deep nets learn", "deep trees grow here", "nets learn fast now", "grow deep now"],
    }
)
NAMES = ["a", "b", "c", "d"]


def test_words_of_a_node_weigh_one_together_and_words_of_one_node_alone_do_not_count():
    found = NodeFeatures.fit(FRAME[["title"]], NAMES, "title", [])
    assert sorted(found.words) == ["deep", "grow", "learn", "nets", "now"]
    numbers = found.transform(FRAME[["title"]], NAMES)
    np.testing.assert_allclose(numbers.sum(axis=1), 1)
    assert (numbers > 0).sum(axis=1).tolist() == [3, 2, 3, 3]


def test_columns_are_scaled_and_categories_have_a_column_each():
    found = NodeFeatures.fit(FRAME, NAMES, "title", [])
    numbers = found.transform(FRAME, NAMES)
    assert numbers.shape == (4, found.num_features)
    np.testing.assert_allclose(numbers[:, 0].mean(), 0, atol=1e-6)
    assert np.isin(numbers[:, 1 : found.num_features - len(found.words)], (0, 1)).all()
    assert found.needed == ["size", "colour", "title"]


def test_a_node_of_which_nothing_is_known_is_a_column_and_a_new_one_is_none():
    found = NodeFeatures.fit(pd.DataFrame(index=range(4)), NAMES, "", [])
    assert np.array_equal(found.transform(pd.DataFrame(index=range(4)), NAMES), np.eye(4))
    assert not found.transform(pd.DataFrame(index=range(1)), ["e"]).any()


def test_it_survives_a_file():
    found = NodeFeatures.fit(FRAME, NAMES, "title", [])
    again = NodeFeatures.from_state(json.loads(json.dumps(found.state())))
    assert np.array_equal(again.transform(FRAME, NAMES), found.transform(FRAME, NAMES))
