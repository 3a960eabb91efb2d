"""Lesson 69: more pixels than there were. What a net adds to a picture that is too small, and what nothing can."""

import marimo

app = marimo.App(width="medium", app_title="More pixels than there were", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    from sklearn.datasets import load_sample_images

    from deepglass.course import kit
    from deepglass.data.preprocess.bicubic import kernels, larger, smaller
    from deepglass.data.preprocess.luma import apart
    from deepglass.evaluate.metrics.super_resolution import PEAK, psnr
    from deepglass.models.espcn import ESPCN, Config

    LESSON = {
        "title": "More pixels than there were",
        "question": "Can a picture be made larger than it was taken?",
        "part": "Pictures",
        "minutes": 20,
        "reads": ["models/espcn.py", "data/preprocess/bicubic.py", "tasks/super_resolution.py"],
        "runs": [
            "deepglass train digits --task super-resolution --epochs 5 --run runs/finer",
            "deepglass evaluate runs/finer digits",
        ],
    }

    SCALE, WIDTH = 2, 16  # times as many pixels per side; channels of the net
    LEFT = 400  # columns of the temple that are learnt from, with the whole flower; the rest is held out
    SIDE, SHOWN = 64, 4  # pixels of a part that is shown; how many parts
    STEPS, BATCH, WINDOW = 400, 16, 24  # WINDOW in coarse pixels
    MOMENTS = (0, 10, 25, 50, 100, 200, 400)
    BORDER = 2  # pixels at the edge that are not judged
    STRIPES, EDGE = 32, 4  # pixels per side of the striped pictures; of them at the edge, left out
    SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
    WAYS = ("four copies", "bicubic", "the net")


@app.function
def brightness(pixels):
    """(H, W) Y in [0, 1] of a picture (H, W, 3) of bytes."""
    return apart(torch.from_numpy(pixels.astype(np.float32)))[..., 0]


@app.function
@cache
def photos():
    """Pairs (coarse, fine) of brightness: what is learnt from, a list, and the part that is held out."""
    temple, flower = (picture[:426, :640] for picture in load_sample_images().images)
    learnt, held = [flower, temple[:, :LEFT]], temple[:, LEFT:]
    pairs = [(brightness(smaller(part, SCALE)), brightness(part)) for part in (*learnt, held)]
    return pairs[:-1], pairs[-1]


@app.function
def learning(moments=(STEPS,), seed=0):
    """A net while it learns what bicubic lacks: (steps, net) at some moments."""
    torch.manual_seed(seed)
    net = ESPCN(scale=SCALE, config=Config(width=WIDTH))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, total_steps=moments[-1] + 2, pct_start=0.1)
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
        coarse, fine = windows(photos()[0])
        optimizer.zero_grad()
        (larger(coarse, SCALE) + net(coarse) - fine).abs().mean().backward()
        optimizer.step()
        schedule.step()


@app.function
def windows(pairs):
    """Random windows of pairs: (BATCH, 1, h, w) and (BATCH, 1, h·SCALE, w·SCALE)."""
    cut = []
    for which in torch.randint(len(pairs), (BATCH,)).tolist():
        coarse, fine = pairs[which]
        y, x = (int(torch.randint(size - WINDOW + 1, ())) for size in coarse.shape)
        part = fine[SCALE * y : SCALE * (y + WINDOW), SCALE * x : SCALE * (x + WINDOW)]
        cut.append((coarse[y : y + WINDOW, x : x + WINDOW], part))
    return tuple(torch.stack([pair[place] for pair in cut])[:, None] for place in (0, 1))


@app.function
@cache
def net():
    """The net at the end."""
    return next(learning())[1].eval()


