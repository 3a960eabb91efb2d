"""Lesson 48: a small push. One step along the gradient of the input, many steps, other nets, and hidden gradients."""

import marimo

app = marimo.App(width="medium", app_title="A small push", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    from sklearn.datasets import load_digits
    from torch import nn
    from torch.nn import functional as F

    from deepglass.attacks import with_gradient
    from deepglass.attacks.ball import Room
    from deepglass.attacks.fgsm import fgsm
    from deepglass.attacks.margin import cross_entropy, margin
    from deepglass.attacks.pgd import pgd
    from deepglass.audit.attacked import ClassVictim, stand
    from deepglass.course import kit

    LESSON = {
        "title": "A small push",
        "question": "How little must a picture change until the net says something else?",
        "part": "Understanding",
        "minutes": 20,
        "reads": ["attacks/fgsm.py", "attacks/pgd.py", "attacks/masking.py"],
        "runs": [
            "deepglass train digits --model linear --epochs 5 --run runs/digits",
            "deepglass audit runs/digits --only robustness --rows 60",
        ],
    }

    LEARNT, ATTACKED = 1200, 200  # pictures
    ROOM = Room(0, torch.tensor(1.0), torch.tensor(0.0), torch.tensor(1.0), "brightness")  # from paper to ink
    SIZES = [0.0, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3]
    STEEP, LEVELS, AT = 0.001, 4, 0.15  # a temperature; grey levels; how large the pushes of the comparisons are
    NETS = {"linear": ("linear", 0), "dense": ("dense", 0), "dense 2": ("dense", 1), "conv": ("conv", 0)}
    DEFENCES = ("none", "a steep softmax", "rounded pixels")


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
@cache
def net(name):
    """A net that reads digits."""
    kind, seed = NETS[name]
    torch.manual_seed(seed)
    made = {
        "linear": (nn.Flatten(), nn.Linear(64, 10)),
        "dense": (nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)),
        "conv": (nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(256, 10)),
    }
    model, (images, labels) = nn.Sequential(*made[kind]), digits()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.005)
    for _ in range(15):
        for rows in torch.randperm(LEARNT).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimizer.step()
    return model.eval().requires_grad_(False)


@app.function
def against(model, answers):
    """The losses that an attack makes large."""
    return lambda points, rows: cross_entropy(model(points), answers[rows])


@app.function
def pushed(model, images, answers, epsilon, steps=1):
    """Pictures after a push along the gradient, in one step or in many."""
    ball, losses = ROOM.ball((images,), epsilon), against(model, answers)
    return (fgsm(losses, ball) if steps == 1 else pgd(losses, ball, steps=steps)).points


@app.function
def tossed(images, epsilon, seed=0):
    """Pictures of which every pixel went up or down by ε as a coin fell."""
    coins = torch.randint(0, 2, images.shape, generator=torch.Generator().manual_seed(seed))
    return (images + epsilon * (2 * coins - 1)).clamp(0, 1)


@app.function
def right(model, points):
    """The share of the attacked pictures that are still read rightly."""
    return float((model(points).argmax(1) == unseen()[1]).float().mean())


@app.function
@cache
def curves(name="dense"):
    """By kind of push, the share still read rightly at each size."""
    (images, labels), model = unseen(), net(name)
    return {
        "one step": [right(model, pushed(model, images, labels, size)) for size in SIZES],
        "ten steps": [right(model, pushed(model, images, labels, size, 10)) for size in SIZES],
        "coins": [right(model, tossed(images, size)) for size in SIZES],
    }


@app.function
def said(model, image):
    """The answer to one picture (1, 1, 8, 8), and how sure it is."""
    shares = model(image).softmax(1)[0]
    return int(shares.argmax()), float(shares.max())


@app.function
def lead(model, image, answer):
    """By how much the logit of an answer is above all others, and its slopes (1, 1, 8, 8)."""
    behind_by, slopes = with_gradient(lambda points, rows: margin(model(points), answer[rows]), image)
    return -float(behind_by), -slopes


@app.function
def easy(digit):
    """The first unseen picture of this digit that the net reads rightly, and no more after a push of 0.1."""
    (images, labels), model = unseen(), net("dense")
    after = model(pushed(model, images, labels, 0.1)).argmax(1)
    return images[(labels == digit) & (model(images).argmax(1) == digit) & (after != digit)][0]


