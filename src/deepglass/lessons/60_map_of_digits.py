"""Lesson 60: a map of all digits. Every place of a plane is a digit, if every code is a cloud."""

import marimo

app = marimo.App(width="medium", app_title="A map of all digits", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import numpy as np
    import torch
    from sklearn.datasets import load_digits

    from deepglass.course import kit
    from deepglass.models.vae import VAE, Config, kl_divergence
    from deepglass.rivals import bernoulli_mixture

    LESSON = {
        "title": "A map of all digits",
        "question": "Can one draw new digits by walking on a map?",
        "part": "Without labels",
        "minutes": 20,
        "reads": ["models/vae.py", "tasks/makers/bound.py"],
        "runs": [
            "deepglass train digits --task generation --model vae --epochs 20 --run runs/made",
            "deepglass generate runs/made --count 20 --pictures new",
        ],
    }

    SIDE, LEARNT, HIDDEN, BATCH, STEPS = 8, 1300, 128, 64, 500
    MOMENTS = (0, 25, 50, 100, 200, 350, 500)
    BETAS = (0.0, 0.1, 0.5, 1.0, 2.0, 4.0)
    PLACES = (-2.0, -1.3, -0.7, 0.0, 0.7, 1.3, 2.0)
    CROSS = np.array([(0, 0), (-0.3, 0), (0.3, 0), (0, 0), (0, -0.3), (0, 0.3), (0, 0)])  # drawn where one stands
    EPSILONS = (-2, -1, 0, 1, 2)
    DRAWS, MADE = 8, 40


@app.function
@cache
def digits():
    """The bundled digits (1797, 64), each pixel inked (1) or blank (0), in a shuffled order, and what they are."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.data))
    return (data.data[order] >= 8).astype(np.float32), data.target[order]


@app.function
def learning(beta, moments=(STEPS,), seed=0):
    """A variational autoencoder with a code of two numbers while it learns: (steps, net) at some moments."""
    torch.manual_seed(seed)
    net = VAE(SIDE**2, 2, is_binary=True, config=Config(hidden_dim=HIDDEN, beta=beta))
    rows = torch.from_numpy(digits()[0][:LEARNT])
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
        x = rows[torch.randint(LEARNT, (BATCH,))]
        optimizer.zero_grad()
        net(torch.randn(BATCH, 2), x)[:, 0].mean().backward()
        optimizer.step()
        schedule.step()


@app.function
@cache
def net(beta=1.0):
    """The net at the end."""
    return next(learning(beta))[1].eval()


@app.function
@torch.no_grad()
def clouds(model, rows):
    """Mean and deviation (n, 2) of the clouds of pictures."""
    mean, log_variance = model.encode(torch.as_tensor(rows, dtype=torch.float32))
    return mean.numpy(), (log_variance / 2).exp().numpy()


@app.function
@torch.no_grad()
def drawn(model, codes):
    """(n, 64) how likely each pixel is inked at some places of the map."""
    return model.decode(torch.as_tensor(codes, dtype=torch.float32)).numpy()


@app.function
@cache
def cost(beta):
    """Nats per unseen picture at this β, the mean of some draws: reconstruction, and what the code tells."""
    model, rows = net(beta), torch.from_numpy(digits()[0][LEARNT:])
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        parts = [model(torch.randn(len(rows), 2, generator=generator), rows).mean(dim=0) for _ in range(DRAWS)]
    return tuple(torch.stack(parts).mean(dim=0)[1:].tolist())


@app.function
@cache
def alone():
    """Nats per unseen picture if every pixel is said by itself, by how often it is inked."""
    rows = digits()[0]
    return float(bernoulli_mixture.fit(rows[:LEARNT], 1).nats(rows[LEARNT:]).mean())


@app.function
def places(count=8, reach=2.0):
    """(count², 2) places of the map, row by row from the top."""
    x, y = np.meshgrid(np.linspace(-reach, reach, count), np.linspace(reach, -reach, count))
    return np.stack([x.ravel(), y.ravel()], axis=1)


@app.function
def as_pictures(rows):
    """Rows (n, 64) as pictures."""
    return list(np.asarray(rows).reshape(-1, SIDE, SIDE))


@app.function
def film():
    """The map, while it is learnt."""
    for step, model in learning(1.0, MOMENTS):
        yield kit.pictures(
            as_pictures(drawn(model, places())), columns=8, colors="much", width=4.4,
            label="What the decoder draws at 64 places of the map", caption=f"After {step} steps.",
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "A map comes to be. Each of its 64 places is two numbers, how far right and how far up, and shows what the "
        "decoder draws there. Nobody wrote these digits. In the last lessons a code was for pictures that exist. Here "
        "**every** place is to mean something, so that one can walk, and draw.",
        kit.film(film(), label="Steps of the training", seconds=0.8, width=4.4),
        kit.guess(
            "The loss has two parts: how badly a picture is drawn from its code, and how much the code tells of it. "
            "The second is multiplied by a number β, 1 as a rule. Multiply it by 4. What will the map show?",
            ["Clearer digits", "Digits at fewer places", "The same blot everywhere"],
            f"The same blot. At β = 4 the code tells {cost(4.0)[1]:.2f} nats, which is nothing. The decoder hears "
            f"nothing, and draws the mean of all digits. A drawing then costs {cost(4.0)[0]:.1f} nats. Saying every "
            f"pixel by itself costs {alone():.1f}.",
        ),
    )
    return


@app.cell
def _():
    _costs = {beta: cost(beta) for beta in BETAS}
    kit.after_guess(
        kit.row(
            kit.curves(
                {
                    "drawing": (list(BETAS), [part[0] for part in _costs.values()]),
                    "code": (list(BETAS), [part[1] for part in _costs.values()]),
                    "both": (list(BETAS), [sum(part) for part in _costs.values()]),
                },
                marks={"every pixel by itself": alone()}, points={"drawing", "code", "both"}, xlabel="β",
                ylabel="nats per unseen picture", ylim=(0, 45), whole=True, label="What an unseen digit costs, by β",
            ),
            kit.text(
                """
                What the code tells is a price, too. Only **both together** say what a picture costs: a code that tells
                much makes drawing easy, and must itself be told. Where β is 0 the code is free, and the sum is the
                worst of all. Where β is large nothing is told: this is called *posterior collapse*.
                """
            ),
        )
    )  # fmt: skip
    return


@app.cell
def _():
    right = kit.slider("Right z₁", PLACES, 0.0)
    up = kit.slider("Up z₂", PLACES, 0.7)
    kit.text(
        """
        ## Walk {#see}

        Each point is the middle of the cloud of an unseen digit. Walk, and see what the decoder draws where you are,
        beside the unseen digit whose cloud is nearest. Between two digits one melts into the other.

        {right} {up}
        """,
        right=right,
        up=up,
    )
    return right, up


@app.cell
def _(right, up):
    _rows, _labels = (part[LEARNT:] for part in digits())
    _means, _ = clouds(net(), _rows)
    _here = np.array([[right.value, up.value]])
    _nearest = int(((_means - _here) ** 2).sum(axis=1).argmin())
    _is_same = _labels == _labels[_nearest]
    kit.row(
        kit.scatter(
            {"other digits": _means[~_is_same], f"every {_labels[_nearest]}": _means[_is_same]},
            lines={"you": _here + CROSS}, colors={"other digits": "#9aa4b2", "you": kit.INK}, xlim=(-3, 3),
            ylim=(-3, 3), xlabel="z₁", ylabel="z₂", label="Where the clouds of unseen digits lie", width=4.0,
        ),
        kit.pictures(
            as_pictures(np.concatenate([drawn(net(), _here), _rows[_nearest : _nearest + 1]])),
            ["drawn here", f"nearest, a {_labels[_nearest]}"], columns=2, colors="much", width=3.4,
            label=f"What is drawn at {right.value:g}, {up.value:g}",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    which = kit.slider("Digit", range(10), 3)
    epsilon = kit.slider("Noise ε, of both numbers", EPSILONS, 1)
    kit.text(
        r"""
        ## A cloud, not a point {#cloud}

        The encoder does not say a place. It says a **cloud**: a middle $\mu$ and a width $\sigma$ for each number. A
        place is drawn from it, as $\mu + \sigma\varepsilon$ with noise $\varepsilon$, and the decoder has to be right
        wherever the noise takes it. That is why there are no holes between neighbours. And since the noise comes from
        outside, the gradient passes through $\mu$ and $\sigma$: this is the *reparameterisation*.

        {which} {epsilon}
        """,
        which=which,
        epsilon=epsilon,
    )
    return epsilon, which


@app.cell
def _(epsilon, which):
    _rows, _labels = (part[LEARNT:] for part in digits())
    _place = int(np.flatnonzero(_labels == which.value)[0])
    _mean, _deviation = (part[0] for part in clouds(net(), _rows[_place : _place + 1]))
    _code = _mean + _deviation * epsilon.value
    _given, _inked = _rows[_place], drawn(net(), _code[None])[0]
    _drawing = float(-np.log(np.where(_given == 1, _inked, 1 - _inked)).sum())
    _told = float(kl_divergence(torch.tensor(_mean[None]), 2 * torch.tensor(_deviation[None]).log()))
    kit.levels(
        kit.pictures(
            as_pictures(np.stack([_given, _inked])), ["given", "drawn"], columns=2, colors="much", width=3.6,
            label=f"A {which.value}, and what is drawn from its cloud at noise {epsilon.value}",
        ),
        {
            **{f"middle μ{i + 1}": float(value) for i, value in enumerate(_mean)},
            **{f"width σ{i + 1}": float(value) for i, value in enumerate(_deviation)},
            **{f"place z{i + 1}": float(value) for i, value in enumerate(_code)},
        },
        r"""
        $$\blue{z_1} = \mu_1 + \sigma_1\varepsilon$$

        $$\blue{z_1} = {m1} + {s1}\cdot({e}) = {z1}$$

        $$\text{drawing} = -\log p(x|\blue{z}) = {nats_drawn}$$

        $$\text{code} = \sum_k \left(\tfrac{\mu_k^2 + \sigma_k^2 - 1}{2} - \log\sigma_k\right)$$

        $$\text{code} = {nats_told}$$

        $$\text{both} = {nats}\text{ nats}$$
        """,
        m1=f"{_mean[0]:.2f}", s1=f"{_deviation[0]:.2f}", e=str(epsilon.value), z1=f"{_code[0]:.2f}",
        nats_drawn=f"{_drawing:.2f}", nats_told=f"{_told:.2f}", nats=f"{_drawing + _told:.2f}",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## What is made small {#read}

        Averaged over the noise, the two parts together are never less than −log p(x), what the model itself needs for
        the picture: a **bound**. Its negative is called the *evidence lower bound*, ELBO. So this number, on pictures
        that nobody has learnt from, judges a map as no look at samples can.

        {forward} {kl}
        """,
        forward=kit.read(
            "models/vae.py",
            {
                "code = mean + (log_variance / 2).exp() * of_code": "A place, drawn from the cloud.",
                "self.surprise(self.decoder(code), rows)": "How badly it is drawn from there, and what is told.",
            },
            part="VAE.forward",
        ),
        kl=kit.read(
            "models/vae.py",
            {"return (mean.square()": "0 for the cloud of all codes: mean 0, variance 1."},
            part="kl_divergence",
        ),
    )
    return


