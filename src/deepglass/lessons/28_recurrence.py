"""Lesson 28: recurrence and time. One cell used again and again, and how far back its blame can walk."""

import marimo

app = marimo.App(width="medium", app_title="Recurrence and time", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass import nn
    from deepglass.glass.foundations.through_time import blame_of_uses, shares, unroll
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Recurrence and time",
        "question": "How far back can a network learn to look?",
        "part": "Sequences",
        "minutes": 16,
        "reads": ["blame_of_uses", "_rnn"],
        "runs": [
            "deepglass train co2 --model rnn --context 26 --epochs 4 --run runs/rnn",
            "deepglass trace runs/rnn co2 --backward",
        ],
    }

    T, W, TARGET = 20, 0.4, 1.0  # steps, weight of the input, what the last state should be
    X = np.random.default_rng(2).choice([-1.0, 1.0], T)


@app.function
def one_unit(u, reach=T):
    """One unit, used twenty times; the loss is half the squared error of its last state.

    Args:
        u: The weight from a state to the next.
        reach: How many uses the blame is followed back.

    Returns:
        States (T + 1,), the blame that arrives at each state (T,), and what each use says of u (T,).
    """
    states = unroll(X[:, None], np.array([[W]]), np.array([[u]]), np.zeros(1), np.zeros(1))
    direct = np.zeros((T, 1))
    direct[-1] = states[-1] - TARGET
    blame = blame_of_uses(states, np.array([[u]]), direct, cuts={T - reach})
    arriving = blame[:, 0] / (1 - states[1:, 0] ** 2)
    return states[:, 0], arriving, shares(blame, states[:-1])[:, 0, 0]


@app.function
def tex(value):
    """A number for a formula: 0.387, or 3.87 · 10⁻⁵ where it is small."""
    digits, _, power = f"{value:.2e}".partition("e")
    return f"{value:.3f}" if abs(value) >= 0.001 else rf"{digits} \cdot 10^{{{int(power)}}}"


@app.function
def unrolled(u, reach=T, forward=T, back=T, chosen=0):
    """The twenty uses in a row: states above, and below what each use says of u; drawn as far as asked."""
    states, _, said = one_unit(u, reach)
    fig, (above, below) = kit.figure(4.6, 3.7, rows=2, sharex=True)
    uses = np.arange(1, T + 1)
    above.bar(uses[:forward], states[1 : forward + 1], color=kit.BLUE, width=0.7)
    above.scatter(uses, np.full(T, 1.22), c=[kit.INK if x > 0 else kit.BACKGROUND for x in X], edgecolors=kit.INK, s=16)
    below.bar(uses[T - back :], said[T - back :], color=kit.ORANGE, width=0.7)
    below.plot(uses[: T - reach], np.zeros(T - reach), "x", color=kit.GREY, markersize=5)
    for ax in (above, below):
        ax.axhline(0, color=kit.GREY, linewidth=0.8)
        if chosen:
            ax.axvspan(chosen - 0.5, chosen + 0.5, color=kit.GOLD, alpha=0.25, linewidth=0)
    above.set(ylim=(-1.05, 1.4), yticks=[-1, 0, 1], ylabel="state h →", xlim=(0.3, T + 0.7))
    most = max(0.05, 1.15 * np.abs(said).max())
    below.set(ylim=(-most, most), ylabel="← says of u", xlabel="use of the cell", xticks=[1, 5, 10, 15, 20])
    return fig


@app.function
def film_of(u=0.8):
    """States from left to right, then the blame from right to left."""
    states, arriving, _ = one_unit(u)
    for use in (1, 4, 8, 12, 16, 20):
        told = f"Use {use}: h = {states[use]:+.2f}, made of input {X[use - 1]:+.0f} and the state before.".replace(
            "-", "−"
        )
        yield kit.picture(unrolled(u, forward=use, back=0), told), told
    for back in (1, 2, 3, 5, 7, 10, 15, 20):
        told = f"Blame that arrives at use {T - back + 1}: {abs(arriving[T - back]):.2g}."
        yield kit.picture(unrolled(u, back=back), told), told


@app.cell
def _():
    _, _, _said = one_unit(0.8)
    _sizes = np.abs(_said) / np.abs(_said).sum()
    _film = kit.film(film_of(), label="There, and back", seconds=0.7, width=4.6, waits_for="guess", held=6)
    _guess = kit.guess(
        f"In the end the state should be {TARGET:g}, and it is not. One weight, u = 0.8, was used {T} times. Which of "
        "its uses gets most of the blame?",
        ["The first ones: they began it", "All alike: it is the same weight", "The last ones"],
        f"The last ones: five of {T} hold {_sizes[-5:].sum():.0%} of it, the first five {_sizes[:5].sum():.1%}. "
        "The film goes on now: look how little is left of the blame at every step back.",
    )
    kit.opening(
        LESSON,
        "One small cell reads a row of dots, <b>filled (+1) and hollow (−1)</b>. It mixes each dot with what "
        "it <span class='blue'>remembers</span>, and is given the result back at the next dot. At the end it is "
        "told how far off it is.",
        _film,
        _guess,
    )
    return


