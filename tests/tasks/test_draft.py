"""`generate --draft RUN`: the same text as without, in fewer readings; a draft that cannot serve is refused."""

import pytest

import deepglass as dg
from deepglass.core.errors import OptionError
from tests.commands import deepglass
from tests.tasks.contract.case import QUICK

SMALL = QUICK | {"task": "language-modelling", "context": 24, "num_layers": 1, "embed_dim": 16, "num_heads": 2}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    (folder / "sea.txt").write_text("the sea was calm and wide, and the ship went on. " * 60)
    options = SMALL | {"epochs": 1}
    large = dg.train(folder / "sea.txt", run=folder / "large", **options)
    small = dg.train(folder / "sea.txt", run=folder / "small", **options | {"embed_dim": 8})
    return large, small


def test_the_text_is_the_same_and_what_was_saved_is_said(runs):
    large, small = runs
    alone = "".join(large.generate("the ", max_tokens=40, temperature=0))
    assert "".join(large.generate("the ", max_tokens=40, temperature=0, draft=str(small.path))) == alone
    done = deepglass("generate", large.path, "--prompt", "the ", "--max-tokens", "18", "--temperature", "0",
                     "--draft", small.path)  # fmt: skip
    assert done.stdout.strip() == f"the {''.join(large.generate('the ', max_tokens=18, temperature=0))}".strip()
    assert "18 tokens in" in done.stderr
    assert "readings of the large model: the draft saved" in done.stderr


def test_the_same_seed_writes_the_same_and_another_one_another(runs):
    large, small = runs
    texts = ["".join(large.generate("a", max_tokens=30, seed=seed, draft=small)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_a_draft_of_other_tokens_or_of_another_task_is_refused(runs, tmp_path):
    large, _ = runs
    (tmp_path / "other.txt").write_text("0123456789 " * 200)
    other = dg.train(tmp_path / "other.txt", run=tmp_path / "other", **SMALL | {"epochs": 1})
    with pytest.raises(OptionError, match="knows other tokens than"):
        large.generate("a", draft=other)
    iris = dg.train("iris", run=tmp_path / "iris", model="linear", **{**QUICK, "epochs": 1})
    with pytest.raises(OptionError, match="expected a language model, got a run of tabular-classification"):
        large.generate("a", draft=iris)
    with pytest.raises(OptionError, match="only language models and generators"):
        iris.generate(draft=large)
