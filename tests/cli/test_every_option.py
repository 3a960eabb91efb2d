"""Options on the command line: each reaches its entry, names what it cannot do, and nothing is ignored."""

import inspect

import pytest
from typer.testing import CliRunner

import deepglass.api.train as entry
from deepglass.cli import train
from deepglass.cli.main import app
from deepglass.core.errors import OptionError
from deepglass.runs import options as option_space
from deepglass.zoo import architectures
from tests.api.option_walk import csv, long_text, pictures


def test_every_setting_is_an_option_and_reaches_the_training(monkeypatch):
    """Of reading, training, every task and every model; a new one by itself."""
    given = {}
    monkeypatch.setattr(entry, "train", lambda source, **options: given.update(options))
    settings = [*option_space.DATA_SETTINGS, *option_space.TRAIN_SETTINGS]
    settings += [s for task in option_space.task_names() for s in option_space.task_settings(task)]
    settings += [s for model in architectures.all_models() for s in model.settings]
    by_name = {setting.name: setting for setting in reversed(settings)}
    words = []
    for setting in by_name.values():
        words += [setting.option] if setting.kinds[:1] == ("bool",) else [setting.option, "7"]
    done = CliRunner().invoke(app, ["train", "iris", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    for name, setting in by_name.items():
        assert given[name] == (True if setting.kinds[:1] == ("bool",) else "7"), name


def test_help_shows_what_acts_in_the_task(monkeypatch):
    def shown(*words):
        monkeypatch.setattr("sys.argv", ["deepglass", "train", *words])
        return {s.name for group in train.groups() if not group.is_hidden for s in group.settings}

    assert {"mixup", "horizon"} & shown("--task", "image-classification") == {"mixup"}
    assert {"mixup", "horizon", "group_column", "target"} & shown("--task", "forecasting") == {"horizon", "target"}
    assert {"mixup", "group_column", "target"} <= shown()
    names = {setting.name for group in train.groups() for setting in group.settings}
    assert {setting.name for setting in option_space.TRAIN_SETTINGS} <= names


@pytest.mark.parametrize(
    ("make", "words", "message"),
    [
        (pictures, ["--delimiter", ";"], "--delimiter has no effect: nothing of"),
        (pictures, ["--target", "label"], "--target has no effect"),
        (pictures, ["--missing", "7"], "--missing has no effect"),
        (long_text, ["--missing", "7"], "--missing has no effect"),
        (csv, ["--target", "lable"], "did you mean 'label'"),
    ],
)
def test_check_refuses_what_it_cannot_use(make, words, message, tmp_path):
    source = str(make(tmp_path))
    with pytest.raises(OptionError, match=message):
        CliRunner().invoke(app, ["check", source, *words], catch_exceptions=False)
    assert CliRunner().invoke(app, ["check", source]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--open"],
            "--open has no effect: --host 127.0.0.1 is this machine alone; leave it out, or add --host 0.0.0.0",
        ),
        (["--open", "--host", "0.0.0.0", "--token-file", "tokens"], "--open has no effect: --token-file says who"),
    ],
)
def test_a_server_is_not_opened_twice_or_in_vain(words, message, monkeypatch):
    monkeypatch.setattr("deepglass.cli.serve._require_packages", lambda: None)
    with pytest.raises(OptionError, match=message):
        CliRunner().invoke(app, ["serve", "runs/iris", *words], catch_exceptions=False)


def test_the_settings_of_every_entry_have_a_line_of_help():
    for setting in (*option_space.DATA_SETTINGS, *option_space.TRAIN_SETTINGS):
        assert setting.help, setting.name
    assert inspect.signature(train.command).parameters.keys() >= {s.name for s in option_space.DATA_SETTINGS}
