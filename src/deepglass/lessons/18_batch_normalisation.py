"""Lesson 18: batch normalisation. Every layer's numbers are put back to mean 0 and spread 1."""

import marimo

app = marimo.App(width="medium", app_title="Batch normalisation", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Batch normalisation",
        "question": "Why put every layer's numbers back in the middle?",
        "part": "Learning",
        "minutes": 15,
        "reads": ["glass/nn/functional/norm.py"],
        "runs": [
            "deepglass train digits --model mlp --num-layers 8 --epochs 2",
            "deepglass train digits --model mlp --num-layers 8 --normalization batch --epochs 2",
        ],
    }

    DEPTH, WIDTH = 8, 16
    MOMENTS = (0, 1, 2, 4, 6, 8, 11, 14, 18, 22, 27, 33, 40, 48, 60)  # steps that the film shows
    RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


@app.function
def rings(count=96, seed=0):
    """A ring around a ring: points (count, 2) and which of the two they are on (count, 1)."""
    rng = np.random.default_rng(seed)
    angle, kind = rng.uniform(0, 2 * np.pi, count), np.arange(count) % 2
    radius = np.where(kind, 1.5, 0.7) + rng.normal(0, 0.1, count)
    points = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    return glass.tensor(points).float(), glass.tensor(kind[:, None].astype(float)).float()


@app.function
def deep_net(has_norm, start="PyTorch's"):
    """Eight hidden layers of ReLUs, with or without a normalisation before each bend.

    They begin as PyTorch starts them, or by lesson 15's rule, He's, with biases of 0.
    """
    glass.manual_seed(0)
    layers = []
    for depth in range(DEPTH):
        layers.append(nn.Linear(WIDTH if depth else 2, WIDTH))
        layers += [nn.BatchNorm1d(WIDTH), nn.ReLU()] if has_norm else [nn.ReLU()]
    layers.append(nn.Linear(WIDTH, 1))
    for layer in layers if start == "He's" else ():
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


@app.function
def before_bends(model, x):
    """How far the points lie apart at each bend, around each unit's mean, as five percentiles: (layers, 5)."""
    told = []
    with glass.no_grad():
        for layer in model:
            if isinstance(layer, nn.ReLU):
                told.append(np.percentile(x.numpy() - x.numpy().mean(axis=0), [5, 25, 50, 75, 95]))
            x = layer(x)
    return np.array(told)