@app.cell
def _():
    beta = kit.slider("β", BETAS, 4.0)
    kit.text(
        """
        ## Too dear, too cheap {#break-it-mend-it}

        To draw something new, take a place from the cloud of all codes, mean 0 and deviation 1. With β = 4
        something is broken. **Mend it**: lower β. Go on to 0, where the code is free, and look at the clouds. They
        shrink to points, and spread far out. New places fall on a small part of the map, and between the points, where
        nothing was ever drawn.

        {beta}
        """,
        beta=beta,
    )
    return (beta,)


@app.cell
def _(beta):
    _codes = np.random.default_rng(0).normal(size=(MADE, 2))
    _means, _deviations = clouds(net(beta.value), digits()[0][LEARNT:])
    _drawing, _told = cost(beta.value)
    _row = kit.row(
        kit.pictures(
            as_pictures(drawn(net(beta.value), _codes)), columns=10, colors="much", width=4.6,
            label=f"{MADE} new pictures at β = {beta.value:g}, none of them chosen",
            caption=f"Drawing {_drawing:.1f} nats, code {_told:.1f}, together {_drawing + _told:.1f}. Clouds are "
            f"{_deviations.mean():.2f} wide.",
        ),
        kit.scatter(
            {"clouds of unseen digits": _means, "new places": _codes}, xlim=(-11, 11), ylim=(-11, 11), xlabel="z₁",
            ylabel="z₂", label=f"The map at β = {beta.value:g}", width=3.6, size=14,
        ),
    )  # fmt: skip
    kit.after_guess(_row)
    return


