"""Lesson 52: why does my network not learn? Six trainings, a wrong line in five of them, and questions that tell."""

import marimo

app = marimo.App(width="medium", app_title="Why does it not learn?", css_file="../course/pages/lesson.css")

with app.setup:
    import math
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F
    from sklearn.datasets import load_digits
    from torch import nn

    from deepglass.core import catalogue
    from deepglass.course import kit
    from deepglass.diagnosis import FOLDER
    from deepglass.diagnosis.case import Case
    from deepglass.diagnosis.observing.observer import is_distribution, observing

    LESSON = {
        "title": "Why does it not learn?",
        "question": "The loss does not fall. Which of a hundred possible reasons is it?",
        "part": "Understanding",
        "minutes": 18,
        "reads": ["diagnosis/questions/zero_grad.py", "diagnosis/questions/softmax_twice.py"],
        "runs": [
            "deepglass train iris --model mlp --epochs 5 --learning-rate 1e-9 --run runs/iris",
            "deepglass diagnose runs/iris",
        ],
    }

    # who did it, the question of `deepglass diagnose` that finds it, the line, and the line that mends it
    FAULTS = {
        "nothing": ("", "", "loss.backward()"),
        "softmax twice": ("softmax_twice", "F.cross_entropy(net(x).softmax(1), y)", "F.cross_entropy(net(x), y)"),
        "gradients never cleared": ("zero_grad", "loss.backward()", "optimizer.zero_grad(); loss.backward()"),
        "labels of other pictures": ("labels_match", "y = y[torch.randperm(len(y))]", "y = y"),
        "silent units": ("activity", "net[0].bias.fill_(-8)", "net = nn.Sequential(…)  # as PyTorch begins it"),
        "steps too small": ("update_ratio", "SGD(net.parameters(), lr=1e-6)", "SGD(net.parameters(), lr=0.5)"),
    }
    CASES = dict(zip("ABCDEF", (
        "silent units", "labels of other pictures", "nothing", "softmax twice", "gradients never cleared",
        "steps too small",
    )))  # fmt: skip
    STEPS, BATCH, RATE, SEEN, ASKED = 60, 64, 0.5, 1200, 400
    CHANCE = math.log(10)  # the loss of ten equal shares
    QUESTIONS = {
        "loss at the start": "What does it answer before it has learnt? Ten classes, so ln 10 if it is unsure.",
        "one batch by heart": "Give the same net the same 64 digits again and again, with Adam. What loss is left?",
        "old gradients": "In what share of the steps did backward() find gradients of the step before?",
        "update to weight": "How far does a step move the weights, relative to their size?",
        "silent units": "What share of the hidden units is 0 for every digit?",
        "sums to one": "In what share of the steps did the loss get rows that are shares already?",
        "simple model": "How much better than the most frequent class is a simple model on the same rows?",
    }
    FORMULAS = {
        "loss at the start": r"$$-\ln\tfrac{1}{10} = {chance}, \qquad \text{this training begins at } \blue{{value}}$$",
        "one batch by heart": r"$$\min_w\ \tfrac{1}{64}\sum_{i=1}^{64} \ell(f_w(x_i), y_i) \approx \blue{{value}}$$",
        "old gradients": r"$$g \leftarrow g_{\text{before}} + \nabla\ell, \quad "
        r"g_{\text{before}} \ne 0 \text{ in } \blue{{value}} \text{ of the steps}$$",
        "update to weight": r"$$\frac{\lVert \Delta w\rVert}{\lVert w\rVert} = \blue{{value}}, \qquad "
        r"\text{usual is } 10^{-3} \text{ to } 10^{-1}$$",
        "silent units": r"$$\frac{1}{32}\,\#\{j : \max_i h_{ij} = 0\} = \blue{{value}}$$",
        "sums to one": r"$$\sum_k z_{ik} = 1,\ z_{ik} \ge 0 \quad \text{in } \blue{{value}} \text{ of the steps}$$",
        "simple model": r"$$\text{accuracy} - \text{share of the most frequent class} = \blue{{value}}$$",
    }


