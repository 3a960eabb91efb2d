"""Lesson 58: through the bottleneck. Sixty-four pixels become two numbers, and a digit again."""

import marimo

app = marimo.App(width="medium", app_title="Through the bottleneck", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    from sklearn.datasets import load_digits

    from deepglass.course import kit
    from deepglass.models.autoencoder import Autoencoder, Config
    from deepglass.rivals import principal

    LESSON = {
        "title": "Through the bottleneck",
        "question": "What is left of a picture if only two numbers may pass?",
        "part": "Without labels",
        "minutes": 20,
        "reads": ["models/autoencoder.py", "tasks/embedding.py"],
        "runs": [
            "deepglass train digits --task embedding --model autoencoder --epochs 20 --run runs/digits",
            "deepglass embed runs/digits --map",
        ],
    }

    SIDE, LEARNT, SHOWN = 8, 1300, 8  # pixels; pictures that are learnt; unseen ones that are shown
    STEPS, BATCH, HIDDEN = 500, 64, 128
    MOMENTS = (0, 25, 50, 100, 150, 200, 300, 400, 500)
    SIZES = (1, 2, 4, 8)  # numbers of a code that are compared
    FLAT_SIZES = tuple(range(1, 13))
    NOISE = 0.3  # of ink, on what is to be cleaned


@app.function
@cache
def digits():
    """The bundled digits (1797, 64) in [0, 1] in a shuffled order, what they are, and which of them are shown."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.data))
    rows, labels = (data.data[order] / 16).astype(np.float32), data.target[order]
    return rows, labels, [LEARNT + int(np.flatnonzero(labels[LEARNT:] == digit)[0]) for digit in range(SHOWN)]


@app.function
def learning(code_dim, noise=0.0, moments=(STEPS,), seed=0):
    """An autoencoder while it learns: (steps, net) at some moments. With noise, it has to give the clean picture."""
    torch.manual_seed(seed)
    net = Autoencoder(SIDE**2, config=Config(code_dim=code_dim, hidden_dim=HIDDEN))
    rows = torch.from_numpy(digits()[0][:LEARNT])
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, moments[-1])
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
        x = rows[torch.randint(LEARNT, (BATCH,))]
        made = net(x + noise * torch.randn_like(x))[:, code_dim:]
        optimizer.zero_grad()
        (made - x).square().mean().backward()
        optimizer.step()
        schedule.step()


@app.function
@cache
def net(code_dim, noise=0.0):
    """The net at the end."""
    return next(learning(code_dim, noise, (STEPS,)))[1].eval()


@app.function
@torch.no_grad()
def through(model, rows):
    """Codes (n, K), and the rows (n, 64) that are made of them."""
    said = model(torch.as_tensor(rows, dtype=torch.float32)).numpy()
    return said[:, : -(SIDE**2)], said[:, -(SIDE**2) :]


@app.function
def lost(model, rows=None, given=None):
    """Mean squared error per pixel, of unseen pictures; where something else was given, of what is made of that."""
    rows = digits()[0][LEARNT:] if rows is None else rows
    return float(((through(model, rows if given is None else given)[1] - rows) ** 2).mean())


@app.function
@cache
def flat_loss(code_dim):
    """The same of the best flat code: principal components, which no linear code beats on what it has learnt."""
    rows = digits()[0]
    return float(principal.fit(rows[:LEARNT], code_dim).answer(rows[LEARNT:])[1].mean())


@app.function
def needed():
    """How many numbers a flat code needs to lose as little as the bent one with two."""
    return next(size for size in FLAT_SIZES if flat_loss(size) <= lost(net(2)))


@app.function
def as_pictures(rows):
    """Rows (n, 64) as pictures in [0, 1]."""
    return list(np.clip(rows, 0, 1).reshape(-1, SIDE, SIDE))


@app.function
def film():
    """What comes back of eight unseen digits, while the net learns to squeeze them through two numbers."""
    shown = digits()[0][digits()[2]]
    for step, model in learning(2, moments=MOMENTS):
        made = through(model, shown)[1]
        told = f"After {step} steps {lost(model):.4f} is lost per pixel."
        yield kit.pictures(
            as_pictures(shown) + as_pictures(made), columns=SHOWN, colors="much", width=6.4,
            label="Above digits as they are written, below what comes back", caption=told,
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "In the upper row are eight digits that the net has never seen. It may pass on **two numbers** of each, and "
        "from these two alone the digit below is made. Nobody says what the digits are: the only wish is that what "
        "comes out is what went in.",
        kit.film(film(), label="Steps of the training", seconds=0.7, width=6.4),
    )
    return


@app.cell
def _():
    kit.guess(
        "Between its layers the net bends (a GELU). Take every bend out, and the best that is left is a <b>flat</b> "
        "code: sums of pixels, and sums of those. How many numbers must a flat code have to lose as little as the bent "
        "one with two?",
        ["Two as well", "Three", "Four or more"],
        f"It needs {needed()}. With two numbers the bent code loses {lost(net(2)):.4f} per pixel, a flat one "
        f"{flat_loss(2):.4f}. Handwritten digits do not lie near a plane among all pictures. They lie near something "
        "curved, and only what bends can follow it.",
    )
    return


@app.cell
def _():
    _bent = {size: lost(net(size)) for size in SIZES}
    _flat = {size: flat_loss(size) for size in FLAT_SIZES}
    _words = kit.text(
        """
        The flat code is no straw man. These are **principal components**, the subject of the next lesson: no linear
        code of as many numbers loses less on the pictures that it has learnt. That is why `deepglass` puts them beside
        every autoencoder: a net that does not beat them is not worth its bends.
        """
    )
    _picture = kit.curves(
        {
            "flat code": (list(_flat), list(_flat.values())),
            "bent code": (list(_bent), list(_bent.values())),
        },
        marks={"bent, 2 numbers": _bent[2]}, points={"bent code"}, xlabel="numbers of the code",
        ylabel="lost per pixel", ylim=(0, 0.07), whole=True, label="What is lost of unseen digits",
    )  # fmt: skip
    kit.after_guess(kit.row(_picture, _words))
    return


@app.cell
def _():
    which = kit.slider("Digit", range(SHOWN), 3)
    size = kit.slider("Numbers of the code K", SIZES, 2)
    kit.text(
        r"""
        ## Squeeze, and unfold {#see}

        The **encoder** $E$ turns 64 pixels into a code of $K$ numbers. The **decoder** $D$ turns a code into 64 pixels.
        Both learn together, from one number: how far the made picture is from the given one. What the code *means* is
        agreed between them; nobody else tells them.

        {which} {size}
        """,
        which=which,
        size=size,
    )
    return size, which


@app.cell
def _(size, which):
    _rows, _, _places = digits()
    _given = _rows[_places[which.value]][None]
    _code, _made = through(net(size.value), _given)
    _error = float(((_made - _given) ** 2).mean())
    _missed = float(((_made - _given) ** 2).sum())
    kit.levels(
        kit.pictures(
            as_pictures(np.concatenate([_given, _made])), ["given", "made"], columns=2, colors="much", width=3.6,
            label=f"A {which.value}, and what {size.value} numbers keep of it",
        ),
        {
            **{f"code {i + 1}": float(value) for i, value in enumerate(_code[0])},
            "numbers in": SIDE**2,
            "numbers that pass": size.value,
            "squared differences, summed": _missed,
        },
        r"""
        $$\blue{c} = E(x), \qquad \orange{\hat x} = D(\blue{c})$$

        $$L = \frac{1}{64}\sum_{i=1}^{64}(\orange{\hat x_i} - x_i)^2 = \frac{{missed}}{64} = {error}$$
        """,
        missed=f"{_missed:.3f}",
        error=f"{_error:.4f}",
    )  # fmt: skip
    return


@app.cell
def _():
    _codes = through(net(2), digits()[0][LEARNT:])[0]
    _ends = [np.quantile(_codes[:, axis], [0.06, 0.94]) for axis in (0, 1)]
    _x, _y = np.meshgrid(np.linspace(*_ends[0], 8), np.linspace(*_ends[1], 8)[::-1])
    with torch.no_grad():
        _sheet = net(2).decode(torch.tensor(np.stack([_x.ravel(), _y.ravel()], 1), dtype=torch.float32)).numpy()
    kit.row(
        kit.text(
            """
            ### The sheet, rolled out

            With two numbers, every code is a place on a page. Here the decoder draws what it would make at 64 places of
            it: one digit melts into another, and digits that are written alike are neighbours. No picture here was
            ever written by anybody. In between there are also shapes that are no digit: nothing has asked the net to
            make good pictures of codes that no picture has.
            """
        ),
        kit.pictures(
            as_pictures(_sheet), columns=8, colors="much", width=4.0, label="What the decoder makes of 64 places",
            caption="To the right the first number grows, upwards the second.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## Two nets, one narrow place {#read}

        This is the model that made every picture above. It gives back code and picture at once. That it learns is the
        business of the loss, and the loss knows no labels.

        {forward} {layers}
        """,
        forward=kit.read(
            "models/autoencoder.py",
            {
                "code = self.encode(numeric": "Everything that the decoder will know of the picture.",
                "return torch.cat([code, self.decode": "The code, and what can be made of it.",
            },
            part="Autoencoder.forward",
        ),
        layers=kit.read(
            "models/autoencoder.py",
            {
                "nn.GELU()]": "A bend after every layer …",
                "layers[:-1])": "… but the last: codes and pixels may be any number.",
            },
            part="perceptron",
        ),
    )
    return


