"""The picture part of `deepglass check`: tables, not dicts."""

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read

RNG = np.random.default_rng(0)
FORMS = (("L", "png"), ("RGB", "JPG"), ("P", "png"), ("CMYK", "jpeg"), ("RGBA", "webp"), ("RGB", "gif"))


def shared_drive(folder, count=12):
    """Sizes, modes and forms as they come: grey, colour, palette, CMYK, alpha, animations, other files."""
    for label, base in (("dark", 60), ("light", 190)):
        (folder / label).mkdir(parents=True)
        for i in range(count):
            height, width = RNG.integers(20, 90, 2)
            picture = Image.fromarray((base + RNG.integers(-40, 40, (height, width, 3))).astype(np.uint8))
            mode, ending = FORMS[i % len(FORMS)]
            red = [Image.new("RGB", picture.size, "red")]
            more = {"save_all": True, "append_images": red} if ending == "gif" else {}
            picture.convert(mode).save(folder / label / f"{i}.{ending}", **more)
        (folder / label / ".DS_Store").write_bytes(b"x")
        (folder / label / "Thumbs.db").write_bytes(b"x")
        (folder / label / "notes.txt").write_text("hello")
    return folder


def test_what_comes_out_of_a_shared_drive(tmp_path):
    images = read(shared_drive(tmp_path / "mixed"), DataConfig())
    findings = inspect(images, DataConfig())
    assert findings.size == {"pictures": 24, "channels": 3}
    assert sum(findings.images["sizes"].values()) == 24
    assert len(findings.images["sizes"]) <= 11
    assert {"L", "RGB", "P", "CMYK"} <= findings.images["modes"].keys()
    assert findings.images["depth"] == {"8 bits": 24}
    assert findings.images["several frames or pages"] == {"yes": 4}
    assert findings.warnings == []


def test_sizes_are_a_table_on_the_screen(tmp_path):
    done = CliRunner().invoke(app, ["check", str(shared_drive(tmp_path / "mixed"))])
    assert done.exit_code == 0
    assert "{" not in done.output
    assert "nothing to worry about was found" in done.output
    assert any(line.split() == ["8", "bits", "24"] for line in done.output.splitlines())


def test_depth_and_range_of_scans(tmp_path):
    for way in ("lying", "upright"):
        (tmp_path / way).mkdir()
        for i in range(12):
            scan = RNG.integers(900, 1300, (16, 16)).astype(np.uint16)
            Image.fromarray(scan).save(tmp_path / way / f"{i}.png")
    findings = inspect(read(tmp_path, DataConfig()), DataConfig())
    assert findings.images["depth"] == {"more than 8 bits": 24}
    assert any("0 is black, 4,095 is white (12 bits" in guess for guess in findings.guesses)
    assert findings.warnings == []


def test_scans_of_few_levels_are_told(tmp_path):
    for way in ("lying", "upright"):
        (tmp_path / way).mkdir()
        for i in range(12):
            scan = (RNG.integers(0, 9, (16, 16)) * 500).astype(np.uint16)
            Image.fromarray(scan).save(tmp_path / way / f"{i}.png")
    (warning,) = inspect(read(tmp_path, DataConfig()), DataConfig()).warnings
    assert warning.startswith("only 9 different values of brightness remain")


def test_groups_that_were_asked_for_are_counted(tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for i in range(12):
            noise = RNG.integers(0, 256, (12, 12), dtype=np.uint8)
            Image.fromarray(noise).save(tmp_path / label / f"cam{i // 3}-{i:05}.png")
    found = inspect(read(tmp_path, DataConfig(group_from_name="cam")), DataConfig()).images["found"]
    assert found["groups"] == 4
    assert inspect(read(tmp_path, DataConfig()), DataConfig()).images["found"]["groups in names"] == 4


def test_classes_that_only_the_test_has_are_told(tmp_path):
    for split, labels in (("train", ("ann", "ben")), ("test", ("cid", "dee"))):
        for label in labels:
            (tmp_path / split / label).mkdir(parents=True)
            for i in range(6):
                pixels = RNG.integers(0, 255, (12, 12)).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / split / label / f"{i}.png")
    found = inspect(read(tmp_path, DataConfig()), DataConfig()).warnings
    assert any("2 classes without a picture in the training part (cid, dee)" in warning for warning in found)
