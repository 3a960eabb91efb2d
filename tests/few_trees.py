"""The simple models beside a network grow few trees in tests: what they are worth is measured by `bench/`.

Of the seconds that a training of 150 rows takes, 1,800 trees of a forest are three quarters.
"""

from collections.abc import Callable

FOREST_TREES, BOOSTED_ROUNDS = 20, 60


def grow_few_trees(change: Callable[[object, str, object], None] = setattr) -> None:
    """Let forests and boosting of this process end early.

    Args:
        change: Sets an attribute, such as `monkeypatch.setattr`.
    """
    from deepglass.rivals import trees

    change(trees, "FOREST_TREES", FOREST_TREES)
    change(trees, "BOOSTED", trees.BOOSTED | {"max_iter": BOOSTED_ROUNDS})
