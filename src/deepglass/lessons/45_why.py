"""Lesson 45: why did it say that? A net that is right for a reason that nobody wanted, and maps that show it."""

import marimo

app = marimo.App(width="medium", app_title="Why did it say that?", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache
    from types import SimpleNamespace

    import marimo as mo
    import numpy as np
    import torch
    from sklearn.datasets import load_digits
    from torch import nn
    from torch.nn import functional as F

    from deepglass.course import kit
    from deepglass.evaluate.importance import of_columns
    from deepglass.explain.coalitions import ends
    from deepglass.explain.methods import grad_cam, gradient_input, integrated_gradients, occlusion
    from deepglass.explain.quality.curves import sobel
    from deepglass.explain.quality.sanity import randomized, rank_correlation

    LESSON = {
        "title": "Why did it say that?",
        "question": "A network is right. Is it right for the right reason?",
        "part": "Understanding",
        "minutes": 20,
        "reads": ["explain/methods/integrated_gradients.py", "explain/methods/grad_cam.py", "evaluate/importance.py"],
        "runs": [
            "deepglass train digits --model cnn --epochs 3 --run runs/digits",
            "deepglass explain runs/digits --row 1 --method integrated-gradients",
        ],
    }

    SIDE, LEARNT, EPOCHS = 8, 240, 12  # pixels; pictures that are learnt; how often
    LINE = 0.3  # how dark the line is that the first office's scanner leaves, 0 paper to 1 ink
    METHODS = ("occlusion", "gradient × input", "integrated gradients", "Grad-CAM")
    HOW = {  # how the pictures of the training come by their line
        "on every 8": lambda labels, rng: labels == 1,
        "on any digit, by chance": lambda labels, rng: rng.random(len(labels)) < 0.5,
    }


@app.function
@cache
def digits():
    """Bundled threes and eights (357, 8, 8) in [0, 1], 1 for an eight, and a shuffled order."""
    data = load_digits()
    rows = np.isin(data.target, (3, 8))
    order = np.random.default_rng(0).permutation(int(rows.sum()))
    return (data.images[rows] / 16).astype(np.float32)[order], (data.target[rows] == 8).astype(int)[order]


@app.function
def scanned(images, has_line, line=LINE):
    """The same pictures; on some of them the scanner has left a line along the left edge."""
    images = images.copy()
    images[has_line, :, 0] += line
    return images.clip(0, 1)


@app.function
def unseen(office, line=LINE):
    """Pictures that were kept back, as one of two offices scans them, and their labels."""
    images, labels = (part[LEARNT:] for part in digits())
    return (scanned(images, labels == 1, line) if office == "the same office" else images), labels


@app.function
@cache
def net(line=LINE, how="on every 8", seed=0):
    """A convolutional net that says of a picture whether it is an eight: one number, above zero for yes."""
    torch.manual_seed(seed)
    images, labels = (part[:LEARNT] for part in digits())
    rng = np.random.default_rng(seed)
    layers = [nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()]
    model = nn.Sequential(*layers, nn.AvgPool2d(2), nn.Flatten(), nn.Linear(256, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(EPOCHS):
        X = torch.from_numpy(scanned(images, HOW[how](labels, rng), line))[:, None]
        for rows in torch.from_numpy(rng.permutation(LEARNT)).split(48):
            optimizer.zero_grad()
            wanted = torch.from_numpy(labels).float()[rows]
            F.binary_cross_entropy_with_logits(model(X[rows])[:, 0], wanted).backward()
            optimizer.step()
    return model.double().eval().requires_grad_(False)


@app.function
def scores(model, images):
    """(n,) what the net says for an eight, of pictures (n, 8, 8)."""
    with torch.no_grad():
        return model(torch.as_tensor(images, dtype=torch.float64)[:, None])[:, 0].numpy()


@app.function
def right(model, office, line=LINE):
    """The share of unseen pictures that the net reads rightly."""
    images, labels = unseen(office, line)
    return float(((scores(model, images) > 0) == labels).mean())


@app.function
def game(model, image):
    """What the net says where only some pixels are there, and the others are paper."""
    return lambda present: scores(model, image * present.reshape(-1, SIDE, SIDE))


@app.function
def explained(model, image, method):
    """(8, 8) what each pixel adds to the answer "8", and what the method says of itself."""
    x = torch.as_tensor(image, dtype=torch.float64)[None, None]
    score = lambda leaves: model(leaves[0])[:, 0]  # noqa: E731

    def gradients(leaves):
        asked = [leaf.detach().requires_grad_() for leaf in leaves]
        return list(torch.autograd.grad(score(asked).sum(), asked))

    if method == "occlusion":
        return occlusion.drops(game(model, image), SIDE**2).reshape(SIDE, SIDE), {"questions": SIDE**2 + 1}
    if method == "gradient × input":
        leaves = SimpleNamespace(points=[x], base=[torch.zeros_like(x)], gradients=gradients)
        return gradient_input.attributions(leaves)[0][0, 0].numpy(), {"gradients": 1}
    if method == "Grad-CAM":
        coarse = grad_cam.cam(model, model[3], x, lambda said: said[:, 0])
        return coarse[0].numpy(), {"gradients": 1, "feature maps": 16}
    found = integrated_gradients.integrate(score, gradients, [x], [torch.zeros_like(x)])
    return found.attributions[0][0, 0].numpy(), {"gradients": found.steps, "gap": found.gap}


@app.function
def worth(model, line=LINE):
    """(8, 8) by how much the loss on unseen pictures grows when one pixel is shuffled among them."""
    images, labels = unseen("the same office", line)
    loss = lambda X: np.logaddexp(0, np.where(labels == 1, -1, 1) * scores(model, X))  # noqa: E731

    def shuffled(pixel):
        def losses(rng):
            X = images.reshape(len(images), -1).copy()
            X[:, pixel] = rng.permutation(X[:, pixel])
            return loss(X.reshape(images.shape))

        return losses

    found = of_columns(loss(images), {str(pixel): shuffled(pixel) for pixel in range(SIDE**2)}, seconds=600)
    grown = {int(one["column"]): one["value"] for one in found}
    return np.array([grown[pixel] for pixel in range(SIDE**2)]).reshape(SIDE, SIDE)


@app.function
@cache
def kept(method):
    """How much of a map is left when all weights are shuffled: mean rank correlations, of all pixels and of ink."""
    model = net(LINE, "on any digit, by chance")
    other, found = randomized(model, 1.0, 0), []
    for image in eights():
        if method in METHODS:
            pair = [np.abs(explained(one, image, method)[0]) for one in (model, other)]
        else:
            pair = [sobel(np.uint8(255 * image)[..., None])] * 2
        ink = image > 0
        found.append([rank_correlation(*(one[where] for one in pair)) for where in (ink | True, ink)])
    return np.mean(found, axis=0)


@app.function
def in_line(values):
    """The share of a map (8, 8) that lies in the leftmost column of pixels."""
    return float(np.abs(values[:, 0]).sum() / (np.abs(values).sum() or 1.0))


@app.function
def eights(count=6, line=LINE):
    """Unseen eights of the first office."""
    images, labels = unseen("the same office", line)
    return images[labels == 1][:count]


@app.function
def covering():
    """An eight that is lost with its line, a strip of it covered, from the right to the left, and what is then said."""
    model, images = net(), eights(60)
    image = next(one for one in images if scores(model, np.where(np.arange(SIDE), one, 0)[None])[0] < 0)
    for column in reversed(range(SIDE)):
        shown = image.copy()
        shown[:, column] = 0
        share = 1 / (1 + np.exp(-scores(model, shown[None])[0]))
        told = f"Column {column + 1} of {SIDE} is covered. The net says 8 with {share:.0%}."
        yield kit.pictures([shown], colors="much", label="A digit", caption=told, width=3.4)


@app.cell
def _():
    _same, _other = (right(net(), office) for office in ("the same office", "another office"))
    _count = len(unseen("the same office")[1])
    kit.opening(
        LESSON,
        f"A net has learnt to tell threes from eights, and reads {_same:.0%} of {_count} pictures rightly that it has "
        "never seen. To find out what it looks at, a strip of an eight is covered, one after the other: which one does "
        "it miss?",
        kit.film(covering(), label="Columns covered", seconds=0.7, waits_for="guess", held=SIDE - 1),
        kit.guess(
            "The net is used in another office, with another scanner. The digits are the very same pictures of the "
            "same people. How many does it read rightly there?",
            ["As many", "Nine of ten", "Two of three or fewer"],
            f"{_other:.0%}. Now let the film run to its end. The first office's scanner leaves a faint line along the "
            "left edge whenever an eight is scanned, and the net has learnt the line. A test on pictures of the same "
            "office has the line, too: it cannot find this fault.",
        ),
    )
    return


@app.cell
def _():
    method = mo.ui.dropdown(list(METHODS), value="integrated gradients", label="Method")
    which = kit.slider("Picture", range(1, 7), 1)
    _words = kit.text(
        """
        ## Four ways to ask {#see}

        **Occlusion** covers one pixel at a time and looks how far the answer falls. The others ask for the *gradient*:
        how fast does the answer change with each pixel? **Gradient × input** takes it once, at the picture.
        **Integrated gradients** walk from empty paper to the picture and add up all the gradients on the way.
        **Grad-CAM** asks which of the last feature maps the answer hangs on, and shows where those are strong.

        {method} {which}
        """,
        method=method,
        which=which,
    )
    kit.after_guess(_words)
    return method, which


@app.cell
def _(method, which):
    _model, _image = net(), eights()[which.value - 1]
    _map, _facts = explained(_model, _image, method.value)
    _base, _score = game(_model, _image)(ends(SIDE**2))
    _sum = float(_map.sum())
    _formulas = {
        "occlusion": r"$$\blue{c_i} = f(x) - f(x \text{ without } i)$$",
        "gradient × input": r"$$\blue{c_i} = (x_i - base_i)\cdot\frac{\partial f}{\partial x_i}(x)$$",
        "integrated gradients": r"$$\blue{c_i} = (x_i - base_i)\int_0^1\frac{\partial f}{\partial x_i}"
        r"\big(p(\alpha)\big)\,d\alpha$$" + "\n\n" + r"$$p(\alpha) = base + \alpha\,(x - base)$$",
        "Grad-CAM": r"$$\blue{map} = \text{ReLU}\Big(\sum_k \green{a_k} A_k\Big),\quad"
        r"\green{a_k} = \text{mean of } \frac{\partial f}{\partial A_k}$$",
    }
    _adds = r"$$\sum_i \blue{c_i} = {sum}$$" + "\n\n" + r"$$f(x) - f(base) = {score} - ({base}) = {difference}$$"
    _shown = kit.levels(
        kit.row(
            kit.pictures([_image], colors="much", label="The digit", width=2.1),
            kit.pictures([_map], colors="signed", label=f"What {method.value} says of its pixels", width=2.1),
        ),
        {
            "what the net says of the picture": float(_score),
            "of empty paper": float(_base),
            "sum of the map": _sum,
            "share of the map on the left edge": f"{in_line(_map):.0%}",
            "share of the pixels there": f"{1 / SIDE:.0%}",
            **_facts,
        },
        _formulas[method.value]
        + "\n\n"
        + ("A map of places: it does not add up to anything." if method.value == "Grad-CAM" else _adds),
        sum=f"{_sum:.2f}",
        score=f"{_score:.2f}",
        base=f"{_base:.2f}",
        difference=f"{_score - _base:.2f}",
    )
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _worth = worth(net())
    _words = kit.text(
        """
        ### Ask the whole model

        A map speaks of one answer. For the whole model, take one pixel and **shuffle** it among all unseen pictures:
        what the loss grows by, the model had from that pixel. For a table the same is done column by column, and every
        report of `deepglass train` shows it. {share} of this **permutation importance** lies on the left edge.

        {map}
        """,
        share=f"{in_line(_worth):.0%}",
        map=kit.pictures([_worth], colors="signed", label="Growth of the loss by pixel", width=2.4),
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## Gradients, added up {#read}

        Of the four, only integrated gradients promise that the parts add up to the whole. The way is cut into pieces;
        where the gradients of a piece miss the difference of the scores at its ends, it is halved and asked again. What
        is missed in the end is told as the *gap*, and never spread over the pixels.

        {code}
        """,
        code=kit.read(
            "explain/methods/integrated_gradients.py",
            {
                "alphas = pieces.mean": "Three places on each piece of the way, at which a parabola is hit exactly.",
                "along = gradient.double()": "The gradient there, times the way that the pixel goes.",
                "parts.append(weighed.view": "Added up over the piece.",
            },
            part="Way._contributions",
        ),
    )
    return


@app.cell
def _():
    line = kit.slider("How dark the line is", [0.0, 0.1, 0.2, 0.3, 0.5], 0.5)
    how = mo.ui.radio(list(HOW), value="on every 8", label="The line is", inline=True)
    _words = kit.text(
        """
        Make the line darker, and the net needs the digit less and less. **Mend it**: let the line be on any digit by
        chance, so that it says nothing any more. The map moves into the digit, and the other office is served as well.

        {line} {how}
        """,
        line=line,
        how=how,
    )
    kit.text("## Whatever is easiest to learn {#break-it-mend-it}\n\n{more}", more=kit.after_guess(_words))
    return how, line


@app.cell
def _(how, line):
    _model, _image = net(line.value, how.value), eights(line=line.value)[0]
    _map = explained(_model, _image, "integrated gradients")[0]
    _offices = {office: 100 * right(_model, office, line.value) for office in ("the same office", "another office")}
    _shown = kit.row(
        kit.bars(
            _offices, unit=" %", xlim=(0, 125), label="Unseen pictures read rightly",
            caption="Unseen pictures read rightly; a coin: 50 %.",
        ),
        kit.pictures(
            [_map], colors="signed", label="Integrated gradients of one eight", width=2.4,
            caption=f"{in_line(_map):.0%} of the map lies on the left edge.",
        ),
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _kept = {method: dict(zip(("all pixels", "ink alone"), kept(method))) for method in (*METHODS, "an edge detector")}
    kit.text(
        """
        ### Is it the net that the map explains?

        A map may look convincing because it looks like the picture. So shuffle all weights of a net: what it had learnt
        is gone, and its map should be gone, too. An edge detector has never seen the net, and its "map" stays as it is.
        Over all pixels most of these maps stay as well: they give nothing to blank paper, whatever the net is. That
        part of them they have from the picture. Among the pixels **with ink** it shows what they had from the net. This
        is the **sanity check**, and `deepglass explain` makes it beside every map.

        {bars}
        """,
        bars=kit.bars(
            _kept, xlim=(-0.6, 1.9), label="Rank correlation of a map before and after the weights are shuffled",
            caption="Rank correlation of the map before and after all weights are shuffled, mean over six eights.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _bend = lambda x: min(x, 1.0)  # noqa: E731
    kit.check(
        kit.exercise("along_the_way"),
        kit.answer(
            "f(x) = x up to 1, and stays 1 beyond it. The picture is x = 2, the base 0. Gradient × input says 0, for "
            "at 2 nothing changes any more. What do integrated gradients say?",
            _bend(2.0) - _bend(0.0),
            name="saturated",
            slips={
                0.0: "That is the gradient at the end of the way alone.",
                2.0: "The gradient is 1 only on the first half of the way.",
                0.5: "That is the mean gradient: it still wants the length of the way, 2.",
            },
            because="It is all of f(2) − f(0): there is only one part that could have made it.",
            hint="How large is the mean gradient on the way from 0 to 2, and how long is the way?",
            solution="½ · 2 = 1",
        ),
        kit.choose(
            "A net reads all unseen pictures rightly. What does that say about the reason?",
            {
                "Nothing, if they were gathered like those it learnt": (
                    True,
                    "What is wrong with all pictures alike, no split of them can show.",
                ),
                "That it is right: they were unseen": (False, "So were the eights with the line."),
                "That it is right, if there were enough of them": (False, "More of the same have the same line."),
            },
            name="reason",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A small net on the bundled digits, and the map of one answer: how far its parts add up, how it does beside a
        random order and an edge detector, and what is left of it when the weights are shuffled. The page shows the
        picture.
        """,
        own_file="""
        Any run explains its own answers: `deepglass explain runs/mine my-picture.png`, or a row of a table with
        `deepglass explain runs/mine my.csv --row 3`. Without a row it says what each column is worth.
        """,
        sources=[
            ("Breiman (2001), Random forests", "https://doi.org/10.1023/A:1010933404324"),
            ("Shrikumar et al. (2016), Not just a black box", "https://arxiv.org/abs/1605.01713"),
            ("Selvaraju et al. (2017), Grad-CAM", "https://arxiv.org/abs/1610.02391"),
            ("Sundararajan et al. (2017), Axiomatic attribution", "https://arxiv.org/abs/1703.01365"),
            ("Adebayo et al. (2018), Sanity checks for saliency maps", "https://arxiv.org/abs/1810.03292"),
            ("Geirhos et al. (2020), Shortcut learning in deep neural networks", "https://arxiv.org/abs/2004.07780"),
        ],
        onward="Two pixels that say the same hide each other from occlusion. How is a share divided that is fair?",
    )
    return


if __name__ == "__main__":
    app.run()
