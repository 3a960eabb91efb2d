"""Warnings that several kinds of answers share."""

from deepglass.evaluate.judges import Result
from deepglass.evaluate.scores import metric, show, show_interval

FEW_EXAMPLES = 100  # below, even a perfect accuracy only means "above 96 %" (Wilson)
BY_CHANCE = 0.05  # what happens more often than this deserves no sentence
TOO_GOOD = {"accuracy": 0.9999, "subset_accuracy": 0.9999, "r2": 0.9995}


def few_examples(test: Result, chosen: Result) -> str | None:
    """So few examples that the scores could be luck."""
    if test["count"] >= FEW_EXAMPLES:
        return None
    name = test["headline"][0]
    interval = show_interval(name, test[name])
    range_ = f": {metric(name).title} may be anywhere from {interval}" if interval else ""
    return f"Only {test['count']} test examples{range_}. Use --folds 5, or a larger --test-fraction."


def too_good(test: Result, chosen: Result) -> str | None:
    """Perfection is more often a leak than a triumph."""
    name = next((name for name in TOO_GOOD if name in test), None)
    if name is None or test["count"] < FEW_EXAMPLES or (test[name]["value"] or 0) < TOO_GOOD[name]:
        return None
    value = show(name, test[name]["value"])
    return (
        f"{metric(name).title} is {value}: either this is easy, or the answer leaks into the inputs. Look at "
        "`deepglass check` for leakage suspects and leave them out with --ignore."
    )


def never_found(test: Result, error: float) -> str:
    """Which classes were in the test and not once found, though so many examples cannot all be missed by chance.

    Args:
        error: How often the model is wrong in general.
    """
    missed = [
        record
        for record in test["details"].get("per_class", [])
        if record["count"] and not record["recall"] and error ** record["count"] < BY_CHANCE
    ]
    return first_of([f"{record['class']!r} ({record['count']})" for record in missed])


def not_tested(test: Result) -> str:
    """Which classes have no test example."""
    return first_of([repr(record["class"]) for record in test["details"].get("per_class", []) if not record["count"]])


def first_of(names: list[str]) -> str:
    """The first five, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
