"""One contract for all data sets that come along."""

import builtins

import pytest

from deepglass.core import catalogue
from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout, Table, Text
from deepglass.data.datasets import loans
from deepglass.data.reading.roles import guess_task
from deepglass.data.reading.source import DATASETS, bundled_names, read

SIZES = {"breast-cancer": 569, "co2": 2284, "courteous-answers": 1200,
         "diabetes": 442, "digits": 1797, "dna": 4000, "drawn-characters": 900,
         "drawn-creatures": 768, "drawn-faces": 600, "drawn-leaves": 600, "drawn-scenes": 4800, "english-german": 3000,
         "film-ratings": 10_346, "gaussian-ring": 4000, "iris": 150, "karate-club": 34, "loans": 3000,
         "moving-shapes": 960, "paper-citations": 400, "patients": 3000, "photo-tiles": 30, "random-walk": 1500,
         "robot-sentences": 300, "robot-words": 400, "reviews": 2400, "scans": 600, "shakespeare": 1_115_394,
         "shapes-with-boxes": 600, "shapes-with-masks": 300,
         "share-prices": 17_325, "shop-sessions": 40_806, "shown-offers": 6000, "sines": 12000, "small-talk": 1500,
         "temperatures": 2192, "wine": 178}  # fmt: skip


def test_every_data_set_has_its_size_pinned():
    assert set(bundled_names()) == set(SIZES)


def size_of(data):
    if isinstance(data, Text):
        return len(data.text)
    if isinstance(data, Layout):
        return data.facts.get("sounds") or next(iter(data.facts.values()))
    return len(data.frame if isinstance(data, Table) else data)


@pytest.mark.parametrize("name", bundled_names())
def test_contract(name):
    data = read(name, DataConfig())
    assert data.name == name
    assert data.licence
    assert size_of(data) == SIZES[name]
    assert "http" in catalogue.load(DATASETS, name.replace("-", "_")).__doc__
    assert catalogue.summary(DATASETS, name.replace("-", "_"))
    task = guess_task(data, DataConfig())[0]
    assert task.replace("-", "_") in catalogue.entries("tasks")
    if isinstance(data, Table) and "target" not in catalogue.declared_by(task, "INSTEAD"):
        assert data.target in data.frame


def test_digits_use_the_whole_range():
    pixels = read("digits", DataConfig()).pixels
    assert pixels.shape == (1797, 8, 8, 1)
    assert (pixels.min(), pixels.max()) == (0, 255)


def test_co2_is_generated_without_statsmodels_and_says_so(monkeypatch):
    real = builtins.__import__

    def without_statsmodels(name, *args, **kwargs):
        if name.startswith("statsmodels"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_statsmodels)
    table = read("co2", DataConfig())
    assert len(table.frame) == 2284
    assert table.frame["co2"].iloc[-52:].mean() > table.frame["co2"].iloc[:52].mean() + 30
    assert any("generated" in str(guess) for guess in table.guesses)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(DataError, match=r"Bundled data sets: breast-cancer, .* iris, karate-club, .*reviews, .*, wine"):
        read("irys", DataConfig())


def test_reviews_are_half_praise_and_no_word_of_praise_or_blame_decides_alone():
    frame = read("reviews", DataConfig()).frame
    assert frame["text"].is_unique
    is_positive = frame["sentiment"] == "positive"
    assert 0.45 < is_positive.mean() < 0.55
    holds_good = frame["text"].str.contains(r"\bgood\b")
    assert 0.2 < is_positive[holds_good].mean() < 0.8
    assert frame["text"].str.contains("not|never|hardly|but").mean() > 0.4


def test_loans_hide_who_would_have_repaid_and_districts_repay_alike():
    table = read("loans", DataConfig())
    assert "repays" not in table.frame
    people = loans.applicants(20_000)
    south = people["district"] == "south"
    good = people["repays"] == "yes"
    assert abs(good[south].mean() - good[~south].mean()) < 0.02
    assert (people["approved"] == people["repays"])[~south].all()
    refused = (people["approved"] == "no")[south & good]
    assert abs(refused.mean() - loans.BIAS) < 0.03
    apart = loans.applicants(20_000, bias=0.0, apart=1.0)
    shares = (apart["repays"] == "yes").groupby(apart["district"]).mean()
    assert shares["north"] > shares["south"] + 0.2
    assert (apart["approved"] == apart["repays"]).all()
