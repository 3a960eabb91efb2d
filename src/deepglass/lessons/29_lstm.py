"""Lesson 29: LSTM and GRU. Valves around a memory, first moved by hand, then by the network itself."""

import marimo

app = marimo.App(width="medium", app_title="LSTM and GRU", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "LSTM and GRU",
        "question": "How does a network decide what to keep?",
        "part": "Sequences",
        "minutes": 16,
        "reads": ["LSTMCell._step", "GRUCell._step"],
        "runs": [
            "deepglass train co2 --model lstm --context 26 --epochs 4",
            "deepglass train co2 --model gru --context 26 --epochs 4",
        ],
    }

    T, STORE, SAY = 20, 3, 18  # steps; when the input valve opens, and the output valve
    VALUES = np.round(np.random.default_rng(3).uniform(-0.9, 0.9, T), 2)
    VALUES[STORE - 1] = 0.9
    LONG, UNITS, KINDS = 100, 12, {"plain RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


@app.function
def by_hand(keep, leak=0.0):
    """One LSTM cell of the engine whose valves a hand sets: memory c and output h after each step, (T,) each.

    Args:
        keep: The forget valve f, after the value has been stored.
        leak: How far the input valve is open where it should be closed.
    """
    logit = lambda valve: np.log(np.clip(valve, 1e-9, 1 - 1e-9) / (1 - np.clip(valve, 1e-9, 1 - 1e-9)))  # noqa: E731
    cell, h, c, told = nn.LSTMCell(1, 1), glass.zeros(1), glass.zeros(1), []
    for step in range(1, T + 1):
        valves = [1.0 if step == STORE else leak, keep if step > STORE else 0.0, float(step >= SAY)]
        i, f, o = map(logit, valves)
        sums = glass.tensor(np.array([i, f, np.arctanh(VALUES[step - 1]), o]))
        h, c = cell._step(sums, glass.zeros(4).double(), h, c)
        told.append((c.item(), h.item()))
    return np.array(told).T


@app.function
def belt(keep, leak=0.0, upto=T, chosen=0):
    """The values that come by, the memory, and what is said aloud; drawn up to a step."""
    memory, said = by_hand(keep, leak)
    fig, axes = kit.figure(4.6, 4.0, rows=3, sharex=True, sharey=True)
    steps = np.arange(1, T + 1)
    rows = ((VALUES, kit.GREY, "comes in"), (memory, kit.BLUE, "memory c"), (said, kit.ORANGE, "says h"))
    for ax, (values, color, name) in zip(axes, rows):
        ax.bar(steps[:upto], values[:upto], color=color, width=0.7)
        ax.axhline(0, color=kit.GREY, linewidth=0.8)
        ax.set(ylabel=name, ylim=(-1.35, 1.35), yticks=[-1, 0, 1], xlim=(0.3, T + 0.7), xticks=[1, 5, 10, 15, 20])
        if chosen:
            ax.axvspan(chosen - 0.5, chosen + 0.5, color=kit.GOLD, alpha=0.25, linewidth=0)
    for ax, step in ((axes[0], STORE), (axes[2], SAY)):
        ax.annotate("valve opens", (step, 1.05), (step, 1.05), ha="center", va="bottom", fontsize=8.5, color=kit.INK)
    axes[2].set_xlabel("step")
    return fig


@app.function
def film_of():
    """A value is stored; then it is kept, or it is not."""
    told = {1: "Values come by. The input valve is closed: nothing is kept.", 3: "It opens: 0.9 goes into the memory."}
    for upto, line in told.items():
        yield kit.picture(belt(1.0, upto=upto), line), line
    for keep in (1.0, 0.8):
        memory, said = by_hand(keep)
        for upto in (6, 10, 14, 17, 20):
            line = f"Forget valve at {keep:g}: after step {upto} the memory holds {memory[upto - 1]:.2f}"
            line += f", and the cell says {said[upto - 1]:.2f}." if upto >= SAY else "."
            yield kit.picture(belt(keep, upto=upto), line), line


@app.cell
def _():
    _memory, _ = by_hand(0.8)
    _guess = kit.guess(
        "At step 3 the number 0.9 was put into the memory. There is a <b>forget valve</b>, from 0 (closed) to 1 "
        "(open). How must it stand for the number still to be there at step 20?",
        ["At 0: nothing is forgotten", "At 1", "At ½: some of each", "It does not matter, the input valve is closed"],
        "At 1. Its name misleads: what it lets through is what is <i>kept</i>. At 0.8, which sounds like much, "
        f"{_memory[-1]:.3f} of 0.9 is left at step 20. The film goes on and shows both.",
    )
    kit.opening(
        LESSON,
        "A plain cell rewrites all that it remembers at every step. Here is a cell with a <span class='blue'>memory"
        "</span> that may be left alone. It has three valves: the input valve, the forget valve and the "
        "<span class='orange'>output</span> valve.",
        kit.film(film_of(), label="Steps", seconds=0.8, width=4.6, waits_for="guess", held=2),
        _guess,
    )
    return


@app.cell
def _():
    keep = kit.slider("forget valve f", [0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0], 0.9)
    leak = kit.slider("input valve i, elsewhere", [0.0, 0.05, 0.2, 0.5, 1.0], 0.0)
    step = kit.slider("look at step", list(range(1, T + 1)), 12)
    _words = kit.text(
        r"""
        The long short-term memory has two states. The memory $\blue{c}$ is **added to**, not multiplied with a matrix
        and bent: what was there, times $\green{f}$, and what is new, times $\gold{i}$. What is said aloud,
        $\orange{h}$, is the memory behind a third valve. Move them: you are the network now.

        {keep} {leak} {step}
        """,
        keep=keep,
        leak=leak,
        step=step,
    )
    kit.text("## Three valves, one sum {#see}\n\n{more}", more=kit.after_guess(_words))
    return keep, leak, step


@app.cell
def _(keep, leak, step):
    _memory, _said = by_hand(keep.value, leak.value)
    _t = step.value
    _before = _memory[_t - 2] if _t > 1 else 0.0
    _f, _i, _o = keep.value if _t > STORE else 0.0, 1.0 if _t == STORE else leak.value, float(_t >= SAY)
    _told = f"f = {keep.value:g}, i = {leak.value:g}: at the end the memory holds {_memory[-1]:.3f}."
    _levels = kit.levels(
        kit.html(belt(keep.value, leak.value, chosen=_t), f"What comes in, memory and output. {_told}", _told),
        {
            f"memory before step {_t}": _before,
            "forget valve f, input valve i, output valve o": f"{_f:g}, {_i:g}, {_o:g}",
            "memory after it, c": _memory[_t - 1],
            "says h = o · tanh c": float(_said[_t - 1].round(6)),
            f"of a blame at step {T}, arrives at step {STORE}": float(keep.value) ** (T - STORE),
        },
        r"""
        $$\blue{c_t} = \green{f_t}\,\blue{c_{t-1}} + \gold{i_t}\,g_t$$

        $$\blue{after} = \green{kept} \cdot \blue{before} + \gold{opened} \cdot {value}$$

        And back: $\;\partial c_{20} / \partial c_3 = \prod \green{f_t} = {kept_then}$. It is a product again, but of
        numbers **the network chooses itself**, step by step. Where $\green{f} = 1$, nothing is lost along the memory.
        """,
        after=_memory[_t - 1],
        kept=_f,
        before=_before,
        opened=_i,
        value=VALUES[_t - 1],
        kept_then=float(keep.value) ** (T - STORE),
    )
    kit.after_guess(_levels, silently=True)
    return


@app.cell
def _():
    _words = kit.text(
        """
        Nobody's hand: a valve is a sigmoid of what comes in and of what was said before, with weights that are learned
        like all others. Here is the step that made the picture above, and the same for the **GRU** of 2014. That one
        has no second state; one valve, `z`, decides between old and new, so that keeping more means taking in less; `r`
        mutes the old state while the new one is made.

        {lstm}

        {gru}
        """,
        lstm=kit.read(
            "LSTMCell._step",
            {
                ".chunk(4": "Four sums: three valves, and the new value g.",
                "c = F.sigmoid(f) * c": "Keep a part, add a part: the way on which blame is not multiplied by weights.",
                "return F.sigmoid(o)": "Say a part of it.",
            },
        ),
        gru=kit.read("GRUCell._step", {"return (1 - z) * n + z * h": "One valve for both: z keeps, 1 − z takes in."}),
    )
    kit.text("## Who moves the valves? {#read}\n\n{more}", more=kit.after_guess(_words))
    return


@app.function
def sums_to_find(count, length, rng):
    """The adding problem: numbers in [0, 1], two of them marked, one in each half; the answer is their sum.

    Returns:
        x (length, count, 2): the numbers and the marks; and the sums (count,).
    """
    x = np.zeros((length, count, 2), np.float32)
    x[..., 0] = rng.uniform(size=(length, count))
    for first, last in ((0, length // 2), (length // 2, length)):
        x[rng.integers(first, last, count), np.arange(count), 1] = 1
    return x, (x[..., 0] * x[..., 1]).sum(0)


@app.function
def learn(kind, keeps=False, length=LONG, steps=450, seed=0):
    """Twelve units learn to add two numbers that lie up to a hundred steps apart.

    Args:
        kind: One of KINDS.
        keeps: Whether an LSTM begins with its forget valves open, its input valves nearly closed: biases of
            ±log(u), u drawn from 1 to `length`, so that its units keep a value for u steps or so.
        length: Of the sequences.
        steps: Of learning, with 32 new sequences each.
        seed: Of weights and sequences.

    Returns:
        Losses (steps,), the mean squared error on 1,000 new sequences, and the recurrent layer.
    """
    glass.manual_seed(seed)
    rng, rnn, head = np.random.default_rng(seed), KINDS[kind](2, UNITS), nn.Linear(UNITS, 1)
    if keeps and kind == "LSTM":
        bias, patience = np.zeros(4 * UNITS, np.float32), np.log(rng.uniform(1, length - 1, UNITS))
        bias[:UNITS], bias[UNITS : 2 * UNITS] = -patience, patience
        rnn.load_state_dict(
            {**rnn.state_dict(), "bias_ih_l0": glass.tensor(bias), "bias_hh_l0": glass.tensor(0 * bias)}
        )
    params, losses = [*rnn.parameters(), *head.parameters()], []
    optimizer = glass.optim.Adam(params, lr=0.02)
    for _ in range(steps):
        x, y = map(glass.tensor, sums_to_find(32, length, rng))
        optimizer.zero_grad()
        loss = F.mse_loss(head(rnn(x)[0][-1])[:, 0], y)
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        optimizer.step()
        losses.append(loss.item())
    x, y = sums_to_find(1000, length, np.random.default_rng(99))
    with glass.no_grad():
        error = float(((head(rnn(glass.tensor(x))[0][-1])[:, 0].numpy() - y) ** 2).mean())
    return np.array(losses), error, rnn


@app.function
def own_valves(rnn, x):
    """The valves that an LSTM sets itself along one sequence x (T, 2): input and forget valves (T, UNITS) each."""
    W, U, *biases = (param.detach().numpy() for param in rnn.parameters())
    h, c, told = np.zeros(UNITS), np.zeros(UNITS), []
    for value in x:
        i, f, g, o = np.split(W @ value + U @ h + sum(biases), 4)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        told.append((i, f))
    return np.array(told).swapaxes(0, 1)


@app.cell
def _():
    kind = mo.ui.radio(list(KINDS), value="plain RNN", label="cell", inline=True)
    keeps = mo.ui.switch(label="an LSTM begins with its forget valves open")
    _words = kit.text(
        """
        A hundred numbers, two of them marked, one in each half. *What is the sum of the two?* To answer a constant 1
        costs {blind:.3f} on average, and the plain cell learns to do just that. **Mend it**: take gates. An LSTM whose
        biases begin near 0, as here, has its valves half open, so it keeps about half at each step, which is next to
        nothing after ten. Is that enough? Then begin with open ones. (Learning takes some seconds.)

        {kind} {keeps}
        """,
        blind=1 / 6,
        kind=kind,
        keeps=keeps,
    )
    kit.text("## A hundred steps: break it, mend it {#break-it-mend-it}\n\n{more}", more=kit.after_guess(_words))
    return keeps, kind


@app.cell
def _(keeps, kind):
    _losses, _error, _rnn = learn(kind.value, keeps.value)
    _curve = _losses.reshape(-1, 10).mean(1)
    _told = f"{kind.value}: mean squared error {_error:.4f} on 1,000 new sequences."
    _picture = kit.curves(
        {"loss": (10 * np.arange(1, len(_curve) + 1), _curve)}, marks={"always 1": 1 / 6}, log="y", ylim=(2e-4, 1),
        xlabel="step of learning", ylabel="mean squared error", caption=_told,
    )  # fmt: skip
    if _error < 0.02 and kind.value == "LSTM":
        _x = sums_to_find(1, LONG, np.random.default_rng(5))[0][:, 0]
        _input, _ = own_valves(_rnn, _x)
        _unit = int((_input[_x[:, 1] == 1].mean(0) - _input[_x[:, 1] == 0].mean(0)).argmax())
        _more = kit.curves(
            {"marked": _x[:, 1], "input valve": _input[:, _unit]}, xlabel="step", ylabel="open", ylim=(-0.05, 1.15),
            dashed=("marked",), colors={"marked": kit.GREY, "input valve": kit.GOLD},
            caption="A new sequence, and one of the net's own input valves. Nobody told it when to open.",
        )  # fmt: skip
    else:
        _more = kit.text(
            "**{verdict}**\n\nThe cell and its 12 units have {count:,} numbers to learn.",
            verdict="It adds." if _error < 0.02 else "It answers about 1, whatever comes.",
            count=sum(param.numel() for param in _rnn.parameters()),
        )
    kit.row(_picture, _more)
    return


@app.cell
def _():
    _count = {name: sum(p.numel() for p in made(2, UNITS).parameters()) for name, made in KINDS.items()}
    _numbers = kit.answer(
        f"An LSTM with 2 inputs and {UNITS} units has {_count['LSTM']} weights and biases. How many has a GRU of that "
        "size?",
        _count["GRU"],
        name="numbers",
        slips={
            _count["LSTM"] / 2: "It has two valves, but also a sum for the new value: three blocks.",
            _count["plain RNN"]: "That is a cell without any valve.",
            _count["LSTM"] / 4 * 5: "It has fewer blocks than the LSTM, not more.",
        },
        because="Three blocks of weights, not four: always three quarters.",
        hint="The LSTM has four sums: i, f, g, o. Count those of the GRU in its code above.",
        solution=f"{_count['LSTM']} · 3/4 = {_count['GRU']}",
        tolerance=0.5,
    )
    kit.check(kit.exercise("valves"), _numbers)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Half a year of weekly carbon dioxide, read by an LSTM and by a GRU; the line `model` says how many numbers each
        has. Beside them, as always, simple forecasts on the same rows, and which of them is better. Gates are for what
        must be kept long. Here a plain autoregression may well win.
        """,
        own_file="""
        Dates and numbers: `deepglass train my.csv --targets COLUMN --model lstm`. Texts with a label:
        `deepglass train reviews.csv --target LABEL --task text-classification --model gru`.
        """,
        sources=[
            ("Hochreiter and Schmidhuber (1997), Long Short-Term Memory", "https://doi.org/10.1162/neco.1997.9.8.1735"),
            ("Gers, Schmidhuber and Cummins (2000), the forget gate", "https://doi.org/10.1162/089976600300015015"),
            ("Cho et al. (2014), the GRU", "https://arxiv.org/abs/1406.1078"),
            ("Tallec and Ollivier (2018), how to begin: chrono initialisation", "https://arxiv.org/abs/1804.11188"),
        ],
        onward="Networks that remember the past are asked about the future next. Can it be known?",
    )
    return


if __name__ == "__main__":
    app.run()
