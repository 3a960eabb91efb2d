"""The loss of a batch is the mean of its parts' losses, each counted by what its own mean divides by."""

import pytest
import torch

from deepglass.runs.job import plan_job


def job_for(source, **options):
    job = plan_job(source, None, "mlp" if source == "wine" else None, {"device": "cpu", **options})
    return job, job.build_model().eval()


def assert_parts_make_the_whole(job, model, batch):
    parts = [tuple(tensor[:5] for tensor in batch), tuple(tensor[5:] for tensor in batch)]
    losses = [job.task.loss(model, part) for part in parts]
    weights = [job.task.loss_weight(part) for part in parts]
    weights = [len(part[-1]) if weight is None else weight for part, weight in zip(parts, weights)]
    mean = sum(loss * weight for loss, weight in zip(losses, weights)) / sum(weights)
    torch.testing.assert_close(mean, job.task.loss(model, batch))


@pytest.mark.parametrize("class_weights", ["none", "balanced"])
def test_classes_that_count_differently(class_weights):
    job, model = job_for("wine", class_weights=class_weights)
    assert_parts_make_the_whole(job, model, job.prepared.train.batch(torch.arange(16)))


def test_futures_that_are_known_in_part():
    pytest.importorskip("statsmodels")
    job, model = job_for("co2")
    *inputs, future = job.prepared.train.batch(torch.arange(16))
    future[:3, 1:] = torch.nan
    assert_parts_make_the_whole(job, model, (*inputs, future))