@app.function
def film(digit=4, top=0.18, count=13):
    """A digit that is pushed farther and farther, and what the net says to it."""
    image, model = easy(digit), net("dense")
    fig, (left, right_) = kit.figure(4.8, 2.5, columns=2)
    shown = left.imshow(image[0], cmap=kit.MUCH, vmin=0, vmax=1, interpolation="none")
    bars = right_.barh(range(10), [0.0] * 10, color=[kit.BLUE if one == digit else kit.ORANGE for one in range(10)])
    left.set(xticks=[], yticks=[])
    right_.set(yticks=range(10), xlim=(0, 1), xlabel="the net's answer", ylim=(9.6, -0.6))
    left.grid(visible=False)

    def draw(number):
        size = top * number / (count - 1)
        point = pushed(model, image[None], torch.tensor([digit]), size)[0]
        shares = model(point[None]).softmax(1)[0].numpy()
        shown.set_data(point[0])
        for bar, share in zip(bars, shares):
            bar.set_width(share)
        return f"Every pixel by at most {size:.3f}: the net says {shares.argmax()}, with {shares.max():.0%}."

    return kit.frames(fig, draw, count, f"A {digit} that is pushed, and how sure the net is of each digit.")


@app.function
def behind(defence):
    """The dense net behind something that hides its gradient."""
    bare = net("dense")
    return {
        "none": bare,
        "a steep softmax": lambda images: bare(images) / STEEP,
        "rounded pixels": lambda images: bare(torch.round(images * LEVELS) / LEVELS),
    }[defence]


@app.function
@cache
def judged(defence):
    """By attack, the share still right at AT behind a defence; the worst of all of them; signs of hidden gradients."""
    bare, (images, labels) = net("dense"), unseen()
    victim = ClassVictim(behind(defence), (images,), labels, ROOM)
    found = stand(victim, (AT / 3, 2 * AT / 3, AT), seed=0, steps=10)
    kept = {**found.named.by_attack, "from the bare net": victim.is_right(pushed(bare, images, labels, AT))}
    del kept["random points"]
    worst = np.logical_and.reduce(list(kept.values()))
    return {name: float(one.mean()) for name, one in kept.items()}, float(worst.mean()), found.masked


