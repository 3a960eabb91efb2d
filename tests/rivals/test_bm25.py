"""BM25 is what its formula says, and the cosine of TF-IDF is scikit-learn's."""

import math

import numpy as np
import pytest

from deepglass.rivals.bm25 import BM25, TfidfCosine

TEXTS = [[1, 2, 2], [2, 3], [4, 4, 4, 4, 5], []]


def by_hand(query, text, k1=1.2, b=0.75):
    mean = sum(map(len, TEXTS)) / len(TEXTS)
    total = 0.0
    for word in set(query):
        held, count = sum(word in other for other in TEXTS), text.count(word)
        idf = math.log(1 + (len(TEXTS) - held + 0.5) / (held + 0.5))
        total += idf * count * (k1 + 1) / (count + k1 * (1 - b + b * len(text) / mean))
    return total


@pytest.mark.parametrize("query", [[2], [1, 2, 2, 9], [4, 5, 3], []])
def test_scores_are_those_of_the_formula(query):
    expected = [by_hand(query, text) for text in TEXTS]
    index = BM25(TEXTS, 10)
    assert index.scores(query) == pytest.approx(expected)
    assert index.scores_of([query, [3]], np.array([[3, 0], [1, 2]]))[0] == pytest.approx([expected[3], expected[0]])


def test_length_and_repetition_count_as_asked():
    assert BM25([[1], [1, 2, 2, 2]], 3, b=0.0).scores([1]) == pytest.approx(BM25([[1], [1]], 3, b=0.0).scores([1]))
    once, thrice = BM25([[1, 2, 3], [1, 1, 1]], 4, k1=0.0).scores([1])
    assert once == pytest.approx(thrice)


def test_how_rare_words_are_may_be_learnt_elsewhere():
    rare, frequent = (BM25([[1]], 3, collection=other).scores([1])[0] for other in ([[2]] * 9, [[1]] * 9))
    assert rare > frequent > 0


def test_cosines_are_those_of_scikit_learn():
    text = pytest.importorskip("sklearn.feature_extraction.text")
    spelled = [" ".join(f"w{word}" for word in row) for row in TEXTS]
    judge = text.TfidfVectorizer(vocabulary=[f"w{i}" for i in range(10)])
    expected = (judge.fit_transform(spelled) @ judge.transform(["w2 w3 w3"]).T).toarray().ravel()
    held = np.array([sum(i in row for row in TEXTS) for i in range(10)])
    index = TfidfCosine(TEXTS, np.log((1 + len(TEXTS)) / (1 + held)) + 1)
    assert index.scores_of([[2, 3, 3]], np.array([[0, 1, 2, 3]]))[0] == pytest.approx(expected)
