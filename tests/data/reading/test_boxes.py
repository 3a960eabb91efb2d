"""Boxes in every form become the same boxes in pixels; what is odd is said with the name of its file."""

import json

import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.data.boxed_pictures import COUNTS, CROWD, DIFFICULT
from deepglass.data.config import DataConfig
from deepglass.data.reading.boxes import read_boxes
from deepglass.data.reading.source import read
from tests.data.reading.made_boxes import (
    BOXES,
    FORMS,
    HEIGHT,
    WIDTH,
    coco,
    labelme,
    pictures,
    voc,
    voc_file,
    voc_object,
    write,
    yolo,
    yolo_line,
)
from tests.shared_data import shared

CONFIG = DataConfig()


def layout_of(source, config=CONFIG):
    return read(str(source), config, follow=("picture",))


def boxes_of(source):
    return read_boxes(layout_of(source), CONFIG)


def by_name(found):
    """Of each picture its classes and corners, as they were made."""
    return {
        name.rpartition("/")[2].removesuffix(".png"): [
            (found.classes[label], tuple(box)) for label, box in zip(labels, boxes.round(3).tolist())
        ]
        for name, labels, boxes in zip(found.names, found.box_labels, found.boxes)
    }


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_boxes(form, tmp_path):
    form(tmp_path)
    found = boxes_of(tmp_path)
    assert by_name(found) == {name: [(c, tuple(map(float, b))) for c, b in boxes] for name, boxes in BOXES.items()}
    assert found.classes == ["cell", "plate"]
    assert found.sizes.tolist() == [[HEIGHT, WIDTH]] * 4
    assert found.remarks == []
    assert len(found) == 4  # with the picture that holds nothing


@pytest.mark.parametrize(
    ("header", "box"),
    [
        ("xmin,ymin,xmax,ymax", "2,3,12,9"),
        ("Left,Top,Right,Bottom", "2,3,12,9"),
        ("x,y,w,h", "2,3,10,6"),
        ("width,height,x_min,y_min,x_max,y_max", "40,30,2,3,12,9"),
        ("bbox", '"[2.0, 3, 10, 6.0]"'),
    ],
)
def test_columns_of_boxes(header, box, tmp_path):
    pictures(tmp_path)
    ends = zip("abcd", ("u,train", "v,train", "u,train", "v,test"))
    rows = [f"{name}.png,{box},{end}" for name, end in ends]
    write(tmp_path / "boxes.csv", f"path,{header},class,split\n" + "\n".join(rows) + "\n")
    layout = layout_of(tmp_path / "boxes.csv", DataConfig(split_column="split"))
    found = read_boxes(layout, CONFIG)
    assert [boxes.tolist() for boxes in found.boxes] == [[[2, 3, 12, 9]]] * 4
    assert found.classes == ["u", "v"]
    assert {split: rows.tolist() for split, rows in layout.splits.items()} == {"train": [0, 1, 2], "test": [3]}


def test_odd_cells_of_boxes_are_refused_by_row(tmp_path):
    pictures(tmp_path)
    write(tmp_path / "boxes.csv", 'file,bbox,label\na.png,"[1, 2, 3]",u\nb.png,"[1, 2, 3, 4]",u\n')
    with pytest.raises(DataError, match=r"row 1, bbox: expected \[x, y, width, height\]"):
        boxes_of(tmp_path / "boxes.csv")


def test_a_coco_file_by_itself_finds_the_pictures_beside_it(tmp_path):
    coco(tmp_path)
    assert len(boxes_of(tmp_path / "annotations.json")) == 4


def test_a_layout_is_read_once(tmp_path):
    voc(tmp_path)
    layout = read(str(tmp_path), CONFIG)
    assert read_boxes(layout, CONFIG) is read_boxes(layout, CONFIG)


# -- splits -----------------------------------------------------------------------------------------------------------


def splits_of(folder):
    layout = read(str(folder), CONFIG)
    found = read_boxes(layout, CONFIG)
    names = np.array([name.rpartition("/")[2].removesuffix(".png") for name in found.names])
    return {split: "".join(names[rows]) for split, rows in layout.splits.items()}, layout.guesses


