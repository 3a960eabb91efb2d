"""Lesson 25: AlexNet to VGG. Where the weights sit, where the work is, and why two small kernels beat a large one."""

import marimo

app = marimo.App(width="medium", app_title="AlexNet to VGG", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache
    from itertools import pairwise

    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass.nn import functional as F
    from deepglass.zoo import architectures
    from deepglass.zoo.summary import summarize

    LESSON = {
        "title": "AlexNet to VGG",
        "question": "What does a layer cost?",
        "part": "Pictures",
        "minutes": 15,
        "reads": ["models/vgg.py", "models/alexnet.py"],
        "runs": ["deepglass models alexnet", "deepglass models vgg16"],
    }

    KINDS = {"Conv2d": "convolutions", "Linear": "dense layers"}
    NETS = {
        "alexnet": "AlexNet, 2012",
        "vgg16": "VGG-16, 2014",
        "googlenet": "GoogLeNet, 2014",
        "resnet50": "ResNet-50, 2015",
    }

    @cache
    def costs(name):
        """Every layer of a model that computes: its name, kind, shape of the answer, weights, multiplications."""
        layers = summarize(architectures.entry(name)).layers
        return [
            (layer.name, KINDS[layer.kind], layer.shape_out, layer.parameters, layer.flops // 2)
            for layer in layers
            if layer.kind in KINDS
        ]


@app.function
def by_kind(name):
    """Weights and multiplications of a model, by kind of layer."""
    found = costs(name)
    return {
        kind: (sum(row[3] for row in found if row[1] == kind), sum(row[4] for row in found if row[1] == kind))
        for kind in dict.fromkeys(KINDS.values())
    }


@app.function
def field(layers):
    """How many pixels wide the field is that one answer sees: layers of (kernel, stride), from the picture on."""
    width, step = 1, 1
    for kernel, stride in layers:
        width, step = width + (kernel - 1) * step, step * stride
    return width


@app.function
def seen(kernels, side=11):
    """The same, measured: the pixels (side, side) that receive blame from the middle answer of a stack of kernels."""
    x = glass.zeros(1, 1, side, side, dtype=glass.float64, requires_grad=True)
    y = x
    for kernel in kernels:
        weight = glass.tensor(np.full((1, 1, kernel, kernel), 1 / kernel**2))
        y = F.conv2d(y, weight, padding=kernel // 2)
    y[0, 0, side // 2, side // 2].backward()
    return x.grad.numpy()[0, 0]


@app.function
def stack_weights(kernels, channels):
    """Weights of a stack of convolutions that keep the number of channels, without biases."""
    return sum(kernel * kernel * channels * channels for kernel in kernels)


@app.cell
def _():
    _vgg = costs("vgg16")
    _all = {i: sum(row[i] for row in _vgg) for i in (3, 4)}
    _weights, _work = by_kind("vgg16"), by_kind("vgg16")
    _dense = _weights["dense layers"][0] / sum(kind[0] for kind in _weights.values())
    _dense_work = _work["dense layers"][1] / sum(kind[1] for kind in _work.values())

    def _picture(count, title, at):
        rows = {f"{i + 1}  {row[1][:-1]}": 100 * row[at] / _all[at] if i < count else 0 for i, row in enumerate(_vgg)}
        last, shape = _vgg[count - 1], " × ".join(map(str, _vgg[count - 1][2][1:]))
        return kit.bars(
            rows,
            caption=f"Layer {count}, answers {shape}: {last[at] / 1e6:,.2f} million {title}.",
            colors={name: kit.ORANGE if "dense" in name else kit.BLUE for name in rows},
            xlim=(0, 95), unit=" %", label=f"Share of all {title} by layer", xlabel=f"share of all {title}, per cent",
        )  # fmt: skip

    _counts = (1, 2, 4, 7, 10, 13, 14, 15, 16)
    kit.opening(
        LESSON,
        f"VGG-16 has {len(_vgg)} layers with weights: {sum('conv' in r[1] for r in _vgg)} convolutions, then three "
        "dense layers. A photograph runs through it. Watch which share of all **multiplications** each layer takes.",
        kit.film(
            (_picture(count, *what) for what in (("multiplications", 4), ("weights", 3)) for count in _counts),
            label="Layers of VGG-16", seconds=0.4, waits_for="guess", held=len(_counts),
        ),
        kit.guess(
            "Nearly all of the work is done by the convolutions. And where do most of the weights sit?",
            ["In the convolutions too", "About half and half", "In the three dense layers"],
            f"In the three dense layers: <b>{_dense:.0%}</b> of the weights, and {_dense_work:.1%} of the work. "
            "A weight of a convolution is used at every place of the picture; a weight of a dense layer is used once. "
            "Look at the film again: the second half shows the weights.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    net = mo.ui.dropdown({words: name for name, words in NETS.items()}, value=NETS["alexnet"], label="Net")
    kit.text(
        r"""
        ## Memory and time {#see}

        Weights cost **memory**, multiplications cost **time**. In 2012 AlexNet won the ImageNet challenge with five
        convolutions and three dense layers. (The net counted here is its form of 2014, which fits one GPU.) VGG asked
        what happens if only the depth grows, and everything else stays as simple as can be.

        {nets}
        """,
        nets=kit.after_guess(
            kit.text(
                """
                Memory and time are spent in different places. GoogLeNet and ResNet did without wide dense layers.

                {net}
                """,
                net=net,
            )
        ),
    )
    return (net,)


@app.cell
def _(net):
    _kinds, _layers = by_kind(net.value), costs(net.value)
    _all = [sum(kind[i] for kind in _kinds.values()) for i in (0, 1)]
    _first = _layers[1] if len(_layers) > 1 else _layers[0]
    _shape = _first[2]
    _places = int(np.prod(_shape[2:])) if len(_shape) == 4 else 1
    _shown = kit.levels(
        kit.bars(
            {
                what: {kind: 100 * numbers[i] / _all[i] for kind, numbers in _kinds.items()}
                for i, what in enumerate(("weights", "work"))
            },
            unit=" %", colors={"convolutions": kit.BLUE, "dense layers": kit.ORANGE}, xlim=(0, 160),
            label=f"Shares of weights and work of {NETS[net.value]}",
        ),
        {"layers that compute": len(_layers), "weights, millions": _all[0] / 1e6, "products, millions": _all[1] / 1e6},
        r"""
        $$\text{work of a convolution} = \text{its weights} \times \text{places}$$

        Of its second layer: {weights:,} weights (biases not counted) at {at:,} places are {work:,} multiplications.
        """,
        weights=_first[4] // _places, at=_places, work=_first[4],
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    stack = mo.ui.radio(["5", "3 + 3", "7", "3 + 3 + 3"], value="3 + 3", inline=True, label="Kernels:")
    channels = kit.slider("Channels", [16, 64, 256, 512], 256)
    kit.text(
        r"""
        ### Two small ones for a large one

        AlexNet begins with kernels of 11 × 11 and 5 × 5. VGG has 3 × 3 and nothing else. Does it not see too little?
        One answer of the second layer looks at 3 × 3 answers of the first, and each of these at 3 × 3 pixels. Send
        blame back from one answer, and see which pixels receive any: that is its **receptive field**.

        {stack} {channels}
        """,
        stack=stack,
        channels=channels,
    )
    return channels, stack


@app.cell
def _(channels, stack):
    _kernels = [int(part) for part in stack.value.split(" + ")]
    _width = field([(kernel, 1) for kernel in _kernels])
    _one, _mine = stack_weights([_width], channels.value), stack_weights(_kernels, channels.value)
    kit.levels(
        kit.pictures([seen(_kernels)], width=2.6, label="Pixels that one answer sees, stronger where more ways lead"),
        {
            "sees, pixels": f"{_width} × {_width}",
            "weights of this stack": f"{_mine:,}",
            f"of one kernel of {_width} × {_width}": f"{_one:,}",
            "bends between": len(_kernels) - 1,
        },
        r"""
        $$\text{field} = 1 + \sum_k (\blue{\text{size}_k} - 1) = {width}$$

        $$\text{weights} = C^2 \sum_k \blue{\text{size}_k}^2$$

        With strides, whatever lies behind one counts that many times more. {moral}
        """,
        width=_width,
        moral=f"The field of one kernel of {_width} × {_width}, for {_mine / _one:.0%} of its weights, and with "
        f"{len(_kernels) - 1} more relu." if len(_kernels) > 1 else "Choose the stack of small ones that sees as much.",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        r"""
        ## A net in six lines {#read}

        All of VGG's convolutions are made by this loop. A stage is some 3 × 3 convolutions, then a pooling that halves
        the picture, and the next stage has twice the channels: half the height, half the width, twice in, twice out.
        So a convolution that keeps its channels costs the same work in each of the first four stages.

        {vgg}

        {alexnet}
        """,
        vgg=kit.read(
            "models/vgg.py",
            {
                "layers += convolution(": "3 × 3, and a border of zeros, so that the size stays.",
                "nn.Linear(in_channels * 7 * 7": "All places of all channels go into each unit.",
            },
            part="VGG.__init__",
        ),
        alexnet=kit.read(
            "models/alexnet.py",
            {"x = self.avgpool(x).flatten(1)": "9,216 numbers go into the first dense layer."},
            part="AlexNet.forward",
        ),
    )
    return


@app.cell
def _():
    hidden = kit.slider("Units of each dense layer", [4096, 1024, 256, 0], 4096)
    kit.text(
        r"""
        ## Two gigabytes before the first picture {#break-it-mend-it}

        VGG-16 for a thousand classes. To train it with Adam, four numbers are kept per weight, each of four bytes: the
        weight, its gradient, two means. Nothing of your pictures is counted yet.

        {mend}
        """,
        mend=kit.after_guess(
            kit.text(
                """
                **Mend it**: make the dense layers smaller, down to none: then the mean of each of the 512 maps goes
                straight to the answer, as in GoogLeNet and in the next lesson's ResNet.

                {hidden}
                """,
                hidden=hidden,
            )
        ),
    )
    return (hidden,)


@app.function
def with_head(hidden, classes=1000):
    """Weights of VGG-16's convolutions and of its dense layers, if these have so many units; 0: a mean, one layer."""
    convolutions, _ = by_kind("vgg16")["convolutions"]
    if not hidden:
        return convolutions, 512 * classes + classes
    sizes = [512 * 7 * 7, hidden, hidden, classes]
    return convolutions, sum(a * b + b for a, b in pairwise(sizes))


@app.cell
def _(hidden):
    _convolutions, _dense = with_head(hidden.value)
    _bytes = 16 * (_convolutions + _dense)
    _shown = kit.row(
        kit.bars(
            {"convolutions": _convolutions / 1e6, "dense layers": _dense / 1e6}, xlim=(0, 160),
            colors={"convolutions": kit.BLUE, "dense layers": kit.ORANGE}, label="Million weights",
            caption="Million weights of VGG-16.",
        ),
        kit.text(
            r"""
            **{gigabytes:.2f} GB** to train it with Adam. {moral}
            """,
            gigabytes=_bytes / 1e9,
            moral="Most of that serves three layers which hardly compute."
            if hidden.value == 4096
            else "The work is nearly the same as before: it was never done there."
            if hidden.value
            else "A mean has no weights, and takes pictures of any size.",
        ),
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    kernels = 3
    kit.check(
        kit.exercise("receptive_field"),
        kit.exercise("conv_cost"),
        kit.answer(
            f"A stack of {kernels} convolutions of 3 × 3, stride 1. How many pixels wide does one answer of the "
            f"last see?",
            field([(3, 1)] * kernels),
            name="field",
            slips={
                9: "Neighbouring windows overlap: each further layer adds two pixels, not three.",
                3: "That is what it sees of the layer before.",
                5: "That is two of them.",
                49: "That is the number of pixels; asked is how wide.",
            },
            because="Three of them have 27 weights per pair of channels, one of 7 × 7 has 49.",
            hint="One sees 3. Each further one adds one pixel on either side.",
            solution=f"1 + {kernels} · (3 − 1) = {field([(3, 1)] * kernels)}",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Layer by layer, as the models' files are: shapes, weights, and FLOPs, of which a multiplication and an addition
        are two. Nothing is trained and nothing downloaded.
        """,
        own_file="""
        With your own pictures, a folder with one folder per class inside, `animals/cat/1.jpg`:

        `deepglass train animals --model vgg11-bn --image-size 64`

        It takes pictures from 32 pixels on. `--hidden 256` makes the dense layers small.
        """,
        sources=[
            (
                "Krizhevsky, Sutskever and Hinton (2012), AlexNet",
                "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
            ),
            ("Simonyan and Zisserman (2014), VGG", "https://arxiv.org/abs/1409.1556"),
            ("Araujo, Norris and Sim (2019), Receptive fields", "https://doi.org/10.23915/distill.00021"),
        ],
        onward="A layer costs memory by its weights and time by its places. VGG stopped at 19. What if one just "
        "goes on?",
    )
    return


if __name__ == "__main__":
    app.run()
