"""Data of forms that have no task yet are recognised for what they are, and never taken for classes."""

import json
import struct
import wave

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from deepglass.api.train import train
from deepglass.cli.main import app
from deepglass.core.errors import DataError
from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Layout
from deepglass.data.reading.layout_tasks import tasks_for
from deepglass.data.reading.roles import guess_task
from deepglass.data.reading.source import read
from tests.data.made_pictures import photograph
from tests.shared_data import shared

CONFIG = DataConfig()
COUNT = 6


def picture(path, seed=0, side=32):
    path.parent.mkdir(parents=True, exist_ok=True)
    photograph(np.random.default_rng(seed), side).save(path)


def mask(path, seed=0, side=32, values=(0, 255)):
    path.parent.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[:side, :side]
    inside = (y - side / 2) ** 2 + (x - side / 2) ** 2 < (6 + seed) ** 2
    Image.fromarray(np.where(inside, values[1], values[0]).astype(np.uint8)).save(path)


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


# -- one maker for each form ----------------------------------------------------------------------------------------


def voc(folder):
    box = "<object><name>{}</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
    for i in range(COUNT):
        picture(folder / "JPEGImages" / f"{i}.jpg", i)
        boxes = box.format("cell") + box.format("plate")
        write(folder / "Annotations" / f"{i}.xml", f"<annotation><filename>{i}.jpg</filename>{boxes}</annotation>")