@app.function
def learning(has_norm, rate=0.3, steps=60, start="PyTorch's"):
    """A net in training: at each moment of the film the net, its losses so far, and what arrived at the bends."""
    (x, y), model = rings(), deep_net(has_norm, start)
    optimizer = glass.optim.SGD(model.parameters(), lr=rate)
    losses, bands = [], []
    for step in range(steps + 1):
        if step in MOMENTS:
            bands.append(before_bends(model, x))
        loss = F.binary_cross_entropy_with_logits(model(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step in MOMENTS or step == steps:
            yield model, losses, bands


@app.function
def learn(has_norm, rate=0.3, steps=60, start="PyTorch's"):
    """The trained net, its loss before every step, and what arrived at the bends."""
    with np.errstate(all="ignore"):  # too long a step ends beyond all numbers
        *_, told = learning(has_norm, rate, steps, start)
    return told


@app.cell
def _():
    kit.opening(
        LESSON,
        "Two nets, eight layers deep, learn to tell a ring of points from a ring around it. The bands show how unlike "
        "the points still are, layer by layer. In the <span class='orange'>first</span> net they grow alike on the "
        "way, until nothing is left to tell them by. In the <span class='blue'>second</span> each layer pulls them "
        "apart again.",
    )
    return


@app.function
def film_of():
    """Two nets learn. Their numbers, layer by layer, above; their losses below. In the end, both nets."""
    fig, rooms = kit.figure(height=4.3, rows=2, columns=2, height_ratios=[1.3, 1])
    for ax in rooms[1]:
        ax.remove()
    below = fig.add_subplot(rooms[0, 0].get_gridspec()[1, :])
    lines = [below.plot([], [], color=color, linewidth=2)[0] for color in (kit.ORANGE, kit.BLUE)]
    below.set(xlim=(0, 60), ylim=(0, 0.85), xticks=[0, 30, 60], yticks=[0, 0.5], xlabel="step", ylabel="loss")
    layers = np.arange(1, DEPTH + 1)
    for moment, plain, normed in zip(MOMENTS, learning(False), learning(True)):
        for ax, net, color, title in zip(rooms[0], (plain, normed), (kit.ORANGE, kit.BLUE), ("plain", "normalised")):
            ax.clear()
            band = net[2][-1].T  # five percentiles of each layer
            ax.fill_between(layers, band[0], band[4], color=color, alpha=0.22, linewidth=0)
            ax.fill_between(layers, band[1], band[3], color=color, alpha=0.4, linewidth=0)
            ax.plot(layers, band[2], color=color, linewidth=1.6)
            ax.set(ylim=(-3.2, 3.2), xlim=(1, DEPTH), xticks=[1, 4, 8], yticks=[-2, 0, 2], xlabel="layer")
            ax.set_title(title, fontsize=10)
        for line, net in zip(lines, (plain, normed)):
            line.set_data(np.arange(moment + 1), net[1][: moment + 1])
        caption = f"step {moment}: loss {plain[1][moment]:.2f} plain, {normed[1][moment]:.2f} normalised"
        yield kit.picture(fig, f"Spread of the numbers by layer; {caption}"), caption
        fig.set_layout_engine("none")
    return plain, normed


@app.cell
def _():
    learning_film = kit.film(film_of(), label="Steps of learning", seconds=0.6, waits=True)
    _bands = [before_bends(deep_net(has_norm), rings()[0]) for has_norm in (False, True)]
    _spread = [[(band[layer, 3] - band[layer, 1]) for layer in (0, 3, 7)] for band in _bands]
    _rows = "\n".join(f"| {n} | {a:.4f} | {b:.2f} |" for n, a, b in zip((1, 4, 8), *_spread))
    _head = "| layer | <span class='orange'>plain</span> | <span class='blue'>normalised</span> |\n|--:|--:|--:|\n"
    kit.levels(
        learning_film,
        kit.md(f"{_head}{_rows}\n\nHow wide the middle half of the points lies at a layer, before step 1."),
        kit.md(
            r"""
            $$\blue{\hat z} = \frac{z - \orange{\mu}}{\sqrt{\orange{\sigma^2} + \varepsilon}} \qquad
            y = \green{\gamma}\, \blue{\hat z} + \green{\beta}$$

            $\orange{\mu}$ and $\orange{\sigma^2}$ are mean and variance of this one unit **over the batch**.
            $\green{\gamma}$ and $\green{\beta}$ are learnt; $\varepsilon$ keeps it from dividing by 0.
            """
        ),
    )
    return (learning_film,)


@app.cell
def _(learning_film):
    plain, normed = learning_film.draw()
    return normed, plain


@app.cell
def _():
    _guess = kit.guess(
        "Behind a unit stands a batch normalisation. Somebody multiplies all of the unit's weights by ten. What comes "
        "out of the normalisation?",
        ["Ten times as much", "The same as before", "A tenth", "Nothing of use"],
        "The same as before. The sums are ten times as far from their mean, and their spread is ten times as wide: "
        "divided, nothing is left of the ten (but for the tiny ε under the root). Try it below.",
    )
    mo.vstack([_guess])
    return


@app.cell
def _(normed, plain):
    times = mo.ui.slider(steps=[0.1, 0.3, 1, 3, 10], value=3, label="weights times", show_value=True)
    gamma = mo.ui.slider(-2, 2, 0.25, value=1, label="γ", show_value=True)
    _he = learn(False, start="He's")[1][-1]
    kit.section(
        "See",
        f"""
        Begun as PyTorch begins it, the plain net does not learn: its loss goes from {plain[1][0]:.2f} to
        {plain[1][-1]:.2f} in {len(plain[1]) - 1} steps, the other's from {normed[1][0]:.2f} to {normed[1][-1]:.2f}.
        Same data, same start, same learning rate. Begun by lesson 15's rule, the plain net learns as well, to
        {_he:.2f}: a careful start is one cure. The other is one small operation, done for every unit on its own, in
        every step.

        Below are one unit's sums for a batch of twelve people. **Take the mean away. Divide by the spread.** Then let
        the net choose a spread γ and a middle β of its own, so that nothing it could say before is forbidden now.
        """,
    )
    return gamma, times


@app.function
def unit(times, gamma):
    """A unit's sums for twelve people, what batch normalisation makes of them, and the weights' gradient."""
    rng = np.random.default_rng(3)
    x, pull = glass.tensor(rng.normal(size=(12, 2))), glass.tensor(rng.normal(size=(12, 1)))
    w = (glass.tensor([[0.9], [-0.4]]).double() * times).requires_grad_()
    sums = x @ w + 0.6 * times
    scale, shift = (glass.tensor([value]).double() for value in (gamma, 0.0))
    y = F.batch_norm(sums, None, None, scale, shift, training=True)
    (y * pull).sum().backward()  # any loss would do
    return sums.detach().numpy()[:, 0], y.detach().numpy()[:, 0], w.grad.numpy()[:, 0]


@app.cell
def _(gamma, times):
    _sums, _out, _blame = unit(times.value, gamma.value)
    _usual = np.abs(unit(1, gamma.value)[2]).sum()
    _share = f"{np.abs(_blame).sum() / _usual:.2f} times as large" if _usual else "zero: γ lets nothing through"
    _fig, _ax = kit.figure(height=2.6)
    for _sum, _value in zip(_sums, _out):
        _ax.plot([_sum, _value], [1, 0], color=kit.FAINT, linewidth=1, zorder=0)
    _ax.scatter(_sums, np.ones(12), s=38, color=kit.ORANGE, linewidths=0, clip_on=False)
    _ax.scatter(_out, np.zeros(12), s=38, color=kit.BLUE, linewidths=0)
    _ax.plot([_sums.mean()] * 2, [0.88, 1.12], color=kit.INK)
    _ax.plot([0, 0], [-0.12, 0.12], color=kit.INK)
    _wide = max(4.0, 1.1 * np.abs(_sums).max())
    _ax.set(xlim=(-_wide, _wide), ylim=(-0.3, 1.3), yticks=[0, 1])
    _ax.set_yticklabels(["after", "before"])
    _ax.grid(False)
    _shown = kit.levels(
        kit.html(_fig, f"Twelve sums with spread {_sums.std():.2f}, after normalising {_out.std():.2f}",
                 "Orange: what the unit says. Blue: what leaves the normalisation. Dashes: the means."),
        mo.vstack([mo.hstack([times, gamma], justify="start", gap=2, wrap=True), kit.md(
            f"| | mean | spread |\n|:--|--:|--:|\n| before | {_sums.mean():.2f} | {_sums.std():.2f} |\n"
            f"| after | {_out.mean():.2f} | {_out.std():.2f} |\n\nThe gradient at the weights is **{_share}** as with "
            "the weights times 1: where they have grown, steps are smaller.")]),
        kit.md(rf"$$y = \green{{{gamma.value:g}}} \cdot \frac{{z - \orange{{{_sums.mean():.2f}}}}}"
               rf"{{\sqrt{{\orange{{{_sums.var():.2f}}} + \varepsilon}}}} + \green{{0}}$$"),
    )  # fmt: skip
    kit.after_guess(_shown)
    return


@app.cell
def _():
    _kinds = {"plain": (False, "PyTorch's"), "plain, He's start": (False, "He's"), "normalised": (True, "PyTorch's")}
    _ends = np.array([[learn(has, rate, 60, start)[1][-1] for rate in RATES] for has, start in _kinds.values()])
    _works = (np.nan_to_num(_ends, nan=9.0) < 0.3).sum(axis=1)
    _fig, _ax = kit.figure(height=2.5)
    for _values, _color, _mark, _name in zip(_ends, (kit.ORANGE, kit.GREEN, kit.BLUE), "s^o", _kinds):
        _shown = np.clip(np.nan_to_num(_values, nan=9.0), 0, 0.9)
        _ax.plot(RATES, _shown, _mark + "-", color=_color, markersize=5, label=_name)
    _ax.set(xscale="log", ylim=(0, 1.5), yticks=[0, 0.5, 1], xlabel="learning rate", ylabel="loss after 60 steps")
    _ax.legend(frameon=False, loc="upper left", fontsize=9)
    kit.row(
        kit.md(
            f"""
            ### Why it helps

            Of {len(RATES)} learning rates, the plain net gets below a loss of 0.3 in 60 steps with {_works[0]}, with
            He's start with {_works[1]}, the normalised one with {_works[2]}. A good start is only a start; the
            normalisation is there in every step. No layer can drown or starve the next one, so that one rate suits all
            of them.

            Its inventors thought that it keeps each layer's input from drifting. In 2018 others added drift on purpose,
            *behind* the normalisation, and it trained as well as before. What they found instead: the loss becomes
            smoother, so that a gradient holds for a longer step. **It works; why it does is still being asked.**
            """
        ),
        kit.html(_fig, f"Loss by learning rate: plain {_ends[0].round(2)}, He's start {_ends[1].round(2)}, "
                 f"normalised {_ends[2].round(2)}"),
    )  # fmt: skip
    return


@app.cell
def _():
    _notes = {
        "if not training:": "At prediction there may be no batch: the running values take its place.",
        "if n == 1:": "One value per unit has no spread. A single picture has many, and goes through.",
        "running.array[...] +=": "While training, a tenth of each new batch goes into the running values.",
    }
    _words = kit.section("Read", "It behaves in two ways, while training and afterwards. Mind the first marked line.")
    mo.Html(_words.text + kit.read("glass/nn/functional/norm.py", _notes, part="batch_norm").text)  # fmt: skip
    return


@app.function
def in_company(model, size, is_training, companies=40):
    """The net's answer about one and the same point, in batches of `size` with others: (companies,)."""
    (x, _), rng = rings(), np.random.default_rng(5)
    kept = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    model.train(is_training)
    with glass.no_grad():
        told = [
            glass.sigmoid(model(glass.cat([x[:1], x[glass.tensor(rng.integers(1, len(x), size - 1))]])))[0].item()
            for _ in range(companies)
        ]
    model.load_state_dict({name: glass.tensor(value) for name, value in kept.items()})  # training mode moved them
    model.train()
    return np.array(told)


@app.cell
def _(normed):
    _told = in_company(normed[0], 4, True)
    size = mo.ui.slider(steps=[2, 4, 8, 16, 64], value=4, label="points in the batch", show_value=True)
    mode = mo.ui.radio(
        ["model.train()", "model.eval()"], value="model.train()", label="How the net was left", inline=True
    )
    _words = kit.section(
        "Break it, mend it",
        f"""
        The normalised net is asked about one and the same point, forty times, each time in other company. It was left
        in training mode: **broken**. Its answers go from {_told.min():.0%} to {_told.max():.0%}: whoever else is in the
        batch moves the mean and the spread. Larger batches calm it down. **Mend it** with `model.eval()`: now it
        uses the running values of its training, and the point alone decides.
        """,
    )  # fmt: skip
    mo.vstack([_words, mo.hstack([mode, size], justify="start", gap=2, wrap=True)])
    return mode, size


@app.cell
def _(mode, normed, size):
    _told = in_company(normed[0], size.value, mode.value == "model.train()")
    _fig, _ax = kit.figure(height=2.4)
    _ax.axhline(0.5, color=kit.GREY, linestyle=(0, (4, 3)), linewidth=1)
    _ax.vlines(np.arange(1, 41), 0.5, _told, color=kit.FAINT, linewidth=1.5)
    _right = _told < 0.5  # this point is on the inner ring
    _ax.scatter(np.arange(1, 41)[_right], _told[_right], s=26, color=kit.BLUE, linewidths=0)
    _ax.scatter(np.arange(1, 41)[~_right], _told[~_right], s=26, marker="s", color=kit.ORANGE, linewidths=0)
    _ax.set(ylim=(-0.05, 1.05), yticks=[0, 0.5, 1], xlim=(0, 41), xticks=[1, 20, 40], xlabel="company")
    _ax.set_ylabel("on the outer ring")
    _same = np.ptp(_told) < 1e-6
    kit.row(
        kit.html(_fig, f"Forty answers about one point, from {_told.min():.0%} to {_told.max():.0%}",
                 "Blue: right. Orange: wrong. One dot a batch; it is always the same point."),
        kit.md(f"`{mode.value}`, batches of {size.value}: answers from **{_told.min():.1%}** to **{_told.max():.1%}**, "
               f"{int((~_right).sum())} of 40 wrong.\n\n" + ("The company does not matter any more." if _same else
               "The same point, the same weights. Only the others differ.")
               + "\n\n*Layer normalisation* has no such trouble: it takes both over the units of one point. "
               "Transformers use it."),
    )  # fmt: skip
    return


@app.cell
def _():
    _exercise = kit.exercise("normalise")
    _alone = kit.choose(
        "This page's net (BatchNorm1d) was left in training mode. You ask it about one example alone. What happens?",
        {
            "It answers as it should": (False, "It would need its running values for that: model.eval()."),
            "It refuses": (
                True,
                "A single value per unit has no spread; the engine and PyTorch both say so. Beware of pictures: "
                "BatchNorm2d takes mean and spread over the pixels of the one picture, and answers, wrongly, "
                "without a word.",
            ),
            "It answers with the running values": (False, "Only after model.eval(); nobody switches for you."),
        },
        name="alone",
    )
    _mean, _share = 5.0, 0.1
    _running = kit.answer(
        f"A running mean begins at 0, and takes a tenth of each batch (momentum {_share:g}). The batches' means are "
        f"{_mean:g} and {_mean:g}. Where does it stand after the two?",
        _mean * (1 - (1 - _share) ** 2),
        name="running",
        slips={0.5: "That is after the first one.", 1.0: "The second step keeps only nine tenths of the old value."},
        because="It creeps: a model that trained for few steps has running values that are not there yet.",
        hint="new = 0.9 · old + 0.1 · batch",
        solution="0.9 · 0 + 0.1 · 5 = 0.5, then 0.9 · 0.5 + 0.1 · 5 = 0.95",
    )  # fmt: skip
    mo.vstack([kit.section("Check yourself"), _exercise, _alone, _running])
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        "Handwritten digits and eight hidden layers, for two rounds: without normalisation, and with it. Compare the "
        "accuracy, and the time of a round: nothing is free.",
    )
    _sources = kit.sources(
        ("Ioffe and Szegedy (2015), Batch Normalization", "https://arxiv.org/abs/1502.03167"),
        ("Santurkar and others (2018), How Does Batch Normalization Help?", "https://arxiv.org/abs/1805.11604"),
        ("Ba, Kiros and Hinton (2016), Layer Normalization", "https://arxiv.org/abs/1607.06450"),
    )  # fmt: skip
    _next = kit.next_lesson(LESSON, "It learns, and it generalises. Or does it? Next: what a score is made of.")
    mo.vstack([_words, kit.row(*(kit.run_command(command) for command in LESSON["runs"])), _sources, _next])
    return


if __name__ == "__main__":
    app.run()
