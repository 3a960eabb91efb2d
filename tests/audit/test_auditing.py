"""`run.audit` on small runs: groups that the model does not see, what does not suit, the card, and the attacks."""

import json

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.audit import membership
from deepglass.audit.auditing import audit, settings_of
from deepglass.core.console import console
from deepglass.core.errors import OptionError

PARTS = ["fairness", "privacy"]
QUICK = {
    "epochs": 2,
    "model": "linear",
    "device": "cpu",
    "precision": "float32",
    "threads": 1,
    "blend": False,
    "bags": 1,
}


def people(rows=400):
    rng = np.random.default_rng(0)
    sex, race = rng.choice(["f", "m"], rows), rng.choice(["a", "b", "c"], rows, p=[0.5, 0.47, 0.03])
    x = rng.normal(size=rows) + (sex == "m")
    return pd.DataFrame({"x": x.round(3), "age": rng.integers(18, 80, rows), "sex": sex, "race": race,
                         "income": np.where(x + rng.normal(size=rows) * 0.5 > 0.6, "yes", "no")})  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder, mode = tmp_path_factory.mktemp("audit"), console.mode
    console.mode = "quiet"
    people().to_csv(folder / "people.csv", index=False)
    yield dg.train(folder / "people.csv", target="income", ignore="race", run=folder / "run", **QUICK)
    console.mode = mode


@pytest.fixture(scope="module")
def sections(run):
    found = dg.load(run.path).audit(only=PARTS, group_columns=["sex", "race"])
    return {section.part: section for section in found}


def test_groups_of_a_column_that_the_model_does_not_see(sections):
    found = sections["fairness"]
    assert {"sex=f: accuracy", "race=a: true_positive_rate", "sex: demographic_parity"} <= set(found.numbers)
    assert any(table.title == "By sex × race" for table in found.tables)
    assert not [name for name in found.numbers if name.startswith("race=c")]  # fewer than 30
    number = found.numbers["sex=m: selection_rate"]
    assert number["low"] <= number["value"] <= number["high"]
    table = next(table for table in found.tables if table.title == "By race")
    assert next(row for row in table.rows if row["group"] == "c")["Accuracy"] == "too few to say"
    assert any("fewer than 30 rows" in sentence for sentence in found.sentences)


def test_attacks_have_intervals_and_say_how_they_were_made(sections):
    found = sections["privacy"]
    for attack in ("loss threshold", "beside rows that look alike"):
        area = found.numbers[f"{attack}: auc"]
        assert 0.3 < area["low"] <= area["value"] <= area["high"] < 0.7  # a linear model knows nobody by heart
    assert "seed 0" in found.method[0]


def test_page_card_and_data_hold_what_was_found(run, sections):
    card = (run.path / "MODEL_CARD.md").read_text()
    assert "Scored apart: `sex`, `race`" in card
    assert "kWh (estimated, not measured" in card
    facts = json.loads((run.path / "model_card.json").read_text())
    assert facts["groups_tested"] == ["sex", "race"]
    assert facts["audit"]["fairness"]["numbers"] == sections["fairness"].numbers
    assert facts["data"]["licence"] is None
    page = (run.path / "audit.html").read_text()
    assert "Rates of “yes” by sex" in page
    assert "<script" not in page


def test_other_data_are_audited_and_parts_that_need_the_training_say_so(run):
    fresh = people(700).iloc[400:]
    found, _ = audit(dg.load(run.path), fresh, only=PARTS, settings=settings_of({"group_columns": "sex"}))
    assert "300 rows of the given data" in found[0].method[0]
    assert "takes no other data" in found[1].left_out


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"only": "fairnes"}, "did you mean 'fairness'"),
        ({"only": "fairness", "group_columns": ["sax"]}, "did you mean 'sex'"),
        ({"only": "fairness", "positive": "yess"}, "did you mean 'yes'"),
        ({"only": "privacy", "group_columns": ["sex"]}, "--group-column: privacy does not use it"),
        ({"only": "fairness", "rows": 0}, "--rows: expected 1 or more"),
        ({"only": "fairness", "colums": 1}, "unknown option 'colums'"),
    ],
)
def test_what_cannot_be_asked_is_refused(run, asked, message):
    with pytest.raises(OptionError, match=message):
        dg.load(run.path).audit(**asked)


def test_an_attack_finds_members_where_losses_tell_them_apart():
    rng = np.random.default_rng(0)
    members, others = rng.normal(1, 1, 800), rng.normal(0, 1, 800)
    found = membership.judged(members, others)
    assert found["auc"]["value"] == pytest.approx(0.76, abs=0.03)  # Φ(1/√2)
    assert found["auc"]["low"] < 0.76 < found["auc"]["high"]
    assert found["found"]["value"] > 0.05
    nothing = membership.judged(others[:400], others[400:])
    assert nothing["auc"]["low"] < 0.5 < nothing["auc"]["high"]
    reference = membership.by_reference(members, np.zeros((800, 1)), others, np.zeros((800, 1)))
    assert reference.shape == (800,)
    assert reference.mean() > 0.5
