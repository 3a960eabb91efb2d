"""Robustness: does the answer hold when inputs are worse than in training, by chance or on purpose?

By chance: common corruptions (`audit/corruptions/`), the score by severity. On purpose: attacks (`attacks/`), the
share of answers that the worst of them leaves right, with every setting, and with signs that the
figure cannot be trusted.
"""

import time
from typing import Any

import torch

from deepglass.audit import Curve, Section, Settings, Table
from deepglass.audit.attacked import (
    DRAWS,
    QUERIES,
    RESTARTS,
    SIZES,
    STEPS,
    USUAL_SIZES,
    ClassVictim,
    Stand,
    stand,
)  # fmt: skip
from deepglass.audit.attacked_values import Strain, ValueVictim, strain
from deepglass.audit.corrupted import SHARE, Corrupted, chosen, corrupted, kind_of
from deepglass.audit.corruptions import SEVERITIES
from deepglass.audit.subject import Subject
from deepglass.evaluate import scores

TITLE = "Robustness"
QUESTION = "Does the answer hold when inputs are worse than in training, by chance or on purpose?"
ANSWERS = None
INPUTS = None
USES = ("seed", "budget", "rows")

MOST_ATTACKED, FEWEST_ATTACKED = 200, 30
FIRM = 0.5  # of the right answers that should be left at the named size
LOST = 0.1  # of a share, from which on a corruption is worth a warning
PASSES = 5 * (STEPS * RESTARTS * 4 + QUERIES + DRAWS)  # through the network for all sizes, about
NORM_WORDS = {"linf": "every number of the input by at most", "l2": "the input as a whole by at most"}


def audit(subject: Subject, settings: Settings) -> Section:
    """Corruptions, then attacks where inputs can change by little.

    Raises:
        NotSuited: If neither has a meaning for the inputs.
    """
    found = corrupted(subject, settings)
    section = Section("robustness", TITLE, _lead(found), method=_corruption_method(found, settings))
    section.numbers.update({"clean": found.clean | {"count": found.examples, "score": found.score}})
    for name, values in found.found.items():
        for severity, value in zip(SEVERITIES, values, strict=True):
            section.numbers[f"{name}_{severity}"] = value
    section.tables.append(_corruption_table(found))
    section.curves.append(_corruption_curve(found))
    section.warnings.extend(_corruption_warnings(found))
    _attack(subject, settings, section)
    return section


# -- by chance ------------------------------------------------------------------------------------------------------


def _lead(found: Corrupted) -> str:
    worst, middle = found.worst, len(SEVERITIES) // 2
    title, before, after = scores.metric(found.score).title.lower(), found.clean, found.found[worst][middle]
    show = [scores.show(found.score, one["value"]) for one in (before, after)]
    return f"Of common corruptions “{found.words[worst]}” costs most: {title} {show[0]} → {show[1]} at middle severity"


def _corruption_method(found: Corrupted, settings: Settings) -> list[str]:
    kinds = ", ".join(found.words)
    return [
        f"Corruptions ({kinds}) in severities 1 to 5 on {found.examples:,} of the judged examples, seed "
        f"{settings.seed}; what each severity means is a literal in audit/corruptions/."
    ]


def _corruption_table(found: Corrupted) -> Table:
    rows = []
    for name, values in found.found.items():
        shown = {f"severity {s}": scores.show(found.score, v["value"]) for s, v in zip(SEVERITIES, values, strict=True)}
        rows.append({"corruption": found.words[name], **shown})
    note = f"{scores.metric(found.score).title}; {_with_interval(found.score, found.clean)} without any."
    return Table("Common corruptions", rows, note)


def _with_interval(name: str, value: dict[str, Any]) -> str:
    interval = scores.show_interval(name, value)
    return scores.show(name, value["value"]) + (f" ({interval})" if interval else "")


