"""Lesson 44: which pixels? A class for each, how far a net must look, how masks are judged, why tiles overlap."""

import marimo

app = marimo.App(width="medium", app_title="Which pixels?", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import numpy as np
    from sklearn.datasets import load_digits

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.evaluate.metrics import segmentation
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Which pixels?",
        "question": "How does a net say of every pixel what it belongs to?",
        "part": "Beyond one answer",
        "minutes": 20,
        "reads": ["models/unet.py", "core/tiles.py", "evaluate/metrics/segmentation.py"],
        "runs": ["deepglass train shapes-with-masks --epochs 4"],
    }

    SIDE, DIGIT, WANTED = 48, 8, 3  # pixels of a scene and of a digit; the digit whose pixels are looked for
    CLASSES = ["ground", f"a {WANTED}", "another digit"]
    INK = 0.4  # from this brightness on a pixel belongs to its digit
    RADII = (0, 1, 2, 4)  # pixels that a net sees to each side of the one that it names
    SCENES = range(2000, 2008)  # seeds of the scenes on which the nets are judged
    TILE = 16


@app.function
@cache
def digits(is_test):
    """Bundled digits (n, 8, 8) in [0, 1] and what they are; every third is kept for the scenes of the test."""
    data, third = load_digits(), np.arange(1797) % 3 == 0
    return data.images[third == is_test] / 16, data.target[third == is_test]


@app.function
@cache
def scene(seed, is_test=True):
    """Fourteen digits on noise, half of them wanted: a picture (48, 48) and its mask, 0, 1 or 2 for each pixel."""
    (images, labels), rng = digits(is_test), np.random.default_rng(seed)
    picture, mask = 0.25 * rng.random((SIDE, SIDE)), np.zeros((SIDE, SIDE), np.uint8)
    cells = rng.permutation([(y, x) for y in range(0, SIDE, 12) for x in range(0, SIDE, 12)])[:14]
    for y, x in cells + rng.integers(0, 5, (14, 2)):
        is_wanted = rng.random() < 0.5
        one = images[rng.choice(np.flatnonzero((labels == WANTED) == is_wanted))]
        part = picture[y : y + DIGIT, x : x + DIGIT]
        np.maximum(part, one, out=part)
        mask[y : y + DIGIT, x : x + DIGIT][one >= INK] = 1 if is_wanted else 2
    return picture, mask


@app.function
def around(picture, radius):
    """What lies around every pixel: (H·W, (2r + 1)²), zeros beyond the edge."""
    padded, side = np.pad(picture, radius), 2 * radius + 1
    return np.lib.stride_tricks.sliding_window_view(padded, (side, side)).reshape(-1, side**2).astype(np.float32)


@app.function
@cache
def net(radius, scenes=30, epochs=6):
    """A net of one hidden layer that names the middle pixel of a window."""
    glass.manual_seed(0)
    X, y, rng = [], [], np.random.default_rng(0)
    for seed in range(scenes):
        picture, mask = scene(seed, is_test=False)
        inked, empty = np.flatnonzero(mask), np.flatnonzero(mask == 0)
        rows = np.concatenate([rng.choice(inked, 160), rng.choice(empty, 80)])
        X.append(around(picture, radius)[rows])
        y.append(mask.ravel()[rows].astype(np.int64))
    X, y = np.concatenate(X), np.concatenate(y)
    model = nn.Sequential(nn.Linear(X.shape[1], 64), nn.ReLU(), nn.Linear(64, 3))
    optimizer = glass.optim.Adam(model.parameters(), lr=0.006)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(X)), len(X) // 128):
            optimizer.zero_grad()
            F.cross_entropy(model(glass.tensor(X[rows])), glass.tensor(y[rows])).backward()
            optimizer.step()
    return model


@app.function
def named(picture, radius):
    """The class (H, W) that a net gives each pixel of a picture of any size."""
    model = net(radius)
    with glass.no_grad():
        logits = model(glass.tensor(around(picture, radius))).numpy()
    return logits.argmax(axis=1).reshape(picture.shape).astype(np.uint8)