@app.cell
def _():
    kit.check(
        kit.exercise("kl_of_cloud"),
        kit.answer(
            "A code has one number. The cloud of a picture has mean 2 and deviation 1. How many nats does it tell "
            "beside the cloud of all codes?",
            2.0,
            name="nats",
            slips={
                4.0: "That is μ²; half of it counts.",
                1.0: "That is half of μ; its square counts.",
                2.5: "The variance, 1, is made up for by the −1.",
            },
            because="As wide as the cloud of all codes, it tells only by where it is.",
            hint="(μ² + σ² − 1)/2 − log σ, and log 1 is 0.",
            solution="(4 + 1 − 1)/2 − 0 = 2",
            tolerance=0.01,
        ),
        kit.choose(
            "A model says unseen pictures with 20 nats: 20 for drawing, 0.02 for the code. What do its samples look "
            "like?",
            {
                "All alike": (True, "The decoder cannot know which picture is meant: the code tells it nothing."),
                "As varied as the pictures": (False, "What varies would have to be told by the code."),
                "Like noise": (False, "Shades of the mean picture: it is the best single answer."),
            },
            name="collapse",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same digits with a code of sixteen numbers, of which the net uses as many as pay. Leave `--epochs` out, and
        it learns ten times as long. The table holds the bound against independent pixels and against a mixture of
        templates, whose likelihood is known exactly; the report shows samples, and beside each the nearest training
        picture.
        """,
        own_file="""
        A folder of small grey pictures: `deepglass train my_pictures --task generation --image-size 16`. Rows of a
        table: `deepglass train my.csv --task generation --model vae`. Both take `--beta` and `--latent-dim`.
        """,
        sources=[
            ("Kingma & Welling (2014), Auto-encoding variational Bayes", "https://arxiv.org/abs/1312.6114"),
            ("Rezende et al. (2014), Stochastic backpropagation", "https://arxiv.org/abs/1401.4082"),
            ("Higgins et al. (2017), beta-VAE", "https://openreview.net/forum?id=Sy2fzU9gl"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
