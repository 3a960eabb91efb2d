"""Lesson 91: moving pictures. Which way does it go, and how is that said in words?"""

import marimo

app = marimo.App(width="medium", app_title="Say what you see", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F

    from deepglass.course import kit
    from deepglass.data.datasets.moving_shapes import DIRECTIONS, FRAMES, clip
    from deepglass.models import captioner, video_cnn

    LESSON = {
        "title": "Say what you see",
        "question": "Can a net tell which way something moves?",
        "part": "Pictures",
        "minutes": 20,
        "reads": ["models/video_cnn.py", "models/captioner.py", "data/datasets/moving_shapes.py"],
        "runs": [
            "deepglass train moving-shapes --task video-classification --epochs 3 --run runs/directions",
            "deepglass train moving-shapes --task captioning --epochs 6 --run runs/captions",
        ],
    }

    NETS = {"frame by frame": "2d", "over time": "3d"}  # kinds of filters
    EPOCHS, TALKING, RATE = 6, 10, 0.02  # of the two nets, of the one that writes, and of a step
    OF_EACH, NEW = 30, 10  # clips of each colour and direction that are learnt from, and others
    PAINTS, WAYS = ("red", "blue"), list(DIRECTIONS)
    WORDS = ["", "<begin>", "<end>", "a", "square", "moves", *PAINTS, *WAYS]
    PLAYED = ("as it was", "backwards", "the first frame, five times", "shuffled")


@app.function
@cache
def clips(count, seed):
    """Clips (N, 5, 3, 20, 20), their directions (N,) and their captions (N, 7) as places in `WORDS`."""
    rng, made, ways, said = np.random.default_rng(seed), [], [], []
    for paint, way in [(paint, way) for _ in range(count) for paint in PAINTS for way in WAYS]:
        made.append(clip(rng, "square", paint, way))
        ways.append(WAYS.index(way))
        words = ["<begin>", "a", paint, "square", "moves", way, "<end>"]
        said.append([WORDS.index(word) for word in words])
    pixels = torch.tensor(np.array(made)).float().permute(0, 1, 4, 2, 3)
    return (pixels - 110) / 50, torch.tensor(ways), torch.tensor(said)


@app.function
@torch.enable_grad()
def trained(net, loss, epochs, batch_size, rate):
    """The net after so many passes over the training clips."""
    x, _, _ = clips(OF_EACH, 0)
    optimizer = torch.optim.AdamW(net.parameters(), rate, weight_decay=0.02)
    steps = epochs * -(-len(x) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch_size):
            optimizer.zero_grad()
            loss(net, rows).backward()
            optimizer.step()
            schedule.step()
    return net.eval()


@app.function
@cache
def seer(kind):
    """A net that tells the direction, with filters of one kind."""
    torch.manual_seed(0)
    net = video_cnn.VideoCNN(len(WAYS), config=video_cnn.Config(kernel=NETS[kind], width=6, num_stages=1))
    x, ways, _ = clips(OF_EACH, 0)
    return trained(net, lambda net, rows: F.cross_entropy(net(x[rows]), ways[rows]), EPOCHS, 16, RATE)


@app.function
@cache
def writer():
    """A net that writes captions."""
    torch.manual_seed(0)
    settings = captioner.Config(width=6, num_stages=1, embed_dim=24, mlp_dim=48, word_dropout=0.5)
    net = captioner.Captioner(len(WORDS), 8, num_frames=FRAMES, config=settings)
    x, _, said = clips(OF_EACH, 0)

    def loss(net, rows):
        logits = net(x[rows], said[rows, :-1])
        return F.cross_entropy(logits.flatten(0, 1), said[rows, 1:].flatten())

    return trained(net, loss, TALKING, 8, RATE / 2)


@app.function
def played(x, how):
    """Clips (N, T, …) with their frames in another order."""
    orders = {PLAYED[1]: [4, 3, 2, 1, 0], PLAYED[2]: [0] * 5, PLAYED[3]: [2, 0, 4, 1, 3]}
    return x[:, orders[how]] if how in orders else x


@app.function
@torch.no_grad()
def chances(kind, x):
    """(N, 4) what a net thinks of each direction."""
    return seer(kind)(x).softmax(dim=1)


@app.function
@cache
def right(kind, how=PLAYED[0]):
    """The share of new clips whose true direction a net names."""
    x, ways, _ = clips(NEW, 1)
    return float((chances(kind, played(x, how)).argmax(dim=1) == ways).float().mean())


@app.function
@cache
def opposite():
    """The share of new clips of which the net over time says the opposite way when they are played backwards."""
    x, ways, _ = clips(NEW, 1)
    said = chances("over time", played(x, PLAYED[1])).argmax(dim=1)
    return float((said == torch.tensor([1, 0, 3, 2])[ways]).float().mean())


@app.function
def shown(x):
    """Frames (T, H, W, 3) of one clip (T, 3, H, W), in [0, 1]."""
    return ((x * 50 + 110) / 255).clamp(0, 1).permute(0, 2, 3, 1).numpy()


@app.function
@torch.no_grad()
def written(x):
    """Greedily: the words of one clip, and how likely each next word was, (steps, V)."""
    net = writer()
    state, token, words, probs = net.encode(x[None]), torch.tensor([1]), [], []
    while len(words) < 7 and (not words or words[-1] != "<end>"):
        logits, state = net.step(token, state)
        token = logits.argmax(dim=1)
        words.append(WORDS[int(token)])
        probs.append(logits[0].softmax(dim=0).numpy())
    return words, np.array(probs)


@app.function
@torch.no_grad()
def attention(x, words):
    """(steps, T) how much of its attention each word gave to each frame, the mean over the heads."""
    net, kept = writer(), []
    layer = net.decoder[0].multihead_attn

    def ask(module, given, named):
        return given, named | {"need_weights": True}

    hooks = [
        layer.register_forward_pre_hook(ask, with_kwargs=True),
        layer.register_forward_hook(lambda module, given, named, output: kept.append(output[1]), with_kwargs=True),
    ]
    try:
        net(x[None], torch.tensor([[1, *[WORDS.index(word) for word in words[:-1]]]]))
    finally:
        for hook in hooks:
            hook.remove()
    return kept[0][0].numpy()


@app.function
def film():
    """One clip, frame by frame, and what both nets say of what they have seen of it so far."""
    x, ways, _ = clips(NEW, 1)
    row = int((ways == WAYS.index("left")).nonzero()[0])
    for time in range(FRAMES):
        seen = x[row : row + 1, [min(t, time) for t in range(FRAMES)]]
        said = {kind: WAYS[int(chances(kind, seen).argmax())] for kind in NETS}
        told = ", ".join(f"the net {kind} says {way}" for kind, way in said.items())
        yield kit.pictures(
            [shown(x[row])[time]], ["the clip"], width=2.6,
            label=f"Frame {time + 1} of a clip", caption=f"Frame {time + 1} of {FRAMES}: {told}.",
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "A square crosses the picture. Two nets watch it and say which way it goes. They have the same layers. One has "
        "filters that lie on a single frame; the filters of the other lie on **three frames at once**.",
        kit.film(film(), label="Frames of a clip", seconds=0.7, width=2.6),
        kit.guess(
            "The net <b>frame by frame</b> sees all five frames, takes the mean of what it found in each, and has "
            "learnt from hundreds of clips. There are four directions. How often is it right about new clips?",
            ["About 1 time in 4", "About 1 time in 2", "Nearly always"],
            f"It is right in {right('frame by frame'):.0%} of them, no better than chance. Each frame shows a "
            f"square, and no frame shows a direction. The net over time is right in {right('over time'):.0%}.",
        ),
    )
    return


@app.cell
def _():
    kit.text("## Five frames, one mean {#see}")
    return


@app.cell
def _():
    kit.after_guess(
        kit.row(
            kit.bars(
                {kind: 100 * right(kind) for kind in NETS}, unit=" %", xlim=(0, 118),
                label=f"Right about {NEW * 8} new clips, by the kind of filters", width=3.6,
            ),
            kit.text(
                """
                A mean does not know what came first. Whatever a net finds in single frames, the mean of it is the same
                when the clip runs backwards: **the order is lost before anybody asks for it.** More clips or more
                layers would not bring it back.
                """
            ),
        )
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text("## Play it backwards {#break-it-mend-it}")
    return


@app.cell
def _():
    number = kit.slider("Clip", range(1, 9), 1)
    how = mo.ui.radio(list(PLAYED), value=PLAYED[1], label="Played", inline=True)
    kit.after_guess(
        kit.text(
            """
            **Break it.** Backwards, what the net over time says turns around. Five times the same frame, and its
            filters find no movement; shuffled, they find movements that never were. The other net does not notice
            anything when frames are reordered. **Mend it** by giving the order back.

            {number} {how}
            """,
            number=number,
            how=how,
        )
    )
    return how, number


@app.cell
def _(how, number):
    _x, _ways, _ = clips(NEW, 1)
    _one = played(_x[number.value - 1 : number.value], how.value)
    _chances = {kind: chances(kind, _one)[0].tolist() for kind in NETS}
    _true = WAYS[int(_ways[number.value - 1])]
    _levels = kit.levels(
        kit.pictures(
            list(shown(_one[0])), [f"{t + 1}" for t in range(FRAMES)], columns=FRAMES, width=4.9,
            label=f"A clip that went {_true}, played {how.value}",
        ),
        [{"net": kind, **{way: round(p, 3) for way, p in zip(WAYS, of)}} for kind, of in _chances.items()],
        r"""
        $$y_t = \blue{w_{-1}}\,x_{t-1} + \blue{w_0}\,x_t + \blue{w_1}\,x_{t+1}$$

        The filters over time also have three rows and three columns: 27 weights. Turn the clip around and
        $\blue{w_{-1}}$ and $\blue{w_1}$ change places. Over all new clips, played {how}, the net over time names the
        true direction in {right} of 100.
        """,
        how=how.value,
        right=f"{100 * right('over time', how.value):.0f}",
    )  # fmt: skip
    kit.after_guess(_levels)
    return


@app.cell
def _():
    kit.text(
        """
        ## Twenty-seven weights, or nine and three {#read}

        The two nets are one file. Its third kind takes the filter apart: first over the picture, then over time,
        **(2+1)-D**. It has as many weights, and a bend between the two halves.

        {conv} {forward}
        """,
        conv=kit.read(
            "models/video_cnn.py",
            {
                "nn.Conv3d(in_channels, out_channels, 3,": "Three frames, three rows, three columns.",
                "nn.Conv3d(between, out_channels, (3, 1, 1)": "Over time alone.",
            },
            part="ConvNormAct",
        ),
        forward=kit.read(
            "models/video_cnn.py",
            {"x = x.mean(dim=(2, 3, 4))": "The mean over time comes last, when movements have been found."},
            part="VideoCNN.forward",
        ),
    )
    return


@app.cell
def _():
    clip_number = kit.slider("Clip", range(1, 9), 3)
    kit.text(
        """
        ## Word by word {#say-it}

        A class is one answer. A sentence is many, each given the words before it. The same filters make a vector of
        every frame; a decoder writes a word, looks at the frames again, and writes the next.

        {clip_number}
        """,
        clip_number=clip_number,
    )
    return (clip_number,)


@app.cell
def _(clip_number):
    _x, _, _ = clips(NEW, 1)
    _one = _x[clip_number.value - 1]
    _words, _probs = written(_one)
    _looks = attention(_one, _words)
    kit.row(
        kit.pictures(
            list(shown(_one)), [f"{t + 1}" for t in range(FRAMES)], columns=FRAMES, width=4.3,
            label="The frames of a new clip",
            caption=f"It writes: {' '.join(_words[:-1])}.",
        ),
        kit.matrix(
            np.round(_looks, 2), _words, [f"{t + 1}" for t in range(FRAMES)], numbers=True, signed=False, width=3.6,
            xlabel="frame", label="How much each word looks at each frame",
            caption="Each row adds up to 1. Most words could be read off any frame, and the net has found some that "
            "suffice: attention says where it looked, and not that it had to look there.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        {step}

        In training it is given the **true** words before each place. On new combinations that has a price: a decoder
        that has never read *green circle* in front of *down* may trust the words more than its eyes. So half of the
        words are hidden from it while it learns, and it has to look.
        """,
        step=kit.read(
            "models/captioner.py",
            {
                "state = state._replace(target": "The words so far …",
                "return self.decode(*state)[:, -1]": "… and the frames give the next one.",
            },
            part="Captioner.step",
        ),
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("over_time"),
        kit.answer(
            "A filter over time has the weights −1, 0 and 1. A pixel is 40, 40, 90 in three frames. What does it give?",
            -40 + 90,
            name="three_frames",
            slips={40 - 90: "The latest frame has the weight +1.", 170: "The first weight is −1, the second 0."},
            because="−1 · 40 + 0 · 40 + 1 · 90 = 50: it became brighter.",
            hint="Multiply each frame by its weight and add.",
            solution="50",
            tolerance=0.001,
        ),
        kit.choose(
            "Which of these must not be flipped left to right to make more training clips?",
            {
                "Clips of cars that turn left or right": (True, "A mirrored left turn is a right turn."),
                "Clips of people who clap or wave": (False, "Mirrored clapping is clapping."),
                "Clips of rain and snow": (False, "Both fall down in a mirror too."),
            },
            name="mirrors",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        960 generated clips; of the test and of validation no combination of shape, colour and direction is in training.
        The table holds the net against the most frequent class and against logistic regression on all frames.
        `--model frame-cnn` has no filters over time. The second command learns the captions. Six epochs get some
        of them right to the last word; leave `--epochs` out for most of them, which takes over a minute.
        """,
        own_file="""
        Animated GIFs in a folder for each class: `deepglass train clips/ --task video-classification`. A table with a
        column of files and one of sentences: `deepglass train clips.csv --task captioning --target caption`. Frames are
        taken evenly, 16 at most; `--num-frames` changes that.
        """,
        sources=[
            ("Tran et al. (2015), 3D Convolutional Networks", "https://arxiv.org/abs/1412.0767"),
            ("Tran et al. (2018), A Closer Look at Spatiotemporal Convolutions", "https://arxiv.org/abs/1711.11248"),
            ("Venugopalan et al. (2015), Sequence to Sequence: Video to Text", "https://arxiv.org/abs/1505.00487"),
            ("Xu et al. (2015), Show, Attend and Tell", "https://arxiv.org/abs/1502.03044"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
