"""When a bag of networks is worth its time, and which of them leaves out which row; see zoo/bag.py.

On 21 tables and 4 sets of texts of up to 4,000 rows, five networks were better than one that sets a tenth of the rows
aside on all but two (bench/strangers); beyond, one costs minutes and loses little.
"""

import numpy as np

from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.folds import places
from deepglass.data.splits import Splits

NETWORKS = 5  # each learns four fifths of the rows; ten are hardly better, and cost twice as much
FEWEST_ROWS, MOST_ROWS = 20, 4_000  # outside the test


def number_of_networks(asked: int | None, suits: bool, splits: Splits, data_config: DataConfig) -> int:
    """How many networks to train.

    Args:
        asked: With --bags, or None.
        suits: Whether model and training are of a kind that a bag helps.
        splits: A bag needs no validation part, so a part that is asked for is a reason against it.
        data_config: How the data are divided.

    Raises:
        OptionError: If a bag is asked for that cannot be.
    """
    rows = len(splits["train"]) + len(splits["val"])
    is_val_given = bool(data_config.val or data_config.val_fraction)
    if asked is None:
        return NETWORKS if suits and not is_val_given and FEWEST_ROWS <= rows <= MOST_ROWS else 1
    if not 1 <= asked <= rows // 2:
        raise OptionError(f"--bags: expected 1 to {rows // 2}, half of the rows outside the test, got {asked}")
    if asked > 1 and is_val_given:
        raise OptionError(
            "--bags validates on the rows that each network leaves out: leave --val and --val-fraction out"
        )
    return asked


def left_out_by(
    networks: int, splits: Splits, seed: int, labels: np.ndarray | None, groups: np.ndarray | None
) -> tuple[Splits, np.ndarray]:
    """The splits of a bag, whose rows all train and all validate, and for each of them the network that leaves it out.

    Args:
        networks: Two or more.
        splits: Training and validation apart.
        seed: Of the drawing.
        labels: (N,) classes of all rows of the source, of which each part shall have its share.
        groups: (N,) groups of all rows, which stay together.
    """
    rows = np.sort(np.concatenate([splits["train"], splits["val"]]))
    labels, groups = (None if of_all is None else of_all[rows] for of_all in (labels, groups))
    fold = places(len(rows), networks, seed, labels, groups)
    return splits | {"train": rows, "val": rows}, fold


def guess(networks: int, rows: int) -> Guess:
    """What is said of a bag that nobody asked for."""
    why = f"{rows:,} rows are few: each network leaves out another part of them, which judges it"
    return Guess("networks", networks, why, "--bags 1")
