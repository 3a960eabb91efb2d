"""Lesson 81: learning to learn. From which weights do a few steps lead far?"""

import marimo

app = marimo.App(width="medium", app_title="Learning to learn", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    from torch import nn

    from deepglass.course import kit
    from deepglass.data.episodes import QUERY, SUPPORT
    from deepglass.tasks.learners import maml, pretraining
    from deepglass.training.adapting import Episodes, courses

    LESSON = {
        "title": "Learning to learn",
        "question": "Can a net learn how to learn from ten points?",
        "part": "Without labels",
        "minutes": 20,
        "reads": ["training/adapting.py", "tasks/learners/maml.py", "tasks/learners/reptile.py"],
        "runs": [
            "deepglass train sines --task meta-regression --learner maml --epochs 30 --run runs/sines",
        ],
    }

    HIDDEN, GROUPS, POINTS, SEEN = 40, 25, 20, 10  # units of a layer; sines of a step, points of each, and those seen
    STEPS = {"meta-learnt": 600, "pre-trained": 500}  # of the training: more do not help the second
    RATE = {"meta-learnt": 0.1, "pre-trained": 0.03}  # of a step on a new sine; the second is the best of several
    NEW, TAKEN, FAR = 100, 5, 200  # sines that nobody has seen, steps on each, and many steps
    WIDE, HIGH = 2.9, 2.0  # the deviations of x and y, in which the nets see them
    KINDS = ("a sine as in training", "upside down", "8 high", "twice as fast", "a straight line")


@app.function
def sines(count, seed=None, points=POINTS, seen=SEEN, kind=KINDS[0], height=None, phase=None):
    """Episodes of sines: y = height · sin(x − phase), of each the first points are seen and the others asked for."""
    drawn = None if seed is None else torch.Generator().manual_seed(seed)
    a = torch.rand(count, 1, generator=drawn) * 4.9 + 0.1 if height is None else torch.full((count, 1), float(height))
    p = torch.rand(count, 1, generator=drawn) * np.pi if phase is None else torch.full((count, 1), float(phase))
    x = torch.rand(count, points, generator=drawn) * 10 - 5
    part = torch.full((count, points), float(QUERY))
    part[:, :seen] = SUPPORT
    return Episodes((x / WIDE).unsqueeze(-1), value(kind, a, p, x) / HIGH, part)


@app.function
def value(kind, a, p, x):
    """What stands at x, by the kind of task."""
    return {
        KINDS[0]: lambda: a * torch.sin(x - p),
        KINDS[1]: lambda: -a * torch.sin(x - p),
        KINDS[2]: lambda: 8 * torch.sin(x - p),
        KINDS[3]: lambda: a * torch.sin(2 * x - p),
        KINDS[4]: lambda: a * (x - p) / 5,
    }[kind]()


@app.function
def fresh(seed=0):
    """A net from a number to a number."""
    torch.manual_seed(seed)
    layers = [nn.Linear(1, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1)]
    return nn.Sequential(*layers)


@app.function
@cache
def start(which):
    """The weights from which a new sine is learnt: after training on many others, in one of two ways."""
    net = fresh()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2 if which == "meta-learnt" else 5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS[which])
    for _ in range(STEPS[which]):
        way = maml if which == "meta-learnt" else pretraining
        loss = way.loss(net, sines(GROUPS), 1, RATE["meta-learnt"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net


@app.function
def errors(which, episodes, steps=TAKEN, rate=None):
    """(steps + 1, B) mean squared errors of the points that were not seen, in units of y²."""
    said = courses(start(which), episodes, steps, rate or RATE[which])
    asked = episodes.part == QUERY
    off = torch.where(asked, said - episodes.y, 0.0).square().sum(2) / asked.sum(1)
    return (off * HIGH**2).numpy()


@app.function
@cache
def new():
    """Sines that neither start has seen."""
    return sines(NEW, seed=5)


@app.function
@cache
def mean_errors(which, steps=TAKEN):
    """The mean over the new sines, by step."""
    return errors(which, new(), steps).mean(axis=1)


@app.function
@cache
def better_in():
    """In how many of the new sines the meta-learnt start is nearer after all steps."""
    return int((errors("meta-learnt", new())[-1] < errors("pre-trained", new())[-1]).sum())


@app.function
@cache
def steps_needed():
    """Steps after which the pre-trained net is as near as the other after one; None if all are not enough."""
    near = np.flatnonzero(mean_errors("pre-trained", FAR) <= mean_errors("meta-learnt")[1])
    return int(near[0]) if len(near) else None


@app.function
def drawn(which, episode, steps=(0, 1, TAKEN), rate=None, kind=KINDS[0], height=3.0, phase=1.0, ylim=(-6, 6)):
    """One task: its curve, the points that are seen, and what a start makes of them after some steps."""
    places = torch.linspace(-5, 5, 61)
    with torch.no_grad():
        truth = value(kind, torch.tensor(height), torch.tensor(phase), places)
    said = courses(start(which), episode, max(steps), rate or RATE[which], (places / WIDE)[None, :, None])[:, 0] * HIGH
    is_seen = episode.part[0] == SUPPORT
    seen = (episode.x[0, is_seen, 0] * WIDE).tolist(), (episode.y[0, is_seen] * HIGH).tolist()
    x = places.tolist()
    runs = {f"after {step}" if step else "before": (x, said[step].clamp(-99, 99).tolist()) for step in steps}
    return kit.curves(
        {"the task": (x, truth.tolist()), **runs, "seen": seen},
        points={"seen"}, dashed={"the task"}, ylim=ylim, xlabel="x", ylabel="y",
        colors={"the task": kit.GREY, "before": kit.FAINT, "after 1": kit.ORANGE, f"after {max(steps)}": kit.BLUE,
                "seen": kit.INK},
        label=f"The {which} start: a new task, the points seen, and the net step by step", width=4.6,
    )  # fmt: skip


@app.function
def film():
    """Both starts on one new sine, from step to step."""
    episode = sines(1, seed=2, height=3.5, phase=1.9)
    places = torch.linspace(-5, 5, 61)
    truth = (3.5 * torch.sin(places - 1.9)).tolist()
    said = {
        which: courses(start(which), episode, TAKEN, RATE[which], (places / WIDE)[None, :, None])[:, 0] * HIGH
        for which in STEPS
    }
    seen = (episode.x[0, :SEEN, 0] * WIDE).tolist(), (episode.y[0, :SEEN] * HIGH).tolist()
    x = places.tolist()
    for step in range(TAKEN + 1):
        told = f"{step} steps on the ten points" if step != 1 else "1 step on the ten points"
        yield kit.curves(
            {"new sine": (x, truth), **{name: (x, run[step].tolist()) for name, run in said.items()}, "seen": seen},
            points={"seen"}, dashed={"new sine"}, ylim=(-5, 5), xlabel="x", ylabel="y",
            colors={"new sine": kit.GREY, "meta-learnt": kit.BLUE, "pre-trained": kit.ORANGE, "seen": kit.INK},
            label="A new sine, ten points of it, and two nets that learn it", caption=f"{told}.", width=6.0,
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "The broken line is a sine that neither net has met. Both see **ten points** of it and take five steps of "
        "gradient descent. They have the same layers, and both have been trained on thousands of other sines. Only "
        "*what for* was different.",
        kit.film(film(), label="Steps on a new sine", seconds=0.9, width=6.0),
    )
    return


@app.cell
def _():
    kit.guess(
        f"Over {NEW} new sines: how many steps does the pre-trained net need to be as near as the meta-learnt one is "
        "after a <b>single</b> step?",
        ["About 5", "About 20", "50 or more"],
        f"It needs {steps_needed() or f'more than {FAR}'}. After one step the meta-learnt net is off by "
        f"{mean_errors('meta-learnt')[1]:.2f} (mean squared error), the pre-trained one by "
        f"{mean_errors('pre-trained')[1]:.2f}. Before that step they were alike: "
        f"{mean_errors('meta-learnt')[0]:.2f} and {mean_errors('pre-trained')[0]:.2f}.",
    )
    return


@app.cell
def _():
    _words = kit.text(
        """
        Neither start knows the new sine, so neither can be near it: before the first step both say about what is right
        **on average**. The difference is not where they stand. It is how the ground slopes there. After five steps the
        meta-learnt net is nearer in **{won} of {new}** new sines.
        """,
        won=better_in(),
        new=NEW,
    )
    _picture = kit.curves(
        {name: mean_errors(name).tolist() for name in STEPS}, xlabel="steps on ten points", whole=True,
        ylabel="mean squared error", ylim=(0, 4), colors={"meta-learnt": kit.BLUE, "pre-trained": kit.ORANGE},
        label=f"Error over {NEW} new sines, by step",
    )  # fmt: skip
    kit.after_guess(kit.row(_picture, _words))
    return


@app.cell
def _():
    height = kit.slider("Height", [1, 3, 5], 3)
    phase = kit.slider("Shift", [0.0, 1.6, 3.1], 1.6)
    seen = kit.slider("Points seen", [2, 5, 10], 5)
    kit.text(
        r"""
        ## Make a sine, show some points {#see}

        Choose a sine. The net sees only the dots. Pale is what it says before it has seen them, then after one step
        and after five.

        {height} {phase} {seen}
        """,
        height=height,
        phase=phase,
        seen=seen,
    )
    return height, phase, seen


@app.cell
def _(height, phase, seen):
    _episode = sines(1, seed=11, points=seen.value + 30, seen=seen.value, height=height.value, phase=phase.value)
    _own = {"height": float(height.value), "phase": float(phase.value)}
    _pictures = [
        mo.vstack([kit.md(f"**{which}**"), drawn(which, _episode, **_own)]) for which in ("meta-learnt", "pre-trained")
    ]
    _errors = {which: errors(which, _episode)[:, 0] for which in STEPS}
    _table = [
        {"start": which, "before": float(off[0]), "after 1": float(off[1]), "after 5": float(off[-1])}
        for which, off in _errors.items()
    ]
    kit.levels(
        kit.row(*_pictures),
        _table,
        r"""
        $$\theta' = \theta - \alpha\,\nabla_\theta\, \orange{L_{\text{seen}}}(\theta), \qquad
        \blue{L_{\text{asked}}}(\theta') = {after}$$

        Five times over; the meta-learnt start takes steps of $\alpha = {rate}$. The error is that of 30 points which
        are *not* shown.
        """,
        after=f"{_errors['meta-learnt'][-1]:.3f}",
        rate=f"{RATE['meta-learnt']:g}",
    )
    return


@app.cell
def _():
    kit.text(
        r"""
        ## The loss of a loss {#read}

        Pre-training asks: *how wrong am I, over all sines?* It makes $L(\theta)$ small and ends near the mean of all
        sines. Meta-learning asks: *how wrong shall I be **after** a step?* It makes
        $\blue{L_{\text{asked}}}(\theta - \alpha\nabla \orange{L_{\text{seen}}}(\theta))$ small. The step stands inside
        the loss, so the gradient goes through it, and with it through a gradient:

        $$\nabla_\theta\, \blue{L_{\text{asked}}}(\theta') = \left(I - \alpha\,\orange{H}\right)\,
        \nabla \blue{L_{\text{asked}}}(\theta')$$

        $\orange{H}$ holds the second derivatives of the loss of the seen points: how the slope itself changes. Nobody
        has to write it down. `adapted` changes nothing in place, and autograd does the rest.

        {adapted} {maml}
        """,
        adapted=kit.read(
            "training/adapting.py",
            {
                "slope = grad(error": "The slope of the seen points, at these weights …",
                "weights = {name": "… gives new weights; the old ones are still there to be blamed.",
            },
            part="adapted",
        ),
        maml=kit.read(
            "tasks/learners/maml.py",
            {
                "return error(net, adapted(": "The error of the points asked for, after the steps.",
                "return for_each": "The mean over the sines of a batch.",
            },
            part="loss",
        ),
    )
    return


@app.cell
def _():
    kit.note(
        kit.text(
            """
            A gradient through a gradient costs memory and time for every step it goes through. **Reptile** leaves it
            out: adapt to a sine, then move the start a little towards where that led. `--learner reptile` takes it.

            {reptile}
            """,
            reptile=kit.read(
                "tasks/learners/reptile.py",
                {
                    "after = adapted(": "Where the steps led …",
                    "after[name].detach()": "… is held still; the start is drawn towards it.",
                },
                part="loss",
            ),
        ),
        "Without second derivatives.",
    )
    return


@app.cell
def _():
    kind = mo.ui.radio(list(KINDS), value=KINDS[2], label="The new task is", inline=True)
    rate = kit.slider("Step α", [0.02, 0.05, 0.1], 0.1)
    kit.text(
        """
        ## Ask for what no task was like {#break-it-mend-it}

        The meta-learnt start has met sines up to 5 high, all on one half of the shifts. It is sharp: one step of
        α = 0.1 is made for *them*. Ask for a sine that is 8 high, and the first step still helps. Then each one
        overshoots by more than the one before. **Mend it** with a shorter step. Then try *twice as fast*: there no
        step length helps. What it has learnt is a **prior**: how sines of this kind differ. It is worth much where it
        is right, and nothing where it is wrong.

        {kind} {rate}
        """,
        kind=kind,
        rate=rate,
    )
    return kind, rate


@app.function
@cache
def asked_for(kind, rate):
    """(steps + 1,) the mean error of the meta-learnt start over new tasks of a kind, with a length of step."""
    return errors("meta-learnt", sines(NEW, seed=7, kind=kind), rate=rate).mean(axis=1)


@app.cell
def _(kind, rate):
    _own = {"height": 8.0 if kind.value == KINDS[2] else 4.0, "phase": 1.0}
    _episode = sines(1, seed=4, kind=kind.value, **_own)
    _errors = asked_for(kind.value, rate.value)
    _course = ", ".join(f"{off:.3g}" for off in _errors)
    kit.row(
        drawn("meta-learnt", _episode, rate=rate.value, kind=kind.value, ylim=(-12, 12), **_own),
        kit.text(
            """
            Over {new} tasks of this kind the mean squared error goes, step by step:

            **{course}**
            """,
            new=NEW,
            course=_course,
        ),
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("through_the_step"),
        kit.answer(
            "One weight: f(x) = w·x, w = 1, and the seen point x = 1, y = 3 with L = (w·x − y)². What is w after one "
            "step of α = 0.1?",
            1 - 0.1 * 2 * (1 * 1 - 3) * 1,
            name="one_step",
            slips={
                1 + 0.1 * 2 * (1 * 1 - 3) * 1: "A step goes down the slope: minus α times it.",
                1 - 0.1 * (1 * 1 - 3): "The derivative of a square has a factor 2.",
            },
            because="The slope is 2·(1 − 3)·1 = −4, so w grows by 0.4.",
            hint="dL/dw = 2·(w·x − y)·x.",
            solution="1 − 0.1 · 2 · (1 − 3) · 1 = 1.4",
            tolerance=0.001,
        ),
        kit.choose(
            "You have one large table of one machine and want to predict that machine. Does meta-learning help?",
            {
                "No: it needs many small tasks that differ": (
                    True,
                    "With one task there is nothing to learn about how tasks differ; train on the table.",
                ),
                "Yes: it learns faster from any data": (False, "It learns from many tasks how to learn a new one."),
                "Yes, if more steps are taken": (False, "More steps on one task are training."),
            },
            name="one_task",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        600 sines of 20 points; those of the test are never seen. The table holds the net against the mean of the seen
        points and against a net that was pre-trained on all sines and takes as many steps, at the step length that
        suits it best. The report draws some of the sines before and after.
        """,
        own_file="""
        A table with a row per measurement and a column that says of which machine, person or place:
        `deepglass train my.csv --task meta-regression --group-column machine --target y`. To answer for a new one,
        `deepglass predict` takes a table with some rows of it in which the target is known, and the others empty.
        """,
        sources=[
            ("Finn, Abbeel & Levine (2017), Model-Agnostic Meta-Learning", "https://arxiv.org/abs/1703.03400"),
            ("Nichol, Achiam & Schulman (2018), Reptile", "https://arxiv.org/abs/1803.02999"),
            ("Thrun & Pratt (1998), Learning to Learn", "https://doi.org/10.1007/978-1-4615-5529-2"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
