"""Lesson 49: how to stand firm. Learning from the worst pictures of a ball, its price, and a firmness that is none."""

import marimo

app = marimo.App(width="medium", app_title="Stand firm", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache
    from types import SimpleNamespace

    import marimo as mo
    import numpy as np
    import torch
    from sklearn.datasets import load_digits, make_moons
    from torch import nn
    from torch.nn import functional as F

    from deepglass.attacks.ball import Room
    from deepglass.attacks.fgsm import fgsm
    from deepglass.attacks.margin import cross_entropy
    from deepglass.attacks.pgd import pgd
    from deepglass.audit.attacked import ClassVictim, stand
    from deepglass.course import kit
    from deepglass.training.adversarial import AdversarialLearner, sudden_fall

    LESSON = {
        "title": "How to stand firm",
        "question": "Can a net learn to keep its answer when it is pushed?",
        "part": "Understanding",
        "minutes": 20,
        "reads": ["training/adversarial.py", "audit/attacked.py"],
        "runs": [
            "deepglass train digits --model linear --epochs 5 --adversarial 0.1 --run runs/firm",
            "deepglass audit runs/firm --only robustness --rows 60",
        ],
    }

    LEARNT, ATTACKED = 1200, 200  # pictures
    SIZES = [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]  # of attacks
    TRAINED_FOR = [0.05, 0.1, 0.15, 0.2]
    EPOCHS, LONG = 10, 25
    LARGE = 0.3  # for which one step is not enough
    ONE, STARTED, MANY = "one step", "one step, from anywhere", "five steps"
    STEPS = {ONE: 1, STARTED: 1, MANY: 5}
    REACH = 0.18  # of the squares around the points of the plane


@app.class_definition
class Pixels:
    """What an adversarial learner asks of a learner: the loss of a batch, and what of its inputs may change."""

    def __init__(self, low=0.0, high=1.0):
        self.within = Room(0, torch.tensor(1.0), torch.tensor(low), torch.tensor(high), "brightness")

    def room(self, inputs):
        return self.within

    def loss(self, model, batch):
        return F.cross_entropy(model(batch[0]), batch[1])


@app.function
@cache
def digits():
    """Bundled digits (1797, 1, 8, 8) from 0, paper, to 1, ink, and what they are; shuffled."""
    data, order = load_digits(), np.random.default_rng(0).permutation(1797)
    images = torch.from_numpy((data.images / 16).astype(np.float32))[order]
    return images[:, None], torch.from_numpy(data.target.astype(np.int64))[order]


@app.function
def unseen():
    """Pictures that no net has learnt, which are attacked."""
    return tuple(part[LEARNT : LEARNT + ATTACKED] for part in digits())


@app.function
def pushed(model, epsilon, steps, images, labels):
    """Pictures after an attack in one step or in many, from themselves."""
    ball = Pixels().within.ball((images,), epsilon)
    losses = lambda points, rows: cross_entropy(model(points), labels[rows])  # noqa: E731
    return (fgsm(losses, ball) if steps == 1 else pgd(losses, ball, steps=steps)).points


@app.function
def right(model, epsilon=0.0, steps=10):
    """The share of unseen pictures that are read rightly after an attack."""
    images, labels = unseen()
    return float((model(pushed(model, epsilon, steps, images, labels)).argmax(1) == labels).float().mean())


@app.function
@cache
def learnt(epsilon, how="three steps", epochs=EPOCHS):
    """A net that met the worst pictures within ε; by epoch, shares right after one step and after ten."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    optimizer, (images, labels) = torch.optim.AdamW(model.parameters(), lr=0.005), digits()
    learner, found = AdversarialLearner(Pixels(), epsilon, STEPS.get(how, 3)), SimpleNamespace(model=model, history=[])
    for _ in range(epochs):
        for rows in torch.randperm(LEARNT).split(32):
            batch = images[rows], labels[rows]
            if how == ONE:
                batch = pushed(model, epsilon, 1, *batch), labels[rows]
            elif epsilon:
                batch = learner.worst(model, batch, learner.steps)
            optimizer.zero_grad()
            learner.loss(model.eval(), batch).backward()  # the batch is attacked already
            optimizer.step()
        if how in STEPS:
            found.history.append((right(model, epsilon, 1), right(model, epsilon, 10)))
    model.requires_grad_(False)
    return found


@app.function
@cache
def firmness(epsilon):
    """The share right under ten steps at each of SIZES, of a net that was trained for ε."""
    return [right(learnt(epsilon).model, size) for size in SIZES]


@app.function
@cache
def moons():
    """Points of a plane (60, 2), and which moon they belong to."""
    X, y = make_moons(60, noise=0.05, random_state=0)
    return torch.from_numpy(X.astype(np.float32)), torch.from_numpy(y)


@app.function
@cache
def walk(count=12, plain=30, each=5):
    """Weights of a net of the plane: after plain training, and then again and again after some steps under attack."""
    torch.manual_seed(1)
    model, batch = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)), moons()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    learner, kept = AdversarialLearner(Pixels(-9.0, 9.0), REACH, 5), []
    for step in range(plain + each * (count - 1) + 1):
        if step >= plain and (step - plain) % each == 0:
            kept.append([parameter.detach().clone() for parameter in model.parameters()])
        optimizer.zero_grad()
        learner.loss(model.eval(), batch if step < plain else learner.worst(model, batch, 5)).backward()
        optimizer.step()
    return model, kept


@app.function
def cut(model):
    """(60,) whether the line goes through the square of a point: somewhere in it the other moon is named."""
    X, y = moons()
    grid = torch.stack(torch.meshgrid(*2 * [torch.linspace(-REACH, REACH, 13)], indexing="ij"), -1).reshape(-1, 2)
    with torch.no_grad():
        return (model(X[:, None] + grid).argmax(-1) != y[:, None]).any(1)


@app.function
def film():
    """The line of a net that was trained on points, and then on squares."""
    model, kept = walk()
    (X, y), (fig, ax) = moons(), kit.figure(4.6, 3.0)
    side, top = np.linspace(-1.6, 2.6, 90), np.linspace(-1.1, 1.6, 60)
    around = REACH * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1), (np.nan, np.nan)])
    corners = X.numpy()[:, None] + around  # (60, 6, 2), each followed by a gap
    plane = torch.from_numpy(np.stack(np.meshgrid(side, top), -1).astype(np.float32))

    def draw(number):
        for parameter, value in zip(model.parameters(), kept[number]):
            parameter.data.copy_(value)
        with torch.no_grad():
            heights = model(plane).diff(dim=-1)[..., 0].numpy()
        is_cut = cut(model).numpy()
        ax.clear()
        ax.contour(side, top, heights, levels=[0], colors=[kit.INK], linewidths=2)
        for moon, (color, mark) in enumerate(((kit.BLUE, "o"), (kit.ORANGE, "s"))):
            own = y.numpy() == moon
            ax.plot(*X.numpy()[own].T, mark, markersize=3.5, color=color)
            ax.plot(*corners[own].reshape(-1, 2).T, color=color, linewidth=0.8)
            for square in corners[own & is_cut]:
                ax.fill(*square[:5].T, color=color, alpha=0.4)
        ax.set(xticks=[], yticks=[], xlim=(-1.6, 2.6), ylim=(-1.1, 1.6))
        ax.grid(visible=False)
        named = "Trained on the points" if number == 0 else "Trained on the worst of each square"
        return f"{named}: the line cuts {int(is_cut.sum())} of {len(X)} squares (filled)."

    return kit.frames(fig, draw, len(kept), "Two moons of points, a square around each, and the line of a net.")


@app.cell
def _():
    _history = learnt(LARGE, ONE, LONG).history
    kit.opening(
        LESSON,
        "Whoever pushes a point may move it anywhere within its **square**. Plain training asks that the points be on "
        "the right side of the line. Now let it ask the same of the *worst place in each square*.",
        kit.film(film(), label="Training", seconds=0.6, width=4.6),
        kit.guess(
            f"Finding the worst place takes time. So somebody takes the cheapest attack: one step, ε = {LARGE:g}. A "
            "net of digits learns from pictures that were pushed so, and after such a step it reads "
            f"{_history[-1][0]:.0%} of unseen digits rightly. How many after <b>ten small steps</b> within the same ε?",
            ["About as many", "About two thirds of these", "A third of these, or less"],
            f"{_history[-1][1]:.0%}. It has learnt to withstand that step, and little else of the ball: its loss "
            "bends so that one long step lands where it does no harm.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    trained_for = kit.slider("Trained for pushes of ε", TRAINED_FOR, 0.2)
    kit.text(
        """
        ## Learn from the worst {#see}

        Two nets read the same digits, one trained as ever, one on pictures pushed by up to ε. Each is attacked in ten
        steps. Small pushes cost nothing here: like other augmentation they may even help. Larger ones have a price, and
        it is paid on pictures that nobody pushes.

        {trained_for}
        """,
        trained_for=trained_for,
    )
    return (trained_for,)


@app.cell
def _(trained_for):
    _epsilon, (_images, _labels) = trained_for.value, unseen()
    _firm, _plain = learnt(_epsilon).model, learnt(0.0).model
    _losses = [
        float(F.cross_entropy(_firm(points), _labels))
        for points in (_images, pushed(_firm, _epsilon, 10, _images, _labels))
    ]
    kit.levels(
        kit.curves(
            {"plain": firmness(0.0), f"for {_epsilon:g}": firmness(_epsilon),
             "here": ([_epsilon], [right(_firm, _epsilon)])},
            SIZES, points={"here"}, ylim=(0, 1.03), xlabel="size of the attack ε", ylabel="read rightly",
            colors={"plain": kit.GREY, f"for {_epsilon:g}": kit.BLUE, "here": kit.ORANGE},
            label=f"Share of {ATTACKED} unseen digits read rightly under ten steps, plain and trained for {_epsilon:g}",
        ),
        [
            {"read rightly": "nobody pushes", "plain": right(_plain), "firm": right(_firm)},
            {"read rightly": f"pushed by {_epsilon:g}", "plain": right(_plain, _epsilon),
             "firm": right(_firm, _epsilon)},
            {"read rightly": f"pushed by {1.5 * _epsilon:.3g}", "plain": right(_plain, 1.5 * _epsilon),
             "firm": right(_firm, 1.5 * _epsilon)},
        ],
        r"""
        $$\blue{\min_w}\ \text{mean of}\ \orange{\max_{|\delta_i| \le \varepsilon}}\ L(w,\ x + \orange{\delta},\ y)$$

        The attack climbs $\orange{\delta}$, the optimiser goes down $\blue{w}$. Here $\varepsilon = {epsilon}$. On
        unseen digits the mean loss of the firm net is {clean} without a push, and {worst} at the worst
        places that were found.
        """,
        epsilon=f"{_epsilon:g}",
        clean=f"{_losses[0]:.2f}",
        worst=f"{_losses[1]:.2f}",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## A few steps within each step {#read}

        Nothing else of the training changes: before a batch is learnt, it is attacked as the net stands now. Three
        steps make a training about four times as long; in papers seven are usual.

        {code}
        """,
        code=kit.read(
            "training/adversarial.py",
            {
                "points = ball.random(generator)": "From somewhere in the ball,",
                "points = ball.step(points, with_gradient": "uphill a few times; only the sign of the slopes counts.",
            },
            part="AdversarialLearner._attacked",
        ),
    )
    return


