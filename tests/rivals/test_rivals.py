"""Simple models as networks: PyTorch answers as scikit-learn, and held-out answers have not seen their row."""

import numpy as np
import pytest
import torch
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, HistGradientBoostingRegressor

from deepglass.data.preprocess.text import WordVocabulary, split_words
from deepglass.rivals import Part, Rows, Time, held_out_answers, linear, tfidf, trees

CURVES = [(np.linspace(-3, 3, 20), np.exp(np.linspace(-3, 3, 20)))] * 3
CARDINALITIES = (5, 9)


def rows(num_classes, count=160, seed=0):
    rng = np.random.default_rng(seed)
    numeric = rng.normal(size=(count, 3)).astype(np.float32)
    codes = np.stack([rng.integers(0, 5, count), rng.integers(0, 9, count)], axis=1)
    value = numeric[:, 0] + 0.3 * codes[:, 0] + 0.3 * rng.normal(size=count)
    value = (value - value.mean()) / value.std()
    cuts = {None: [], 2: [0], 3: [-0.5, 0.5]}[num_classes]
    target = np.digitize(value, cuts) if cuts else value
    return Rows((numeric, codes), target, np.arange(count) % 4, num_classes)


def asked(part, given):
    with torch.no_grad():
        answer = part(*(torch.from_numpy(array) for array in given.inputs))
    return answer[:, 0].numpy() if given.num_classes is None else answer.softmax(dim=1).numpy()


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    monkeypatch.setattr(trees, "FOREST_TREES", 20)


KINDS = {
    "linear": lambda given, time: linear.fit(given, CURVES, CARDINALITIES, time),
    "boosted": trees.boosted,
    "forest": trees.forest,
}


