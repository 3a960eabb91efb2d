"""Masks as users have them: what is read of each form, and what is said of files that do not fit."""

import json

import numpy as np
import pytest
from PIL import Image

from deepglass.core.errors import DataError, OptionError
from deepglass.core.label_pictures import palette
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout
from deepglass.data.masked_pictures import IGNORED
from deepglass.data.reading.mask_classes import Key
from deepglass.data.reading.masks import Asked, read_masks
from deepglass.data.reading.source import read

H, W = 12, 16
LABELS = [np.kron(np.random.default_rng(i).integers(0, 3, (3, 4)), np.ones((4, 4), int)) for i in range(6)]


def picture(i):
    return np.random.default_rng(i).integers(0, 256, (H, W, 3)).astype(np.uint8)


def folder(place, masks, suffix=".png", images="images", name="masks", mode=None, colours=None):
    """Six pictures with masks beside them in a second folder."""
    for part in (images, name):
        (place / part).mkdir(parents=True)
    for i, mask in enumerate(masks):
        Image.fromarray(picture(i)).save(place / images / f"{i}.jpg")
        image = Image.fromarray(np.asarray(mask).astype(np.uint8), mode)
        if colours is not None:
            image.putpalette(colours.ravel().tolist())
        image.save(place / name / f"{i}{suffix}")
    return place


def masked(place, task="segmentation", **asked):
    found = read(str(place), DataConfig())
    assert isinstance(found, Layout)
    return read_masks(found, DataConfig(), Asked(**asked))


def refused(place, **asked):
    with pytest.raises(DataError) as caught:
        masked(place, **asked)
    return str(caught.value)


def test_values_are_classes_and_255_is_ignored(tmp_path):
    masks = [np.where((mask == 2) & (np.arange(W) < 2), 255, mask) for mask in LABELS]
    found = masked(folder(tmp_path / "fields", masks))
    assert found.classes == ["class 0", "class 1", "class 2"]
    assert np.array_equal(found.mask(0), masks[0])
    assert found.counts.sum() == sum((mask != 255).sum() for mask in masks)
    assert any("ignored pixels: value 255" in str(guess) and "--ignore-label" in str(guess) for guess in found.guesses)
    kept = masked(tmp_path / "fields", ignore="none")
    assert kept.classes == ["class 0", "class 1", "class 2", "class 255"]
    other = masked(tmp_path / "fields", ignore="1,255")
    assert other.classes == ["class 0", "class 2"]
    assert (other.mask(0) == IGNORED)[masks[0] == 1].all()


def test_black_and_white_is_two_classes_and_nothing_is_ignored(tmp_path):
    found = masked(folder(tmp_path / "cells", [255 * (mask > 0) for mask in LABELS]))
    assert found.classes == ["black", "white"]
    assert np.array_equal(found.mask(1), LABELS[1] > 0)
    named = masked(tmp_path / "cells", names="wall,inside")
    assert named.classes == ["wall", "inside"]


def test_soft_edges_are_cut_and_that_is_said(tmp_path):
    soft = [
        np.asarray(Image.fromarray((255 * np.kron(mask > 0, np.ones((9, 9)))).astype(np.uint8)).resize((60, 45)))
        for mask in LABELS
    ]
    for part in ("images", "masks"):
        (tmp_path / "soft" / part).mkdir(parents=True)
    for i, mask in enumerate(soft):
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (45, 60, 3)).astype(np.uint8)).save(
            tmp_path / "soft/images" / f"{i}.png"
        )
        Image.fromarray(mask).save(tmp_path / "soft/masks" / f"{i}.jpg", quality=95)
    found = masked(tmp_path / "soft")
    assert found.classes == ["black", "white"]
    assert any("soft edges" in str(guess) for guess in found.guesses)
    assert np.array_equal(found.mask(0) > 0, np.asarray(Image.open(tmp_path / "soft/masks/0.jpg")) >= 128)


def test_names_lie_beside_pictures_with_an_ending(tmp_path):
    place = tmp_path / "beside"
    place.mkdir()
    for i, mask in enumerate(LABELS):
        Image.fromarray(picture(i)).save(place / f"{i}.png")
        Image.fromarray(mask.astype(np.uint8)).save(place / f"{i}_mask.png")
    found = masked(place)
    assert len(found) == 6
    assert np.array_equal(found.mask(5), LABELS[5])


