"""Groups without labels: held against labels that only judge, with intervals; their number guessed and said (L06)."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.evaluate import number_of_clusters
from deepglass.evaluate.clusters import Clusters
from deepglass.evaluate.judges.clusters import Judge, number_not_settled
from deepglass.evaluate.metrics import clusters
from deepglass.rivals import Time, k_means
from deepglass.runs.job import plan_job

QUICK = {"epochs": 30, "batch_size": 32, "learning_rate": 0.01, "threads": 1, "device": "cpu"}
SMALL = {"hidden_dim": 16, "num_layers": 1, "code_dim": 2}
NUMBERS = ["wide", "high", "deep", "heavy"]
MIDDLES = 6 * np.array([[0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 0, -1]])


def things(seed=0, count=240):
    """Rows of three kinds, far apart."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(3, size=count)
    frame = pd.DataFrame(MIDDLES[kind] + rng.normal(size=(count, 4)), columns=NUMBERS).round(4)
    return frame.assign(kind=np.array(["box", "tube", "ring"])[kind])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    console.mode = "quiet"
    path = tmp_path_factory.mktemp("things") / "things.csv"
    things().to_csv(path, index=False)
    return dg.train(path, run=path.parent / "run", task="clustering", **QUICK, **SMALL, target="kind")


# -- scores -----------------------------------------------------------------------------------------------------------


def test_agreement_and_silhouette_are_scikit_learns():
    rng = np.random.default_rng(0)
    for k, groups, count in ((3, 4, 200), (10, 10, 500), (1, 3, 40), (5, 2, 7)):
        mine, truth = rng.integers(k, size=count), rng.integers(groups, size=count)
        mine = np.where(rng.random(count) < 0.6, truth % k, mine)
        rows = rng.normal(size=(count, 3)) + mine[:, None]
        truth = np.concatenate([truth, [-1, -1]])
        found = clusters.evaluate(np.concatenate([mine, [0, 0]]), truth, np.concatenate([rows, rows[:2]]))
        assert found["adjusted_rand_index"]["value"] == pytest.approx(adjusted_rand_score(truth[:-2], mine))
        theirs = normalized_mutual_info_score(truth[:-2], mine)
        assert found["normalised_mutual_info"]["value"] == pytest.approx(theirs, abs=1e-9)
        within = clusters.evaluate(mine, truth[:-2], rows)["silhouette"]["value"]
        assert within == (None if k == 1 else pytest.approx(silhouette_score(rows, mine)))


def test_the_same_partition_under_other_names_is_perfect_and_one_heap_tells_nothing():
    truth = np.repeat([0, 1, 2], 20)
    found = clusters.evaluate(np.repeat([2, 0, 1], 20), truth)
    assert found["adjusted_rand_index"]["value"] == found["normalised_mutual_info"]["value"] == 1
    assert found["adjusted_rand_index"]["low"] == pytest.approx(1)
    heap = clusters.evaluate(np.zeros(60, int), truth)
    assert heap["adjusted_rand_index"]["value"] == heap["normalised_mutual_info"]["value"] == 0


def test_without_labels_only_the_silhouette_is_told():
    rows = np.array([[0.0], [1.0], [8.0], [9.0]])
    found = clusters.evaluate(np.array([0, 0, 1, 1]), np.full(4, -1), rows)
    assert found["headline"] == ["silhouette"]
    assert "adjusted_rand_index" not in found
    assert clusters.evaluate(np.array([0, 0, 1, 1]), np.array([0, 0, 0, -1]))["headline"] == ["silhouette"]


