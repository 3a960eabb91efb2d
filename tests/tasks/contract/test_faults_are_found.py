"""The questions can be answered wrongly: each fault is found by the question that is meant for it."""

import copy
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from deepglass.core.guesses import Guess
from tests.tasks import small
from tests.tasks.contract import test_answers as answers
from tests.tasks.contract import test_data as data
from tests.tasks.contract import test_judging as judging
from tests.tasks.contract.case import Case


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A task without a fault."""
    return Case("tabular_classification", tmp_path_factory.mktemp("sound"))


def with_prepared(case, **more):
    case.job = replace(case.job, prepared=replace(case.job.prepared, **more))


def with_run(case, **more):
    names = ("task", "model", "metrics", "predict")
    case.run = SimpleNamespace(**{name: getattr(case.run, name) for name in names} | more)


def with_task(case, **more):
    task = copy.copy(case.run.task)
    vars(task).update(more)
    with_run(case, task=task)


def learns_from_the_test(case):
    ids = case.job.prepared.ids
    with_prepared(case, ids=ids | {"test": ids["train"][: len(ids["test"])]})


def names_other_rows(case):
    ids = case.job.prepared.ids
    with_prepared(case, ids=ids | {"test": np.roll(ids["test"], 1)})


def guesses_in_silence(case):
    case.job = replace(case.job, guesses=[Guess("scaling", "quantile", "it is usual", "")])


def names_an_option_that_is_none(case):
    case.job = replace(case.job, guesses=[Guess("scaling", "quantile", "it is usual", "--skaling")])


def forgets_a_size(case):
    dims = {name: size for name, size in case.job.prepared.dims.items() if name != "num_features"}
    with_prepared(case, dims=dims)


def declares_where_nobody_reads(case):
    case.Task = type("Task", (case.Task,), {"HONOURS": ("target",)})


def forgets_what_it_learnt(case):
    other = case.again()
    state = other.state()
    other.load_state(state | {"classes": state["classes"][::-1]})
    case.again = lambda: other


def scores_the_wrong_way_round(case):
    own = case.run.task.evaluate

    def evaluate(outputs):
        return own(replace(outputs, predictions=1 - outputs.predictions))

    with_task(case, evaluate=evaluate)


def chooses_the_worst_epoch(case):
    case.Task = type("Task", (case.Task,), {"better": "higher"})


def calls_a_score_something(case):
    metrics = case.run.metrics
    with_run(case, metrics=metrics | {"test": metrics["test"] | {"goodness": {"value": 1.0}}})


def looks_at_the_neighbours(case):
    own = case.run.predict

    def predict(inputs):
        count = len(inputs) if isinstance(inputs, list) else 1
        return [answer | {"probability": answer["probability"] / count} for answer in own(inputs)]

    with_run(case, predict=predict)


def says_always_the_same(case):
    own = case.run.predict(case.inputs[0])
    with_run(case, predict=lambda inputs: own)


FAULTS = (
    (learns_from_the_test, data.test_every_part_has_examples_and_none_is_in_two),
    (names_other_rows, data.test_ids_name_the_examples_of_the_source),
    (guesses_in_silence, data.test_guesses_name_options_that_there_are),
    (names_an_option_that_is_none, data.test_guesses_name_options_that_there_are),
    (forgets_a_size, data.test_dims_suffice_to_build_the_usual_model_and_extremes_go_through_it),
    (declares_where_nobody_reads, data.test_what_is_read_without_importing_is_what_the_class_says),
    (forgets_what_it_learnt, data.test_a_state_that_went_through_a_file_reads_and_answers_alike),
    (scores_the_wrong_way_round, judging.test_nothing_scores_better_than_a_perfect_answer),
    (chooses_the_worst_epoch, judging.test_the_metric_that_chooses_the_epoch_points_the_right_way),
    (calls_a_score_something, judging.test_every_score_is_known),
    (looks_at_the_neighbours, answers.test_one_input_is_answered_as_among_many),
    (says_always_the_same, answers.test_answers_depend_on_the_input),
)


@pytest.mark.parametrize(("spoil", "question"), FAULTS, ids=[spoil.__name__ for spoil, _ in FAULTS])
def test_a_fault_is_found(sound, spoil, question):
    question(sound)
    case = copy.copy(sound)
    spoil(case)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever ends the question
        question(case)


def test_a_task_without_small_data_is_told_what_is_wanted():
    with pytest.raises(AssertionError, match=r"tests/tasks/small/sonnets\.py is missing: (?s:.)*def data\(folder\)"):
        small.of("sonnets")