def test_several_masks_of_one_picture_are_put_together(tmp_path):
    place = tmp_path / "nuclei"
    place.mkdir()
    for i, mask in enumerate(LABELS):
        Image.fromarray(picture(i)).save(place / f"{i}.png")
        for part in (1, 2):
            Image.fromarray((255 * (mask == part)).astype(np.uint8)).save(place / f"{i}_mask_{part}.png")
    found = masked(place)
    assert found.classes == ["black", "white"]
    assert np.array_equal(found.mask(0), LABELS[0] > 0)
    assert any("put together" in remark for remark in found.remarks)


def test_a_palette_is_read_by_its_positions_and_voc_has_names(tmp_path):
    colours = palette()
    place = folder(
        tmp_path / "voc",
        [5 * mask for mask in LABELS],
        images="JPEGImages",
        name="SegmentationClass",
        mode="P",
        colours=colours,
    )
    (place / "train.txt").write_text("0\n1\n2\n3\n")
    (place / "val.txt").write_text("4\n5\n")
    found = masked(place)
    assert found.classes[:6] == ["background", "aeroplane", "bicycle", "bird", "boat", "bottle"]
    assert np.array_equal(found.mask(2), 5 * LABELS[2])
    assert {name: len(rows) for name, rows in found.splits.items()} == {"train": 4, "val": 2}


def test_palettes_that_differ_from_file_to_file_are_read_by_colour(tmp_path):
    place = folder(tmp_path / "mixed", LABELS, mode="P", colours=palette())
    other = palette()[[0, 2, 1, *range(3, 256)]]
    image = Image.fromarray(np.where(LABELS[1] > 0, 3 - LABELS[1], 0).astype(np.uint8), "P")
    image.putpalette(other.ravel().tolist())
    image.save(place / "masks" / "1.png")
    found = masked(place)
    assert found.classes == ["#000000", "#008000", "#800000"]
    for row in (0, 1):
        assert np.array_equal(found.mask(row), np.array([0, 2, 1])[LABELS[row]])


def test_colours_get_their_names_from_a_table(tmp_path):
    place = folder(tmp_path / "street", [palette()[mask] for mask in LABELS])
    (place / "class_dict.csv").write_text("name,r,g,b\nsky,0,0,0\nroad,128,0,0\ntree,0,128,0\n")
    found = masked(place)
    assert sorted(found.classes) == ["road", "sky", "tree"]
    assert found.classes[int(found.mask(0)[0, 0])] == ["sky", "road", "tree"][LABELS[0][0, 0]]


def test_grey_values_get_their_names_from_a_list(tmp_path):
    place = folder(tmp_path / "fields", LABELS)
    (place / "classes.txt").write_text("ground\nsquare\nbar\nnever seen\n")
    assert masked(place).classes == ["ground", "square", "bar", "never seen"]


def coco_file(place, regions, categories=((7, "cat"), (9, "dog"))):
    (place / "images").mkdir(parents=True)
    images, annotations = [], []
    for i, of_one in enumerate(regions):
        Image.fromarray(picture(i)).save(place / "images" / f"{i}.jpg")
        images.append({"id": i, "file_name": f"{i}.jpg", "height": H, "width": W})
        for category, region in of_one:
            annotations.append(
                {
                    "id": len(annotations),
                    "image_id": i,
                    "category_id": category,
                    "bbox": [0, 0, 4, 4],
                    "segmentation": region,
                }
            )
    named = [{"id": number, "name": name} for number, name in categories]
    (place / "all.json").write_text(json.dumps({"images": images, "annotations": annotations, "categories": named}))
    return place


def test_outlines_and_runs_of_coco(tmp_path):
    square = [[2, 2, 10, 2, 10, 8, 2, 8]]
    runs = {"size": [H, W], "counts": [0, H * 3, H * (W - 3)]}
    found = masked(
        coco_file(tmp_path / "pets", [[(7, square)], [(9, runs)], [(7, square), (9, [[4, 4, 6, 4, 6, 6, 4, 6]])], []])
    )
    assert found.classes == ["background", "cat", "dog"]
    assert found.mask(0)[2:8, 2:10].all()
    assert found.mask(0).sum() == 48
    assert (found.mask(1)[:, :3] == 2).all()
    assert (found.mask(2)[4:6, 4:6] == 2).all()  # the smaller one lies on top
    assert found.mask(3).sum() == 0


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ([[1, 2, 3]], "expected an outline as x, y, x, y"),
        ([[1, 2, 3, 4, "x", 6]], "expected a number for a point of an outline"),
        ([[float("nan"), 2, 3, 4, 5, 6]], "points that are not numbers"),
        ({"size": [H, W], "counts": [1, 2]}, "no valid runs"),
        ({"size": [H, W], "counts": "~~~"}, "no valid runs"),
        ({"size": [H, W]}, "no valid runs"),
    ],
)
def test_broken_regions_of_coco_are_refused_in_words(tmp_path, region, said):
    assert said in refused(coco_file(tmp_path / "pets", [[(7, region)], [(7, [[1, 1, 5, 1, 5, 5]])]]))


