"""Lesson 22: augmentation. More pictures than anybody took, as long as each of them keeps its name."""

import marimo

app = marimo.App(width="medium", app_title="Augmentation", css_file="../course/pages/lesson.css")

with app.setup:
    from math import cos, radians, sin

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.data.augment.image import augment, resample
    from deepglass.data.datasets import digits
    from deepglass.training.mixing import Mixed

    LESSON = {
        "title": "Augmentation",
        "question": "Which changes leave a picture its name?",
        "part": "Judging",
        "minutes": 15,
        "reads": ["data/augment/image.py", "training/mixing.py"],
        "runs": [
            "deepglass train digits --model cnn --test-fraction 0.94 --val-fraction 0.5 --augment none --epochs 40",
            "deepglass train digits --model cnn --test-fraction 0.94 --val-fraction 0.5 --augment crop,rotate "
            "--epochs 40",
        ],
    }

    DATA = digits.load()
    IMAGES = torch.from_numpy(DATA.pixels[..., 0].astype(np.float32))[:, None]  # (N, 1, 8, 8), 0 to 255
    LABELS = np.asarray(DATA.labels)
    PER_CLASS, COPIES = 5, 12
    WAYS = {"none": "", "crop": "crop", "rotate": "rotate", "crop, rotate": "crop,rotate", "flip": "flip"}