def test_intervals_hold_the_score_of_all_examples_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    everything = np.array([[30.0, 8, 2], [5, 20, 5], [2, 3, 25]])
    shares = (everything / everything.sum()).ravel()
    for place, measure in enumerate((clusters.adjusted_rand, clusters.mutual_information)):
        whole, held = float(measure(everything * 1e5)), 0
        for draw in range(200):
            table = rng.multinomial(250, shares)
            cells = np.repeat(np.arange(9), table)
            found = clusters.agreement(cells // 3, cells % 3, seed=draw)
            entry = list(found.values())[place]
            held += entry["low"] <= whole <= entry["high"]
        assert 0.88 <= held / 200 <= 0.99


# -- centres ----------------------------------------------------------------------------------------------------------


def test_centres_are_scikit_learns_and_distances_are_in_units_of_the_spread():
    rng = np.random.default_rng(0)
    codes = (rng.normal(size=(300, 3)) + 5 * np.eye(3)[rng.integers(3, size=300)]).astype(np.float32)
    found = Clusters.fit(codes, 3, seed=1)
    theirs = KMeans(3, n_init=10, random_state=1).fit(codes)
    away = found(torch.from_numpy(codes)).numpy()
    assert adjusted_rand_score(theirs.labels_, away.argmin(1)) == 1
    spread = np.sqrt(((codes - codes.mean(0)) ** 2).mean())
    assert np.sort(away, axis=1) == pytest.approx(np.sort(theirs.transform(codes), axis=1) / spread / 3**0.5, rel=1e-3)
    assert np.all(np.diff(np.bincount(away.argmin(1))) <= 0)  # the largest first


def test_centres_went_through_a_file():
    found = Clusters.fit(np.random.default_rng(0).normal(size=(50, 2)), 4)
    again, code = Clusters.from_state(found.state()), torch.randn(5, 2)
    assert torch.equal(found(code), again(code))
    for broken in ({"spread": 0.0}, {"centres": [[1.0, 2.0]]}, {"mean": [1.0]}):
        with pytest.raises(ValueError, match="expected"):
            Clusters.from_state(found.state() | broken)


def test_the_number_of_clusters_is_found_where_they_are_apart_and_left_open_where_they_are_not():
    rng = np.random.default_rng(0)
    middles = 12 * np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    apart = middles[rng.integers(4, size=240)] + rng.normal(size=(240, 2))
    found = number_of_clusters.tried(apart)
    assert [one["k"] for one in found] == list(range(2, 11))
    assert number_of_clusters.best(found) == 4
    assert number_of_clusters.level(found) == []
    cloud = number_of_clusters.tried(rng.normal(size=(240, 2)))
    assert number_of_clusters.level(cloud)
    assert all(one["spread"] > 0 for one in cloud)
    assert [one["k"] for one in number_of_clusters.tried(rng.normal(size=(12, 2)))] == [2]


# -- the task ---------------------------------------------------------------------------------------------------------


def test_known_groups_are_recovered_with_an_interval_though_no_label_was_learnt_from(run):
    test = run.metrics["test"]
    assert test["adjusted_rand_index"]["value"] > 0.9
    assert test["adjusted_rand_index"]["low"] > 0.75
    assert test["normalised_mutual_info"]["value"] > 0.9
    assert run.metrics["baseline"]["adjusted_rand_index"]["value"] < 0.2
    assert run.metrics["rival"]["name"] == "k-means on the inputs"
    assert run.task.preprocessor.columns == NUMBERS


def test_the_number_is_guessed_said_and_kept(run):
    details = run.metrics["test"]["details"]
    assert details["clusters"] == 3 == number_of_clusters.best(details["tried"])
    page = (run.path / "report.html").read_text()
    assert "3 clusters, guessed by the silhouette" in page
    assert "What is in the clusters" in page
    assert number_not_settled(run.metrics["test"], {}) is None


def test_labels_change_nothing_but_the_judgement(run, tmp_path):
    console.mode = "quiet"
    frame = things()
    frame["kind"] = np.random.default_rng(5).permutation(frame["kind"])
    other = dg.train(frame, run=tmp_path / "run", task="clustering", **QUICK, **SMALL, target="kind")
    assert np.array_equal(other.folder.read_outputs()["predictions"], run.folder.read_outputs()["predictions"])
    assert other.metrics["test"]["adjusted_rand_index"]["value"] < 0.2


def test_an_answer_is_the_nearest_centre_and_how_far_all_are(run):
    rows = [dict(zip(NUMBERS, map(float, middle))) for middle in MIDDLES]
    answers = run.predict(rows)
    assert sorted(answer["cluster"] for answer in answers) == [1, 2, 3]
    for answer in answers:
        away = [answer[f"distance_{place}"] for place in (1, 2, 3)]
        assert answer["distance"] == min(away) == away[answer["cluster"] - 1]
    far = run.predict([dict.fromkeys(NUMBERS, 60.0)])[0]
    assert far["distance"] > 3 * max(answer["distance"] for answer in answers)
    assert run.evaluate(things(seed=3))["adjusted_rand_index"]["value"] > 0.9
    assert run.evaluate(things(seed=3)[NUMBERS])["headline"] == ["silhouette"]


def test_the_rival_is_k_means_of_the_standardised_rows(run):
    job = plan_job(things(), "clustering", None, {**QUICK, **SMALL, "target": "kind"})
    job.task.calibrate(run.network, job.prepared)
    _, found = job.task.simple_answers(job.prepared, Time(60.0))
    train, test = (job.task.rows(part) for part in (job.prepared.train, job.prepared.test))
    theirs = KMeans(3, n_init=10, random_state=0).fit(train.astype(np.float64))
    assert adjusted_rand_score(theirs.predict(test.astype(np.float64)), found.predictions.argmin(1)) == 1
    assert k_means.distances(test, theirs.cluster_centers_).min(1) == pytest.approx(found.losses, rel=1e-3)


def test_without_labels_it_says_so_and_shows_the_clusters(tmp_path):
    console.mode = "quiet"
    runs = [
        dg.train(
            things()[NUMBERS], run=tmp_path / f"run{seed}", task="clustering", **QUICK, **SMALL, clusters=3, seed=seed
        )
        for seed in (0, 1)
    ]
    test = runs[0].metrics["test"]
    assert test["headline"] == ["silhouette"]
    assert test["silhouette"]["value"] > runs[0].metrics["baseline"]["silhouette"]["value"] + 0.3
    assert "rival" not in runs[0].metrics
    assert test["details"]["tried"] == []
    assert "no labels" in " ".join(Judge().notes(test))
    page = (runs[0].path / "report.html").read_text()
    assert "have a silhouette of" in page
    with pytest.raises((DataError, OptionError), match=r"labels|shared"):
        runs[0].compare(runs[1])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"clusters": 1}, "--clusters: expected 2 or more, got 1"),
        ({"clusters": 999}, "999 clusters need as many training examples"),
        ({"noise": -1.0}, "--noise: expected 0 or more"),
        ({"neighbours": -1}, "--neighbours: expected 0 or more"),
        ({"neighbours": 500}, "--neighbours: expected fewer than the 1.. training examples, got 500"),
        ({"target": "sort"}, "--target"),
        ({"target": "none"}, "--target has no effect"),
        ({"classes": "box"}, "--classes has no effect.*no labels are learnt"),
    ],
)
def test_what_can_not_be_done_is_said(options, words):
    with pytest.raises((DataError, OptionError), match=words):
        plan_job(things(), "clustering", None, {**QUICK, **options})