def test_lists_of_names_declare_splits(tmp_path):
    voc(tmp_path)
    for split, names in (("train", "a\nc\n"), ("val", "b\n"), ("test", "d\n"), ("trainval", "a\nb\nc\n")):
        write(tmp_path / "ImageSets" / "Main" / f"{split}.txt", names)
    write(tmp_path / "ImageSets" / "Main" / "cell_train.txt", "a 1\nb -1\n")
    assert splits_of(tmp_path)[0] == {"train": "ac", "val": "b", "test": "d"}


def test_train_and_validation_together_train_where_they_are_not_apart(tmp_path):
    voc(tmp_path)
    write(tmp_path / "ImageSets" / "Main" / "trainval.txt", "a\nb\n")
    write(tmp_path / "ImageSets" / "Main" / "test.txt", "d\n")
    splits, guesses = splits_of(tmp_path)
    assert splits == {"train": "ab", "test": "d"}
    assert any("none of the splits" in str(guess) and "1" in str(guess.value) for guess in guesses)  # c is in no list


@pytest.mark.parametrize("place", ["images/{split}", "{split}/images", "{split}"])
def test_folders_declare_splits(place, tmp_path):
    for split, names in (("train", "ac"), ("valid", "bd")):
        folder = tmp_path / place.format(split=split)
        pictures(folder, names)
        labels = tmp_path / place.format(split=split).replace("images", "labels")
        for name in names:
            write(labels / f"{name}.txt", "".join(yolo_line(*box) for box in BOXES[name]))
    assert splits_of(tmp_path)[0] == {"train": "ac", "val": "bd"}


def test_names_of_annotations_declare_splits(tmp_path):
    coco(tmp_path)
    whole = json.loads((tmp_path / "annotations.json").read_text())
    (tmp_path / "annotations.json").unlink()
    for split, ids in (("train", (0, 1)), ("val", (2, 3))):
        part = whole | {key: [] for key in ("images", "annotations")}
        part["images"] = [image for image in whole["images"] if image["id"] in ids]
        part["annotations"] = [item for item in whole["annotations"] if item["image_id"] in ids]
        write(tmp_path / "annotations" / f"instances_{split}2017.json", json.dumps(part))
    assert splits_of(tmp_path)[0] == {"train": "ab", "val": "cd"}


def test_one_name_in_two_folders_is_told_apart(tmp_path):
    for split, box in (("train", (0, 0, 10, 10)), ("val", (5, 5, 20, 20))):
        pictures(tmp_path / "images" / split, "a")
        write(tmp_path / "labels" / split / "a.txt", yolo_line("cell", box))
    found = boxes_of(tmp_path)
    assert sorted(tuple(box[0].round().tolist()) for box in found.boxes) == [(0, 0, 10, 10), (5, 5, 20, 20)]


# -- names of classes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "yaml",
    [
        "names: ['cell', \"plate\"]\n",
        "names: [cell, plate]  # two\n",
        "path: x\nnames:\n  0: cell\n  1: plate  # flat\nnc: 2\n",
        "names:\n- cell\n- plate\n",
        "names:\n  # a list\n  - 'cell'\n  - plate",
        "names: [\n  cell,\n  plate,\n]\n",
    ],
)
def test_names_in_yaml(yaml, tmp_path):
    yolo(tmp_path)
    write(tmp_path / "data.yaml", yaml)
    assert boxes_of(tmp_path).classes == ["cell", "plate"]


def test_without_names_classes_are_called_by_their_numbers(tmp_path):
    yolo(tmp_path)
    (tmp_path / "data.yaml").unlink()
    assert boxes_of(tmp_path).classes == ["0", "1"]


def test_a_picture_without_a_yolo_file_holds_nothing(tmp_path):
    yolo(tmp_path)
    (tmp_path / "labels" / "b.txt").unlink()
    assert by_name(boxes_of(tmp_path))["b"] == []


def test_outlines_and_scores_in_yolo_files(tmp_path):
    yolo(tmp_path)
    write(tmp_path / "labels" / "b.txt", "0 0.1 0.2 0.5 0.2 0.5 0.6\n1 0.5 0.5 0.5 0.5 0.93\n")
    triangle, sure = by_name(boxes_of(tmp_path))["b"]
    assert triangle == ("cell", (4.0, 6.0, 20.0, 18.0))
    assert sure == ("plate", (10.0, 7.5, 30.0, 22.5))