@app.function
@cache
def spoilt():
    """The unseen digits with noise on every pixel."""
    rows = digits()[0][LEARNT:]
    return (rows + NOISE * np.random.default_rng(1).normal(size=rows.shape)).astype(np.float32)


@app.cell
def _():
    width = kit.slider("Numbers of the code K", [2, 8, 64], 64)
    trained = mo.ui.radio(
        {"on clean pictures": 0.0, "on noisy pictures, for the clean ones": NOISE}, value="on clean pictures",
        label="Trained", inline=True,
    )  # fmt: skip
    kit.text(
        """
        ## A bottle without a neck {#break-it-mend-it}

        Give the code as many numbers as the picture has: next to nothing is lost. Has the net learnt more? Hand it
        digits with noise on them, as below, and much of the noise comes out again: to copy, one need not know what a
        digit is. A narrow neck is no cure by itself. It has less room for noise, and less for the digit.

        **Mend it**: keep the wide code, and train otherwise. Spoil what goes in, and ask for the *clean* picture. Then
        copying does not pay, and the net has to know what digits look like. That is a **denoising autoencoder**.

        {width} {trained}
        """,
        width=width,
        trained=trained,
    )
    return trained, width


@app.cell
def _(trained, width):
    _model, _places = net(width.value, trained.value), [place - LEARNT for place in digits()[2][:6]]
    _clean, _noisy = digits()[0][LEARNT:], spoilt()
    _made = through(_model, _noisy[_places])[1]
    _in, _out = float(((_noisy - _clean) ** 2).mean()), lost(_model, _clean, _noisy)
    _told = f"Noise that goes in: {_in:.3f} per pixel. From the clean picture, what comes out is {_out:.3f} away."
    kit.row(
        kit.pictures(
            as_pictures(_noisy[_places]) + as_pictures(_made), columns=6, colors="much", width=4.6,
            label="Above noisy digits, below what comes out", caption=_told,
        ),
        kit.bars(
            {"clean digits": lost(_model), "noisy digits": _out, "the noise itself": _in},
            label="Away from the clean picture, per pixel", caption="Away from the clean picture, per pixel.",
            xlim=(0, 0.13),
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("share_kept"),
        kit.answer(
            "An autoencoder with one layer each way: 64 pixels to 2 numbers, and back to 64. Every layer has a bias. "
            "How many weights and biases does it have?",
            64 * 2 + 2 + 2 * 64 + 64,
            name="parameters",
            slips={
                64 * 2 + 2 * 64: "Those are the weights; every unit of both layers has a bias as well.",
                64 * 2 + 2: "That is the encoder alone.",
                2 * 64 + 64: "That is the decoder alone.",
            },
            because="The net above has a hidden layer on either side, and many more.",
            hint="A layer from n to m numbers has n·m weights and m biases.",
            solution="64·2 + 2 + 2·64 + 64 = 322",
            tolerance=0.5,
        ),
        kit.choose(
            "An autoencoder for a table of 30 columns has a code of 30 numbers, and next to no error. What follows?",
            {
                "Nothing: a copy would have no error either": (
                    True,
                    "Ask for a shorter code, or for clean rows out of noisy ones.",
                ),
                "The code shows what the rows are made of": (False, "It may be the rows themselves, turned."),
                "30 numbers are needed to describe a row": (False, "Fewer may do; nobody has asked for fewer."),
            },
            name="copy",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same digits with a code of eight numbers. The table holds the net against principal components of as many
        numbers; `kept` is the share of the spread that comes back. Then every digit's code, and a page with their map:
        it counts how many of the nearest codes are of the same digit, though no label was learnt from. For more than
        tiny pictures leave `--model` out: a convolutional one is taken.
        """,
        own_file="""
        A table or a folder of pictures, without any target: `deepglass train my.csv --task embedding --code-dim 4`. A
        column that shall only colour the map is named with `--target`. `--noise 0.3` trains as above for clean rows out
        of noisy ones.
        """,
        sources=[
            (
                "Rumelhart et al. (1986), Learning internal representations",
                "https://apps.dtic.mil/sti/citations/ADA164453",
            ),
            ("Hinton & Salakhutdinov (2006), Reducing the dimensionality", "https://doi.org/10.1126/science.1127647"),
            ("Vincent et al. (2008), Denoising autoencoders", "https://doi.org/10.1145/1390156.1390294"),
        ],
        onward="What does a code look like that does not bend? It can be computed, and it has a meaning of its own.",
    )
    return


if __name__ == "__main__":
    app.run()