def _corruption_curve(found: Corrupted) -> Curve:
    lines = {
        name: [_point(0, found.clean), *(_point(s, v) for s, v in zip(SEVERITIES, values, strict=True))]
        for name, values in found.found.items()
    }
    return Curve("Score by severity of a corruption", "severity", scores.metric(found.score).title, lines)


def _point(x: float, value: dict[str, Any]) -> tuple[float, ...]:
    if value.get("low") is None:
        return x, value["value"]
    return x, value["value"], value["low"], value["high"]


def _corruption_warnings(found: Corrupted) -> list[str]:
    """Where a share falls by much at the middle severity, and what trains against it."""
    said, middle = [], len(SEVERITIES) // 2
    if not scores.metric(found.score).is_share:
        return said
    for name, values in found.found.items():
        lost = found.clean["value"] - values[middle]["value"]
        if lost > LOST:
            said.append(
                f"“{found.words[name]}” of middle severity costs {100 * lost:.0f} points: show such inputs in training "
                "(more of them in the data, or --augment for images and --word-dropout for text)"
            )
    return said


# -- on purpose -----------------------------------------------------------------------------------------------------


def _attack(subject: Subject, settings: Settings, section: Section) -> None:
    """Add what attacks find to a section; say why where there is nothing to attack."""
    kind, answers = kind_of(subject.task), subject.answer
    spoils = subject.task.attacks_spoil
    if spoils is None:
        section.sentences.append(f"Answers of the kind {answers} are not attacked: only corruptions were tried.")
        return
    make = ClassVictim.of if spoils == "classes" else ValueVictim.of
    victim, count = _victim(subject, settings, make)
    if victim is None:
        section.sentences.append(
            "Its inputs are words or categories: none of them can change by a little, so no attack within a small "
            "distance has a meaning."
        )
        return
    sizes = SIZES.get(kind, USUAL_SIZES)
    if spoils == "classes":
        trained_for = subject.run.config["train"].get("adversarial") or 0.0
        _report_stand(stand(victim, sizes, settings.seed), section, trained_for)
    else:
        _report_strain(strain(victim, sizes, settings.seed), section)
    section.method.append(_attack_method(victim.room.measured_in, count, settings.seed))


def _victim(subject: Subject, settings: Settings, make: Any) -> tuple[Any, int]:
    """Examples under attack, as many as the budget allows, and how many these are."""
    examples = subject.examples
    rows = chosen(examples, settings.rows or MOST_ATTACKED, settings.seed)
    victim = make(subject.task, subject.model, examples.batch(rows))
    if victim is None or settings.rows is not None:
        return victim, len(rows)
    share = (1 - SHARE) * settings.budget / (PASSES * _seconds_of_a_pass(victim))
    if share >= 1:
        return victim, len(rows)
    rows = rows[: max(FEWEST_ATTACKED, int(len(rows) * share))]
    return make(subject.task, subject.model, examples.batch(rows)), len(rows)


@torch.no_grad()
def _seconds_of_a_pass(victim: Any) -> float:
    """Through the network, of all examples; the second one, for the first also warms up."""
    x = victim.inputs[victim.room.place]
    for _ in range(2):
        started = time.monotonic()
        victim.losses(x, torch.arange(len(x), device=x.device))
    return max(time.monotonic() - started, 1e-6)


def _attack_method(measured_in: str, count: int, seed: int) -> str:
    return (
        f"Attacks on {count:,} judged examples, seed {seed}, L∞ ball ({NORM_WORDS['linf']} ε, in {measured_in}), "
        f"inside the range of the data: FGSM; PGD with {STEPS} steps of 2.5 ε/{STEPS} and {RESTARTS} starts, on the "
        f"loss and on the margin; Square with {QUERIES} queries; {DRAWS} random points. An answer counts as right "
        "if it withstands all of them."
    )