@app.function
def enlarged(coarse, way, model=None):
    """A plane (h, w) with SCALE times as many pixels per side, by one of the WAYS."""
    planes = coarse[None, None]
    if way == WAYS[0]:
        return coarse.repeat_interleave(SCALE, 0).repeat_interleave(SCALE, 1)
    found = larger(planes, SCALE)
    if way == WAYS[2]:
        model = model or net()
        with torch.no_grad():
            found = found + model(planes)
    return found[0, 0].clamp(0, 1)


@app.function
def error(made, fine):
    """Mean squared error in levels of 255, without the border."""
    return float(((PEAK * (made - fine))[BORDER:-BORDER, BORDER:-BORDER] ** 2).mean())


@app.function
def decibels(made, fine):
    """PSNR."""
    return float(psnr(np.array([error(made, fine)]))[0])


@app.function
@cache
def whole(way):
    """PSNR of the held-out part."""
    coarse, fine = photos()[1]
    return decibels(enlarged(coarse, way), fine)


@app.function
@cache
def places():
    """(y, x) of the parts that are shown: those of a grid in which bicubic errs most, the worst first."""
    coarse, fine = photos()[1]
    made = enlarged(coarse, WAYS[1])
    corners = [(y, x) for y in range(0, fine.shape[0] - SIDE, SIDE) for x in range(0, fine.shape[1] - SIDE, SIDE)]
    return sorted(corners, key=lambda at: -error(part_of(made, at), part_of(fine, at)))[:SHOWN]


@app.function
def part_of(plane, at):
    """SIDE by SIDE pixels."""
    y, x = at
    return plane[y : y + SIDE, x : x + SIDE]


@app.function
def film():
    """One part of the temple, by bicubic, by the net that learns, and as it is."""
    coarse, fine = photos()[1]
    at = places()[0]
    first, true = part_of(enlarged(coarse, WAYS[1]), at), part_of(fine, at)
    for step, model in learning(MOMENTS):
        made = part_of(enlarged(coarse, WAYS[2], model), at)
        told = f"After {step} steps: {decibels(made, true):.2f} dB; bicubic {decibels(first, true):.2f} dB."
        yield kit.pictures(
            [plane.numpy() for plane in (first, made, true)], ["bicubic", "the net", "true"], columns=3,
            colors="photo", width=6.4, label="A part of a temple that was never learnt from", caption=told,
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "The photograph was made half as wide and half as high, so three of four pixels are gone. On the left it is "
        "enlarged in the classic way, on the right is what it was. The net in the middle begins as the left picture "
        "and learns from **other** pictures, which it has seen large and small, what is missing.",
        kit.film(film(), label="Steps of the training", seconds=0.8, width=6.4),
        kit.guess(
            "Another net sees nothing but stripes, one pixel wide. Half of its pictures begin with a white column, "
            "half with a black one. Made half as large, both kinds become the very same grey. It learns to make the "
            "squared error small. What does it make of that grey?",
            ["Stripes, of one kind or the other", "Some of each kind, side by side", "Plain grey"],
            f"Plain grey: its stripes have {contrast(0.5):.0%} of the contrast of the true ones. Of all pictures that "
            "this one could have been, it gives the mean, for that is the least squared error on average. It has not "
            "failed to learn. What is gone from the coarse picture can only be guessed; a mean is a cautious guess.",
        ),
    )
    return


