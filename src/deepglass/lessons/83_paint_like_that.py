"""Lesson 83: paint it like that. What a style is, counted, and pixels that are learnt until a picture has it."""

import marimo

app = marimo.App(width="medium", app_title="Paint it like that", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.painting.features import RandomFilters
    from deepglass.painting.gatys import Aim, Config, paint
    from deepglass.painting.pictures import as_bytes, as_tensor, opened

    LESSON = {
        "title": "Paint it like that",
        "question": "What is a style, so that a network can have it?",
        "part": "Pictures",
        "minutes": 20,
        "reads": ["painting/losses.py", "painting/gatys.py", "models/stylizer.py", "tasks/style_transfer.py"],
        "runs": [
            "deepglass style temple strokes --size 128 --steps 60 --output runs/painted.png --force",
            "deepglass train photo-tiles --task style-transfer --crop-size 48 --epochs 1 --run runs/painter",
        ],
    }

    SIDE, WIDTH = 128, 16  # pixels of the longer side; filters of the first layer
    STEPS, SMOOTHNESS = 120, 5.0
    MOMENTS = (3, 9, 18, 36, 72, 120)
    CUTS = 4  # squares per side into which the style picture is cut
    LAYER = 1  # whose maps are shown, from 0
    SEES = {"all four layers": None, "the finest alone": (0,), "the coarsest alone": (3,)}
    ASKED = {"content and style": (1.0, 0.3), "style alone": (0.0, 0.3), "content alone": (1.0, 0.0)}
    PICTURES = ("the style picture", "the same, cut and shuffled", "the photograph")


@app.function
@cache
def network():
    """Random filters: nothing in this lesson has ever seen another picture."""
    return RandomFilters(0, WIDTH).eval()


@app.function
@cache
def picture_of(name):
    """(H, W, 3) bytes of one of the PICTURES, or of white noise."""
    if name == "white noise":
        return np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    if name == PICTURES[2]:
        return as_bytes(as_tensor(opened("temple"), SIDE))
    strokes = as_bytes(as_tensor(opened("strokes"), SIDE))
    return shuffled(strokes) if name == PICTURES[1] else strokes


@app.function
def shuffled(picture, seed=0):
    """The same squares, elsewhere."""
    side = len(picture) // CUTS
    rows = picture.reshape(CUTS, side, CUTS, side, 3).swapaxes(1, 2).reshape(CUTS**2, side, side, 3)
    moved = rows[np.random.default_rng(seed).permutation(CUTS**2)].reshape(CUTS, CUTS, side, side, 3)
    return moved.swapaxes(1, 2).reshape(CUTS * side, CUTS * side, 3)


@app.function
@cache
def aim():
    """What is wanted: the photograph, like the style picture."""
    return Aim(network(), as_tensor(picture_of(PICTURES[2])), as_tensor(picture_of(PICTURES[0])))


@app.function
@cache
def style_loss(name):
    """How far a picture is from the style."""
    with torch.no_grad():
        return float(aim().how.loss(network()(as_tensor(picture_of(name))))[0])


@app.function
@cache
def painted(steps=STEPS, asked="content and style", sees="all four layers"):
    """The photograph after so many steps, from white noise."""
    content, style = ASKED[asked]
    config = Config(size=SIDE, steps=steps, style_weight=style, content_weight=content, smoothness=SMOOTHNESS,
                    start="noise")  # fmt: skip
    return paint(picture_of(PICTURES[2]), picture_of(PICTURES[0]), network(), config, layers=SEES[sees])


@app.function
def film():
    """The photograph, the painting that comes out of the noise, and the style picture."""
    photograph, strokes = picture_of(PICTURES[2]), picture_of(PICTURES[0])[: len(picture_of(PICTURES[2]))]
    for steps in MOMENTS:
        made = painted(steps)
        told = (
            f"After {steps} steps: content loss {made.after['content']:.2f}, style loss {made.after['style']:.2f}; "
            f"of noise {made.before['content']:.2f} and {made.before['style']:.2f}."
        )
        yield kit.pictures(
            [shown / 255 for shown in (photograph, made.picture, strokes)], ["what", "the painting", "how"], columns=3,
            width=4.8, label="A temple, the painting that is learnt, and strokes of a brush", caption=told,
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "Left a photograph, right a picture of brush strokes. The picture in the middle begins as **white noise**. "
        "Nothing is drawn and no weight is learnt: its *pixels* are moved, step by step, until a network finds the "
        "temple in it, and finds it painted like that.",
        kit.film(film(), label="Steps of the painting", seconds=0.8, width=4.8),
        kit.guess(
            f"Cut the picture of strokes into {CUTS**2} squares and shuffle them. A loss of 0 is the same style, white "
            f"noise has {style_loss('white noise'):.2f}. Which style loss has the shuffled picture?",
            ["Nearly 0", "About half that of noise", "As much as noise"],
            f"{style_loss(PICTURES[1]):.2f}. The style loss only asks which features appear **together**, and not "
            "where. All strokes are still there, each with its own neighbours; only along the cuts is something new. "
            "That is what makes it a style: you know a painter from any corner of the canvas.",
        ),
    )
    return


@app.cell
def _():
    shown = mo.ui.radio(list(PICTURES), value=PICTURES[1], label="Picture", inline=True)
    one = kit.slider("Feature i", range(1, 9), 5)
    other = kit.slider("Feature j", range(1, 9), 3)
    kit.text(
        """
        ## What appears together {#see}

        A filter looks at the picture everywhere, and its answers are a **map**: bright where it found what it looks
        for. Take two maps and multiply them, place by place. The product is large where both are; its mean over all
        places is one number, and where things were is forgotten. All pairs together are the **Gram matrix**.

        {shown} {one} {other}
        """,
        shown=shown,
        one=one,
        other=other,
    )
    return one, other, shown


@app.function
def maps_of(name, i, j):
    """Two maps of a picture, less the mean that they have in the style picture, as NumPy."""
    with torch.no_grad():
        layer = network()(as_tensor(picture_of(name)))[LAYER] - aim().how.centres[LAYER]
    return layer[0, i].numpy(), layer[0, j].numpy()


@app.cell
def _(one, other, shown):
    _i, _j = one.value - 1, other.value - 1
    _a, _b = maps_of(shown.value, _i, _j)
    _wanted = float(aim().how.grams[LAYER][0, _i, _j])
    _found = float((_a * _b).mean())
    kit.after_guess(
        kit.levels(
            kit.pictures(
                [picture_of(shown.value) / 255, _a, _b, _a * _b],
                ["picture", f"map {_i + 1}", f"map {_j + 1}", "product"], columns=4, colors="signed", width=4.8,
                label=f"Two maps of {shown.value} and their product",
            ),
            {"mean of the product, G": _found, "the same of the style picture, A": _wanted,
             "style loss, over all pairs and layers": style_loss(shown.value)},
            r"""
            $$\orange{G_{ij}} = \frac{1}{\text{places}} \sum_{\text{places}} F_i\,F_j = \orange{{found}}$$

            $$\text{style loss} = \frac{\sum_{ij} (\orange{G_{ij}} - \blue{A_{ij}})^2}{\sum_{ij} \blue{A_{ij}}^2}$$

            $$\blue{A_{{i}{j}}} = \blue{{wanted}}$$

            The sum is over places, so no place is left in it. It is taken for each of four layers, and their mean is
            the loss.
            """,
            found=f"{_found:.3f}",
            wanted=f"{_wanted:.3f}",
            i=_i + 1,
            j=_j + 1,
        )
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## Two losses, and pixels that move {#read}

        The style is what appears together. The **content** is what is where: the maps themselves, of one layer, place
        by place. Both losses have a gradient, and this time it is followed to the very beginning, past the weights, to
        the pixels.

        {style} {pixels}

        The filters here are **random**. They tell strokes from stripes surprisingly well, for a random filter sees
        edges and colours too. Filters that have learnt to name things see more: `--features` takes the weights of any
        classifier.
        """,
        style=kit.read(
            "painting/losses.py",
            {
                "F = (maps - centre)": "Each map becomes a row of numbers.",
                "return F @ F": "Every pair of rows, multiplied and added up.",
            },
            part="gram",
        ),
        pixels=kit.read(
            "painting/gatys.py",
            {
                "pixels = picture": "What is learnt.",
                "content, style = aim.losses": "What the network sees in them now.",
                "loss.backward()": "The gradient, down to the pixels.",
            },
            part="_learnt",
        ),
    )
    return


@app.cell
def _():
    asked = mo.ui.radio(list(ASKED), value="style alone", label="Asked for", inline=True)
    sees = mo.ui.radio(list(SEES), value="all four layers", label="Style is told by", inline=True)
    kit.text(
        """
        ## Without the one, without the other {#break-it-mend-it}

        Take the content away, and the noise becomes strokes, and only strokes: the temple is gone. Ask for the content
        alone, and it comes back as a photograph. Or ask **one layer**: the finest knows grain and colours, the
        coarsest where large patches meet. **Mend it**: both losses, and all four layers.

        {asked} {sees}
        """,
        asked=asked,
        sees=sees,
    )
    return asked, sees


@app.cell
def _(asked, sees):
    _made = painted(STEPS, asked.value, sees.value)
    _losses = aim().losses(as_tensor(_made.picture))
    kit.row(
        kit.pictures(
            [_made.picture / 255], [asked.value], columns=1, width=3.4,
            label=f"White noise after {STEPS} steps, asked for {asked.value}, style told by {sees.value}",
        ),
        kit.table(
            [
                {"": "content loss", "noise": painted().before["content"], "now": float(_losses[0])},
                {"": "style loss, all layers", "noise": style_loss("white noise"), "now": float(_losses[1])},
            ]
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## At once {#at-once}

        Hundreds of steps for one picture are too slow for a film. But both losses can teach a network: it is given
        photographs, says what each becomes, and is told how much content and style are in that. Nobody has to paint an
        example. After the training **one pass** paints any picture, many times a second, and the style is in its
        weights. It divides each map of each picture by how strong it is there (*instance normalisation*): a pale
        photograph is then painted as boldly as a bright one.
        """
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("gram_matrix"),
        kit.answer(
            "Two maps of four places are (1, 0, 2, 1) and (2, 1, 0, 1), nothing is subtracted. What is their entry of "
            "the Gram matrix, the mean of the product?",
            float(np.mean(np.array([1, 0, 2, 1]) * np.array([2, 1, 0, 1]))),
            name="together",
            slips={
                3: "That is the sum; the mean divides by the four places.",
                1: "That is the product of their means; multiply place by place first.",
            },
            because="Where one of them is 0, they do not appear together, however strong the other is.",
            hint="Multiply place by place, then take the mean.",
            solution="(2 + 0 + 0 + 1) / 4 = 0.75",
            tolerance=0.01,
        ),
        kit.choose(
            "You swap the left and the right half of a painted picture. Which loss notices?",
            {
                "The content loss, and the style loss hardly": (
                    True,
                    "What is where has changed everywhere; what appears together only along the cut and the edges.",
                ),
                "The style loss, and the content loss hardly": (
                    False,
                    "The style loss is a sum over places: it is the content loss that compares place by place.",
                ),
                "Both alike": (False, "One of them is a sum over places, in which their order is lost."),
            },
            name="swapped",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The first command paints one picture; the two lines with ÷ say by what factor each loss fell. The second
        begins to learn a network that paints at once, from pieces of two photographs; one epoch is a beginning.
        """,
        own_file="""
        Any two pictures: `deepglass style holiday.jpg painting.jpg --output painted.png`. With the weights of a
        classifier it tells finer styles: `--features mobilenet.safetensors`. For many pictures, a folder of
        photographs: `deepglass train my_photos --task style-transfer --style painting.jpg --run runs/painter`, then
        `deepglass paint runs/painter holiday.jpg`.
        """,
        sources=[
            ("Gatys, Ecker & Bethge (2016), Image style transfer", "https://arxiv.org/abs/1508.06576"),
            ("Johnson, Alahi & Fei-Fei (2016), Perceptual losses", "https://arxiv.org/abs/1603.08155"),
            ("Ulyanov et al. (2016), Instance normalization", "https://arxiv.org/abs/1607.08022"),
            ("Ustyuzhaninov et al. (2016), Textures from random filters", "https://arxiv.org/abs/1606.00021"),
        ],
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
