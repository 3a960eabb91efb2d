import pytest

from deepglass.core import catalogue
from deepglass.core.errors import OptionError


def test_the_folder_is_the_list():
    names = catalogue.entries("cli")
    assert "train" in names
    assert not any(name.startswith("_") for name in names)


def test_every_entry_of_every_folder_says_what_it_is():
    for folder in ("models", "tasks", "cli", "data/datasets", "evaluate", "training"):
        for name in catalogue.entries(folder):
            assert len(catalogue.summary(folder, name)) > 15, f"{folder}/{name}.py has no docstring"


def test_literals_are_read_without_importing():
    assert catalogue.constant("training", "plan", "SAFETY") == 0.97
    assert catalogue.constant("training", "plan", "NOTHING", default=()) == ()
    assert catalogue.class_constant("training", "watchers", "LineWatcher", "PAUSE") == 2.0


def test_an_unknown_entry_suggests_the_nearest():
    with pytest.raises(OptionError, match="did you mean 'optimizers'"):
        catalogue.load("training", "optimizer")


@pytest.mark.parametrize(
    ("name", "source"),
    [("resnet", "He et al. 2015"), ("perceptron", "Rosenblatt 1958"), ("vgg", "Simonyan & Zisserman 2014")],
)
def test_the_first_source_of_a_file_is_found(name, source):
    assert catalogue.citation("models", name) == source
