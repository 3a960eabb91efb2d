"""Lesson 27: transfer and freezing. What a net learnt for some digits serves for others, of which few are labelled."""

import marimo

app = marimo.App(width="medium", app_title="Transfer", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F
    from sklearn.datasets import load_digits
    from torch import nn

    from deepglass.course import kit
    from deepglass.training.config import TrainConfig
    from deepglass.training.transfer import Transfer

    LESSON = {
        "title": "Transfer",
        "question": "Can what was learnt for one thing serve another?",
        "part": "Pictures",
        "minutes": 20,
        "reads": ["training/transfer.py"],
        "runs": [
            "deepglass train digits --model cnn --epochs 1 --run runs/first",
            "deepglass train digits --model cnn --pretrained runs/first --freeze all --epochs 1",
        ],
    }

    SIDE, STEPS, LOOKS, RATE = 12, 120, 15, 0.006
    WAYS = {
        "from scratch": None,
        "frozen but the head": {"freeze": "all"},
        "all learn": {},
        "slower below": {"layer_decay": 0.5},
    }
    COLORS = dict(zip(WAYS, (kit.GREY, kit.ORANGE, kit.BLUE, kit.GREEN)))
    HEAD = "9"  # of the net: its last layer

    @cache
    def wandering(known):
        """Digits 0 to 4, if known, or 5 to 9, somewhere in a picture of 12 × 12: pictures and classes 0 to 4."""
        images, classes = load_digits().images / 16, load_digits().target
        chosen, rng = (classes < 5) == known, np.random.default_rng(int(known))
        out = np.zeros((chosen.sum(), 1, SIDE, SIDE), dtype=np.float32)
        for place, image in zip(out, images[chosen]):
            r, c = rng.integers(0, SIDE - 7, 2)
            place[0, r : r + 8, c : c + 8] = image
        return torch.tensor(out), torch.tensor(classes[chosen] % 5)


@app.function
def build(seed):
    """Two convolutions, a layer, a head."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * 9, 32), nn.ReLU(), nn.Linear(32, 5),
    )  # fmt: skip


@app.function
def learn(model, images, classes, asked, plan=None, steps=STEPS, batch_size=32, seed=0):
    """Train as the plan says, and tell the share of the asked pictures that is right, every LOOKS steps."""
    rates = plan.rates() if plan else {}
    if plan:
        plan.begin_epoch(model, 0)
    learning = {name: p for name, p in model.named_parameters() if p.requires_grad}
    groups = [
        {"params": [p for name, p in learning.items() if rates.get(name, 1) == rate], "lr": RATE * rate}
        for rate in dict.fromkeys(rates.get(name, 1) for name in learning)
    ]
    optimizer, rng, right = torch.optim.Adam(groups), np.random.default_rng(seed), []
    for step in range(steps + 1):
        if step % LOOKS == 0:
            with torch.no_grad():
                right.append(float((model(asked[0]).argmax(1) == asked[1]).float().mean()))
        batch = torch.tensor(rng.choice(len(images), min(batch_size, len(images)), replace=False))
        optimizer.zero_grad()
        F.cross_entropy(model(images[batch]), classes[batch]).backward()
        optimizer.step()
    return right


@app.function
def first():
    """A net that has learnt the digits 0 to 4, of which there are 700 labelled ones, and how it went."""
    (images, classes), model = wandering(True), build(0)
    return model, learn(model, images[:700], classes[:700], (images[700:], classes[700:]))


@app.function
def few(count, seed):
    """So many labelled pictures of each of the digits 5 to 9, and 400 others to be asked about."""
    images, classes = wandering(False)
    order = np.random.default_rng(seed).permutation(len(images))
    pool = order[400:]
    taught = np.concatenate([pool[classes[pool].numpy() == one][:count] for one in range(5)])
    return (images[taught], classes[taught]), (images[order[:400]], classes[order[:400]])


@app.function
def adapt(known, way, count, seed=0, frozen=None):
    """Learn 5 to 9 in one of the ways: the share right by step, and how far each block moved, relative to its size."""
    taught, asked = few(count, seed)
    model, options = build(seed + 1), WAYS[way]
    if options is not None:
        model.load_state_dict(model.state_dict() | {k: v for k, v in known.state_dict().items() if k[0] != HEAD})
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    options = {"freeze": frozen} if frozen else options
    plan = Transfer(model, HEAD, TrainConfig(**options)) if options else None
    right, after = learn(model, *taught, asked, plan, seed=seed), model.state_dict()
    moved = {n: float((after[n] - before[n]).norm() / before[n].norm()) for n in after if n.endswith("weight")}
    return right, dict(zip(("first convolution", "second", "layer", "head"), moved.values()))


@app.cell
def _():
    known, _learnt = first()
    _draws, adapted = range(2), cache(adapt)
    _at_ten = {
        way: np.array([adapted(known, way, 10, seed)[0] for seed in _draws]) for way in ("from scratch", "all learn")
    }
    _means = {way: runs.mean(0) for way, runs in _at_ten.items()}
    _look = {"xlabel": "step", "ylabel": "unseen read right", "xlim": (0, STEPS), "ylim": (0, 1), "colors": COLORS}
    _x = np.arange(0, STEPS + 1, LOOKS)

    def _pictures():
        for until in range(2, len(_x) + 1):
            told = f"Step {_x[until - 1]}: of unseen digits 0 to 4 it reads {_learnt[until - 1]:.0%}."
            yield kit.curves({"digits 0 to 4": (_x[:until], _learnt[:until])}, caption=told, **_look)
        for until in range(2, len(_x) + 1):
            told = ", ".join(f"{way} {values[until - 1]:.0%}" for way, values in _means.items())
            shown = {way: (_x[:until], values[:until]) for way, values in _means.items()}
            yield kit.curves(shown, caption=f"Step {_x[until - 1]}, digits 5 to 9: {told}.", **_look)

    _end = {way: f"{values[-1]:.0%}" for way, values in _means.items()}
    kit.opening(
        LESSON,
        "A small net learns to read the digits 0 to 4, each somewhere in its picture. It sees 700 labelled ones. "
        "Of 5, 6, 7, 8 and 9 it never hears.",
        kit.film(_pictures(), label="Steps of learning", seconds=0.4, waits_for="guess", held=len(_x) - 1),
        kit.guess(
            "Now 5 to 9, with only ten labelled pictures of each. Begin at random, or with the weights that "
            "learnt 0 to 4? On unseen pictures of 5 to 9, those weights are…",
            ["a hindrance: they know the wrong digits", "no better and no worse", "a better beginning"],
            f"A better beginning: {_end['all learn']} read right against {_end['from scratch']} (means of "
            f"{len(_draws)} draws of fifty labelled pictures). A stroke is a stroke, in a 3 and in an 8.",
        ),
    )
    return adapted, known


@app.cell
def _():
    count = kit.slider("Labelled pictures per class", [2, 5, 10, 30, 60], 10)
    _words = kit.text(
        r"""
        ## Keep, or go on learning {#see}

        The last layer, the **head**, cannot stay: its five answers meant 0 to 4. It begins anew. And the layers below?
        They may be **frozen**: they stay as they are, to the last bit, and only the head learns. They may **all learn**
        on. Or learn **slower below**: the first layers, which know strokes, take smaller steps than the last.
        """
    )
    mo.vstack([_words, kit.after_guess(count)])
    return (count,)


@app.cell
def _(adapted, count, known):
    _runs = {way: adapted(known, way, count.value, 0) for way in WAYS}
    _x = np.arange(0, STEPS + 1, LOOKS)
    _shown = kit.levels(
        kit.curves(
            {way: (_x, right) for way, (right, _) in _runs.items()}, colors=COLORS, ylim=(0, 1), xlabel="step",
            ylabel="unseen read right", dashed=("from scratch",), label=f"{count.value} labelled pictures per class",
            caption="One draw of labelled pictures. Others differ by some points.", height=3.2,
        ),
        [
            {"": way, "right": f"{right[-1]:.0%}", "first layer moved by": f"{moved['first convolution']:.0%}",
             "head": f"{moved['head']:.0%}"}
            for way, (right, moved) in _runs.items()
        ],
        r"""
        $$\green{\eta_b} = \eta \cdot \pink{d}^{\,B - b}$$

        The rate of block $b$ of $B$ = {blocks}: with $\pink{d}$ = {decay} every block below takes steps half as long.
        Frozen is a rate of 0.
        """,
        blocks=4,
        decay=WAYS["slower below"]["layer_decay"],
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    kit.text(
        r"""
        ## What freezing is {#read}

        The same file serves `deepglass train --freeze` and this page. A frozen weight gets no gradient, so the
        optimiser never sees it. And a frozen layer stays in evaluation mode: batch normalisation would else go on
        collecting means of the new pictures, and the "frozen" layer would drift.

        {freeze}

        {rates}
        """,
        freeze=kit.read(
            "training/transfer.py",
            {
                "requires_grad_(i >= frozen)": "Below the line nothing receives blame.",
                "model.get_submodule(name).eval()": "Nor do running means move.",
            },
            part="Transfer._set",
        ),
        rates=kit.read(
            "training/transfer.py",
            {"self.layer_decay ** (last - i)": "One factor for every block below the head."},
            part="Transfer.rates",
        ),
    )
    return


@app.cell
def _():
    frozen = kit.slider("Frozen blocks of 4", [0, 1, 2, 3], 3)
    labels = kit.slider("Labelled pictures per class", [2, 10, 60], 60)
    _words = kit.text(
        r"""
        With sixty labelled pictures of each digit, freeze everything but the head. Strokes of 0 to 4 are not all that 5
        to 9 are made of, and the head alone cannot make up for it: a net that begins **at random** passes it. **Mend
        it** by freezing less. Then take labels away, and see when freezing does no harm any more.

        {frozen} {labels}
        """,
        frozen=frozen,
        labels=labels,
    )
    kit.text("## Freeze too much {#break-it-mend-it}\n\n{more}", more=kit.after_guess(_words))
    return frozen, labels


@app.cell
def _(adapted, frozen, known, labels):
    _name = f"0 to 4 first, {frozen.value} of 4 frozen"
    _kept = adapted(known, "all learn", labels.value, 0, frozen.value)[0][-1]
    _scratch = adapted(known, "from scratch", labels.value, 0)[0][-1]
    _gain = _kept - _scratch
    _shown = kit.row(
        kit.bars(
            {_name: 100 * _kept, "from scratch": 100 * _scratch}, unit=" %", xlim=(0, 125),
            colors={"from scratch": kit.GREY},
            label="Share of unseen digits 5 to 9 read right", caption="Of 400 unseen digits 5 to 9.",
        ),
        kit.text(
            r"""
            **{verdict}** by {points} percentage points. What was learnt before is worth most where labels are few and
            the old task is like the new one. Where labels are plenty the net finds its features by itself, and frozen
            ones hold it back. Then even letting all layers learn gains only a little.
            """,
            verdict="It helps" if _gain > 0 else "It harms", points=round(100 * abs(_gain)),
        ),
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    rate, decay, blocks = 0.01, 0.5, 4
    kit.check(
        kit.exercise("freeze"),
        kit.exercise("layer_rates"),
        kit.answer(
            f"A net of {blocks} blocks. The head learns with the rate {rate}, and each block below with "
            f"{decay:g} times the rate of the one above. With which rate does the first block learn?",
            rate * decay ** (blocks - 1),
            name="rate",
            slips={
                rate * decay**blocks: "The head is a block too: three steps down, not four.",
                rate * decay: "That is the block just below the head.",
                rate * decay * (blocks - 1): "Not a half for all, but a half for each step down.",
                rate / decay ** (blocks - 1): "Downwards the rates get smaller.",
            },
            because="What lies lower is more general, and moves less.",
            hint="From the head, three steps down, each a half.",
            solution=f"{rate} · {decay:g}^{blocks - 1} = {rate * decay ** (blocks - 1):g}",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A network learns the digits; then another begins with its weights, and only the head learns. The line
        `blocks stay frozen` says how many. (Here it is the same data once more, so that both commands run anywhere: try
        it with other pictures.) `--unfreeze-every` lets blocks join one after the other, `--layer-decay` slows them.
        """,
        own_file="""
        With your own pictures, a folder with one folder per class inside, begin with what was learnt on others:
        `deepglass train animals --model cnn --pretrained runs/first --freeze 1`. Weights that others have published
        serve as well: `deepglass models --published` names them.
        """,
        sources=[
            ("Caruana (1997), Multitask Learning", "https://doi.org/10.1023/A:1007379606734"),
            ("Yosinski et al. (2014), How transferable are features?", "https://arxiv.org/abs/1411.1792"),
            ("Howard and Ruder (2018), Universal Language Model Fine-tuning", "https://arxiv.org/abs/1801.06146"),
            ("He, Girshick and Dollár (2018), Rethinking ImageNet Pre-training", "https://arxiv.org/abs/1811.08883"),
        ],
        onward="It can, where the two are alike and labels are few. Pictures hold still. What if data come one by one, "
        "and their order is the message?",
    )
    return


if __name__ == "__main__":
    app.run()
