"""New tables for a trained task: read as the training table was."""

from dataclasses import replace
from typing import Any

from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.reading import source
from deepglass.data.reading.table_format import TableFormat


def read_new(inputs: Any, reading: TableFormat | None, config: DataConfig, *, with_target: bool = False) -> Data:
    """New data in the form of the training data; what concerns training alone is set aside.

    Args:
        inputs: A path, a frame, arrays, records, or data that were read before.
        reading: How the training table was read; None for a run of version 0.1, whose new tables are guessed anew.
        config: The options with which the training table was read.
        with_target: Whether they must carry the target.

    Raises:
        DataError: If they do not fit; names file, column and line.
    """
    if reading is not None:
        return source.read_known(inputs, reading.with_target() if with_target else reading)
    if isinstance(inputs, dict):
        inputs = [inputs]
    if isinstance(inputs, list) and inputs and isinstance(inputs[0], dict):
        inputs = source.frame_of_records(inputs)
    return source.read(inputs, replace(config, **dict.fromkeys(OF_TRAINING)))


OF_TRAINING = ("target", "ignore", "split_column", "val", "test", "max_rows", "categories", "numbers", "date_format")