@pytest.mark.parametrize("num_classes", [None, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_rival_learns_and_is_kept_as_tensors(kind, num_classes):
    given = rows(num_classes)
    rival = KINDS[kind](given, Time(60))
    trivial = np.var(given.target) if num_classes is None else np.log(num_classes)
    said = rival.held_out if num_classes is None else rival.held_out[np.arange(160), given.target]
    loss = np.mean((said - given.target) ** 2) if num_classes is None else -np.log(np.clip(said, 1e-6, 1)).mean()
    assert loss < 0.8 * trivial
    tensors = dict(rival.part.named_buffers())
    again = type(rival.part).of(tensors, rival.part.settings)
    assert isinstance(again, Part)
    assert np.array_equal(asked(again, given), asked(rival.part, given))


@pytest.mark.parametrize(
    ("make", "convert", "num_classes"),
    [
        (lambda: HistGradientBoostingRegressor(max_iter=20), trees.of_boosting, None),
        (lambda: HistGradientBoostingClassifier(max_iter=20), trees.of_boosting, 2),
        (lambda: HistGradientBoostingClassifier(max_iter=20), trees.of_boosting, 3),
        (lambda: ExtraTreesClassifier(20), trees.of_forest, 3),
    ],
)
def test_trees_answer_as_scikit_learn(make, convert, num_classes):
    given = rows(num_classes, count=400)
    columns = np.concatenate([given.inputs[0], given.inputs[1].astype(np.float32)], axis=1)
    estimator = make().fit(columns, given.target)
    expected = estimator.predict(columns) if num_classes is None else estimator.predict_proba(columns)
    np.testing.assert_allclose(asked(convert(estimator, num_classes), given), expected, atol=1e-6)


def test_a_threshold_keeps_its_side_in_32_bits():
    thresholds = np.array([0.1, 1 / 3, 1e-8, -0.7, 3.0])
    kept = trees._rounded_down(thresholds)
    for threshold, rounded in zip(thresholds, kept, strict=True):
        for cell in (np.nextafter(rounded, np.float32(-9)), rounded, np.nextafter(rounded, np.float32(9))):
            assert (cell <= rounded) == (np.float64(cell) <= threshold)


def test_a_class_that_a_part_does_not_have_is_next_to_impossible():
    given = rows(3)
    rare = np.where(np.arange(160) == 0, 2, np.minimum(given.target, 1))  # only in part 0
    given = Rows(given.inputs, rare, given.parts, 3)
    for fit in KINDS.values():
        held_out = fit(given, Time(60)).held_out
        assert held_out.shape == (160, 3)
        assert held_out[given.parts == 0, 2].max() < 1e-6


def test_held_out_answers_come_from_models_that_have_not_seen_the_row():
    given = rows(None)
    seen = []

    def fit(at):
        seen.append(set(at.tolist()))
        return lambda others: np.array([float(i in seen[-1]) for i in others])

    assert held_out_answers(given, fit).sum() == 0
    assert [len(rows_of_a_part) for rows_of_a_part in seen] == [120] * 4


def test_rows_that_are_never_held_out_are_always_learnt():
    given = rows(None)
    given = Rows(given.inputs, given.target, np.where(np.arange(160) < 130, -1, 0), None)
    assert linear.fit(given, CURVES, CARDINALITIES, Time(60)).held_out.shape == (30,)


def test_rows_that_leave_nothing_to_learn_from_are_not_enough():
    given = rows(2)
    assert given.are_enough
    one_class = np.where(given.parts == 0, given.target, 1)  # without part 0 there is one class
    assert not Rows(given.inputs, one_class, given.parts, 2).are_enough
    assert not Rows(given.inputs, given.target, np.where(np.arange(160) < 5, -1, 0), 2).are_enough


def test_without_time_there_is_no_rival():
    for fit in KINDS.values():
        assert fit(rows(2), Time(-1)) is None


# -- texts ----------------------------------------------------------------------------------------------------------

TEXTS = [
    "a good warm film",
    "a bad cold film",
    "warmly good",
    "badly cold and bad",
    "good and warm",
    "cold, so cold",
] * 4


def texts(num_words=6):
    vocabulary = WordVocabulary.fit(TEXTS, max_length=num_words)
    vocabulary.learn_pieces(TEXTS, 500)
    target = np.array([1, 0, 1, 0, 1, 0] * 4)
    return Rows((vocabulary.encode(TEXTS),), target, np.arange(24) % 3, 2), vocabulary


def test_the_tables_of_tfidf_answer_as_the_matrix_that_was_fitted():
    given, vocabulary = texts()
    features = tfidf.Features(given.inputs[0], vocabulary)
    new = vocabulary.encode(["warmish goodness and a film", "", "film film good film", "zzz"])
    rng = np.random.default_rng(0)
    design = features.design(new)
    weights, bias = rng.normal(size=(3, design.shape[1])), rng.normal(size=3)
    with torch.no_grad():
        said = features.part(weights, bias)(torch.from_numpy(new).long()).numpy()
    np.testing.assert_allclose(said, design @ weights.T + bias, atol=1e-4)


def test_an_unknown_word_is_known_by_its_pieces():
    given, vocabulary = texts()
    rival = tfidf.fit(given, vocabulary, Time(60))
    tokens = torch.from_numpy(vocabulary.encode(["warmest", "coldest"])).long()
    with torch.no_grad():
        shares = rival.part(tokens).softmax(dim=1)
    assert shares[0, 1] > 0.5 > shares[1, 1]
    assert "warmest" not in vocabulary.ids


def test_pieces_follow_the_words_and_only_of_unknown_ones():
    _, vocabulary = texts()
    known, unknown = vocabulary.encode(["a good film", "a goodish film"])
    assert (known >= len(vocabulary)).sum() == 0
    is_piece = unknown >= len(vocabulary)
    assert is_piece.any()
    assert not is_piece[:3].any()
    spelled = [vocabulary.pieces[i - len(vocabulary)] for i in unknown[is_piece]]
    assert all(piece.strip("<>") in "<goodish>" for piece in spelled)
    again = WordVocabulary.from_state(vocabulary.state())
    assert np.array_equal(again.encode(["a goodish film"])[0], unknown)


def test_a_text_of_many_unknown_words_is_cut_at_its_width():
    _, vocabulary = texts()
    tokens = vocabulary.encode([" ".join(f"warm{i}good" for i in range(300))])
    assert tokens.shape == (1, vocabulary.width)
    assert len(split_words("warm1good")) == 1


@pytest.mark.parametrize(("count", "is_one"), [(300, True), (trees.ONE_THREAD_ROWS + 1, False)])
def test_few_rows_are_boosted_by_one_thread(count, is_one):
    from threadpoolctl import threadpool_info, threadpool_limits

    def threads():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"]

    with threadpool_limits(2, "openmp"):
        assert threads()
        with trees._threads(count):
            assert set(threads()) == ({1} if is_one else {2})
        assert set(threads()) == {2}