def coco(folder):
    for i in range(COUNT):
        picture(folder / "images" / f"{i}.jpg", i)
    content = {
        "images": [{"id": i, "file_name": f"{i}.jpg"} for i in range(COUNT)],
        "annotations": [
            {"id": i, "image_id": i // 2, "category_id": 1 + i % 2, "bbox": [1, 2, 3, 4]} for i in range(12)
        ],
        "categories": [{"id": 1, "name": "cell"}, {"id": 2, "name": "plate"}],
    }
    write(folder / "annotations.json", json.dumps(content))


def yolo(folder, labels="labels"):
    for i in range(COUNT):
        picture(folder / "images" / "train" / f"{i}.jpg", i)
        write(folder / labels / "train" / f"{i}.txt", "0 0.5 0.5 0.1 0.2\n1 0.25 0.3 0.05 1e-2\n" if i else "")
    write(folder / "classes.txt", "cell\nplate\n")


def yolo_beside(folder):
    for i in range(COUNT):
        picture(folder / f"{i}.jpg", i)
        write(folder / f"{i}.txt", "0 0.5 0.5 0.1 0.2\n1 0.4 0.4 0.1 0.2")


def labelme(folder):
    for i in range(COUNT):
        picture(folder / f"{i}.png", i)
        shapes = [{"label": "cell", "points": [[1, 2], [3, 4]]}, {"label": "plate", "points": []}]
        write(folder / f"{i}.json", json.dumps({"imagePath": f"{i}.png", "shapes": shapes}))


def table_of_boxes(folder):
    rows = []
    for i in range(COUNT):
        picture(folder / f"{i}.jpg", i)
        rows += [f"{i}.jpg,1,2,9,9,{name}" for name in ("cell", "plate")]
    write(folder / "boxes.csv", "filename,xmin,ymin,xmax,ymax,class\n" + "\n".join(rows))


def masks(folder, images="images", labels="masks", split=""):
    for i in range(COUNT):
        picture(folder / split / images / f"{i}.png", i)
        mask(folder / split / labels / f"{i}.png", i)


def masks_outside(folder):
    for split in ("train", "val"):
        masks(folder / "images", images=split, labels="../masks/" + split)


def masks_by_ending(folder):
    for label in ("benign", "malignant"):
        for i in range(COUNT):
            picture(folder / label / f"{label} ({i}).png", i)
            mask(folder / label / f"{label} ({i})_mask.png", i)


def masks_of_other_names(folder):
    masks(folder, "slices", "membranes")


def super_resolution(folder):
    for i in range(COUNT):
        (folder / "HR").mkdir(parents=True, exist_ok=True)
        (folder / "LR").mkdir(parents=True, exist_ok=True)
        large = photograph(np.random.default_rng(i), 64)
        large.save(folder / "HR" / f"{i}.png")
        large.resize((32, 32)).save(folder / "LR" / f"{i}x2.png")


def before_and_after(folder):
    for i in range(COUNT):
        for side in ("noisy", "clean"):
            (folder / side).mkdir(parents=True, exist_ok=True)
        clean = np.asarray(photograph(np.random.default_rng(i), 32))
        noise = np.random.default_rng(i).normal(0, 10, clean.shape)
        Image.fromarray(clean).save(folder / "clean" / f"{i}.png")
        Image.fromarray((clean + noise).clip(0, 255).astype(np.uint8)).save(folder / "noisy" / f"{i}.png")


def sounds(folder):
    for name in ("yes", "no"):
        for i in range(COUNT):
            (folder / name).mkdir(parents=True, exist_ok=True)
            with wave.open(str(folder / name / f"{i}.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(8000)
                file.writeframes(struct.pack("<800h", *range(800)))


def videos(folder):
    for name in ("walk", "run"):
        for i in range(COUNT):
            write(folder / name / f"{i}.mp4", "no film")


def animations(folder):
    for i in range(COUNT):
        frames = [Image.new("RGB", (16, 16), (40 * k, 9 * i, 0)) for k in range(6)]
        folder.mkdir(exist_ok=True)
        frames[0].save(folder / f"{i}.gif", save_all=True, append_images=frames[1:])


def translations(folder):
    for split, lines in (("train", 30), ("test", 12)):
        for language, words in (("en", "a good day"), ("de", "ein guter Tag")):
            write(folder / f"{split}.{language}", "".join(f"{words} {i}\n" for i in range(lines)))


def faces(folder):
    for i in range(12):
        picture(folder / f"person{i}" / "0.png", i)


FORMS = {
    "voc": (voc, "boxes", "Pascal VOC XML", {"pictures": 6, "annotation files": 6, "boxes": 12, "classes": 2}),
    "coco": (coco, "boxes", "COCO JSON", {"pictures": 6, "boxes": 12, "classes": 2}),
    "yolo": (yolo, "boxes", "YOLO text files", {"pictures": 6, "annotation files": 6, "boxes": 10, "classes": 2}),
    "yolo beside": (yolo_beside, "boxes", "YOLO", {"pictures": 6, "annotation files": 6, "boxes": 12, "classes": 2}),
    "labelme": (labelme, "boxes", "labelme", {"pictures": 6, "annotation files": 6, "shapes": 12, "classes": 2}),
    "table of boxes": (table_of_boxes, "boxes", "boxes in a table", {"pictures": 6, "boxes": 12, "classes": 2}),
    "masks": (masks, "masks", "masks", {"pictures": 6, "masks": 6, "values in a mask": 2}),
    "masks in splits": (masks_outside, "masks", "masks", {"pictures": 12, "masks": 12, "values in a mask": 2}),
    "masks by ending": (masks_by_ending, "masks", "masks", {"pictures": 12, "masks": 12, "values in a mask": 2}),
    "masks by look": (masks_of_other_names, "masks", "masks", {"pictures": 6, "masks": 6, "values in a mask": 2}),
    "super-resolution": (super_resolution, "picture pairs", "the second 2 times as large", {"pairs": 6}),
    "before and after": (before_and_after, "picture pairs", "pairs of pictures", {"pairs": 6}),
    "sounds": (sounds, "sounds", "sounds",
               {"sounds": 12, "classes": 2, "samples a second": 8000, "ms on average": 100}),
    "videos": (videos, "videos", "videos", {"videos": 12, "classes": 2}),
    "animations": (animations, "videos", "short videos", {"animated pictures": 6, "frames on average": 6}),
    "translations": (translations, "sentence pairs", "de and en", {"pairs": 42, "pairs of files": 2}),
    "faces": (faces, "identities", "one picture of each",
              {"pictures": 12, "folders": 12, "of them with a single picture": 12}),
}  # fmt: skip


def made(tmp_path, form):
    folder = tmp_path / "data"
    folder.mkdir()
    FORMS[form][0](folder)
    return folder


def read_all(source):
    return read(source, CONFIG, follow=("picture", "sound", "video", "text"))


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_recognised_counted_and_said(form, tmp_path):
    _, kind, words, facts = FORMS[form]
    layout = read_all(made(tmp_path, form))
    assert isinstance(layout, Layout)
    assert (layout.kind, layout.facts) == (kind, facts)
    assert words in layout.what
    findings = inspect(layout, CONFIG)
    if tasks := tasks_for(kind):
        task = guess_task(layout, CONFIG)[0]
        assert task == findings.task == tasks[0]
    else:
        with pytest.raises(DataError, match="there is no task for that yet"):
            guess_task(layout, CONFIG)
        assert (findings.task, findings.warnings) == (None, [str(layout)])
    for paths in layout.files.values():
        assert all(path.is_file() for path in paths)
    assert (findings.kind, findings.size) == (kind, facts)
    json.dumps(findings.as_dict())


@pytest.mark.parametrize("form", ["voc", "coco", "yolo", "labelme", "table of boxes"])
def test_boxes_have_names_of_classes(form, tmp_path):
    assert read_all(made(tmp_path, form)).classes.keys() == {"cell", "plate"}


@pytest.mark.parametrize("names", [("image", "label"), ("imgs", "gt"), ("JPEGImages", "SegmentationClass")])
def test_masks_by_the_names_of_their_folders(names, tmp_path):
    masks(tmp_path, *names, split="train")
    assert read(tmp_path, CONFIG).kind == "masks"


def test_training_on_them_is_refused_in_words(tmp_path):
    folder = made(tmp_path, "masks")
    for options in ({"task": "image-classification"}, {"task": "tabular-regression"}):
        with pytest.raises(
            DataError, match=r"data holds pictures with masks \(6 pictures, 6 masks, 2 values in a mask\)"
        ):
            train(str(folder), runs=tmp_path / "runs", **options)
    other = next(form for form, (_, kind, *_) in FORMS.items() if not tasks_for(kind))
    (tmp_path / "other").mkdir()
    folder = made(tmp_path / "other", other)
    with pytest.raises(DataError, match="there is no task for that yet"):
        train(str(folder), runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_check_shows_them(tmp_path):
    done = CliRunner().invoke(app, ["check", str(made(tmp_path, "voc"))])
    assert done.exit_code == 0
    assert "boxes, 6 pictures, 6 annotation files, 12 boxes, 2 classes" in done.output
    assert ("there is no task for that yet" in done.output) == (not tasks_for("boxes"))


def test_folders_can_be_taken_for_classes_all_the_same(tmp_path):
    images = read(made(tmp_path, "masks"), DataConfig(layout="classes"))
    assert isinstance(images, Images)
    assert images.classes == ["images", "masks"]


# -- what must stay what it is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "classes",
    [
        ("cat", "dog"),
        ("a", "b"),
        ("low", "high"),
        ("noisy", "clean"),
        ("images", "labels"),
        ("mask", "no_mask"),
        ("x", "y"),
    ],
)
def test_classes_whose_files_have_the_same_names(classes, tmp_path):
    for position, name in enumerate(classes):
        for i in range(COUNT):
            picture(tmp_path / name / f"{i}.png", 100 * position + i)
    images = read(tmp_path, CONFIG)
    assert isinstance(images, Images)
    assert images.classes == sorted(classes)


def test_drawings_of_few_colours_are_no_masks(tmp_path):
    for position, name in enumerate(("circle", "ring")):
        for i in range(COUNT):
            mask(tmp_path / name / f"{i}.png", i + 3 * position)
    assert read(tmp_path, CONFIG).classes == ["circle", "ring"]


def test_notes_beside_pictures_are_no_boxes(tmp_path):
    for name in ("cat", "dog"):
        for i in range(COUNT):
            picture(tmp_path / name / f"{i}.png", i if name == "cat" else 50 + i)
            write(tmp_path / name / f"{i}.txt", "a cat on a mat, seen at 5 o'clock")
    write(tmp_path / "settings.json", '{"images": 12}')
    write(tmp_path / "about.xml", "<note>pictures</note>")
    assert read(tmp_path, CONFIG).classes == ["cat", "dog"]


def test_a_few_animations_among_pictures(tmp_path):
    for name in ("cat", "dog"):
        for i in range(COUNT):
            picture(tmp_path / name / f"{i}.png", i if name == "cat" else 50 + i)
        frames = [Image.new("RGB", (32, 32), (40 * k, 0, 0)) for k in range(6)]
        frames[0].save(tmp_path / name / "moving.gif", save_all=True, append_images=frames[1:])
    assert len(read(tmp_path, CONFIG)) == 14


def test_folders_of_texts_stay_texts(tmp_path):
    for name in ("good", "bad"):
        for i in range(COUNT):
            write(tmp_path / name / f"{i}.txt", f"a {name} film, number {i}")
    assert read(tmp_path, CONFIG).target == "label"


def test_a_table_of_two_texts_is_sentence_pairs_unless_a_column_is_asked_for():
    rows = [(f"this is sentence {i}", f"dies ist Satz {i}") for i in range(40)]
    table = read(pd.DataFrame(rows, columns=["english", "german"]), CONFIG)
    assert guess_task(table, CONFIG)[0] == "translation"
    labelled = pd.DataFrame({"text": [a for a, _ in rows], "label": ["good film", "bad film"] * 20})
    assert guess_task(read(labelled, CONFIG), CONFIG)[0] == "text-classification"
    assert guess_task(table, DataConfig(text_column="english", target="german"))[0] == "text-classification"


@pytest.mark.parametrize(
    ("parts", "kind", "fact"),
    [
        (("bccd",), "boxes", ("boxes", 2504)),
        (("em-membrane",), "masks", ("masks", 20)),
        (("free-spoken-digits",), "sounds", ("sounds", 900)),
        (("multi30k-en-de",), "sentence pairs", ("pairs", 31_014)),
        (("sprites-animated",), "videos", ("animated pictures", 216)),
    ],
)
def test_real_sets(parts, kind, fact):
    layout = read(shared(*parts), CONFIG)
    assert layout.kind == kind
    assert layout.facts[fact[0]] == fact[1]
