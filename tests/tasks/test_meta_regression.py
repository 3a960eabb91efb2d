"""What meta-regression refuses, and that no group is in two parts."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.containers import Table
from deepglass.runs.job import plan_job


def table(groups: int = 30, rows: int = 8) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    x = generator.uniform(-3, 3, groups * rows)
    group = np.repeat([f"group {i}" for i in range(groups)], rows)
    return pd.DataFrame({"group": group, "x": x, "y": np.sin(x) + np.repeat(np.arange(groups), rows)})


def planned(source, **options):
    return plan_job(source, "meta-regression", None, {"target": "y", "group_column": "group", "epochs": 1, **options})


def test_parts_share_no_group():
    ids = planned(table()).prepared.ids
    assert len(np.unique(np.concatenate(list(ids.values())))) == sum(map(len, ids.values())) == 30


def test_a_group_that_lies_in_two_declared_parts_is_refused_by_name():
    frame = table()
    parts = {"train": np.arange(0, 200), "test": np.arange(196, 240)}  # group 24 begins with row 192
    data = Table(frame, target="y", name="sines", splits=parts)
    with pytest.raises(DataError, match=r"1 group in more than one part \(group 24\)"):
        planned(data)


@pytest.mark.parametrize("options", [{"support": 0}, {"inner_rate": 0.0}, {"adapt_steps": 0}])
def test_numbers_out_of_their_range_are_refused(options):
    with pytest.raises(OptionError, match="expected"):
        planned(table(), **options)


def test_too_few_groups_are_refused():
    with pytest.raises(DataError, match="expected at least"):
        planned(table(groups=2))
