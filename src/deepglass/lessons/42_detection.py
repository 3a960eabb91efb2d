"""Lesson 42: where is it? One question at every place, hills of answers, one box per hill, a score for all."""

import marimo

app = marimo.App(width="medium", app_title="Where is it?", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import numpy as np
    from sklearn.datasets import load_digits

    from deepglass import glass
    from deepglass.core.detections import iou, suppress
    from deepglass.course import kit
    from deepglass.evaluate.metrics import detection
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Where is it?",
        "question": "How does a net that knows what learn to say where?",
        "part": "Beyond one answer",
        "minutes": 20,
        "reads": ["core/detections.py", "models/grid_detector.py", "evaluate/metrics/detection.py"],
        "runs": ["deepglass train shapes-with-boxes --epochs 3"],
    }

    SIDE, WINDOW, WANTED = 36, 8, 3  # pixels of a scene and of a digit; the digit that is looked for
    SURE, LEAST, AGREED = 0.5, 0.05, 0.3  # "here"; below it a guess is noise; boxes of one thing overlap more
    PLACES = SIDE - WINDOW + 1  # of a window, along each side
    SCENES = range(1000, 1040)  # seeds of the scenes on which the detector is judged


@app.function
@cache
def digits(is_test):
    """Bundled digits (n, 8, 8) in [0, 1] and what they are; every third is kept for the scenes of the test."""
    data, third = load_digits(), np.arange(1797) % 3 == 0
    return data.images[third == is_test] / 16, data.target[third == is_test]


@app.function
def scene(seed, is_test=True):
    """Eight digits on noise, some close together, half of them wanted: (36, 36), and boxes of both kinds, (n, 4)."""
    (images, labels), rng = digits(is_test), np.random.default_rng(seed)
    picture, corners, kinds = 0.25 * rng.random((SIDE, SIDE)), [], []
    while len(corners) < 8:
        near = corners and rng.random() < 0.3  # beside another one, so that their boxes may overlap
        x, y = np.array(corners[-1]) + rng.integers(-6, 7, 2) if near else rng.integers(0, PLACES, 2)
        if not (0 <= x < PLACES and 0 <= y < PLACES) or any(max(abs(x - a), abs(y - b)) < 5 for a, b in corners):
            continue
        is_wanted = rng.random() < 0.5
        one = rng.choice(np.flatnonzero((labels == WANTED) == is_wanted))
        part = picture[y : y + WINDOW, x : x + WINDOW]
        np.maximum(part, images[one], out=part)
        corners.append((x, y))
        kinds.append(is_wanted)
    boxes, kinds = np.array([(x, y, x + WINDOW, y + WINDOW) for x, y in corners], float), np.array(kinds)
    return picture, boxes[kinds], boxes[~kinds]


@app.function
def windows(picture):
    """What is seen at every place: boxes (n, 4) and pixels (n, 64)."""
    seen = np.lib.stride_tricks.sliding_window_view(picture, (WINDOW, WINDOW)).reshape(-1, WINDOW**2)
    y, x = np.divmod(np.arange(PLACES**2), PLACES)
    return np.stack([x, y, x + WINDOW, y + WINDOW], 1).astype(float), seen.astype(np.float32)


@app.function
@cache
def net(scenes=60, epochs=6):
    """A net of one hidden layer that says of 64 pixels how well the wanted digit fills them: its IoU, squared."""
    glass.manual_seed(0)
    X, y, rng = [], [], np.random.default_rng(0)
    for seed in range(scenes):
        picture, wanted, others = scene(seed, is_test=False)
        boxes, seen = windows(picture)
        fits, beside = iou(boxes, wanted).max(1, initial=0), iou(boxes, others).max(1, initial=0)
        rows = np.concatenate([np.flatnonzero(np.maximum(fits, beside) > 0.6), rng.choice(len(boxes), 60)])
        X.append(seen[rows])
        y.append(fits[rows].astype(np.float32) ** 2)
    X, y = np.concatenate(X), np.concatenate(y)
    model = nn.Sequential(nn.Linear(WINDOW**2, 48), nn.ReLU(), nn.Linear(48, 1))
    optimizer = glass.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(X)), len(X) // 64):
            optimizer.zero_grad()
            logits = model(glass.tensor(X[rows]))
            F.binary_cross_entropy_with_logits(logits, glass.tensor(y[rows][:, None])).backward()
            optimizer.step()
    return model