def test_pictures_in_folders_are_grouped_and_their_folders_judge(tmp_path):
    console.mode = "quiet"
    rng = np.random.default_rng(0)
    for place, kind in enumerate(("bars", "blot", "grey")):
        folder = tmp_path / "pictures" / kind
        folder.mkdir(parents=True)
        for i in range(30):
            pixels = rng.integers(90, 110, (8, 8)) + 90 * (place == 0) * (np.arange(8) % 2)
            if kind == "blot":
                pixels[2:6, 2:6] = 10
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i}.png")
    found = dg.train(tmp_path / "pictures", run=tmp_path / "run", task="clustering", **QUICK, **SMALL, clusters=3)
    assert found.metrics["test"]["adjusted_rand_index"]["value"] == 1
    assert all(item["image"].startswith("data:image/png") for item in found.folder.read("mistakes.json"))


# -- with a graph -----------------------------------------------------------------------------------------------------

GRAPH = {**QUICK, "hidden_dim": 32, "num_layers": 2, "target": "ring", "clusters": 2, "neighbours": 8}


def rings(count=500):
    """Two rings, one in the other: no two heaps."""
    rng = np.random.default_rng(0)
    ring, angle = rng.integers(2, size=count), rng.uniform(0, 2 * np.pi, count)
    radius = 1 + 2 * ring + 0.1 * rng.normal(size=count)
    frame = pd.DataFrame({"x": radius * np.cos(angle), "y": radius * np.sin(angle)}).round(4)
    return frame.assign(ring=np.array(["inner", "outer"])[ring])