@app.function
def turned(images, degrees):
    """Pictures (B, 1, H, W) turned about their middle; corners that come in are black."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return resample(images, torch.tensor([[c, s, 0.0], [-s, c, 0.0]]).expand(len(images), 2, 3))


@app.function
def nearest(known, names, new):
    """Of every new picture the name of the known picture that is most like it, pixel by pixel."""
    a, b = known.flatten(1).numpy(), new.flatten(1).numpy()
    far = (a**2).sum(1) - 2 * b @ a.T
    return names[far.argmin(1)]


@app.function
def parts(seed):
    """Five pictures per digit to learn from, and all others: picture numbers."""
    order = np.random.default_rng(seed).permutation(len(LABELS))
    known = np.concatenate([order[LABELS[order] == digit][:PER_CLASS] for digit in range(10)])
    return known, np.setdiff1d(order, known)


@app.function
def accuracy(ways, seeds=range(6), degrees=0.0):
    """Share of new digits named rightly from fifty known ones and twelve changed copies of each; by seed.

    Args:
        ways: Names of augmentations, separated by commas; "" for none.
        seeds: Of the fifty pictures, and of the changes.
        degrees: Instead, or on top: copies are turned by any angle up to this.
    """
    right = []
    for seed in seeds:
        known, new = parts(seed)
        torch.manual_seed(seed)
        pictures = [IMAGES[known]]
        for _ in range(COPIES if ways or degrees else 0):
            copy = augment(IMAGES[known], [way for way in ways.split(",") if way])
            pictures.append(turned(copy, degrees * (2 * float(torch.rand(())) - 1)) if degrees else copy)
        names = np.tile(LABELS[known], len(pictures))
        right.append((nearest(torch.cat(pictures), names, IMAGES[new]) == LABELS[new]).mean())
    return np.array(right)


@app.function
def sixes(seed=0):
    """All pictures of a 6 that are not among a thousand known ones, and those with their names."""
    order = np.random.default_rng(seed).permutation(len(LABELS))
    known, new = order[:1000], order[1000:]
    return IMAGES[new[LABELS[new] == 6]], IMAGES[known], LABELS[known]


@app.function
def called(degrees):
    """What turned sixes are called: shares by digit (10,)."""
    new, known, names = sixes()
    return np.bincount(nearest(known, names, turned(new, degrees)), minlength=10) / len(new)


@app.function
def film_of():
    """Sixes are turned, and what they are called."""
    new = sixes()[0][:3]
    for degrees in (0, 10, 20, 40, 60, 90, 120, 150, 165, 180):
        share = called(degrees)
        names = " and ".join(f"{share[digit]:.0%} a {digit}" for digit in np.argsort(-share)[:2] if share[digit] > 0)
        caption = f"Turned by {degrees}°, sixes are called: {names}."
        yield kit.pictures(turned(new, degrees)[:, 0].numpy() / 255, columns=3, caption=caption, width=4.6)


@app.cell
def _():
    _plain, _flipped = accuracy("").mean(), accuracy("flip").mean()
    _guess = kit.guess(
        f"Somebody has {10 * PER_CLASS} labelled digits and adds {COPIES} copies of each, about half of "
        f"them mirrored left to right: {10 * PER_CLASS * (1 + COPIES)} in all. What happens to the share of right "
        "answers on new digits?",
        ["It rises: thirteen times the data", "Nothing: no new pictures", "It falls"],
        f"It falls, from {_plain:.1%} to {_flipped:.1%}. Nobody writes a mirrored 7, and a mirrored 2 looks more like "
        "an S or a 5. A copy that cannot come, under a name that nobody would give it, does harm here.",
    )
    kit.opening(
        LESSON,
        "Three sixes are turned. After each turn all sixes of the set are compared with a thousand known digits, "
        "and called what they resemble most.",
        kit.film(film_of(), label="Turned", seconds=1.0, width=4.6),
        _guess,
    )
    return


@app.cell
def _():
    way = mo.ui.dropdown(list(WAYS), value="crop, rotate", label="copies by")
    which = kit.slider("digit", list(range(10)), 7)
    _words = kit.text(
        """
        ## Copies that keep their name {#see}

        A label costs a person's time, a changed copy next to nothing. What a change must keep is the **name**, not the
        pixels: a digit a little to the left is the same digit. Which changes do that, the data cannot tell by
        themselves. It is knowledge of *yours* about the world, and augmentation is the way to tell it to a machine.
        """
    )
    _controls = kit.after_guess(mo.hstack([way, which], justify="start", gap=2, wrap=True))
    mo.vstack([_words, _controls])
    return way, which


@app.cell
def _(way, which):
    torch.manual_seed(1)
    _one = IMAGES[parts(0)[0][LABELS[parts(0)[0]] == which.value][0]][None]
    _ways = [name for name in WAYS[way.value].split(",") if name]
    _copies = torch.cat([_one, *(augment(_one, _ways) for _ in range(7))])[:, 0].numpy() / 255
    _scores, _plain = accuracy(WAYS[way.value]), accuracy("")
    _gain = 100 * (_scores - _plain)
    _levels = kit.levels(
        kit.pictures(
            _copies, ["as it was", *["copy"] * 7], columns=4, label=f"A {which.value} and seven copies by {way.value}"
        ),
        {
            "known pictures": 10 * PER_CLASS,
            "with their copies": 10 * PER_CLASS * (1 + COPIES * bool(_ways)),
            "right without copies": f"{_plain.mean():.1%}",
            "right with them": f"{_scores.mean():.1%}",
            "seeds in which they helped": f"{(_gain > 0).sum()} of {len(_gain)}",
        },
        r"""
        A network minimises no longer the loss on the pictures, but on what may become of them:

        $$\frac1n \sum_{i=1}^{n}\; \mathbb{E}_{\green{a}} \; L\big(f(\green{a}(x_i)),\, \orange{y_i}\big)$$

        $\green{a}$ is drawn anew every time. $\orange{y_i}$ stays: that is the promise. The nearest neighbours of this
        page minimise nothing; they get a few draws of each picture to compare with. Gain here: **{gain:+.1f} points**
        on average of {seeds} seeds, from {low:+.1f} to {high:+.1f}.
        """,
        gain=_gain.mean(),
        seeds=len(_gain),
        low=_gain.min(),
        high=_gain.max(),
    )
    kit.after_guess(_levels, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## Shift, and blend {#read}

        The file that made the copies. A convolutional network gains more by them than these nearest neighbours do:
        `bench/augmentation.py` in the repository measures it, over ten draws of the known pictures.

        {crop}

        **Mixup** keeps no name: it blends two pictures *and both their names*, in the same shares. A machine that is
        shown 70 % of a 3 is to answer 70 % of a 3.

        {mixup}
        """,
        crop=kit.read(
            "data/augment/image.py",
            {
                "padded = F.pad": "Black all round …",
                "top = torch.randint": "… and a window that begins somewhere else in every picture.",
            },
            part="crop",
        ),
        mixup=kit.read(
            "training/mixing.py", {"return self.share * loss_of": "Both names, in proportion."}, part="Mixed.loss"
        ),
    )
    return


@app.cell
def _():
    share = kit.slider("share of the first", [0.0, 0.25, 0.5, 0.7, 0.9, 1.0], 0.7)
    kit.text("{share}", share=share)
    return (share,)