@app.function
@cache
def guesses(seed):
    """Of a scene of the test: picture, true boxes, all windows as boxes (841, 4), what the net says of each."""
    picture, wanted, _ = scene(seed)
    (boxes, seen), model = windows(picture), net()
    with glass.no_grad():
        logits = model(glass.tensor(seen)).numpy()[:, 0]
    return picture, wanted, boxes, 1 / (1 + np.exp(-logits.astype(float)))


@app.function
def found(seed, same_thing=AGREED):
    """Boxes (n, 4) that are left of a scene, the surest first, and how sure they are (n,)."""
    _, _, boxes, scores = guesses(seed)
    rows = np.flatnonzero(scores >= LEAST)
    rows = rows[suppress(boxes[rows], scores[rows], same_thing)]
    return boxes[rows], scores[rows]


@app.function
@cache
def judged(same_thing=AGREED, scenes=SCENES):
    """All scenes of the test at once, matched as the library does it."""
    predictions, targets = np.zeros((len(scenes), 900, 6)), np.full((len(scenes), 8, 6), -1.0)
    for i, seed in enumerate(scenes):
        (boxes, scores), wanted = found(seed, same_thing), scene(seed)[1]
        predictions[i, : len(boxes), :4], predictions[i, : len(boxes), 4] = boxes, scores
        targets[i, : len(wanted), :4], targets[i, : len(wanted), 4:] = wanted, 0
    return detection.match(predictions, targets, 1)[0]


@app.function
def walk(seed=SCENES[0], steps=15):
    """The film: a window walks over the picture, row by row, and leaves behind what the net answered."""
    picture, _, _, scores = guesses(seed)
    heat = scores.reshape(PLACES, PLACES)
    for step in range(steps):
        row = round(step * (PLACES - 1) / (steps - 1))
        column = (7 * step) % PLACES
        fig, (left, right) = kit.figure(4.6, 2.5, columns=2)
        left.imshow(picture, cmap=kit.MUCH, vmin=0, vmax=1, interpolation="none")
        corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]) * WINDOW + (column - 0.5, row - 0.5)
        left.plot(*corners.T, color=kit.ORANGE)
        right.imshow(
            np.where(np.arange(PLACES)[:, None] <= row, heat, 0), cmap=kit.MUCH, vmin=0, vmax=1, interpolation="none"
        )
        for ax, title in ((left, "the picture"), (right, "its answer at every place")):
            ax.set(xticks=[], yticks=[])
            ax.set_title(title, fontsize=9.5)
            ax.grid(visible=False)
        told = f"{(row + 1) * PLACES} of {PLACES**2} places have been asked."
        yield kit.picture(fig, f"A window over a picture of digits, and the answers of a net. {told}"), told