@app.cell
def _():
    _left = {name: f"{values[SIZES.index(AT)]:.0%}" for name, values in curves().items()}
    kit.opening(
        LESSON,
        "A net reads digits. Now every pixel may become a little darker or a little lighter, by at most **ε**, where "
        "the whole way from paper to ink is 1. You would go on reading the same digit. Watch the net.",
        kit.film(film(), label="Size of the push", seconds=0.5, width=4.8),
        kit.guess(
            f"The net reads {curves()['coins'][0]:.0%} of {ATTACKED} unseen digits rightly. A push like the film's, "
            f"ε = {AT:g}, leaves {_left['one step']}. Now a <b>coin</b> decides for each pixel whether it goes up or "
            f"down by {AT:g}. How many are still read rightly?",
            ["About as few", "About half", "More than four in five"],
            f"{_left['coins']}. Each pixel moved just as far. But the coins' pushes cancel each other, and those of "
            "the film all pull the same way. So small a push fools a net by its direction.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    paper = kit.pad(8, {f"a {digit}": easy(digit)[0] for digit in (4, 3, 7, 9)}, label="Draw a digit")
    size = kit.slider("Size of the push ε", SIZES, 0.1)
    kit.text(
        """
        ## Uphill for the picture {#see}

        Training asks: how must the *weights* change for the loss to fall? Turn the question round. The weights stay,
        and the **pixels** change, so that the loss *rises*. The gradient of the loss with respect to the picture says
        for every pixel which way that is. Take a digit, or draw your own, and push.

        {paper}

        {size}
        """,
        paper=paper,
        size=size,
    )
    return paper, size


@app.cell
def _(paper, size):
    _model, _image = net("dense"), torch.from_numpy(paper.image())[None, None]
    _answer = _model(_image).argmax(1)
    _point = pushed(_model, _image, _answer, size.value)
    _push, (_lead, _slopes) = _point - _image, lead(_model, _image, _answer)
    _ends = lead(_model, _point, _answer)[0], _lead + float((_slopes * _push).sum())
    _left, _straight = (f"{value:.2f}".replace("-", "−") for value in _ends)
    (_before, _sure), (_now, _now_sure) = said(_model, _image), said(_model, _point)
    kit.levels(
        kit.pictures(
            [_image[0, 0], _push[0, 0] / max(size.value, 1e-9), _point[0, 0]],
            [f"“{_before}”", "the push", f"“{_now}”"], columns=3, colors="signed",
            label="A digit, the push enlarged to ±1, and the digit after it",
            caption="What the net says, before and after. In the push, blue is more ink, orange less.",
        ),
        {
            "says": f"{_before}, with {_sure:.1%} → {_now}, with {_now_sure:.1%}",
            f"lead of {_before} over all others": f"{_lead:.2f} → {_left}",
            "were the net a straight line": f"{_lead:.2f} → {_straight}",
        },
        r"""
        $$\blue{x'} = \text{between 0 and 1}\big(\blue{x} + \gold{\varepsilon}\,\operatorname{sign}(\orange{g})\big)$$

        Here $\orange{g} = \nabla_x\,\text{loss}$ are the slopes of the loss, and $\gold{\varepsilon} = {epsilon}$.
        Were the loss a straight line, no other push of this size would raise it more. A net bends, and still the slopes
        foretell much of the fall: here the lead should end at {straight}.
        """,
        epsilon=f"{size.value:g}",
        straight=_straight,
    )  # fmt: skip
    return


@app.cell
def _(paper, size):
    _image, _model = torch.from_numpy(paper.image())[None, None], net("dense")
    _slopes = lead(_model, _image, _model(_image).argmax(1))[1]
    _together, _coins = float(_slopes.abs().sum()), float(_slopes.norm())
    _here = ([size.value], [curves()["one step"][SIZES.index(size.value)]])
    _words = kit.text(
        r"""
        ### Why a coin does not do it

        To first order every pixel takes its push times its slope $s_i$ from the lead. In step, all of them add up:
        $\varepsilon \sum_i |s_i|$ = {together}. Coins cancel, and what is left over is typically
        $\varepsilon \sqrt{\sum_i s_i^2}$ = {coins}, {times:.1f} times less. The more pixels, the wider the gap: up to
        $\sqrt{n}$ times, which is 8 for these 64 pixels, and nearly 400 for a photograph of 224 × 224 in colour. (Both
        leave out that paper and ink can go one way only.)
        """,
        together=f"{size.value * _together:.3g}",
        coins=f"{size.value * _coins:.3g}",
        times=_together / max(_coins, 1e-9),
    )
    _picture = kit.curves(
        {**curves(), "here": _here}, SIZES, points={"here"}, ylim=(0, 1.03),
        colors={"one step": kit.BLUE, "ten steps": kit.ORANGE, "coins": kit.GREY, "here": kit.BLUE},
        xlabel="size of the push ε", ylabel="read rightly",
        label=f"Share of {ATTACKED} unseen digits that are read rightly, by the size of the push",
        caption="At ε = 0 nothing is pushed, and every curve begins at the same share.",
    )  # fmt: skip
    kit.after_guess(kit.row(_words, _picture))
    return


@app.cell
def _():
    kit.text(
        """
        ## One step, or many {#read}

        One step is the **fast gradient sign method**. It trusts the gradient all the way. The loss of a net bends,
        so look again on the way: many small steps, each put back into the ball of allowed changes, are **projected
        gradient descent** (here it climbs).

        {code}
        """,
        code=kit.read(
            "attacks/pgd.py",
            {
                "values, gradient = with_gradient": "The slope here, and not where it all began,",
                "points = ball.step(points, gradient, size)": "and a small step, back into the ball.",
                "return Attacked(*best": "The worst point that was visited counts, not the last.",
            },
            part="climb",
        ),
    )
    return


@app.cell
def _():
    strength = kit.slider("Size of the push ε", SIZES[1:8], AT)
    kit.text(
        """
        ## A push for one net fools another

        The gradient needs the net. Are weights safe that are kept secret? Learn a net of your own, push pictures
        against *it*, and show them to the other. In each row pictures are pushed against one net; the columns read
        them. (Both dense nets are of one make, and learnt from different starts.)

        {strength}
        """,
        strength=strength,
    )
    return (strength,)


@app.cell
def _(strength):
    _images, _labels = unseen()
    _made = {name: pushed(net(name), _images, _labels, strength.value) for name in NETS}
    _made["nobody"] = _images
    _table = [[right(net(reader), points) for reader in NETS] for points in _made.values()]
    kit.matrix(
        _table, [*_made], [*NETS], signed=False, xlabel="who reads", ylabel="pushed against",
        label="Share of digits that are still read rightly",
        caption="Nets that learnt the same digits look for much the same things, and share their weak spots.",
    )  # fmt: skip
    return


@app.cell
def _():
    defence = mo.ui.dropdown(list(DEFENCES), value="rounded pixels", label="Defence")
    kit.text(
        """
        ## Hide the gradient {#break-it-mend-it}

        If a push needs the gradient, take it away. **Break the attack**: round every pixel to {levels} steps before the
        net reads it, and the gradient of rounding is zero. Or divide the logits by {steep:g}: the softmax says 1 or 0
        to the last digit nearly everywhere, and the loss is flat. The net answers nearly as before; FGSM and PGD
        find next to nothing. Is it firm?

        **Mend the judgement**: the ways are still there, and only the signpost is gone. Climb the *margin* between two
        logits instead of the loss; search without any gradient (Square); or push the bare net and carry the picture
        over. What counts is the last bar.

        {defence}
        """,
        levels=LEVELS,
        steep=STEEP,
        defence=defence,
    )
    return (defence,)


@app.cell
def _(defence):
    _shares, _worst, _signs = judged(defence.value)
    _named = "\n".join(f"- {sign}" for sign in _signs) or "- none was found"
    _words = kit.text(
        "### Signs that the gradient is hidden\n\n{signs}\n\n`deepglass audit` looks for each of them.", signs=_named
    )
    _bars = kit.bars(
        {**_shares, "the worst of all": _worst}, xlim=(0, 1.25), colors={"the worst of all": kit.ORANGE},
        label=f"Share read rightly at ε = {AT:g} by attack; defence: {defence.value}",
    )  # fmt: skip
    kit.row(_bars, kit.after_guess(_words, silently=True))
    return


@app.cell
def _():
    _weights, _margin = (2.0, -1.0, 0.5), 1.4
    kit.check(
        kit.exercise("small_push"),
        kit.answer(
            f"A linear net's margin is {_margin:g}, with slopes {_weights[0]:g}, {_weights[1]:g} and {_weights[2]:g} "
            "for its three inputs. Each input may change by ε. From which ε on can the answer be turned?",
            _margin / sum(map(abs, _weights)),
            name="epsilon",
            slips={
                _margin / sum(_weights): "The push follows the sign of each slope: take them without their signs.",
                _margin / float(np.linalg.norm(_weights)): "Here each input has a limit of its own.",
                _margin / max(_weights): "All inputs are pushed together.",
            },
            because="In step the three push by ε · (2 + 1 + 0.5).",
            hint="By how much does the margin fall if every input goes ε the wrong way?",
            solution="1.4 / (2 + 1 + 0.5) = 0.4",
        ),
        kit.choose(
            "A new defence: PGD leaves 95 % right, and a search without gradients 30 %. What is it worth?",
            {
                "At most 30 %, and its gradient misleads": (True, "An answer counts if it withstands every attack."),
                "95 %: PGD is the stronger attack": (False, "Only where the gradient shows the way."),
                "The mean of both": (False, "Whoever attacks takes what works best."),
            },
            name="worth",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Everything above, on a run: common corruptions, then attacks of every kind at five sizes, with their settings,
        and signs of hidden gradients. The warning names the option that trains against it.
        """,
        own_file="""
        A folder of pictures by class, or a table with numbers: `deepglass train my-folder --run runs/mine`, then
        `deepglass audit runs/mine --only robustness`. In tables ε counts standard deviations, and words stay as they
        are.
        """,
        sources=[
            ("Szegedy et al. (2014), Intriguing properties of neural networks", "https://arxiv.org/abs/1312.6199"),
            ("Goodfellow et al. (2015), Explaining and harnessing adversarial examples", "https://arxiv.org/abs/1412.6572"),
            ("Madry et al. (2018), Towards models resistant to attacks", "https://arxiv.org/abs/1706.06083"),
            ("Athalye, Carlini and Wagner (2018), Obfuscated gradients", "https://arxiv.org/abs/1802.00420"),
        ],
        onward="Hiding is no defence. Can a net be taught to stand where it is pushed?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
