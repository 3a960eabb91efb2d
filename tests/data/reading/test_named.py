"""Columns that options name are there, and play one part."""

import pandas as pd
import pytest

from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, Text
from deepglass.data.reading.named import require_named, require_parts


def table() -> Table:
    return Table(pd.DataFrame({"day": [1, 2], "person": [1, 2], "a,b": [1, 2], "label": [0, 1]}), "table")


@pytest.mark.parametrize("option", ["text_column", "time_column", "group_column"])
def test_a_column_that_is_not_there_has_a_nearest_name(option):
    spelled = "--" + option.replace("_", "-")
    with pytest.raises(OptionError, match=f"{spelled}: unknown column 'persn'; did you mean 'person'"):
        require_named(table(), DataConfig(**{option: "persn"}))
    require_named(table(), DataConfig(**{option: "person"}))
    require_named(table(), DataConfig(**{option: "a,b"}))
    require_named(table(), DataConfig(**{option: "day,person"}))  # several, where an option takes them
    require_named(Text("a text", "text"), DataConfig(**{option: "nope"}))


def test_a_column_has_one_part():
    with pytest.raises(OptionError, match="--target and --group-column both name 'label'"):
        require_parts(DataConfig(target="label", group_column="label"))
    with pytest.raises(OptionError, match="--ignore leaves out 'label', which --target names"):
        require_parts(DataConfig(target="label", ignore="day, label"))
    require_parts(DataConfig(target="label", group_column="person", ignore="day"))