def test_circles_of_labelme_and_shapes_without_area(tmp_path):
    labelme(tmp_path)
    shapes = [
        {"label": "cell", "points": [[10, 10], [13, 14]], "shape_type": "circle"},
        {"label": "cell", "points": [[1, 1]], "shape_type": "point"},
        {"label": "plate", "points": [[2, 3], [9, 4], [5, 12]], "shape_type": "polygon"},
    ]
    write(tmp_path / "b.json", json.dumps({"imagePath": "..\\elsewhere\\b.png", "shapes": shapes}))
    assert by_name(boxes_of(tmp_path))["b"] == [("cell", (5.0, 5.0, 15.0, 15.0)), ("plate", (2.0, 3.0, 9.0, 12.0))]


# -- states -----------------------------------------------------------------------------------------------------------


def test_difficult_boxes_and_crowds_are_kept_apart(tmp_path):
    voc(tmp_path / "voc")
    voc_file(tmp_path / "voc", "b", voc_object("cell", (1, 1, 5, 5), difficult=1))
    found = boxes_of(tmp_path / "voc")
    assert [state.tolist() for state in found.states] == [[COUNTS] * 2, [DIFFICULT], [COUNTS], [COUNTS] * 3]
    assert "1 box marked difficult" in found.remarks[0]
    coco(tmp_path / "coco", crowd=True)
    found = boxes_of(tmp_path / "coco")
    assert found.states[0].tolist() == [CROWD, COUNTS]
    assert "1 box around a crowd" in found.remarks[0]
    assert found.counts(np.arange(4)).tolist() == [3, 2]


# -- what is odd ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("box", "said", "left"),
    [
        ((9, 2, 3, 8), "empty or inverted (b.xml)", []),
        ((3, 3, 3, 9), "empty or inverted (b.xml)", []),
        ((50, 2, 60, 8), "outside their pictures (b.xml)", []),
        (("nan", 2, 10, 8), "not of numbers (b.xml)", []),
        ((30, -9, 90, 8), "reaching beyond their pictures (b.xml): cut", [("cell", (30.0, 0.0, 40.0, 8.0))]),
        ((1, 1, 41, 31), "", [("cell", (1.0, 1.0, 40.0, 30.0))]),  # some tools count from 1
        ((1.5, 2.25, 8, 9), "", [("cell", (1.5, 2.25, 8.0, 9.0))]),
    ],
)
def test_odd_boxes_are_told(box, said, left, tmp_path):
    voc(tmp_path)
    voc_file(tmp_path, "b", voc_object("cell", box))
    found = boxes_of(tmp_path)
    assert by_name(found)["b"] == left
    assert said in " ".join(found.remarks)
    assert bool(said) == bool(found.remarks)


def test_mostly_odd_boxes_are_refused(tmp_path):
    voc(tmp_path)
    voc_file(tmp_path, "b", "".join(voc_object("cell", (9, 9, 1, 1)) for _ in range(8)))
    with pytest.raises(DataError, match=r"most of 14 boxes .* 8 empty or inverted \(b.xml\)"):
        boxes_of(tmp_path)


def test_missing_pictures_are_told_and_mostly_missing_ones_refused(tmp_path):
    voc(tmp_path)
    (tmp_path / "JPEGImages" / "c.png").unlink()
    assert any("1 annotation without a picture (c.xml (c.png))" in remark for remark in boxes_of(tmp_path).remarks)
    for name in "ab":
        (tmp_path / "JPEGImages" / f"{name}.png").unlink()
    with pytest.raises(DataError, match=r"3 annotations without a picture \(a.xml"):
        boxes_of(tmp_path)


def test_pictures_without_an_annotation_are_told(tmp_path):
    voc(tmp_path)
    pictures(tmp_path / "JPEGImages", ["z"])
    assert any("1 picture without an annotation (z.png)" in remark for remark in boxes_of(tmp_path).remarks)


