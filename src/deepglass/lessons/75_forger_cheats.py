"""Lesson 75: when the forger cheats. A game out of balance collapses to a heap, and what brings it back."""

import marimo

app = marimo.App(width="medium", app_title="When the forger cheats", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F

    from deepglass.course import kit
    from deepglass.data.config import DataConfig
    from deepglass.data.datasets import gaussian_ring
    from deepglass.glass.foundations.forger_and_detective import covered
    from deepglass.models import gan
    from deepglass.tasks import generation

    LESSON = {
        "title": "When the forger cheats",
        "question": "Why does a forger make one thing only, and how is it brought to make all?",
        "part": "Beyond one answer",
        "minutes": 20,
        "reads": ["tasks/makers/_game_losses.py", "tasks/makers/game.py", "models/gan.py"],
        "runs": [
            "deepglass train gaussian-ring --epochs 84 --gan-loss minimax --gradient-penalty 0 "
            "--discriminator-rate 0.3 --run runs/collapsed",
            "deepglass train gaussian-ring --epochs 84 --gan-loss minimax --gradient-penalty 10 "
            "--discriminator-rate 0.3 --run runs/cured",
        ],
    }

    BATCH, RATE, SHOWN, REACH = 128, 3e-3, 400, 2.05
    MOMENTS = (0, 25, 50, 100, 150, 200, 250, 300, 350, 400)
    ILL = {"gan_loss": "minimax", "gradient_penalty": 0.0, "discriminator_rate": 0.3}
    CURES = {
        "nothing": {},
        "his full rate": {"discriminator_rate": 1.0},
        "penalty on his slope": {"gradient_penalty": 10.0},
        "spectral norm": {"spectral_norm": True},
    }
    FOUND = 0.03  # of all forgeries near a place, from which on it counts as found: a quarter of its fair share


@app.function
def play(spectral_norm=False, **options):
    """The library's own game on the bundled ring, looked at between turns: (turn, detective, forgeries, real)."""
    torch.manual_seed(0)
    task = generation.Task(DataConfig(), generation.Config(**options))
    real = ring()[0]
    model = gan.GAN(2, 2, config=gan.Config(spectral_norm=spectral_norm))
    (hook,), updates = task.hooks(model).values(), task.updates(model)
    optimizers = [torch.optim.Adam(u.parameters, lr=RATE * u.rate, betas=u.betas) for u in updates]
    noise = torch.randn(SHOWN, 2, generator=torch.Generator().manual_seed(7))
    for turn in range(MOMENTS[-1] + 1):
        if turn in MOMENTS:
            yield turn, model.eval().discriminator, model.generator(noise).detach(), real[:SHOWN]
            model.train()
        batch = (real[torch.randint(len(real), (BATCH,))],)
        for update, optimizer in zip(updates, optimizers):
            for other in updates:
                for weight in other.parameters:
                    weight.requires_grad_(other is update)
            optimizer.zero_grad()
            update.loss(model, batch).backward()
            optimizer.step()
        hook.update()


@app.function
@cache
def ring():
    """On the scale of the nets: the points (4000, 2), the eight places around which they lie, how near is near."""
    points = gaussian_ring.load().frame.to_numpy()
    mean, deviation = points.mean(0), points.std(0)
    angles = 2 * np.pi * np.arange(gaussian_ring.MODES) / gaussian_ring.MODES
    circle = gaussian_ring.RADIUS * np.stack([np.cos(angles), np.sin(angles)], 1)
    scaled = torch.from_numpy(((points - mean) / deviation).astype(np.float32))
    return scaled, (circle - mean) / deviation, 3 * gaussian_ring.DEVIATION / points.std()


@app.function
def looked(detective, made, real):
    """What is seen at a moment: belief, forgeries, places found, both parts of the loss, the slope at real points."""
    line = np.linspace(-REACH, REACH, 25, dtype=np.float32)
    grid = torch.from_numpy(np.stack(np.meshgrid(line, line[::-1]), -1).reshape(-1, 2))
    at = real.clone().requires_grad_()
    (slope,) = torch.autograd.grad(detective(at).sum(), at)
    with torch.no_grad():
        belief = torch.sigmoid(detective(grid)).reshape(25, 25).numpy()
        on_real, on_made = F.softplus(-detective(real)).mean().item(), F.softplus(detective(made)).mean().item()
    found = int((covered(made.numpy(), *ring()[1:]) >= FOUND).sum())
    parts = {"on_real": on_real, "on_made": on_made, "slope": float(slope.norm(dim=1).mean())}
    return {"belief": belief, "made": made.numpy(), "found": found, **parts}


@app.function
@cache
def game(cure="nothing"):
    """A whole game, moment by moment."""
    return {turn: looked(*seen) for turn, *seen in play(**ILL | CURES[cure])}


@app.function
def stage(seen, size=3.6):
    """Belief as colour, real places as crosses, forgeries as dots."""
    fig, ax = kit.figure(size, size)
    edge = (-REACH, REACH)
    ax.imshow(
        seen["belief"] - 0.5, cmap=kit.MORE_AND_LESS, vmin=-0.55, vmax=0.55, extent=edge * 2, interpolation="none"
    )
    ax.scatter(*ring()[1].T, marker="+", s=70, color=kit.INK, linewidths=1.3)
    ax.scatter(*seen["made"].T, s=9, color=kit.PINK, linewidths=0)
    ax.set(xlim=edge, ylim=edge, xticks=[], yticks=[], aspect="equal")
    ax.grid(visible=False)
    return fig


@app.function
def film():
    """The ill game."""
    for turn, seen in game().items():
        told = f"After {turn} turns: forgeries at {seen['found']} of 8 places."
        yield kit.picture(stage(seen), f"Forged points among eight real places. {told}"), told


@app.cell
def _():
    kit.opening(
        LESSON,
        "Crosses mark the eight places where real points lie; the **pink dots** are forged. The detective takes points "
        "on **blue** for real and on **orange** for forged. In this game he learns at less than a third of the "
        "forger's rate. Watch what the forger does with that.",
        kit.film(film(), label="Turns of the game", seconds=0.7, width=3.6),
    )
    return


@app.cell
def _():
    _ends = {cure: game(cure)[MOMENTS[-1]]["found"] for cure in CURES}
    kit.guess(
        "The forger has <b>collapsed</b>: all it makes lies in a heap. You may change one thing. Which of these does "
        "<b>not</b> bring the places back?",
        ["Let the detective learn at his full rate", "A penalty on his slope", "A spectral norm: slope at most 1"],
        f"The spectral norm: {_ends['spectral norm']} of 8 places after {MOMENTS[-1]} turns. His full rate leads to "
        f"{_ends['his full rate']}, the penalty to {_ends['penalty on his slope']}. A spectral norm holds back a "
        "detective who is too strong. This one is too weak: he comes too late to every heap.",
    )
    return


@app.cell
def _():
    _ends = {cure: game(cure)[MOMENTS[-1]]["found"] for cure in CURES}
    _words = kit.text(
        """
        One game each, all with the same first weights. A cure is a cure for *an* illness: what helps depends on who is
        too strong. With other first weights the counts differ, and a penalised game goes on moving: it loses a place
        and finds it again. One number at one moment of one game proves little.
        """
    )
    kit.after_guess(
        kit.row(
            kit.bars(_ends, label="Places found at the end, by what was changed", xlabel="places of 8", xlim=(0, 9)),
            _words,
        )
    )
    return


@app.cell
def _():
    when = kit.slider("Turns played", MOMENTS, 400)
    cure = mo.ui.radio(["nothing", "his full rate"], value="nothing", label="Changed", inline=True)
    kit.text(
        r"""
        ## Two losses and a slope {#see}

        How does one see that a game is out of balance? The detective loses on real points that he takes for forged, and
        on forgeries that he takes for real. In the **minimax** game, the forger gains exactly what he loses on
        forgeries. His **slope** says how strongly he pushes the dots.

        {when} {cure}
        """,
        when=when,
        cure=cure,
    )
    return cure, when


@app.cell
def _(cure, when):
    _seen = game(cure.value)[when.value]
    _told = f"After {when.value} turns, changed: {cure.value}. Places found: {_seen['found']} of 8."
    _levels = kit.levels(
        kit.html(stage(_seen), f"Forgeries among eight places. {_told}", _told),
        {
            "places found, of 8": _seen["found"],
            "detective's loss": _seen["on_real"] + _seen["on_made"],
            "forger's loss": -_seen["on_made"],
            "mean slope at real points": _seen["slope"],
        },
        r"""
        $$L_D = \ln(1 + e^{-\blue{D(x)}}) + \ln(1 + e^{\orange{D(G(z))}})$$

        in the mean over points, here ${real} + {made} = {both}$. The forger's is

        $$L_G = -\ln(1 + e^{\orange{D(G(z))}}) = -{made}$$
        """,
        real=f"{_seen['on_real']:.3f}",
        made=f"{_seen['on_made']:.3f}",
        both=f"{_seen['on_real'] + _seen['on_made']:.3f}",
    )
    kit.after_guess(_levels)
    return


@app.cell
def _():
    kit.text(
        """
        ## What each side plays for {#read}

        This is the code that played these games. The minimax loss is flat where a forgery is seen through: a forger
        who is always caught learns nothing. The **non-saturating** loss of the same paper is steepest just there, and
        is the library's default.

        {minimax} {other}

        {updates}
        """,
        minimax=kit.read(
            "tasks/makers/_game_losses.py", {"return -F.softplus": "What the detective loses on forgeries."},
            part="minimax",
        ),
        other=kit.read(
            "tasks/makers/_game_losses.py", {"return F.softplus(-on_made)": "How far it is from being believed."},
            part="non_saturating",
        ),
        updates=kit.read(
            "tasks/makers/game.py",
            {
                'Update("discriminator"': "At a rate of his own: two time scales.",
                'Update("generator"': "It may have to wait while he takes several steps.",
            },
            part="Way.updates",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    trial = mo.ui.radio(list(CURES), value="nothing", label="Changed", inline=True)
    kit.text(
        r"""
        ## Bring the places back {#break-it-mend-it}

        Every game here begins ill, with the weak detective. Change one thing, and see where it ends. The penalty adds
        $\frac{\gamma}{2}|\nabla D|^2$ at real points to his loss, here with $\gamma = 10$.

        {trial}
        """,
        trial=trial,
    )
    return (trial,)


@app.cell
def _(trial):
    _moments = game(trial.value)
    _told = f"Changed: {trial.value}. Places found at the end: {_moments[MOMENTS[-1]]['found']} of 8."
    kit.after_guess(
        kit.row(
            kit.html(stage(_moments[MOMENTS[-1]]), f"The end of a game. {_told}", _told),
            kit.curves(
                {"places found": (list(_moments), [seen["found"] for seen in _moments.values()])},
                xlabel="turn", ylabel="places of 8", ylim=(0, 8.5), label="Places found, turn by turn",
            ),
        )
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("minimax_slope"),
        kit.answer(
            "A detective learns at 0.3 of the forger's learning rate of 0.003. What is his learning rate?",
            0.3 * RATE,
            name="his rate",
            slips={RATE: "That is the forger's.", RATE / 0.3: "A factor below 1 makes it smaller."},
            because="Two rates for two sides: that is the two time-scale update rule.",
            hint="It is a factor.",
            solution="0.3 · 0.003 = 0.0009",
            tolerance=0.00001,
        ),
        kit.choose(
            "A forger has collapsed to one place. Which sentence is true?",
            {
                "No cure helps in every case: find out who is too strong": (
                    True,
                    "Above, a norm that holds the detective back was no help.",
                ),
                "Its loss shows how many places it has left out": (
                    False,
                    "No loss counts places; samples must be seen.",
                ),
                "It needs more noise": (False, "Noise was there; it was mapped to one heap."),
            },
            name="collapsed",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The ill game and a cured one, as commands: more turns than above, at a lower rate. A training keeps the running
        mean of the weights and its best epoch, so it hides much of what this page shows.
        """,
        own_file="""
        A table of numbers, with a header: `deepglass train my.csv --task generation`. The report says into how many
        clumps of your rows samples fall, and warns of a collapse.
        """,
        sources=[
            ("Goodfellow et al. (2014), Generative adversarial nets", "https://arxiv.org/abs/1406.2661"),
            ("Heusel et al. (2017), Two time-scale update rule", "https://arxiv.org/abs/1706.08500"),
            ("Miyato et al. (2018), Spectral normalization", "https://arxiv.org/abs/1802.05957"),
            ("Mescheder et al. (2018), Which training methods converge?", "https://arxiv.org/abs/1801.04406"),
        ],
        onward="A game teaches as long as neither side wins.",
    )
    return


if __name__ == "__main__":
    app.run()