@app.function
@cache
def digits():
    """Pictures (N, 64) from 0 to 1 and their digits (N,), in an order of their own."""
    bunch = load_digits()
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(bunch.target)))
    return torch.tensor(bunch.data / 16).float()[order], torch.tensor(bunch.target)[order]


@app.function
def training(fault, steps=STEPS, mended_at=None):
    """A net 64-32-10 on digits, with one wrong line until it is mended; (losses, net)."""
    x, y = (part[:SEEN] for part in digits())
    wrong = y[torch.randperm(SEEN, generator=torch.Generator().manual_seed(1))]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        rows = torch.randint(SEEN, (steps, BATCH))
    if fault == "silent units" and mended_at != 0:
        with torch.no_grad():
            net[0].bias.fill_(-8)
    optimizer, losses = torch.optim.SGD(net.parameters(), lr=RATE), []
    for step, batch in enumerate(rows):
        is_wrong = mended_at is None or step < mended_at
        labels = wrong if fault == "labels of other pictures" and is_wrong else y
        optimizer.param_groups[0]["lr"] = 1e-6 if fault == "steps too small" and is_wrong else RATE
        if not (fault == "gradients never cleared" and is_wrong):
            optimizer.zero_grad()
        said = net(x[batch])
        loss = F.cross_entropy(said.softmax(1) if fault == "softmax twice" and is_wrong else said, labels[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses), net


@app.function
@cache
def watched(letter):
    """A case as `deepglass diagnose` sees it: its training under observation, and its rows."""
    with observing() as observer:
        losses, net = training(CASES[letter])
    observer.is_busy = True
    x, y = (part[:SEEN] for part in digits())
    if CASES[letter] == "labels of other pictures":
        y = y[torch.randperm(SEEN, generator=torch.Generator().manual_seed(1))]
    return Case(letter, observer.observed, examples=(x[:ASKED], y[:ASKED])), losses, net


@app.function
@cache
def measured(letter, question):
    """What a question measures in a case."""
    case, losses, net = watched(letter)
    if question == "loss at the start":
        return float(losses[0])
    if question == "one batch by heart":
        return case.learn(tapes=case.tapes[:1], steps=100, optimizer="adam", lr=0.03, clip=False).score
    if question == "old gradients":
        return float(np.mean([fact.stale for fact in case.observed.steps[1:]]))
    if question == "update to weight":
        facts = [fact for step in case.observed.weights.values() for fact in step.values() if fact.weight > 0]
        return float(np.median([fact.update / fact.weight for fact in facts]))
    if question == "silent units":
        with torch.no_grad():
            return float((net[:2](digits()[0][:SEEN]).amax(0) == 0).float().mean())
    if question == "sums to one":
        return float(np.mean([is_distribution(call.input, 1) for call in case.observed.losses]))
    return case.link.skill


@app.function
@cache
def found(letter):
    """What the question of `deepglass diagnose` says that knows this fault; None where it finds nothing."""
    file = FAULTS[CASES[letter]][0]
    findings = catalogue.load(FOLDER, file).ask(watched(letter)[0]) if file else []
    return findings[0] if findings else None


@app.function
def right(net, count=500):
    """Share of new digits that a net reads right."""
    x, y = (part[-count:] for part in digits())
    with torch.no_grad():
        return float((net(x).argmax(1) == y).float().mean())


@app.function
def film():
    """Six losses, step by step."""
    curves = {letter: training(fault)[0] for letter, fault in CASES.items()}
    for end in range(4, STEPS + 1, 4):
        yield kit.curves(
            {letter: losses[:end].clip(max=4.5) for letter, losses in curves.items()}, marks={"chance": CHANCE},
            xlim=(0, STEPS + 8), ylim=(0, 4.6), xlabel="step", ylabel="loss", label="Six trainings",
            caption=f"step {end}; what is above 4.5 is drawn there",
        )  # fmt: skip


@app.cell
def _():
    _heart, _net = measured("B", "one batch by heart"), watched("B")[2]
    kit.opening(
        LESSON,
        "Six trainings: the same net, the same digits, the same seed. One of them learns. In each of the other five "
        "**one line is wrong**, and none of them has crashed: that is what makes a network hard to mend.",
        kit.film(film(), label="Steps", seconds=0.4),
        kit.guess(
            "The net of training B is given 64 of its examples until it knows them by heart: the loss goes down to "
            f"{_heart:.2g}. What does that tell?",
            [
                "Nothing is wrong but the patience",
                "Net and loss work; the data may not",
                "It will learn with more data",
            ],
            f"Net, loss and gradients work. But a net learns <i>any</i> labels by heart, also those of other pictures: "
            f"trained on all of them, B reads {right(_net):.0%} of new digits right, as chance does. One question "
            "clears some suspects, and never all.",
        ),
    )
    return


@app.cell
def _():
    suspect = mo.ui.dropdown(list(CASES), value="A", label="Training")
    question = mo.ui.dropdown(list(QUESTIONS), value="silent units", label="Question")
    _words = kit.text(
        """
        ## Ask, and measure {#see}

        Looking at the code finds what you expect. A measurement finds what is there. Ask each training the questions
        of an experienced practitioner, and compare with training C, in which nothing is wrong.

        {suspect} {question}
        """,
        suspect=suspect,
        question=question,
    )
    kit.after_guess(_words)
    return question, suspect


@app.cell
def _(question, suspect):
    _value, _usual = measured(suspect.value, question.value), measured("C", question.value)
    _losses = watched(suspect.value)[1]
    _shown = kit.levels(
        kit.row(
            kit.bars(
                {f"training {suspect.value}": _value, "training C": _usual},
                label=question.value.capitalize(), caption=QUESTIONS[question.value],
            ),
            kit.curves(
                {suspect.value: _losses.clip(max=4.5)}, marks={"chance": CHANCE}, ylim=(0, 4.6), xlabel="step",
                ylabel="loss", label=f"Loss of training {suspect.value}",
            ),
        ),
        {
            question.value: _value,
            "the same of training C": _usual,
            "mean loss of the last six steps": float(_losses[-6:].mean()),
            "loss of ten equal shares": CHANCE,
        },
        FORMULAS[question.value],
        chance=f"{CHANCE:.3f}",
        value=f"{_value:.3g}",
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    accused = mo.ui.dropdown(list(FAULTS), value="nothing", label="It was")
    _words = kit.text(
        """
        ## Name the culprit

        Which line was it, in the training that you have chosen above? Say it before you are sure, and go back to the
        questions when the evidence speaks against you.

        {accused}
        """,
        accused=accused,
    )
    kit.after_guess(_words, silently=True)
    return (accused,)


@app.cell
def _(accused, suspect):
    _fault = CASES[suspect.value]
    _file, _line, _mend = FAULTS[_fault]
    _finding = found(suspect.value)
    if accused.value != _fault:
        _told = (
            f"**{accused.value.capitalize()}**: the measurements of training {suspect.value} do not say so. Which of "
            "the seven questions has an answer that is unlike that of training C?"
        )
        _shown = kit.note(kit.md(_told))
    elif _finding is None:
        _shown = kit.note(kit.md("**Nothing is wrong** with training C: every question has a healthy answer."))
    else:
        _before, _after = training(_fault)[0], training(_fault, mended_at=0)[0]
        _shown = kit.row(
            kit.md(
                f"**Training {suspect.value}: {_fault}.** The line was\n\n`{_line}`\n\nand it should be\n\n"
                f"`{_mend}`\n\n`deepglass diagnose` says: *{_finding.sentence}.*"
            ),
            kit.curves(
                {"as it was": _before.clip(max=4.5), "mended": _after}, marks={"chance": CHANCE}, ylim=(0, 4.6),
                xlabel="step", ylabel="loss", label=f"Training {suspect.value}, as it was and mended",
            ),
        )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## A question is a file {#read}

        `deepglass diagnose` watches a training, takes its steps again with one thing changed, and has {count} such
        questions. This is the one about gradients that are never cleared. One of the six is convicted by it.

        {code}
        """,
        code=kit.read(
            "diagnosis/questions/zero_grad.py",
            {
                "stale = [fact": "What was seen: gradients that were there before backward() began.",
                "len(stale) < 0.5": "In a few steps that is meant: accumulation. In most of them it is forgotten.",
                "call optimizer.zero_grad()": "Every finding names the line that mends it, and a lesson.",
            },
            part="ask",
        ),
        count=len(catalogue.entries(FOLDER)),
    )
    return


@app.cell
def _():
    fault = mo.ui.dropdown(list(FAULTS)[1:], value="silent units", label="Break")
    mended_at = kit.slider("Mended at step", [0, 15, 30, 45, 60], 30)
    _words = kit.text(
        """
        ## Break it, mend it

        Break the healthy training, and correct the line while it runs. Four of the five recover. One does not: units
        that are silent for every picture get **no gradient**, so nothing can wake them, and the correct line comes
        too late. Such a layer has to be drawn again.

        {fault} {mended_at}
        """,
        fault=fault,
        mended_at=mended_at,
    )
    kit.after_guess(_words, silently=True)
    return fault, mended_at


@app.cell
def _(fault, mended_at):
    _losses, _net = training(fault.value, 2 * STEPS, mended_at.value)
    _shown = kit.curves(
        {
            "wrong": (np.arange(mended_at.value), _losses[: mended_at.value].clip(max=4.5)),
            "mended": (np.arange(mended_at.value, 2 * STEPS), _losses[mended_at.value :].clip(max=4.5)),
        } if mended_at.value else {"mended": _losses},
        marks={"chance": CHANCE}, ylim=(0, 4.6), xlabel="step", ylabel="loss",
        label=f"A training with {fault.value} until step {mended_at.value}",
        caption=f"In the end it reads {right(_net):.0%} of new digits right.", width=6.2,
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _words = kit.text(
        """
        ### In which order?

        First what is cheap and certain: the loss at the start, what the loss gets, what the optimiser holds, which mode
        the net is in. Then **one batch by heart**: it divides all suspects in two. Who fails has a wrong net, loss or
        step; who passes has wrong data, or too few of them, or needs more time. Last comes what takes hours: more
        data, a larger net, other settings. Most days are lost by asking in the opposite order.

        And a symptom is not a cause. In training E {silent} of the units are silent too: steps that grew and grew have
        pushed them there. Mend what explains the rest, and measure again.
        """,
        silent=f"{measured('E', 'silent units'):.0%}",
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    _best = -math.log(math.e / (math.e + 9))
    kit.check(
        kit.exercise("silent_units"),
        kit.answer(
            "Softmax is taken twice, there are ten classes, and the net is as sure and as right as it can be: the "
            "shares that come into the loss are 1 and nine times 0. What loss is left?",
            _best,
            name="twice",
            slips={
                0.0: "With one softmax. The second one makes e¹ and nine times e⁰ of them.",
                CHANCE: "That is the loss of ten equal shares: it begins there.",
            },
            because="softmax of (1, 0, …, 0) is e / (e + 9) for the right class, never more.",
            hint="What is softmax of one 1 and nine 0?",
            solution=f"−ln(e / (e + 9)) = {_best:.3f}: a loss that stands there smells of a softmax too many.",
        ),
        kit.choose(
            "One batch cannot be learnt by heart, the first loss is ln 10, steps have a usual size. Where do you look?",
            {
                "At the net and at what the loss gets": (
                    True,
                    "Data of 64 rows can be learnt by heart, whatever they say.",
                ),
                "At the labels": (False, "Even shuffled labels can be learnt by heart."),
                "For more data": (False, "Less data is what made the question easy."),
            },
            name="heart",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A training with a learning rate that is far too small: what was found, the measurements behind it, the option
        that mends it, and the lesson that explains it.
        """,
        own_file="""
        A run, or your own script: `deepglass diagnose train.py` runs it for a few hundred steps under observation. In
        Python, `dg.diagnose(module, (X, y))`.
        """,
        sources=[
            ("Karpathy (2019), A recipe for training neural networks", "https://karpathy.github.io/2019/04/25/recipe/"),
            ("Zhang et al. (2017), Understanding deep learning requires rethinking generalization",
             "https://arxiv.org/abs/1611.03530"),
            ("Lu et al. (2020), Dying ReLU and initialization", "https://arxiv.org/abs/1903.06733"),
        ],
        onward="Now it learns, and answers. Does it know when it does not know?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
