"""Lesson 17: weight decay, dropout, early stopping. Three ways to hold a network back from learning the noise."""

import marimo

app = marimo.App(width="medium", app_title="Holding back", css_file="../course/pages/lesson.css")

with app.setup:
    from copy import deepcopy
    from functools import cache

    import marimo as mo
    import numpy as np
    from numpy.polynomial import legendre

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Weight decay, dropout, early stopping",
        "question": "How do you keep a network from learning the noise?",
        "part": "Learning",
        "minutes": 15,
        "reads": ["glass/optim/optimizer.py", "glass/nn/functional/dropout.py", "training/loop.py"],
        "runs": [
            "deepglass train diabetes --model mlp --epochs 150 --dropout 0 --weight-decay 0 --patience 10",
            "deepglass train diabetes --model mlp --epochs 150 --dropout 0.5 --weight-decay 0.5 --patience 0",
        ],
    }

    NOISE = 0.3
    GRID = np.linspace(-1, 1, 61)
    DECAYS = [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
    EVERY = 25  # steps between two looks at the validation points
    REMEDIES = {  # how each net of the first picture is held back
        "nothing": {},
        "weight decay": {"decay": 0.3},
        "dropout": {"drop": 0.25},
        "early stopping": {"patience": 8},
    }


@app.function
def sample(count, seed):
    """Points on the curve of lesson 16, each with some noise: x and y, (count, 1)."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-1, 1, (count, 1)), axis=0)
    return x, np.sin(3.2 * x) + 0.3 * x + rng.normal(0, NOISE, (count, 1))


@app.function
def learn(decay=0.0, drop=0.0, patience=0, steps=1500):
    """A net of sixty units learns fifteen points; with patience, until so many looks have found no better error.

    Returns:
        Errors at each look, (looks, 3): on the points it learns from, on thirty for validation, on sixty new ones;
        the curve at each look, (looks, 61); the number of the look whose weights are kept; the model.
    """
    glass.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 60), nn.Tanh(), nn.Dropout(drop), nn.Linear(60, 1)).double()
    with glass.no_grad():  # its bends are spread over the whole width
        model[0].weight.mul_(6)
        model[0].bias.mul_(6)
    optimizer = glass.optim.AdamW(model.parameters(), lr=0.01, weight_decay=decay)
    parts = [tuple(map(glass.tensor, sample(*which))) for which in ((15, 0), (30, 5), (60, 100))]
    errors, curves, best, weights = [], [], 0, None
    for step in range(steps + 1):
        if step % EVERY == 0:
            model.eval()
            with glass.no_grad():
                errors.append([F.mse_loss(model(x), y).item() ** 0.5 for x, y in parts])
                curves.append(model(glass.tensor(GRID[:, None])).numpy()[:, 0])
            if weights is None or errors[-1][1] < errors[best][1]:
                best, weights = len(errors) - 1, deepcopy(model.state_dict())
            if patience and len(errors) - 1 - best >= patience:
                break
            model.train()
        optimizer.zero_grad()
        F.mse_loss(model(parts[0][0]), parts[0][1]).backward()
        optimizer.step()
    if patience:
        model.load_state_dict(weights)
    return np.array(errors), np.array(curves), best if patience else len(errors) - 1, model.eval()


@app.cell
def _():
    kit.opening(
        LESSON,
        "Four networks, sixty units each, learn the same fifteen orange points. The first is free, and soon learns the "
        "noise as well. The other three are held back, each in its own way.",
    )
    return


@app.function
def film_of(learned):
    """Four nets before they learn, and at more and more looks; in the end, what `learned` says of each."""
    fig, axes = kit.figure(width=4.6, height=4.2, rows=2, columns=2, sharex=True, sharey=True)
    curves, runs = {}, {name: learn(**how, steps=0) for name, how in REMEDIES.items()}
    for ax, name in zip(axes.flat, runs):
        ax.scatter(*sample(60, 100), s=5, color=kit.GREEN, alpha=0.45, linewidths=0)
        (curves[name],) = ax.plot(GRID, GRID, color=kit.BLUE, linewidth=2.2)
        ax.scatter(*sample(15, 0), s=22, color=kit.ORANGE, linewidths=0, zorder=3)
        ax.set(xlim=(-1.05, 1.05), ylim=(-2.2, 2.2), xticks=[], yticks=[])

    def draw(look):
        for ax, (name, (errors, seen, kept, _)) in zip(axes.flat, runs.items()):
            at = min(look, kept)
            curves[name].set_ydata(np.clip(seen[at], -9, 9))
            state = ", stopped" if name == "early stopping" and 0 < len(errors) - 1 <= look else ""
            ax.set_title(f"{name}{state}: {errors[at, 2]:.2f}", fontsize=9)
        return f"step {look * EVERY}: how far off the green points, which none has seen"

    looks = (0, 1, 2, 3, 5, 8, 12, 18, 26, 36, 48, 60)
    pictures = kit.frames(fig, lambda number: draw(looks[number]), len(looks), "Four curves,")
    yield next(pictures)
    runs.update({name: learned(**how) for name, how in REMEDIES.items()})
    yield from pictures
    return runs


@app.cell
def _():
    learned = cache(learn)
    _film = kit.film(film_of(learned), label="Steps of learning", seconds=0.6, width=4.6, waits=True)
    _formula = kit.md(
        r"""
        $$\blue{w} \leftarrow (1 - \eta\pink{\lambda})\,\blue{w} - \eta \cdot \text{step}$$

        The second net, step by step: AdamW shrinks its weights by a share $\eta\pink{\lambda}$, and then takes Adam's
        step.
        """
    )
    mo.output.replace(kit.levels(_film, "They are learning.", _formula))
    runs = _film.draw()
    _rows = "".join(
        f"\n| {name} | {errors[kept, 0]:.2f} | **{errors[kept, 2]:.2f}** |"
        for name, (errors, _, kept, _) in runs.items()
    )
    kit.levels(
        _film,
        kit.md(
            '| held back by | off, <span class="orange">seen</span> | off, <span class="green">new</span> |\n'
            f"|---|--:|--:|{_rows}\n\nAbout {NOISE:g}, the noise, is the best that can be had."
        ),
        _formula,
    )
    return learned, runs


@app.cell
def _(learned, runs):
    _free, _hard = runs["nothing"][0][-1], learned(decay=3.0)[0][-1]
    kit.guess(
        f"A weight decay of {REMEDIES['weight decay']['decay']:g} helped. What will ten times as much do?",
        ["Help more", "About the same", "Hurt: worse than none at all"],
        f"It hurts. Off by {_hard[2]:.2f} on new points, where the free net was off by {_free[2]:.2f}; and by "
        f"{_hard[0]:.2f} on those it has seen. All the strength goes into keeping the weights small. You find this net "
        "again below, to be mended.",
    )
    return


@app.function
def ridge(decay, degree=11):
    """Weights of the polynomial with the least loss + decay/2·‖w‖², from the equation: (degree + 1,)."""
    x, y = sample(15, 0)
    X = legendre.legvander(x[:, 0], degree)
    return np.linalg.solve(2 / 15 * X.T @ X + decay * np.eye(degree + 1), 2 / 15 * X.T @ y[:, 0])


@app.function
def by_descent(decay, degree=11, steps=4000):
    """The same weights by the engine's SGD with weight_decay: (degree + 1,)."""
    x, y = sample(15, 0)
    X, y = glass.tensor(legendre.legvander(x[:, 0], degree)), glass.tensor(y[:, 0])
    w = glass.zeros(degree + 1).double().requires_grad_()
    optimizer = glass.optim.SGD([w], lr=0.3, weight_decay=decay)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(X @ w, y).backward()
        optimizer.step()
    return w.detach().numpy()


@app.cell
def _():
    _what = r"""
        ### Weight decay: large weights cost something

        To bend sharply, a net needs large weights. So make them dear: add $\frac{\pink{\lambda}}{2}\lVert \blue{w}
        \rVert^2$ to the loss, the **L2 penalty**. Its slope is $\pink{\lambda}\blue{w}$: in every step of plain descent
        each weight also shrinks by a small share of itself, $\eta\pink{\lambda}$, and stays large only where the data
        insist. In a linear model this is called *ridge*, and can be solved on paper. Below, twelve weights of a
        polynomial; raise $\pink{\lambda}$.
    """
    decay = mo.ui.slider(steps=DECAYS, value=0.001, label="λ", show_value=True)
    gap = np.abs(by_descent(0.1) - ridge(0.1)).max()
    mo.vstack([kit.section("See", _what), mo.hstack([decay], justify="start")])
    return decay, gap


@app.cell
def _(decay, gap):
    _w = ridge(decay.value)
    _x, _y = sample(60, 100)
    _off = np.sqrt(np.mean((legendre.legval(_x, _w) - _y) ** 2))
    _fig, (_left, _right) = kit.figure(width=5.2, height=2.6, columns=2)
    _left.bar(np.arange(12), _w, color=kit.BLUE)
    _left.axhline(0, color=kit.INK, linewidth=0.8)
    _left.set(ylim=(-2, 2), xticks=[0, 5, 10], xlabel="weight", ylabel="how large")
    _right.scatter(_x, _y, s=6, color=kit.GREEN, alpha=0.5, linewidths=0)
    _right.plot(GRID, np.clip(legendre.legval(GRID, _w), -9, 9), color=kit.BLUE)
    _right.scatter(*sample(15, 0), s=20, color=kit.ORANGE, linewidths=0, zorder=3)
    _right.set(xlim=(-1.03, 1.03), ylim=(-2.3, 2.3), xticks=[-1, 0, 1], yticks=[-2, 0, 2], xlabel="x")
    kit.row(
        kit.html(
            _fig, f"λ = {decay.value:g}: the weights are {np.linalg.norm(_w):.2f} long, off by {_off:.2f} on new points"
        ),
        kit.md(
            rf"""
            With $\pink{{\lambda}}$ = {decay.value:g} the weights are **{np.linalg.norm(_w):.2f}** long, the curve is
            **{_off:.2f}** off the green points. Too little: it runs wild. Too much: it lies down.

            $$\blue{{w}} = (\tfrac{{2}}{{n}} X^\top X + \pink{{\lambda}} I)^{{-1}}\, \tfrac{{2}}{{n}} X^\top y$$

            The engine's SGD with `weight_decay=0.1` walks to the same twelve numbers, within {gap:.0e}.
            """
        ),
    )
    return


@app.function
def shrunk(name, decay=0.5, rate=0.1, weight=2.0):
    """By how much the decay alone moves a weight in the first step of an optimiser: without it minus with it."""
    ends = []
    for much in (0.0, decay):
        w = glass.tensor([weight]).double().requires_grad_()
        optimizer = getattr(glass.optim, name)([w], lr=rate, weight_decay=much)
        (3 * w).sum().backward()  # a slope of 3
        optimizer.step()
        ends.append(w.item())
    return ends[0] - ends[1]


@app.cell
def _():
    _rows = "".join(f"\n| `{name}` | {abs(round(shrunk(name), 6)):.3f} |" for name in ("SGD", "Adam", "AdamW"))
    kit.row(
        kit.md(
            r"""
            ### Two things of one name

            With SGD, adding the penalty's slope to the gradient and shrinking the weights by $\eta\pink{\lambda}$ are
            the same step. With Adam they are not: Adam divides whatever is in the gradient by its size, the penalty's
            slope too. In its first step, which is as long as the rate whatever the gradient is, the penalty is not
            felt at all. AdamW therefore **decouples** the two and shrinks the weights directly. The nets of the first
            picture do so.
            """
        ),
        kit.md(
            "| `weight_decay=0.5`, rate 0.1 | a weight of 2 shrinks by |\n|---|--:|"
            + _rows
            + "\n\nIn the first step, beside what the data want."
        ),
    )
    return


@app.cell
def _():
    glass.manual_seed(0)
    _masks = [F.dropout(glass.ones(8, 14), 0.25).numpy() for _ in range(12)]
    _fig, _ax = kit.figure(height=2.5)
    _ax.set_axis_off()
    _pixels = _ax.imshow(_masks[0], cmap=kit.MUCH, vmin=0, vmax=1.6)

    def draw_pass(number):
        said = _masks[number]
        _pixels.set_data(said)
        return f"pass {number + 1}: {(said == 0).sum()} of {said.size} silent, the others say {said.max():.3f}"

    _mean, _share = np.mean(_masks), np.mean(np.array(_masks) == 0)
    kit.row(
        kit.md(
            f"""
            ### Dropout: trust nobody

            In every training pass each unit falls silent with probability $p$, here ¼, others in every pass. No unit
            can rely on another to mend its mistakes; each must be of use by itself.

            Those that speak are 1/(1 − p) = {1 / 0.75:.3f} times as loud, so that the next layer hears as much as ever,
            on average: over these passes {_share:.1%} were silent, and the mean of what was 1 is {_mean:.3f}. When the
            net is *used*, all speak, as they are.
            """
        ),
        kit.film(kit.frames(_fig, draw_pass, 12), label="Passes through a layer of 112 units", seconds=0.7),
    )
    return


@app.cell
def _(runs):
    _errors, _, _kept, _ = runs["early stopping"]
    _long = runs["nothing"][0]
    _steps = np.arange(len(_long)) * EVERY
    _fig, _ax = kit.figure(height=2.6)
    for _column, _color, _name in ((0, kit.ORANGE, "seen"), (1, kit.GOLD, "validation"), (2, kit.GREEN, "new")):
        _ax.plot(_steps, _long[:, _column], color=_color, linewidth=1, alpha=0.45)
        _ax.plot(_steps[: len(_errors)], _errors[:, _column], color=_color, linewidth=2.4)
        _ax.text(1510, _long[-1, _column], _name, color=_color, va="top" if _name == "new" else "bottom")
    _ax.axvline(_kept * EVERY, color=kit.INK, linewidth=1)
    _ax.text(_kept * EVERY + 20, 0.85, "kept", color=kit.INK)
    _ax.axvline((len(_errors) - 1) * EVERY, color=kit.INK, linewidth=1, linestyle=(0, (3, 3)))
    _ax.text((len(_errors) - 1) * EVERY + 20, 0.75, "stopped", color=kit.INK)
    _ax.set(ylim=(0, 0.95), xlim=(0, 1900), xticks=[0, 500, 1000, 1500], xlabel="step", ylabel="off by")
    kit.row(
        kit.html(
            _fig, f"The weights of step {_kept * EVERY} are kept; training stops at step {(len(_errors) - 1) * EVERY}"
        ),
        kit.md(
            f"""
            ### Early stopping: know when it was best

            The cheapest of the three. Look at validation points now and then, and remember the weights that were best.
            After eight looks without a better one, stop, and **go back** to those weights: here to step
            {_kept * EVERY}, {_errors[_kept, 2]:.2f} off the new points. The pale lines show what it was spared.

            The validation points have been looked at, so they are no longer quite new. The green ones are.
            """
        ),
    )
    return


@app.cell
def _():
    _words = "All are a line or two: the penalty's slope, AdamW's shrinking, the mask with its scale, the best so far."
    _slope = {'group["weight_decay"] * param.array': "λw, the slope of λ‖w‖²/2, is added to every gradient."}
    _shrink = {'weight *= 1 - lr * group["weight_decay"]': "Decoupled: each weight loses its share, by itself."}
    _mask = {"type(1 / (1 - p)": "The ones that stay are louder by 1/(1 − p)."}
    _best = {
        "trainer.best_weights = {": "A better score: keep a copy of all weights.",
        "progress.waited += 1": "No better: one more that patience has to bear.",
    }
    mo.vstack([
        kit.section("Read", _words),
        kit.read("glass/optim/optimizer.py", _slope, part="Optimizer.gradient"),
        kit.read("glass/optim/adam.py", _shrink, part="Adam.update"),
        kit.read("glass/nn/functional/dropout.py", _mask, part="kept"),
        kit.read("training/epoch_end.py", _best, part="note_score"),
    ])  # fmt: skip
    return


@app.cell
def _():
    _words = kit.md(
        """
        Hold it back too hard, and it cannot learn what is there: the net below has a weight decay of 3 and is all but a
        straight line. It *underfits*, lesson 16's other illness. **Mend it:** lower the decay until it bends enough,
        and not too much. Then try the same with dropout, where 0.9 leaves six units of sixty, on average.
        """
    )
    how = mo.ui.dropdown(["weight decay", "dropout"], value="weight decay", label="held back by")
    strength = mo.ui.slider(steps=[0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.5, 3], value=3, label="how hard", show_value=True)
    _controls = mo.hstack([how, strength], justify="start", gap=2, wrap=True)
    mo.vstack([kit.section("Break it, mend it"), kit.after_guess(mo.vstack([_words, _controls]))])
    return how, strength


@app.cell
def _(how, learned, strength):
    _much = min(strength.value, 0.9) if how.value == "dropout" else strength.value
    _errors, _seen, _, _ = learned(**({"drop": _much} if how.value == "dropout" else {"decay": _much}))
    _fig, (_left, _right) = kit.figure(width=5.2, height=2.6, columns=2)
    _left.scatter(*sample(60, 100), s=6, color=kit.GREEN, alpha=0.5, linewidths=0)
    _left.plot(GRID, _seen[-1], color=kit.BLUE)
    _left.scatter(*sample(15, 0), s=20, color=kit.ORANGE, linewidths=0, zorder=3)
    _left.set(xlim=(-1.03, 1.03), ylim=(-2.3, 2.3), xticks=[-1, 0, 1], yticks=[-2, 0, 2], xlabel="x", ylabel="y")
    for _column, _color in ((0, kit.ORANGE), (2, kit.GREEN)):
        _right.plot(np.arange(len(_errors)) * EVERY, _errors[:, _column], color=_color)
    _right.set(ylim=(0, 1), xlim=(0, 1500), xticks=[0, 500, 1000], xlabel="step", ylabel="off by")
    _told = (
        f"{how.value} {_much:g}: off by {_errors[-1, 0]:.2f} on what it has seen, {_errors[-1, 2]:.2f} on new points"
    )
    _verdict = (
        "Too hard: it **underfits**."
        if _errors[-1, 0] > 0.22
        else "Too loose: it **overfits**."
        if _errors[-1, 2] > 0.37
        else "About right."
    )
    kit.after_guess(
        kit.row(kit.html(_fig, _told), kit.md(f"{_verdict}\n\n{_told[0].upper()}{_told[1:]}.")), silently=True
    )
    return


@app.cell
def _():
    _write = kit.exercise("stop_at")
    mo.vstack([kit.section("Check yourself"), _write])
    return


@app.cell
def _():
    _value, _p = 4.0, 0.2
    kit.answer(
        f"A unit says {_value:g}. In training, dropout has p = {_p:g}, and the unit is not dropped. What is passed on?",
        _value / (1 - _p),
        name="louder",
        slips={_value * (1 - _p): "That way the mean would shrink twice.", _value: "That is what it says when used."},
        because="A fifth of the time it says nothing, so the rest of the time it says a quarter more.",
        hint="The mean over many passes must stay 4.",
        solution=f"{_value:g} / (1 − {_p:g}) = {_value / (1 - _p):g}",
    )
    return


@app.cell
def _():
    _words = """
        The overfitting net of lesson 16 on the diabetes table. First stopped early, then held back by dropout and
        weight decay for all 150 rounds. Compare the last *val loss* with lesson 16's.
    """
    mo.vstack([kit.section("Run", _words), kit.row(*(kit.run_command(command) for command in LESSON["runs"]))])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Hoerl and Kennard (1970), Ridge Regression", "https://doi.org/10.1080/00401706.1970.10488634"),
        ("Srivastava et al. (2014), Dropout", "https://jmlr.org/papers/v15/srivastava14a.html"),
        ("Loshchilov and Hutter (2017), Decoupled Weight Decay", "https://arxiv.org/abs/1711.05101"),
        ("Prechelt (1998), Early Stopping, but when?", "https://doi.org/10.1007/3-540-49430-8_3"),
    )
    _why = "Next: a layer that keeps every signal at one size, and what that does for learning."
    mo.vstack([_sources, kit.next_lesson(LESSON, _why)])
    return


if __name__ == "__main__":
    app.run()