@app.cell
def _():
    _shift = WINDOW // 4
    _iou = float(iou(np.array([[0, 0, 8, 8]]), np.array([[_shift, _shift, 8 + _shift, 8 + _shift]]))[0, 0])
    kit.opening(
        LESSON,
        f"A net has learnt one thing: how well {WINDOW} × {WINDOW} pixels show a **{WANTED}**. Now it is asked at "
        "every place of a larger picture. Where its answers are high, hills rise. How is a box made of a hill, and "
        "when is a box right?",
        kit.film(walk(), label="Rows asked", seconds=0.5, width=4.6),
        kit.guess(
            "A found box has the true size, but lies a quarter of its side too far right and a quarter too low. How "
            "much of the area that the two cover together do they share?",
            ["About three quarters", "A bit more than half", "Less than two fifths"],
            f"Less than two fifths: {_iou:.2f}. They share ¾ · ¾ of a box, and what they share is missing from the "
            "other side: together they cover nearly one and a half. A box that looks quite good to the eye is wrong by "
            "the usual rule of one half.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    right = kit.slider("Shift to the right", range(-8, 9), 1)
    down = kit.slider("Shift down", range(-8, 9), 1)
    side = kit.slider("Side of the found box", range(4, 15), 8)
    kit.text(
        """
        ## How well does a box fit? {#see}

        Move the found box over the true one. What counts is the area that both cover, as a share of the area that any
        of them covers: **intersection over union**, IoU. It is 1 only for the very same box and 0 for boxes that do not
        touch; too large a box is punished as too small a one is. From {half} on, a box usually counts as right.

        {right} {down} {side}
        """,
        half=float(detection.IOUS[detection.AT_50]),
        right=right,
        down=down,
        side=side,
    )
    return down, right, side


@app.cell
def _(down, right, side):
    _true = np.array([[0.0, 0, 8, 8]])
    _box = np.array([[0.0, 0, side.value, side.value]]) + np.array([right.value, down.value] * 2)
    _low, _high = np.maximum(_true[0, :2], _box[0, :2]), np.minimum(_true[0, 2:], _box[0, 2:])
    _shared = float(np.prod(np.clip(_high - _low, 0, None)))
    _union, _iou = 64 + side.value**2 - _shared, float(iou(_true, _box)[0, 0])
    _ways = np.array([(0, 1), (2, 1), (2, 3), (0, 3), (0, 1)])
    _lines = {"true": _true[0][_ways], "found": _box[0][_ways]}
    _shown = kit.scatter(
        {}, lines=_lines, xlim=(-9, 23), ylim=(23, -9), height=3.6, colors={"true": kit.BLUE, "found": kit.ORANGE},
        label="A true box and a found one",
        caption=f"IoU {_iou:.2f}: {'right' if _iou >= 0.5 else 'wrong'} at one half.",
    )  # fmt: skip
    _levels = kit.levels(
        _shown,
        {"shared": _shared, "covered together": _union, "IoU": _iou},
        r"""
        $$\text{IoU} = \frac{|A \cap B|}{|A \cup B|} = \frac{shared}{64 + {own} - {shared}} = {value}$$
        """,
        shared=f"{_shared:.0f}",
        own=side.value**2,
        value=f"{_iou:.2f}",
    )
    kit.after_guess(_levels)
    return


@app.cell
def _():
    _seed = SCENES[0]
    _picture, _wanted, _boxes, _scores = guesses(_seed)
    _kept, _sure = found(_seed)
    kit.row(
        kit.text(
            """
            ### One box per hill

            The net was taught how well a window fits: the square of the IoU with a {wanted}, 1 on it and less beside
            it. So an answer falls with the distance, and a thing becomes a hill. In this scene it is above one half at
            **{sure}** places, but there are only {things} things. **Non-maximum suppression** makes boxes of the hills:
            keep the surest box, drop all that overlap it by more than {agreed}, and go on with the surest of the rest.
            Of {many} boxes with a score of at least {least}, {kept} are left. Move the slider: fewer boxes are shown,
            and surer ones.
            """,
            wanted=WANTED,
            sure=int((_scores >= SURE).sum()),
            things=len(_wanted),
            agreed=AGREED,
            many=int((_scores >= LEAST).sum()),
            least=LEAST,
            kept=len(_kept),
        ),
        kit.boxes(
            _picture,
            [(box, str(WANTED), score) for box, score in zip(_kept, _sure)],
            [(box, str(WANTED)) for box in _wanted],
            label=f"A scene of eight digits; looked for are those that are a {WANTED}",
        ),
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## Three lines that suppress {#read}

        {code}

        A window that slides knows one size only. The library's detector is asked once for the whole picture: every cell
        of a fine grid says how likely the *middle* of a thing lies in it, and how far the four edges are. Its hills
        become boxes by the very same lines: `deepglass read models/grid_detector.py`.
        """,
        code=kit.read(
            "core/detections.py",
            {
                "best, rest = rest[0]": "The top of the highest hill that is left.",
                "rest = rest[iou(": "Its slopes mean the same thing: they go.",
            },
            part="suppress",
        ),
    )
    return


@app.cell
def _():
    least = kit.slider("Least confidence", [round(0.05 * i, 2) for i in range(1, 20)], 0.5)
    kit.text(
        """
        ### From when on do we believe it?

        A low threshold shows many boxes: most things are found (**recall**), and much is invented (low **precision**).
        A high one does the opposite. The curve shows all thresholds at once, over {scenes} new scenes, and the area
        below it, its dips filled, is the **average precision**: it judges a detector without choosing one.

        {least}
        """,
        scenes=len(SCENES),
        least=least,
    )
    return (least,)


@app.cell
def _(least):
    _all = judged()
    _recall, _precision = _all.curve()
    _shown = detection.at_score([_all], least.value)
    _ap = float(_all.average_precisions()[detection.AT_50])
    _at = ([_shown["recall"]], [_shown["precision"] or 1.0])
    kit.row(
        kit.curves(
            {"": (_recall, _precision), "here": _at}, points={"here"}, xlim=(0, 1.02), ylim=(0, 1.05), xlabel="recall",
            ylabel="precision", label="Precision over recall",
            caption=f"Average precision at an IoU of one half: {_ap:.2f}.",
        ),
        kit.table(
            {
                "true boxes": int(_all.boxes.sum()),
                "boxes shown": int((_all.scores >= least.value).sum()),
                "precision": "no box" if _shown["precision"] is None else _shown["precision"],
                "recall": _shown["recall"],
            }
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    same = kit.slider("Boxes are one thing beyond an IoU of", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0], 1.0)
    kit.text(
        """
        ## Believe every window {#break-it-mend-it}

        At 1 nothing is suppressed: every box on a slope stays, a thing can be found only once, and each further box on
        it counts as invented. **Mend it**: turn the limit down. And too far down? Then a thing that stands close to
        another one is taken for its slope, and is lost.

        {same}
        """,
        same=same,
    )
    return (same,)


@app.cell
def _(same):
    _limits = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0]
    _aps = [float(judged(limit).average_precisions()[detection.AT_50]) for limit in _limits]
    _now, _shown = _aps[_limits.index(same.value)], detection.at_score([judged(same.value)], SURE)
    _best = _limits[int(np.argmax(_aps))]
    kit.row(
        kit.curves(
            {"AP": (_limits, _aps), "here": ([same.value], [_now])}, points={"here"}, ylim=(0, 1.05),
            xlabel="limit of the IoU", ylabel="average precision", label="Average precision by the limit",
            caption=f"At {same.value:g} it is {_now:.2f}; best of these limits is {_best:g}.",
        ),
        kit.table(
            {
                f"boxes from {SURE} on": int((judged(same.value).scores >= SURE).sum()),
                "true boxes": int(judged(same.value).boxes.sum()),
                "precision": _shown["precision"] or 0.0,
                "recall": _shown["recall"] or 0.0,
            }
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    hits, shown, there = 6, 8, 10
    kit.check(
        kit.exercise("overlap"),
        kit.answer(
            f"Of {shown} boxes that are shown, {hits} are right; {there} things are there. How large is the recall?",
            hits / there,
            name="recall",
            slips={
                hits / shown: "That is the precision: of what is shown, how much is right?",
                shown / there: "Invented boxes find nothing.",
                hits / (shown + there - hits): "That is what is right among all, shown or missed.",
            },
            because="Recall asks the things, precision asks the boxes.",
            hint="Of the things that are there, how many were found?",
            solution=f"{hits} / {there} = {hits / there:g}",
        ),
        kit.choose(
            "A detector finds every thing twice, each time with a perfect box and the same score. Nothing else is "
            "shown. Its precision?",
            {
                "One half": (True, "The first box takes the thing; the second has none left, and counts as invented."),
                "One": (False, "Each box fits, but a thing can be found only once."),
                "Zero": (False, "The first of each pair is right."),
                "Two": (False, "A share is at most 1."),
            },
            name="twice",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Circles, squares and triangles of all sizes, found by the grid detector. Three epochs are few: watch
        `val map 50` rise from epoch to epoch, and leave `--epochs` out for a whole training. The report shows what was
        found, missed and invented.
        """,
        own_file="""
        Pictures with boxes, as COCO, Pascal VOC or YOLO write them, in one folder: `deepglass train my-folder`.
        """,
        sources=[
            ("Dalal and Triggs (2005), Histograms of oriented gradients", "https://doi.org/10.1109/CVPR.2005.177"),
            ("Everingham et al. (2010), Pascal VOC", "https://doi.org/10.1007/s11263-009-0275-4"),
            ("Redmon et al. (2016), You only look once", "https://arxiv.org/abs/1506.02640"),
            ("Zhou et al. (2019), Objects as points", "https://arxiv.org/abs/1904.07850"),
        ],
        onward="A net that knows what says where if it is asked everywhere. Could a net also make what it knows?",
    )
    return


if __name__ == "__main__":
    app.run()