def test_yolo_outlines_are_shares_of_the_picture(tmp_path):
    place = tmp_path / "yolo"
    place.mkdir()
    for i in range(4):
        Image.fromarray(picture(i)).save(place / f"{i}.jpg")
        (place / f"{i}.txt").write_text("0 0 0 0.5 0 0.5 1 0 1\n1 0.75 0 1 0 1 1 0.75 1\n")
    (place / "classes.txt").write_text("left\nright\n")
    found = masked(place)
    assert found.classes == ["background", "left", "right"]
    assert (found.mask(0)[:, : W // 2] == 1).all()
    assert (found.mask(0)[:, 12:] == 2).all()


# -- what does not fit ------------------------------------------------------------------------------------------------


def test_a_mask_of_another_size_is_named_with_both_sizes(tmp_path):
    place = folder(tmp_path / "fields", LABELS)
    Image.fromarray(np.zeros((5, 7), np.uint8)).save(place / "masks" / "3.png")
    said = refused(place)
    assert "3.png is 7 x 5, its picture 3.jpg 16 x 12" in said


def test_broken_masks_are_named_together(tmp_path):
    place = folder(tmp_path / "fields", LABELS)
    for i in (1, 2):
        content = (place / "masks" / f"{i}.png").read_bytes()
        (place / "masks" / f"{i}.png").write_bytes(content[: len(content) // 2])
    said = refused(place)
    assert "1.png" in said
    assert "2.png" in said


def test_pictures_without_a_mask_are_left_out_and_said_and_most_are_refused(tmp_path):
    place = folder(tmp_path / "fields", LABELS)
    (place / "masks" / "2.png").unlink()
    found = masked(place)
    assert len(found) == 5
    assert any("1 picture without a mask (2.jpg)" in remark for remark in found.remarks)
    for i in range(10, 30):
        Image.fromarray(picture(i)).save(place / "images" / f"{i}.jpg")
    assert "20 pictures without a mask" in refused(place) or "21 pictures without a mask" in refused(place)


def test_one_class_alone_and_nothing_but_ignored_are_refused(tmp_path):
    assert "hold 'class 0' alone" in refused(folder(tmp_path / "empty", [np.zeros((H, W))] * 6))
    assert "nothing but what is ignored" in refused(folder(tmp_path / "none", [np.full((H, W), 255)] * 6), ignore="255")


def test_a_picture_whose_mask_is_ignored_everywhere_is_left_out(tmp_path):
    found = masked(folder(tmp_path / "fields", [*LABELS[:5], np.full((H, W), 255)]))
    assert len(found) == 5
    assert any("ignored everywhere (5.jpg)" in remark for remark in found.remarks)


def test_a_photograph_is_no_mask(tmp_path):
    place = folder(tmp_path / "fields", LABELS)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (H * 2, W * 2, 3)).astype(np.uint8)).resize((W, H)).save(
        place / "masks" / "4.png"
    )
    said = refused(place)
    assert "some masks are in colour and some grey" in said or "different values" in said


def test_fractions_are_no_classes(tmp_path):
    place = folder(tmp_path / "fields", LABELS)
    Image.fromarray((LABELS[0] / 3).astype(np.float32), "F").save(place / "masks" / "0.tiff")
    (place / "masks" / "0.png").unlink()
    assert "holds fractions" in refused(place)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"names": "one"}, "1 names for the values"),
        ({"names": "a,a,b"}, "a name occurs twice"),
        ({"ignore": "white"}, "expected a value such as 255"),
    ],
)
def test_options_that_do_not_fit_are_refused(tmp_path, asked, said):
    place = folder(tmp_path / "fields", LABELS)
    with pytest.raises(OptionError, match=said):
        masked(place, **asked)


def test_new_masks_are_read_by_the_key_of_the_training(tmp_path):
    key = Key(["ground", "thing"], [0, 2], [255])
    found = masked(folder(tmp_path / "new", LABELS), key=key)
    assert found.classes == ["ground", "thing"]
    assert (found.mask(0) == IGNORED)[LABELS[0] == 1].all()
    assert any("values that training has not seen are ignored" in remark for remark in found.remarks)
    other = folder(tmp_path / "other", [mask + 40 for mask in LABELS])
    assert "masks with the values 40, 41, 42, which training has not seen" in refused(other, key=key)
