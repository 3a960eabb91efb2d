"""Folders of pictures with the same boxes, written in every form that is read."""

import json
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 40, 30
BOXES = {  # of each picture: class and corners
    "a": [("cell", (1, 2, 11, 8)), ("plate", (20, 10, 40, 30))],
    "b": [],
    "c": [("cell", (0, 0, 4, 6))],
    "d": [("plate", (5, 5, 25, 20)), ("cell", (6, 6, 9, 9)), ("cell", (30, 1, 39, 29))],
}


def pictures(folder: Path, names=BOXES, size=(WIDTH, HEIGHT)) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        Image.new("RGB", size, (i * 20, 90, 200 - i * 20)).save(folder / f"{name}.png")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def voc_object(name, box, difficult=0) -> str:
    corners = "".join(f"<{key}>{value}</{key}>" for key, value in zip(("xmin", "ymin", "xmax", "ymax"), box))
    return f"<object><name>{name}</name><difficult>{difficult}</difficult><bndbox>{corners}</bndbox></object>"


def voc_file(folder: Path, name: str, objects: str, size=(WIDTH, HEIGHT)) -> Path:
    stated = f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>"
    content = f"<annotation><filename>{name}.png</filename>{stated}{objects}</annotation>"
    return write(folder / "Annotations" / f"{name}.xml", content)


def voc(folder: Path) -> None:
    pictures(folder / "JPEGImages")
    for name, boxes in BOXES.items():
        voc_file(folder, name, "".join(voc_object(*box) for box in boxes))


def coco(folder: Path, crowd: bool = False) -> None:
    pictures(folder / "images")
    found = [(i, *box) for i, boxes in enumerate(BOXES.values()) for box in boxes]
    content = {
        "images": [
            {"id": i, "file_name": f"{name}.png", "width": WIDTH, "height": HEIGHT} for i, name in enumerate(BOXES)
        ],
        "categories": [{"id": 7, "name": "cell"}, {"id": 3, "name": "plate"}, {"id": 1, "name": "never"}],
        "annotations": [
            {
                "id": k,
                "image_id": i,
                "category_id": 7 if name == "cell" else 3,
                "bbox": [box[0], box[1], box[2] - box[0], box[3] - box[1]],
                "iscrowd": int(crowd and k == 0),
            }
            for k, (i, name, box) in enumerate(found)
        ],
    }
    write(folder / "annotations.json", json.dumps(content))


def yolo_line(name, box) -> str:
    x, y = (box[0] + box[2]) / 2 / WIDTH, (box[1] + box[3]) / 2 / HEIGHT
    return f"{int(name == 'plate')} {x} {y} {(box[2] - box[0]) / WIDTH} {(box[3] - box[1]) / HEIGHT}\n"


def yolo(folder: Path) -> None:
    pictures(folder / "images")
    for name, boxes in BOXES.items():
        write(folder / "labels" / f"{name}.txt", "".join(yolo_line(*box) for box in boxes))
    write(folder / "data.yaml", "train: images\nnc: 2\nnames: ['cell', 'plate']\n")


def labelme(folder: Path) -> None:
    pictures(folder)
    for name, boxes in BOXES.items():
        shapes = [
            {"label": label, "points": [[box[0], box[1]], [box[2], box[3]]], "shape_type": "rectangle"}
            for label, box in boxes
        ]
        content = {"imagePath": f"{name}.png", "imageHeight": HEIGHT, "imageWidth": WIDTH, "shapes": shapes}
        write(folder / f"{name}.json", json.dumps(content))


def table(folder: Path) -> None:
    pictures(folder)
    rows = [f"{name}.png,{','.join(map(str, box))},{label}" for name, boxes in BOXES.items() for label, box in boxes]
    write(folder / "boxes.csv", "file,x1,y1,x2,y2,label\n" + "\n".join([*rows, "b.png,,,,,"]) + "\n")


FORMS = (voc, coco, yolo, labelme, table)
