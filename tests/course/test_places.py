"""What the pages of runs and data may open, and what they may not."""

import pytest

from deepglass.core.errors import OptionError
from deepglass.course.places import Places, bundled


@pytest.fixture
def home(tmp_path):
    root = tmp_path / "home"
    for name in ("photos", ".ssh", "runs/one", "runs/.hidden"):
        (root / name).mkdir(parents=True)
    (root / "houses.csv").write_text("a,b\n1,2\n")
    (root / ".ssh" / "key").write_text("secret")
    for name in ("config.json", "task.json"):
        (root / "runs" / "one" / name).write_text("{}")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "passwords.txt").write_text("secret")
    return root


def test_kinds_are_told_apart(home):
    places = Places([home])
    kinds = {name: places.find(str(home / name)).kind for name in ("houses.csv", "photos", "runs/one", "runs/none")}
    assert kinds == {"houses.csv": "data", "photos": "folder", "runs/one": "run", "runs/none": "nothing"}
    assert places.find("houses.csv").path == home / "houses.csv"
    assert places.find("iris").path is None
    assert "digits" in bundled()


@pytest.mark.parametrize(
    "wanted",
    ["../other/passwords.txt", "{home}/../other/passwords.txt", "/etc/passwd", "/", ".ssh/key", "{home}/.ssh",
     "~root/x", "photos/../../other", "runs/.hidden", "//etc/passwd", "/proc/self/environ"],
)  # fmt: skip
def test_what_is_outside_or_hidden_is_not_opened(home, wanted):
    with pytest.raises(OptionError, match=r"outside|is not a path"):
        Places([home]).find(wanted.format(home=home))


def test_a_link_leads_nowhere_else(home, tmp_path):
    (home / "photos" / "link").symlink_to(tmp_path / "other")
    with pytest.raises(OptionError, match="outside"):
        Places([home]).find("photos/link/passwords.txt")


@pytest.mark.parametrize("wanted", ["", "  ", "a\0b"])
def test_what_is_no_path_is_said(home, wanted):
    with pytest.raises(OptionError, match="expected the path"):
        Places([home]).find(wanted)


def test_a_name_that_is_too_long_for_a_file_is_nothing(home):
    assert Places([home]).find("x" * 5000).kind == "nothing"


def test_what_was_named_when_it_was_started_may_be_opened_wherever_it_lies(home, tmp_path):
    named = tmp_path / ".data" / "houses.csv"
    named.parent.mkdir()
    named.write_text("a\n1\n")
    assert Places([home, named]).find(str(named)).kind == "data"
    with pytest.raises(OptionError):
        Places([home, named]).find(str(named.parent))


def test_a_folder_is_listed_without_what_is_hidden_and_its_way_up_ends_at_the_root(home):
    places = Places([home])
    listed = places.listing(places.find(str(home)))
    assert {entry["name"]: entry["kind"] for entry in listed["entries"]} == {
        "photos": "folder", "runs": "folder", "houses.csv": "data",
    }  # fmt: skip
    assert listed["up"] == ""
    assert places.listing(places.find("runs"))["up"] == str(home)
    assert [entry["kind"] for entry in places.listing(places.find("runs"))["entries"]] == ["run"]


def test_a_large_folder_says_how_much_is_left(home, monkeypatch):
    monkeypatch.setattr("deepglass.course.places.MOST_LISTED", 2)
    places = Places([home])
    assert places.listing(places.find(str(home)))["left"] == 1