def test_codes_that_know_a_graph_tell_rings_apart_in_new_rows_too(tmp_path):
    console.mode = "quiet"
    found = dg.train(rings(), run=tmp_path / "run", task="clustering", **GRAPH)
    assert found.metrics["test"]["adjusted_rand_index"]["value"] > 0.95
    assert found.metrics["rival"]["adjusted_rand_index"]["value"] < 0.3  # k-means looks for heaps
    inner, outer = found.predict([{"x": 0.0, "y": -1.0}, {"x": 3.0, "y": 0.0}])
    assert inner["cluster"] != outer["cluster"]
    assert len(found.task.clusters.mean) == 2  # as many coordinates as clusters


def test_only_training_examples_that_are_in_the_graph_are_pulled(monkeypatch):
    monkeypatch.setattr("deepglass.tasks.clustering.MOST_JOINED", 50)
    job = plan_job(rings(200), "clustering", None, GRAPH)
    network, task = job.build_model().train(), job.task
    examples = task.training_examples(job.prepared.train)
    joined, alone = (task.places >= 0).nonzero().flatten(), (task.places < 0).nonzero().flatten()
    assert len(joined) == 50
    assert len(joined) + len(alone) == len(examples)
    for places, is_pulled in ((joined[:20], True), (alone[:20], False)):
        batch = examples.batch(places)
        plain = task.coded(network, batch)[1]
        assert bool(task.loss(network, batch) > plain + 0.1) == is_pulled
        assert torch.equal(task.loss(network.eval(), batch), task.coded(network, batch)[1])
        network.train()


def test_a_code_that_is_its_coordinates_is_not_pulled():
    job = plan_job(rings(120), "clustering", None, GRAPH | {"code_dim": 3})
    task = job.task
    examples = task.training_examples(job.prepared.train)
    *inputs, places = examples.batch(torch.arange(10))
    wanted = task._coordinates(torch.zeros(1, 3))[places]

    class Right(torch.nn.Module):
        def forward(self, rows, categories):
            return torch.cat([wanted, rows], dim=1)

    assert task.loss(Right().train(), (*inputs, places)) == 0


# -- what is warned of ------------------------------------------------------------------------------------------------


def test_a_number_that_the_folds_do_not_settle_is_warned_of():
    def test_of(second, spread=0.02):
        tried = [{"k": k, "silhouette": s, "spread": spread} for k, s in ((2, 0.5), (3, second), (4, 0.2))]
        return {"details": {"tried": tried}}

    assert "2 clusters were guessed" in number_not_settled(test_of(0.49), {})
    assert "from 3:" in number_not_settled(test_of(0.49), {})
    assert number_not_settled(test_of(0.4), {}) is None
    assert number_not_settled({"details": {"tried": []}}, {}) is None


def test_of_two_runs_on_the_same_examples_the_better_one_wins_and_luck_does_not():
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=300)
    good, bad = (
        1 - np.eye(3)[np.where(rng.random(300) < keep, truth, rng.integers(3, size=300))] for keep in (0.9, 0.5)
    )
    record = Judge().paired_tests({"predictions": good, "targets": truth}, {"predictions": bad, "targets": truth}, 0)[0]
    assert record["a"] == pytest.approx(adjusted_rand_score(truth, good.argmin(1)))
    assert record["b"] == pytest.approx(adjusted_rand_score(truth, bad.argmin(1)))
    assert record["difference"]["low"] > 0
    assert record["p_value"] < 0.01
    turned = {"predictions": good[:, [1, 2, 0]], "targets": truth}  # the same clusters, counted otherwise
    same = Judge().paired_tests({"predictions": good, "targets": truth}, turned, 0)[0]
    assert same["difference"]["value"] == 0
    assert same["p_value"] == 1