def _report_stand(found: Stand, section: Section, trained_for: float) -> None:
    """Add what is left of right answers.

    Args:
        found: By size of the change.
        section: To add to.
        trained_for: The size under which the network has learnt; 0 without attacks.
    """
    named = found.named
    whole = named.share()
    section.numbers["clean_attacked"] = {"value": float(found.clean.mean()), "count": len(found.clean)}
    for one in found.curve:
        section.numbers[f"robust_{one.epsilon:g}"] = one.share() | {"epsilon": one.epsilon}
    worst, before = f"{100 * whole['value']:.0f} %", f"{100 * found.clean.mean():.0f} %"
    section.sentences.append(
        f"On purpose: {before} of the answers are right, and {worst} ({100 * whole['low']:.0f} to "
        f"{100 * whole['high']:.0f}) still are when somebody may change {NORM_WORDS[found.norm]} {named.epsilon:g} "
        f"({found.measured_in})."
    )
    names = [*named.by_attack]
    rows = [
        {"ε": one.epsilon, **{name: _percent(one.share(name)["value"]) for name in names},
         "all of them": _percent(one.share()["value"])}
        for one in found.curve
    ]  # fmt: skip
    section.tables.append(Table("Right answers under attack", rows, f"{_percent(float(found.clean.mean()))} without."))
    clean = (0.0, float(found.clean.mean()))
    lines = {name: [clean, *((one.epsilon, one.share(name)["value"]) for one in found.curve)] for name in names}
    lines["all of them"] = [clean, *(_point(one.epsilon, one.share()) for one in found.curve)]
    section.curves.append(Curve("Right answers by the size of the change", f"ε ({found.measured_in})", "right", lines))
    _report_masks(found.masked, section)
    if not found.masked and whole["value"] < FIRM * float(found.clean.mean()):
        section.warnings.append(
            f"a change of {named.epsilon:g}, which a human hardly notices, makes most answers wrong: "
            + what_helps(named.epsilon, trained_for)
        )


def what_helps(epsilon: float, trained_for: float) -> str:
    """Against attacks of a size, where the network has learnt under attacks of another, or of the same."""
    if trained_for >= epsilon:
        return f"training with --adversarial {trained_for:g} was not enough; try more --epochs, or a larger model"
    return f"train with --adversarial {epsilon:g} if somebody could gain by it"


def _report_strain(found: Strain, section: Section) -> None:
    sizes = [*found.curve]
    named = sizes[min(2, len(sizes) - 1)]
    section.numbers["rmse_attacked_clean"] = found.clean | {"count": found.examples}
    for epsilon, values in found.curve.items():
        section.numbers[f"rmse_attacked_{epsilon:g}"] = values["worst"] | {"epsilon": epsilon}
    grown = found.curve[named]["worst"]["value"] / max(found.clean["value"], 1e-12)
    section.sentences.append(
        f"On purpose: errors grow {grown:.1f} times when somebody may change {NORM_WORDS['linf']} {named:g} "
        f"({found.measured_in})."
    )
    rows = [{"ε": epsilon, **{name: value["value"] for name, value in values.items()}}
            for epsilon, values in found.curve.items()]  # fmt: skip
    note = f"Root mean squared error in standard deviations of the target; {found.clean['value']:.3g} without."
    section.tables.append(Table("Errors under attack", rows, note))
    lines = {name: [_point(0.0, found.clean), *(_point(e, values[name]) for e, values in found.curve.items())]
             for name in found.curve[named]}  # fmt: skip
    section.curves.append(Curve("Error by the size of the change", f"ε ({found.measured_in})", "error", lines))
    _report_masks(found.masked, section)


def _report_masks(masked: list[str], section: Section) -> None:
    section.numbers["signs_of_masked_gradients"] = {"value": float(len(masked))}
    if masked:
        section.warnings.append(
            "the gradients are masked, so attacks that follow them flatter this model: " + "; ".join(masked)
        )
    else:
        section.sentences.append("No sign of masked gradients was found: gradients are there, and lead somewhere.")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