@app.cell
def _(share):
    _a, _b = IMAGES[LABELS == 3][:1], IMAGES[LABELS == 8][:1]
    _mixed = share.value * _a + (1 - share.value) * _b
    _answer = torch.full((1, 10), -4.0)
    _answer[0, 3] = 2.0
    _loss = Mixed(torch.cat([_mixed, _mixed]), torch.tensor([1, 0]), share.value).loss(
        lambda names: torch.nn.functional.cross_entropy(_answer.expand(2, 10)[:1], names[:1]), torch.tensor([3, 8])
    )
    kit.row(
        kit.pictures(
            torch.cat([_a, _mixed, _b])[:, 0].numpy() / 255, ["a 3", f"{share.value:.0%} a 3", "an 8"], columns=3,
            label="A 3, a blend, and an 8",
        ),
        kit.text(
            """
            A machine that is sure of a 3 has a loss of {loss:.2f} at this blend: {share:.0%} of its loss at a 3, and
            {rest:.0%} of its loss at an 8. The loss is least for an answer that is divided in the same shares. That
            takes certainty away *between* the classes, where nobody has seen anything.
            """,
            loss=float(_loss),
            share=share.value,
            rest=1 - share.value,
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    degrees = kit.slider("turned by up to, degrees", [0, 10, 20, 45, 90, 180], 180)
    kit.text(
        """
        ## Too much: break it, mend it {#break-it-mend-it}

        If turning a little is good, then turning more is better, and by any angle best? The copies of each known digit
        are turned by up to this angle, either way. Watch the sixes and nines. **Mend it**: how far may a digit lean?

        {degrees}
        """,
        degrees=degrees,
    )
    return (degrees,)


@app.function
def confused(degrees, seeds=range(6)):
    """Of new sixes and nines, the share that is taken for the other, where copies are turned by up to `degrees`."""
    wrong, count = 0, 0
    for seed in seeds:
        known, new = parts(seed)
        angles = np.random.default_rng(seed).uniform(-degrees, degrees, COPIES)
        pictures = torch.cat([IMAGES[known], *(turned(IMAGES[known], float(angle)) for angle in angles)])
        asked = new[np.isin(LABELS[new], (6, 9))]
        said = nearest(pictures, np.tile(LABELS[known], 1 + COPIES), IMAGES[asked])
        wrong += (said == 15 - LABELS[asked]).sum()
        count += len(asked)
    return wrong / count


@app.cell
def _(degrees):
    _angles = [0, 10, 20, 45, 90, 180]
    _scores = [100 * accuracy("", degrees=angle).mean() for angle in _angles]
    _wrong, _at = 100 * confused(degrees.value), _angles.index(degrees.value)
    kit.row(
        kit.curves(
            {"right": (_angles, _scores), "now": ([degrees.value], [_scores[_at]])}, points={"now"},
            xlabel="turned by up to, degrees", ylabel="right answers, %", caption=f"Up to {degrees.value}°: "
            f"{_scores[_at]:.1f} % right; of sixes and nines {_wrong:.1f} % are taken for the other.",
        ),
        kit.text(
            """
            A 6 that stands on its head **is** a 9. Long before that, copies carry a name that nobody would give them,
            and the machine learns it. For galaxies, cells or leaves any angle is allowed: they have no up and down.

            {mirrored}
            """,
            mirrored=kit.after_guess(
                kit.md(
                    "Whether a mirrored picture keeps its name, `deepglass train` *tests* on the training pictures, "
                    "before it mirrors any."
                ),
                silently=True,
            ),
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _keeps = kit.choose(
        "Which changes keep the answer?",
        {
            "Street signs, mirrored left to right": (False, "Left turns become right turns."),
            "Photographs of dogs, mirrored": (True, "A dog that looks left is a dog."),
            "X-rays, somewhat brighter": (True, "Machines differ as much, and the finding stays."),
            "Test pictures, changed ten times to have more of them": (
                False,
                "The copies are not new pictures: they depend on each other.",
            ),
        },
        name="keeps",
        several=True,
    )
    kit.check(kit.exercise("shift"), _keeps)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        f"""
        A convolutional network and {round(0.06 * len(LABELS))} labelled digits: one half learns, the other chooses the
        epoch. First without augmentation, then with shifts and small turns. The test is all other digits.
        """,
        own_file="""
        A folder with a folder of pictures per class: `deepglass train pictures/ --augment flip,crop,colour`. Without
        `--augment` suitable ones are chosen and said; `--mixup 0.2` blends.
        """,
        sources=[
            ("LeCun et al. (1998), Gradient-based learning; distorted digits", "https://doi.org/10.1109/5.726791"),
            ("Simard, Steinkraus and Platt (2003), Best practices", "https://doi.org/10.1109/ICDAR.2003.1227801"),
            ("Zhang et al. (2018), mixup", "https://arxiv.org/abs/1710.09412"),
            ("Shorten and Khoshgoftaar (2019), a survey", "https://doi.org/10.1186/s40537-019-0197-0"),
        ],
        onward="A machine that had the shift built in would not have to be told. That is a convolution.",
    )
    return


if __name__ == "__main__":
    app.run()