@app.function
@cache
def striped():
    """Two fine pictures (1, 1, H, W) and what each becomes when made smaller, away from the edges."""
    first = np.tile(np.array([1.0, 0.0], np.float32), (STRIPES, STRIPES // 2))
    found = []
    for fine in (first, 1 - first):
        coarse = smaller(PEAK * fine[..., None], SCALE)[..., 0] / PEAK
        inside = slice(EDGE // SCALE, -EDGE // SCALE)
        planes = fine[EDGE:-EDGE, EDGE:-EDGE], coarse[inside, inside]
        found.append(tuple(torch.from_numpy(plane.astype(np.float32))[None, None] for plane in planes))
    return found


@app.function
@cache
def imagined(share):
    """(H, W) what a net makes of the grey, that saw the first kind in this share of its pictures."""
    (first, grey), (second, _) = striped()
    torch.manual_seed(0)
    model = ESPCN(scale=SCALE, config=Config(width=4))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(300):
        made = larger(grey, SCALE) + model(grey)
        optimizer.zero_grad()
        (share * (made - first).square().mean() + (1 - share) * (made - second).square().mean()).backward()
        optimizer.step()
    with torch.no_grad():
        return (larger(grey, SCALE) + model(grey))[0, 0].clamp(0, 1)


@app.function
def contrast(share):
    """How strong the stripes are that it makes, beside true ones: from 0 to 1."""
    made = imagined(share)[BORDER:-BORDER, BORDER:-BORDER]
    return float((made[:, 0::2].mean() - made[:, 1::2].mean()).abs())


@app.cell
def _():
    kit.after_guess(
        kit.text(
            f"""
            The mean of all pictures that it could have been: that is why enlarged pictures look soft where there was
            hair or grass, and crisp along a roof. An edge has few possible pasts, grass has very many. On the part of
            the temple that was held out, the net reaches {whole(WAYS[2]):.2f} dB and bicubic {whole(WAYS[1]):.2f} dB:
            not much, after seconds of learning from one flower and the rest of the temple, and more than nothing.
            """
        )
    )
    return


@app.cell
def _():
    which = kit.slider("Part", range(1, SHOWN + 1), 1)
    way = mo.ui.radio(list(WAYS), value=WAYS[2], label="Enlarged by", inline=True)
    kit.text(
        r"""
        ## How near is near? {#see}

        Four parts of the temple, those where bicubic errs most. **Bicubic** weighs the 16 coarse pixels around each
        new one, near ones more, always in the same way. The net looks at four coarse pixels to each side, and what it
        adds depends on what it sees there.

        {which} {way}
        """,
        which=which,
        way=way,
    )
    return way, which


@app.cell
def _(way, which):
    _coarse, _fine = photos()[1]
    _at = places()[which.value - 1]
    _made, _true = part_of(enlarged(_coarse, way.value), _at), part_of(_fine, _at)
    _error, _db = error(_made, _true), decibels(_made, _true)
    kit.levels(
        kit.pictures(
            [plane.numpy() for plane in (_made, _true)], [way.value, "true"], columns=2, colors="photo", width=4.6,
            label=f"Part {which.value} of the temple, enlarged by {way.value}, and true",
        ),
        {"mean squared error, in levels of 255": _error, "PSNR in dB": _db, "largest difference, in levels":
         float((PEAK * (_made - _true)).abs().max())},
        r"""
        $$\text{PSNR} = 10\,\log_{10}\frac{255^2}{\orange{\text{mean squared error}}}$$

        $$= 10\,\log_{10}\frac{65025}{\orange{{error}}} = {db}\ \text{dB}$$

        Ten times less error is 10 dB more, half the error about 3 dB.
        """,
        error=f"{_error:.1f}",
        db=f"{_db:.2f}",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## Four numbers for one pixel {#read}

        No layer of this net is larger than the coarse picture. Its last one says {count} numbers at every coarse pixel,
        and the **shuffle** lays them out as a square of pixels. So nearly all work is done where there are four times
        fewer places.

        {forward} {classic}
        """,
        count=SCALE**2,
        forward=kit.read(
            "models/espcn.py",
            {
                "x = F.relu(self.conv1": "Looks, at the coarse size.",
                "return F.pixel_shuffle": "Four numbers for each pixel become two by two pixels.",
            },
            part="ESPCN.forward",
        ),
        classic=kit.read(
            "data/preprocess/bicubic.py",
            {
                "found = F.conv2d(planes": "Bicubic is one such layer, with weights that nobody has learnt.",
                "return F.pixel_shuffle": "And the same shuffle.",
            },
            part="larger",
        ),
    )
    return


@app.cell
def _():
    kit.row(
        kit.pictures(
            list(kernels(SCALE)[:, 0].numpy()), ["up left", "up right", "down left", "down right"], columns=4,
            colors="signed", width=5.2, label="The four kernels of bicubic",
            caption="Weights of the coarse pixels around one, for each of the four pixels that it becomes.",
        ),
        kit.text(
            """
            The four kernels are one, mirrored. Around the middle there is a rim below zero: it makes edges a little
            steeper than they would be in a plain mean.
            """
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    share = kit.slider("Share of the pictures that begin with white", SHARES, 1.0)
    kit.text(
        """
        ## It knows what it has seen {#break-it-mend-it}

        Back to the stripes. The grey that goes in is the same for both kinds. What comes out is decided by the pictures
        that were learnt from, and by nothing else. Make all of them begin with white, and the net will swear that
        *this* one did. **Mend it**: show it as many of either kind, and see what it says then.

        {share}
        """,
        share=share,
    )
    return (share,)


@app.cell
def _(share):
    (_first, _grey), (_second, _) = striped()
    _shown = [_grey[0, 0], imagined(share.value), _first[0, 0], _second[0, 0]]
    kit.after_guess(
        kit.pictures(
            [plane[:12, :12].numpy() if plane.shape[0] > 12 else plane.numpy() for plane in _shown],
            ["goes in", "comes out", "may be true", "may be true too"], columns=4, colors="photo", width=5.6,
            label=f"What is made of grey by a net that saw white first in {share.value:.0%} of its pictures",
            caption=f"The stripes that come out have {contrast(share.value):.0%} of the contrast of true ones.",
        )
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("as_pixels"),
        kit.answer(
            "One enlarged picture has a mean squared error of 64, another of 16. By how many dB is the second better?",
            10 * float(np.log10(64 / 16)),
            name="decibels",
            slips={
                4: "Four times less error, yes; in dB it is ten times the logarithm of that.",
                48: "That is the difference of the errors; dB are made of their ratio.",
                3: "That would be half the error. Here it is halved twice.",
            },
            because="The peak of 255 cancels in the difference: only the ratio of the errors counts.",
            hint="Subtract the two PSNRs; log(a) − log(b) = log(a / b).",
            solution="10·log₁₀(64 / 16) = 6.02",
            tolerance=0.03,
        ),
        kit.choose(
            "A camera has filmed a car, its number plate is 20 pixels wide. A net with a very good PSNR makes it "
            "legible. May a court read it?",
            {
                "No: several numbers have the same coarse picture": (
                    True,
                    "The net shows what such plates usually look like, not what was on this one.",
                ),
                "Yes, if the PSNR on held-out pictures was high enough": (
                    False,
                    "PSNR is a mean over many pixels and pictures; the few pixels of this plate are not known by it.",
                ),
                "Yes, if the net was trained on number plates": (
                    False,
                    "Then it is all the more sure to show some number, whatever stood there.",
                ),
            },
            name="evidence",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The digits have eight by eight pixels. Here they are made four by four, and the net gives eight by eight back.
        The table holds it against bicubic on the same pictures; the report shows triples: bicubic, ours, true.
        """,
        own_file="""
        A folder of photographs, without any labels:
        `deepglass train my_photos --task super-resolution --run runs/finer`. Then
        `deepglass enlarge runs/finer holiday.jpg` writes `holiday_x2.png`, in colour and of any size. Sharp pictures
        teach most: what a file has lost cannot be learnt from it.
        """,
        sources=[
            ("Shi et al. (2016), Real-time super-resolution with sub-pixel convolution", "https://arxiv.org/abs/1609.05158"),
            ("Dong et al. (2014), Image super-resolution using deep convolutional networks", "https://arxiv.org/abs/1501.00092"),
            ("Lim et al. (2017), Enhanced deep residual networks", "https://arxiv.org/abs/1707.02921"),
        ],
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
