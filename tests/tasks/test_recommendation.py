"""What recommendation holds out, where its network begins, what it refuses; that it knows more than what is popular."""

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.core.errors import DataError, OptionError
from deepglass.data.datasets import film_ratings
from deepglass.evaluate.metrics.recommendation import ndcg
from deepglass.evaluate.paired import paired_bootstrap
from deepglass.rivals import Time, ease
from deepglass.runs.job import plan_job


def events(people=20, items=9, seed=0):
    """Every person takes some of the items, one a day."""
    generator = np.random.default_rng(seed)
    rows = [
        (f"user {person}", f"item {item}", day)
        for person in range(people)
        for day, item in enumerate(generator.permutation(items)[: generator.integers(5, items)])
    ]
    return pd.DataFrame(rows, columns=["user", "item", "day"])


def planned(frame, **options):
    options = {"epochs": 1, "code_dim": 8, **options}
    return plan_job(frame, "recommendation", options.pop("model", None), options)


def names(job, codes):
    return [job.task.reader.items[code - 1] for code in codes if code > 0]


def test_the_last_event_is_the_test_and_the_one_before_it_validation():
    frame = events()
    job = planned(frame.sample(frac=1, random_state=1), time_column="day")  # the order is that of time
    for part, back in (("val", 2), ("test", 1)):
        tokens, held = getattr(job.prepared, part).batch(torch.arange(20))
        users = list(job.task.reader.users)
        for row, user in enumerate(users):
            history = frame[frame.user == user].sort_values("day").item.tolist()
            assert names(job, held[row].tolist()) == [history[-back]]
            assert names(job, tokens[row].tolist()) == history[:-back]


def test_nothing_of_the_test_is_known_in_training():
    frame = events()
    frame.loc[frame.groupby("user").tail(2).index, "item"] = "new"  # of everybody what is held out is the same new item
    frame = frame.drop_duplicates(["user", "item"])
    frame = pd.concat([frame, frame[frame.item == "new"].assign(item="newest", day=99)])
    job = planned(frame, time_column="day")
    assert not {"new", "newest"} & set(job.task.reader.items)
    _, held = job.prepared.test.batch(torch.arange(len(job.prepared.test)))
    assert (held < 0).all()


def test_the_network_begins_as_ease():
    """Linear, without fading and wide enough, it ranks as the closed form does."""
    job = planned(film_ratings.ratings(60), time_column="time", code_dim=150, fade=0.0, context=100)
    model, items = job.build_model(), len(job.task.reader.items)
    asked = job.task._as_asked(job.prepared.val)
    found = ease.spectrum(job.prepared.train.matrix(items))
    ranks = job.task.outputs(model, job.prepared.val).predictions
    assert any(np.array_equal(ranks, asked.ranks(ease.fit(found, penalty), 0.0)) for penalty in ease.PENALTIES)


def test_what_it_recommends_is_found_more_often_than_what_is_popular():
    job = planned(film_ratings.ratings(150), time_column="time", code_dim=64)
    ours = ndcg(job.task.outputs(job.build_model(), job.prepared.test).predictions)
    popular = ndcg(job.task.popular(job.prepared).predictions)
    assert paired_bootstrap(ours, popular)["difference"]["low"] > 0
    simple = job.task.simple_answers(job.prepared, Time(60.0))
    assert ours.mean() > ndcg(simple[1].predictions).mean() - 0.02


def test_nothing_that_a_user_has_is_recommended():
    job = planned(events(people=30), time_column="day")
    outputs = job.task.outputs(job.build_model(), job.prepared.test)
    for row, lists in enumerate(outputs.extra["lists"]):
        tokens, _ = job.prepared.test.batch(torch.tensor([row]))
        assert not set((tokens[0][tokens[0] > 0] - 1).tolist()) & set(lists.tolist())