@app.function
@cache
def judged(radius):
    """All scenes of the test at once, as the library judges them."""
    pairs = [(named(scene(seed)[0], radius), scene(seed)[1]) for seed in SCENES]
    return segmentation.evaluate(*(np.stack(part) for part in zip(*pairs)), CLASSES)


@app.function
def in_tiles(picture, radius, margin):
    """The same, tile by tile: each sees only itself, and its outermost `margin` pixels are left to its neighbours."""
    H, W = picture.shape
    said, step = np.zeros((H, W), np.uint8), TILE - 2 * margin
    for top in range(-margin, H - margin, step):
        for left in range(-margin, W - margin, step):
            y, x = max(0, top), max(0, left)
            tile = named(picture[y : top + TILE, x : left + TILE], radius)
            rows = slice(top + margin, min(H, top + TILE - margin))
            columns = slice(left + margin, min(W, left + TILE - margin))
            said[rows, columns] = tile[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
    return said


@app.function
def painted(picture, mask):
    """A picture (H, W, 3) with its mask in colour: blue a wanted digit, orange another."""
    grey = 1 - 0.75 * np.repeat(picture[..., None], 3, axis=-1)
    for label, colour in ((1, (0.0, 0.45, 0.70)), (2, (0.84, 0.37, 0.0))):
        grey[mask == label] = 0.15 * grey[mask == label] + 0.85 * np.array(colour)
    return grey


@app.function
def sweep(seed=SCENES[0], radius=4, steps=13):
    """The film: row by row every pixel gets its class."""
    picture, _ = scene(seed)
    said = named(picture, radius)
    for step in range(steps):
        rows = round(step * SIDE / (steps - 1))
        fig, (left, right) = kit.figure(4.6, 2.5, columns=2)
        left.imshow(picture, cmap=kit.MUCH, vmin=0, vmax=1, interpolation="none")
        left.axhline(rows - 0.5, color=kit.ORANGE)
        shown = np.where(np.arange(SIDE)[:, None] < rows, said, 0)
        right.imshow(painted(picture * 0.4, shown), interpolation="none")
        for ax, title in ((left, "the picture"), (right, "a class for every pixel")):
            ax.set(xticks=[], yticks=[])
            ax.set_title(title, fontsize=9.5)
            ax.grid(visible=False)
        told = f"{rows * SIDE} of {SIDE**2} pixels have a name."
        yield kit.picture(fig, f"Digits on noise, and the class that a net gives each pixel. {told}"), told


@app.cell
def _():
    _share = 0.02
    kit.opening(
        LESSON,
        f"Digits lie about on noise. A net is to mark the pixels of every **{WANTED}** (blue), and those of all other "
        "digits (orange): no box, but the exact shape. It answers the same question as many times as there are pixels. "
        "What must it see to name one of them, and when is a mask good?",
        kit.film(sweep(), label="Rows named", seconds=0.5, width=4.6),
        kit.guess(
            "In photographs of a wall two pixels of a hundred belong to cracks. A net marks no pixel at all, ever. Its "
            "pixel accuracy, and how much of the cracks' area it shares with them (IoU)?",
            ["98 % and 0 %", "98 % and 98 %", "50 % and 2 %"],
            f"{1 - _share:.0%} and 0 %. Every pixel of the wall is right, and they are nearly all there are. Whoever "
            "judges a mask by its pixels alone praises a net that has found nothing.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    shift = kit.slider("Shift of the found ring", range(8), 1)
    thick = kit.slider("Its thickness", range(1, 9), 3)
    kit.text(
        """
        ## How good is a mask? {#see}

        A thin ring, three pixels thick, is to be marked. Move the found ring aside, or make it thicker. **Pixel
        accuracy** hardly notices: most of the picture is ground. **IoU** takes what both cover as a share of what any
        covers; **Dice** takes twice what both cover as a share of the two areas added. **Boundary F1** asks another
        question: how many pixels of the one edge lie beside the other?

        {shift} {thick}
        """,
        shift=shift,
        thick=thick,
    )
    return shift, thick


@app.function
def ring(shift, thick, side=64):
    """A ring (64, 64) of a radius of 20 whose middle line lies `shift` pixels beside the middle of the picture."""
    y, x = np.mgrid[:side, :side] - side / 2 + 0.5
    return (np.abs(np.hypot(y, x - shift) - 20) < thick / 2).astype(np.uint8)


@app.cell
def _(shift, thick):
    _true, _found = ring(0, 3), ring(shift.value, thick.value)
    _all = segmentation.evaluate(_found[None], _true[None], ["ground", "ring"])
    _row = _all["details"]["per_class"][1]
    _both, _any = int((_true & _found).sum()), int((_true | _found).sum())
    _colours = np.ones((64, 64, 3))
    _colours[(_true == 1) & (_found == 0)] = (0.0, 0.45, 0.70)
    _colours[(_true == 0) & (_found == 1)] = (0.84, 0.37, 0.0)
    _colours[(_true == 1) & (_found == 1)] = (0.0, 0.62, 0.45)
    _levels = kit.levels(
        kit.pictures([_colours], ["green: found, blue: missed, orange: invented"], label="A true ring and a found one"),
        {
            "pixel accuracy": _all["pixel_accuracy"]["value"],
            "IoU of the ring": _row["iou"],
            "Dice of the ring": _row["dice"],
            "boundary F1 of the ring": _row["boundary_f1"],
        },
        r"""
        $$\text{IoU} = \frac{|A \cap B|}{|A \cup B|} = \frac{{both}}{{any}} \qquad
        \text{Dice} = \frac{2\,|A \cap B|}{|A| + |B|} = \frac{2 \cdot {both}}{{sum}}$$
        """,
        both=_both,
        any=_any,
        sum=_both + _any,
    )
    kit.after_guess(_levels)
    return


@app.cell
def _():
    radius = kit.slider("Pixels that the net sees to each side", RADII, 0)
    kit.text(
        """
        ## A pixel alone says little {#read}

        Four nets have learnt to name the pixel in the middle of a window. The first sees that pixel alone: it tells ink
        from ground, for ink is bright. But no pixel looks like a {wanted}: the name of a pixel lies **around** it.

        {radius}
        """,
        wanted=WANTED,
        radius=radius,
    )
    return (radius,)


@app.cell
def _(radius):
    _picture, _mask = scene(SCENES[0])
    _said, _scores = named(_picture, radius.value), judged(radius.value)
    _ious = [judged(r)["details"]["per_class"][1]["iou"] for r in RADII]
    _seen = 2 * radius.value + 1
    kit.row(
        kit.pictures(
            [painted(_picture * 0.4, _mask), painted(_picture * 0.4, _said)],
            ["the truth", f"named from {_seen} × {_seen} pixels"],
            label=f"Masks: blue a {WANTED}, orange another digit",
        ),
        kit.curves(
            {f"IoU of a {WANTED}": (RADII, _ious), "here": ([radius.value], [_ious[RADII.index(radius.value)]])},
            points={"here"}, ylim=(0, 1), xlabel="pixels seen to each side", ylabel="IoU",
            label=f"How well a {WANTED} is covered, by how far the net sees",
            caption=f"Pixel accuracy here: {_scores['pixel_accuracy']['value']:.2f}.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        A window four times as wide has sixteen times as many inputs, and a whole street has no window at all. The
        **U-Net** sees far for little: it halves the picture again and again, so that its small filters cover more and
        more, and comes up again. What was lost on the way down, the exact places, is handed over on bridges:

        {code}
        """,
        code=kit.read(
            "models/unet.py",
            {
                "bridges.append(x)": "Before each step down the fine map is kept,",
                "bridges.pop()": "and on the way up it is laid beside the coarse one.",
            },
            part="UNet.forward",
        ),
    )
    return


@app.cell
def _():
    margin = kit.slider("Pixels of each tile that are left to its neighbours", range(7), 0)
    kit.text(
        """
        ## A picture too large for the net {#break-it-mend-it}

        A slide under a microscope has billions of pixels: it is cut into tiles. At the edge of a tile the net sees only
        half of what it needs, and guesses; side by side, the tiles show **seams**. **Mend it**: let tiles overlap, and
        leave the outermost pixels of each to its neighbour. This net looks {reach} pixels far. From which margin on is
        the mask the very one of the whole picture?

        {margin}
        """,
        reach=RADII[-1],
        margin=margin,
    )
    return (margin,)


@app.cell
def _(margin):
    _picture, _ = scene(SCENES[1])
    _whole = named(_picture, RADII[-1])
    _others = [int((in_tiles(_picture, RADII[-1], m) != _whole).sum()) for m in range(7)]
    _said = in_tiles(_picture, RADII[-1], margin.value)
    _wrong = _said != _whole
    _shown = painted(_picture * 0.4, _said)
    _shown[_wrong] = (0.85, 0.0, 0.45)
    kit.row(
        kit.pictures(
            [_shown],
            [f"{int(_wrong.sum())} pixels differ from the whole picture (magenta)"],
            label=f"A mask made of tiles of {TILE} × {TILE} pixels, margin {margin.value}",
        ),
        kit.curves(
            {"pixels that differ": (range(7), _others), "here": ([margin.value], [_others[margin.value]])},
            points={"here"}, xlabel="margin", ylabel="pixels", label="Pixels that differ from the whole picture",
            caption="Smaller steps cost more tiles: nothing is free.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        A U-Net looks much farther than any margin that one could afford. So the library does both: the outermost pixels
        of a tile count nothing, and further in neighbours fade into each other.

        {code}
        """,
        code=kit.read(
            "core/tiles.py",
            {
                "margin = int(": "So many pixels at the edge count nothing,",
                "rise = np.clip(": "and from there on a tile counts more and more.",
            },
            part="weights",
        ),
    )
    return


@app.cell
def _():
    both, missed, invented = 60, 20, 40
    kit.check(
        kit.exercise("dice_of_masks"),
        kit.answer(
            f"Of a mask {both} pixels are right, {missed} are missed, {invented} are invented. How large is its IoU?",
            both / (both + missed + invented),
            name="iou",
            slips={
                2 * both / (2 * both + missed + invented): "That is Dice: IoU counts what both cover once.",
                both / (both + missed): "That is the recall: what was invented must count too.",
                both / (both + invented): "That is the precision: what was missed must count too.",
            },
            because="Any of the two covers what is right, what is missed and what is invented.",
            hint="How many pixels does any of the two masks cover?",
            solution=f"{both} / ({both} + {missed} + {invented}) = {both / (both + missed + invented):g}",
        ),
        kit.choose(
            "A mask holds the classes 0, 1 and 7. It is scaled to half its size by taking means of neighbours. What "
            "may stand at an edge between 1 and 7 then?",
            {
                "A 4: a class that was never there": (
                    True,
                    "The mean of two names is no name: masks are looked up at the nearest pixel.",
                ),
                "A 1 or a 7": (False, "So it should be, and the nearest pixel gives it; a mean does not."),
                "A 0": (False, "Nothing pulls the mean below the smaller one."),
                "Nothing: masks cannot be scaled": (False, "They can, by taking the nearest pixel."),
            },
            name="nearest",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Circles, squares and triangles, pixel by pixel, by a small U-Net. A few epochs are few: watch `val mean iou`
        rise, and leave `--epochs` out for a whole training. The report shows in colour what was found, missed and
        invented, and judges each class beside a table that knows nothing but colours.
        """,
        own_file="""
        Two folders, `images` and `masks`, with the same names in both; or outlines as COCO, labelme and YOLO write
        them: `deepglass train my-folder`. Then `deepglass predict RUN picture.png --pictures masks`.
        """,
        sources=[
            ("Long, Shelhamer and Darrell (2015), Fully convolutional networks", "https://arxiv.org/abs/1411.4038"),
            ("Ronneberger, Fischer and Brox (2015), U-Net", "https://arxiv.org/abs/1505.04597"),
            ("Milletari, Navab and Ahmadi (2016), V-Net (the Dice loss)", "https://arxiv.org/abs/1606.04797"),
            ("Csurka et al. (2013), What is a good evaluation measure?", "https://doi.org/10.5244/C.27.32"),
        ],
        onward="A net has named every pixel. Does it look at the thing, or at what lies around it?",
    )
    return


if __name__ == "__main__":
    app.run()