def test_another_size_than_stated_is_told(tmp_path):
    voc(tmp_path)
    voc_file(tmp_path, "b", voc_object("cell", (1, 1, 5, 5)), size=(30, 40))
    assert any("another size than the picture has (b.xml)" in remark for remark in boxes_of(tmp_path).remarks)


def test_nothing_to_find_is_refused(tmp_path):
    voc(tmp_path)
    for name in BOXES:
        voc_file(tmp_path, name, "<object><name>cell</name><polygon/></object><bndbox/>")
    with pytest.raises(DataError, match="no box in 4 pictures"):
        boxes_of(tmp_path)


def test_a_broken_picture_is_named(tmp_path):
    voc(tmp_path)
    (tmp_path / "JPEGImages" / "c.png").write_bytes(b"\x89PNG broken")
    with pytest.raises(DataError, match=r"c\.png"):
        boxes_of(tmp_path)


# -- hostile files ----------------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
BOMB = f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]><annotation><filename>&l11;</filename><bndbox/></annotation>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB, r"b\.xml defines the entity 'l0'"),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///x">]><annotation>&f;<bndbox/></annotation>', "the entity 'f'"),
        ("<annotation><object><bndbox>", r"b\.xml is not valid XML"),
        ("<annotation>" + voc_object("cell", ("left", 1, 2, 3)) + "</annotation>", r"a number for xmin, got 'left'"),
        ("<annotation>" + voc_object("cell", ("", 1, 2, 3)) + "</annotation>", r"a number for xmin, got nothing"),
        ("<annotation>" + voc_object(" ", (1, 1, 2, 3)) + "</annotation>", r"b\.xml: box 1 has no class"),
        ("<annotation>" + voc_object("x", (1, 1, 9, 9)) * 5_001 + "</annotation>", r"b\.xml: more than 5,000 boxes"),
    ],
    ids=["laughs", "external", "cut", "words", "nothing", "nameless", "many"],
)
def test_hostile_xml_is_refused_by_name(content, said, tmp_path):
    voc(tmp_path)
    for i in range(20):  # enough others for the folder to be recognised
        pictures(tmp_path / "JPEGImages", [f"more{i}"])
        voc_file(tmp_path, f"more{i}", voc_object("cell", (1, 1, 9, 9)))
    write(tmp_path / "Annotations" / "b.xml", content)
    with pytest.raises(DataError, match=said):
        boxes_of(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"image_id": 99}, "image_id 99, which is not among its images"),
        ({"image_id": [1]}, r"image_id \[1\]"),
        ({"category_id": 4}, "category_id 4 is not among its categories"),
        ({"bbox": [1, 2, 3]}, r"expected bbox as \[x, y, width, height\]"),
        ({"bbox": [1, 2, 3, "wide"]}, "expected a number for bbox, got 'wide'"),
        ({"bbox": [1, 2, 3, 10**400]}, "expected a number for bbox"),
        ({"bbox": {"x": 1}}, "expected bbox"),
    ],
)
def test_odd_coco_annotations_are_refused(change, said, tmp_path):
    coco(tmp_path)
    content = json.loads((tmp_path / "annotations.json").read_text())
    content["annotations"][1] |= change
    write(tmp_path / "annotations.json", json.dumps(content))
    with pytest.raises(DataError, match=said):
        boxes_of(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 20 15 8 6", "divide pixels by its width"),
        ("5 0.5 0.5 0.1 0.1", "class 5 has no name"),
    ],
)
def test_odd_yolo_lines_are_refused_by_file_and_line(line, said, tmp_path):
    yolo(tmp_path)
    write(tmp_path / "labels" / "b.txt", f"0 0.5 0.5 0.1 0.1\n{line}\n")
    with pytest.raises(DataError, match=rf"b\.txt, line 2: .*{said}"):
        boxes_of(tmp_path)


@pytest.mark.slow("175 photographs are decoded")
def test_bccd_is_read_whole():
    layout = read(str(shared("bccd")), CONFIG)
    found = read_boxes(layout, CONFIG)
    assert dict(zip(found.classes, found.counts(np.arange(len(found))).tolist())) == {
        "Platelets": 198,
        "RBC": 2125,
        "WBC": 181,
    }
    assert {split: len(rows) for split, rows in layout.splits.items()} == {"train": 100, "val": 30, "test": 45}