def test_a_repeated_event_counts_once_and_is_said():
    frame = pd.concat([events(), events().head(5)])
    job = planned(frame, time_column="day")
    assert any(guess.what == "repeated" and "5 events" in guess.value for guess in job.guesses)
    assert all(len(history) == len(set(history)) for history in job.task.reader.users.values())


def test_ratings_are_not_needed_and_low_ones_may_be_left_out():
    frame = events().assign(stars=lambda frame: np.where(frame.day % 4 == 3, 1.0, 4.0))
    assert planned(frame.drop(columns="stars"), time_column="day").task.reader.columns.rating is None
    kept = planned(frame, time_column="day", min_rating=3.0)
    assert sum(map(len, kept.task.reader.users.values())) == (frame.stars > 3).sum()
    with pytest.raises(OptionError, match="--min-rating: the table has no rating"):
        planned(frame.drop(columns="stars"), min_rating=3.0)
    with pytest.raises(OptionError, match="the highest is 4"):
        planned(frame, min_rating=5.0)


def test_cells_that_are_empty_are_left_out_and_said():
    frame = events().astype({"day": float})
    frame.loc[3, "item"], frame.loc[9, "day"] = None, np.nan
    job = planned(frame, time_column="day")
    assert [guess.value for guess in job.guesses if guess.what == "rows left out"] == ["1", "1"]
    assert sum(map(len, job.task.reader.users.values())) == len(frame) - 2


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (events().rename(columns={"user": "x"}), "no column names the users .* --user-column"),
        (events().rename(columns={"item": "x"}), "no column names the items .* --item-column"),
        (events().groupby("user").head(1), "0 users of 20 took 3 items or more"),
        (events().assign(user=[f"u{i}" for i in range(len(events()))]), "0 users of"),
        (events().groupby("user").head(3), "nobody has two items left to learn from"),
    ],
)
def test_tables_without_histories_are_refused(frame, said):
    with pytest.raises(DataError, match=said):
        planned(frame)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"leave_out": 0}, "--leave-out: expected 1 or more"),
        ({"context": 0}, "--context: expected 1 to"),
        ({"user_column": "item", "item_column": "item"}, "expected different columns"),
        ({"time_column": "item"}, "--time-column item: it holds words"),
        ({"start": "ease", "model": "mult-dae"}, "--start has no effect: mult-dae"),
        ({"initializer": "he"}, "--initializer has no effect"),
        ({"rating_column": "day"}, "--rating-column has no effect"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, said):
    with pytest.raises(OptionError, match=said):
        planned(events(), **options)


@pytest.mark.parametrize("model", ["matrix-factorisation", "mult-dae"])
def test_other_models_tell_two_tastes_apart(model):
    first, second = events(people=30, items=12, seed=1), events(people=30, items=12, seed=2)
    second = second.assign(user=second.user + " too", item=second.item + " too")
    job = planned(pd.concat([first, second], ignore_index=True), time_column="day", model=model)
    network = job.build_model()
    optimizer = torch.optim.Adam(network.parameters(), 0.03)
    for _ in range(60):
        loss = job.task.loss(network.train(), job.prepared.train.batch(torch.arange(len(job.prepared.train))))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    lists = job.task.outputs(network, job.prepared.test).extra["lists"][:, 0]
    is_second = np.array(["too" in user for user in job.task.reader.users])
    assert np.mean(["too" in job.task.reader.items[place] for place in lists] == is_second) > 0.95


def test_the_loss_is_a_number_with_a_slope_whatever_is_asked():
    """Where nothing comes next, and where what is asked about is the most popular of all, which the user has."""
    job = planned(events(people=30), time_column="day")
    network = job.build_model().eval()
    tokens, targets = torch.tensor([[0, 0, 1], [3, 1, 2]]), torch.tensor([[0, 0], [4, 0]])
    loss = job.task.loss(network, (tokens, targets))
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())
    scores = network(tokens)[1, 1:].detach()
    scores[:3] = -torch.inf
    assert loss.item() == pytest.approx(-scores.log_softmax(dim=0)[3].item() / 2, rel=1e-5)