@app.cell
def _():
    u = kit.slider("weight u of the state", [0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.2], 0.8)
    reach = kit.slider("follow it back through … uses", [1, 2, 3, 5, 8, 12, 16, 20], 20)
    use = kit.slider("look at use", list(range(1, T + 1)), 18)
    _words = kit.text(
        r"""
        ## One cell, twenty times {#see}

        A network that reads a sequence does not need new weights for every place. It has **one cell**, and a *state*:
        $\blue{h_t} = \tanh(w\,x_t + \green{u}\,\blue{h_{t-1}})$. Lay its uses side by side, and there is a net of
        twenty layers that share their weights. So back-propagation works as always. It only has a longer way, which is
        why it is called *through time*: and every use has its own say about the one weight $\green{u}$.

        **Cut the way back** with the second slider, and the gradient is exactly that of the uses that are left:
        *truncated* back-propagation through time. The state still comes from the first dot; the teaching does not.
        """
    )
    _controls = kit.after_guess(mo.hstack([u, reach, use], justify="start", gap=2, wrap=True))
    mo.vstack([_words, _controls])
    return reach, u, use


@app.cell
def _(reach, u, use):
    _states, _arriving, _said = one_unit(u.value, reach.value)
    _t, _full = use.value, one_unit(u.value)[2].sum()
    _told = f"u = {u.value:g}: the uses together say {_said.sum():+.4f}; followed all the way, {_full:+.4f}."
    _picture = kit.html(unrolled(u.value, reach.value, chosen=_t), f"States and shares of {T} uses. {_told}", _told)
    _levels = kit.levels(
        _picture,
        {
            f"state before use {_t}": _states[_t - 1],
            f"blame that arrives at h of use {_t}": _arriving[_t - 1],
            "slope of tanh there, 1 − h²": 1 - _states[_t] ** 2,
            "their product: its say about u": _said[_t - 1],
            "all uses together: ∂L/∂u": _said.sum(),
        },
        r"""
        $$\frac{\partial L}{\partial \green{u}} = \sum_{t} \orange{\frac{\partial L}{\partial h_t}}\,(1 - h_t^2)\,
        \blue{h_{t-1}}$$

        The blame at use {chosen} came through {steps} uses after it:

        $$\orange{\frac{\partial L}{\partial h_t}} = (h_T - y) \prod_{k > t} \green{u}\,(1 - h_k^2)$$

        $$\orange{arrives} = ({end}) \cdot {product}$$

        A **product of {steps} factors**, each at most u = {weight}.
        """,
        chosen=_t,
        steps=T - _t,
        end=tex(_states[-1] - TARGET),
        product=tex(_arriving[_t - 1] / (_states[-1] - TARGET)),
        arrives=tex(_arriving[_t - 1]),
        weight=u.value,
    )
    kit.after_guess(_levels, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## Six lines that walk back {#read}

        The file whose functions made the pictures above. The engine's own does the same for whole batches, with the
        products of all steps taken at once: `deepglass read _rnn`.

        {code}
        """,
        code=kit.read(
            "blame_of_uses",
            {
                "for t in reversed": "The last use first.",
                "arriving = arriving + direct[t]": "What comes from the future, and what this step's own loss says.",
                "blame[t] = arriving": "Through the tanh: one factor of the product.",
                "if t in cuts else U.T": "And on to the state before: the other factor. Or not: cut.",
            },
        ),
    )
    return


@app.function
def sequences(count, length, rng):
    """A bit, +1 or −1, then noise: x (count, length, 1) and what is to be remembered, 0 or 1 (count,)."""
    x, bit = rng.normal(0, 0.3, (count, length, 1)), rng.integers(0, 2, count)
    x[:, 0, 0] = 2 * bit - 1
    return x, bit


@app.function
def remember(length, stretch, steps=150, seed=0):
    """Sixteen units learn to say at the end of a sequence what its first value was.

    Args:
        length: Of the sequences.
        stretch: All singular values of U at first.
        steps: Of learning, with 32 new sequences each.
        seed: Of weights and sequences.

    Returns:
        Before learning, the length of the blame by steps back (length,), 1 at the end; the losses (steps,); and the
        share of 500 new sequences that it gets right.
    """
    glass.manual_seed(seed)
    rng, rnn, head = np.random.default_rng(seed), nn.RNN(1, 16).double(), nn.Linear(16, 1).double()
    nn.init.orthogonal_(rnn.weight_hh_l0, gain=stretch)
    blame = before_learning(rnn, head, sequences(1, length, rng)[0][0])
    params, losses = [*rnn.parameters(), *head.parameters()], []
    optimizer = glass.optim.Adam(params, lr=0.01)
    for _ in range(steps):
        x, bit = sequences(32, length, rng)
        optimizer.zero_grad()
        logits = head(rnn(glass.tensor(x.swapaxes(0, 1)))[0][-1])[:, 0]
        loss = F.binary_cross_entropy_with_logits(logits, glass.tensor(bit.astype(float)))
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        optimizer.step()
        losses.append(loss.item())
    x, bit = sequences(500, length, rng)
    with glass.no_grad():
        said = head(rnn(glass.tensor(x.swapaxes(0, 1)))[0][-1])[:, 0].numpy() > 0
    return blame, np.array(losses), (said == bit).mean()


@app.function
def before_learning(rnn, head, x):
    """Lengths of the blame of one answer at its uses, the last one first and as 1."""
    W, U, *b = (param.detach().numpy() for param in rnn.parameters())
    states, direct = unroll(x, W, U, sum(b), np.zeros(len(U))), np.zeros((len(x), len(U)))
    direct[-1] = head.weight.detach().numpy()[0]
    sizes = np.linalg.norm(blame_of_uses(states, U, direct), axis=1)[::-1]
    return sizes / sizes[0]


@app.cell
def _():
    stretch = kit.slider("U stretches by s =", [0.5, 0.7, 0.9, 1.0, 1.2, 3.0], 0.7)
    length = mo.ui.radio(["10", "20", "40", "80"], value="80", label="length", inline=True)
    _words = kit.text(
        r"""
        A bit comes first, then noise. At the end a net of sixteen units is to say what the bit was. One unit could hold
        it, but holding must be *learned*, from blame that has come all the way back. With many units $\green{u}$ is a
        matrix $\green{U}$, and each step multiplies with $\green{U}^\top$ and with slopes of at most 1. So if
        $\green{U}$ stretches nothing by more than $\green{s} < 1$, the blame **must vanish**: after $k$ steps at
        most $\green{s}^k$ is left. Beyond 1 it **may explode**: that is decided between stretching and slopes.

        Here it fails at length 80. **Shorten** the sequence until it learns. Then go back to 80, and **mend** it with
        $\green{s}$. Is there too much of it, as well?

        {stretch} {length}
        """,
        stretch=stretch,
        length=length,
    )
    kit.text("## It forgets: break it, mend it {#break-it-mend-it}\n\n{more}", more=kit.after_guess(_words))
    return length, stretch


@app.cell
def _(length, stretch):
    _blame, _losses, _right = remember(int(length.value), stretch.value)
    _steps = np.arange(len(_blame))
    _told = f"Before learning: after {len(_blame) - 1} steps back {_blame[-1]:.0e} of the blame is there."
    _shown = kit.row(
        kit.curves(
            {"blame": _blame, "at most sᵏ": stretch.value**_steps}, dashed=("at most sᵏ",), log="y", caption=_told,
            xlabel="steps back in time, k", ylabel="of the blame at the end",
        ),
        kit.text(
            """
            **{verdict}** After 150 steps of learning the loss is {loss:.2f}; a coin has {coin:.2f}. Of 500 new
            sequences of {length} it gets **{right:.0%}** right.

            Where the blame has vanished, what the first input asks for drowns in what the noise of the last steps
            asks for. Where it explodes, one step spoils what the last one learned. (Too long a gradient can be
            *clipped*, and is, here. One that is gone cannot be brought back.)

            To begin at s = 1, with a matrix that turns and does not stretch, is a good start, and no more: nothing
            *keeps* it there while the net learns.
            """,
            verdict="It remembers." if _right > 0.9 else "It guesses." if _right < 0.6 else "It knows a little.",
            loss=_losses[-10:].mean(),
            coin=np.log(2),
            length=length.value,
            right=_right,
        ),
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _cut = kit.choose(
        "A text of a thousand characters. The blame is cut after 35 uses, the state is handed on. What is true?",
        {
            "Its answer at character 900 may depend on character 1": (True, "Only the teaching is cut, not the state."),
            "It is not taught directly to hold anything for 100 characters": (True, "No blame walks that far."),
            "Its gradient is the full one, found sooner": (False, "It lacks the say of all earlier uses."),
            "It has other weights after every 35 characters": (False, "One cell, one set of weights, all the way."),
        },
        name="cut",
        several=True,
    )
    kit.check(kit.exercise("through_time"), _cut)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A plain recurrent network reads half a year of weekly carbon dioxide, week by week, and forecasts the next
        quarter. `--context 26` is where its past begins, and where its blame ends. Then one example goes through it
        and back: the lines at `rnn` tell of its 26 states, and of the gradient that arrives at them.
        """,
        own_file="""
        A table with a column of dates and a column of numbers, a row per day, week or month:
        `deepglass train my.csv --targets COLUMN --model rnn`. Try `--context` longer and shorter. For rows of text,
        `--task text-classification --model rnn` reads word by word.
        """,
        sources=[
            ("Elman (1990), Finding Structure in Time", "https://doi.org/10.1207/s15516709cog1402_1"),
            ("Werbos (1990), Backpropagation Through Time", "https://doi.org/10.1109/5.58337"),
            ("Bengio et al. (1994), Long-term dependencies are difficult", "https://doi.org/10.1109/72.279181"),
            ("Pascanu, Mikolov and Bengio (2013), On the difficulty of training", "https://arxiv.org/abs/1211.5063"),
        ],
        onward="A start near 1 is luck that may be lost. The next cell has a way whose factor it can choose itself.",
    )
    return


if __name__ == "__main__":
    app.run()