@app.cell
def _():
    how = mo.ui.dropdown(list(STEPS), value=ONE, label="The attack of the training")
    _words = kit.text(
        """
        ## Firm against one step {#break-it-mend-it}

        Train for a large push, ε = {large:g}, with one step from the picture itself. Judged by that very step, the net
        gets better and better. Judged by ten small steps it does not: its slopes are there, but they lead one long
        step astray, and whoever looks with FGSM alone is flattered. **Mend it**: take five steps. (One step from
        anywhere in the ball is nearly as cheap, and enough for smaller ε; here it is not.) A push of {large:g} is large
        for pictures of 64 pixels, and no net of this make withstands it often.

        {how}
        """,
        large=LARGE,
        how=how,
    )
    kit.after_guess(_words)
    return (how,)


@app.cell
def _(how):
    _found = learnt(LARGE, how.value, LONG)
    _one, _ten = np.array(_found.history).T
    (_images, _labels), _victim = unseen(), _found.model
    _stand = stand(ClassVictim(_victim, (_images,), _labels, Pixels().within), (0.1, 0.2, LARGE), seed=0, steps=10)
    _bars = {name: float(kept.mean()) for name, kept in _stand.named.by_attack.items()}
    _shown = kit.row(
        kit.curves(
            {"one step": _one, "ten steps": _ten}, np.arange(1, LONG + 1), ylim=(0, 1.0), whole=True, xlabel="epoch",
            ylabel="read rightly", label=f"Unseen digits read rightly at ε = {LARGE:g}, trained with {how.value}",
        ),
        kit.bars(
            {**_bars, "the worst of all": _stand.named.share()["value"]}, xlim=(0, 1.25),
            colors={"the worst of all": kit.ORANGE}, label=f"Read rightly at ε = {LARGE:g} at the end, by attack",
        ),
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _shares = [0.45, 0.52, 0.03]
    _words = kit.text(
        """
        ### Watch it with a stronger attack

        In larger nets this can come at once: for many epochs one step is enough, and then, within one, accuracy under
        many steps falls to nothing. It is called **catastrophic overfitting**. So every epoch of `--adversarial` is
        judged by ten steps on validation pictures, the best one is kept, and a sudden fall ends the training. Of the
        history {shares} it says: *{said}.*

        {code}

        ### The strongest attack is what counts

        And more: for *each picture* the one that gets through. Three attacks that each leave two thirds right may leave
        none together, if each fools another third. A figure of firmness without its attacks, their steps and their ε
        says nothing, and a better attack can only lower it.
        """,
        shares=", ".join(map(str, _shares)),
        said=sudden_fall(_shares),
        code=kit.read(
            "training/adversarial.py",
            {"if len(shares) < 2": "Below half of the best so far, it has fallen."},
            part="sudden_fall",
        ),
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    _steps = 7
    kit.check(
        kit.exercise("withstood"),
        kit.answer(
            f"Each step of a plain training goes once forward and once backward through the net. With an attack of "
            f"{_steps} steps before it, how many times as long does it take, about?",
            _steps + 1,
            name="cost",
            slips={
                _steps: "The learning itself comes on top of the attack.",
                2 * _steps + 2: "A step of the attack is one forward and one backward, as is the plain step.",
            },
            because="Seven times forward and backward for the picture, once for the weights.",
            hint="What does each step of the attack need from the net? And the step of the learning?",
            solution="7 + 1 = 8",
        ),
        kit.choose(
            "A net was trained for ε = 0.1 and withstands it. What does that promise for a push of 0.2, or a digit "
            "that is turned by 20 degrees?",
            {
                "Nothing: that has to be tried": (True, "It learnt one ball. Other changes lie outside of it."),
                "At least half as much": (False, "Look at the curve: it may fall steeply beyond its ε."),
                "It holds: it has become firm as such": (False, "Firm is always: against which changes, by how much?"),
            },
            name="promise",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The digits, trained for ε = 0.1, then judged by every attack at five sizes; `val robust accuracy` is under ten
        steps of PGD. Compare it with the audit of lesson 48. A linear model has little to win: leave `--model` and
        `--epochs` out, and see what the default net withstands.
        """,
        own_file="""
        Pictures or a table with numbers: `deepglass train my.csv --target COLUMN --adversarial 0.1 --run runs/mine`,
        then `deepglass audit runs/mine --only robustness`. Choose ε by what somebody could change unnoticed: in
        brightness from 0 to 1, or in standard deviations.
        """,
        sources=[
            ("Goodfellow et al. (2015), Explaining and harnessing adversarial examples", "https://arxiv.org/abs/1412.6572"),
            ("Madry et al. (2018), Towards models resistant to attacks", "https://arxiv.org/abs/1706.06083"),
            ("Tsipras et al. (2019), Robustness may be at odds with accuracy", "https://arxiv.org/abs/1805.12152"),
            ("Wong, Rice and Kolter (2020), Fast is better than free", "https://arxiv.org/abs/2001.03994"),
        ],
        onward="A net that is hard to push may still be wrong more often for some than for others. Is it fair?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
