"""Lesson 43: a forger and a detective. Two nets learn only from each other, and one of them makes what looks real."""

import marimo

app = marimo.App(width="medium", app_title="Forger and detective", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.data.datasets import gaussian_ring
    from deepglass.glass.foundations.forger_and_detective import Game, covered

    LESSON = {
        "title": "Forger and detective",
        "question": "Can a net make what nobody has shown to it?",
        "part": "Beyond one answer",
        "minutes": 20,
        "reads": ["glass/foundations/forger_and_detective.py", "models/gan.py"],
        "runs": [
            "deepglass train gaussian-ring --epochs 100 --run runs/ring",
            "deepglass generate runs/ring --count 5",
            "deepglass train digits --task generation --model gan --gradient-penalty 1 --epochs 40 --run runs/forged",
        ],
    }

    BATCH, SHOWN, REACH = 128, 200, 2.05  # real points in a turn; forgeries in a picture; the picture's edge
    MOMENTS = (0, 20, 40, 60, 80, 100, 130, 160, 200, 250, 300, 400, 500, 600, 700, 800)
    HOPS = (100, 160, 220, 280, 340, 400)  # turns at which a broken game is looked at
    SAME = float(2 * np.log(2))  # the loss of a detective who says ½ everywhere
    FOUND = 0.02  # of all forgeries near a place, from which on it counts as found


@app.function
@cache
def ring():
    """The bundled points on one scale (4000, 2), the eight places around which they lie (8, 2), how near is near."""
    points = gaussian_ring.load().frame.to_numpy()
    scale, angles = points.std(), 2 * np.pi * np.arange(gaussian_ring.MODES) / gaussian_ring.MODES
    places = gaussian_ring.RADIUS * np.stack([np.cos(angles), np.sin(angles)], 1)
    return points / scale, places / scale, 3 * gaussian_ring.DEVIATION / scale


@app.function
def play(moments, forgeries=1, penalty=0.0, seed=0):
    """A game, looked at between turns: (turn, game, its forgeries from the same noise, the detective's loss so far)."""
    real, rng, losses = ring()[0], np.random.default_rng(seed), []
    game, noise = Game(forgeries, penalty, seed=seed), np.random.default_rng(7).normal(size=(SHOWN, 2))
    for turn in range(moments[-1] + 1):
        if turn in moments:
            yield turn, game, game.make(noise), np.array(losses)
        losses.append(game.turn(real[rng.integers(0, len(real), BATCH)])[0])


@app.function
def found(made):
    """At how many of the eight places something is forged, and the share of forgeries that lies near any of them."""
    shares = covered(made, *ring()[1:])
    return int((shares >= FOUND).sum()), float(shares.sum())


@app.function
def spread(points):
    """Half of the points lie within this distance of their middle: small for a heap, the radius for a ring."""
    return float(np.median(np.linalg.norm(points - np.median(points, 0), axis=1)))


@app.function
def believed(game, side=29):
    """How real the detective takes each place of the picture to be, from 0 to 1, (side, side), from the top down."""
    line = np.linspace(-REACH, REACH, side)
    places = np.stack(np.meshgrid(line, line[::-1]), -1).reshape(-1, 2)
    return 1 / (1 + np.exp(-game.judge(places).reshape(side, side).astype(float)))


@app.function
def stage(ax, belief, made, **arrow):
    """Belief as colour, real places as crosses, forgeries as dots; and one of them with the way it is pulled."""
    edge = (-REACH, REACH)
    ax.imshow(belief - 0.5, cmap=kit.MORE_AND_LESS, vmin=-0.55, vmax=0.55, extent=edge * 2, interpolation="none")
    ax.scatter(*ring()[1].T, marker="+", s=70, color=kit.INK, linewidths=1.3)
    ax.scatter(*made.T, s=9, color=kit.PINK, linewidths=0)
    if arrow:
        ax.scatter(*arrow["start"], s=70, color=kit.PINK, edgecolors=kit.INK, linewidths=1.3, zorder=4)
        ax.annotate(
            "",
            arrow["start"] + arrow["way"],
            arrow["start"],
            zorder=5,
            arrowprops={"arrowstyle": "-|>", "color": kit.INK, "lw": 1.6},
        )
    ax.set(xlim=edge, ylim=edge, xticks=[], yticks=[], aspect="equal")
    ax.grid(visible=False)


@app.function
def film():
    """The game of one turn each; in the end what was seen at every moment: belief, forgeries, pulls, losses."""
    seen = {}
    for turn, game, made, losses in play(MOMENTS):
        belief, (places, near) = believed(game), found(made)
        pulls = np.array([game.pull(one) for one in made[:6]])
        seen[turn] = {"belief": belief, "made": made, "pulls": pulls, "D": game.judge(made[:6]), "losses": losses}
        told = f"After {turn} turns: forgeries at {places} of 8 places, {near:.0%} of them near one."
        fig, ax = kit.figure(3.7, 3.7)
        stage(ax, belief, made)
        yield kit.picture(fig, f"Forged points among eight real places. {told}"), told
    return seen


@app.cell
def _():
    kit.opening(
        LESSON,
        "Crosses mark the eight places where real points lie. The **pink dots** are forged: a net makes them out of "
        "noise, and it has never seen a real point. It is only told how a second net, the detective, judges its dots. "
        "Where the page is **blue**, the detective would say *real*; where it is **orange**, *forged*.",
    )
    return


@app.cell
def _():
    _film = kit.film(film(), label="Turns of the game", seconds=0.6, waits=True, width=3.7)
    mo.output.replace(_film)
    seen = _film.draw()
    mo.output.replace(_film)
    return (seen,)


@app.cell
def _():
    _wide = [f"{spread(made):.2f}" for _, made in broken(5, 0)]
    kit.guess(
        "In the film each learns once per turn. Now the forger may learn <b>five times</b> in every turn, against a "
        "detective who stands still meanwhile. What does the forger's net make?",
        ["The same ring, sooner", "All dots in one heap", "A fog, evenly spread"],
        f"One heap. At six moments half of its dots lay within {', '.join(_wide)} of their middle; for the real points "
        f"it is {spread(ring()[0]):.2f}. To a detective who stands still, one place looks most real, and the best "
        "answer to him is to put everything there. Then he learns that this place is forged, and the heap moves on.",
    )
    return


@app.cell
def _():
    when = kit.slider("Turns played", MOMENTS, 60)
    which = kit.slider("Forged dot", [1, 2, 3, 4, 5, 6], 1)
    kit.text(
        r"""
        ## Learning through the eyes of an opponent {#see}

        The **generator** $G$ turns noise $z$ into a point. The **discriminator** $D$ gives every point a number: above
        0, it takes it for real. How can $G$ learn from a verdict? Through its *slope*. The verdict says how good a
        forgery is; its slope says into which direction the forgery should move to look more real. Follow one dot:

        {when} {which}
        """,
        when=when,
        which=which,
    )
    return when, which


@app.cell
def _(seen, when, which):
    _now, _i = seen[when.value], which.value - 1
    _start, _way, _D = _now["made"][_i], _now["pulls"][_i], float(_now["D"][_i])
    _long = float(np.hypot(*_way))
    _fig, _ax = kit.figure(3.6, 3.6)
    stage(_ax, _now["belief"], _now["made"], start=_start, way=0.5 * _way / max(_long, 1e-9))
    _believed, _loss = 1 / (1 + np.exp(-_D)), float(np.logaddexp(0, -_D))
    _told = f"After {when.value} turns, dot {which.value}. The arrow shows the direction only."
    kit.levels(
        kit.html(_fig, f"{_told} It lies at ({_start[0]:.2f}, {_start[1]:.2f}).", _told),
        {
            "the verdict D": _D,
            "believed to be real": f"{_believed:.0%}",
            "the forger's loss": _loss,
            "pull, its length": _long,
            "places found, of 8": found(_now["made"])[0],
        },
        r"""
        $$L_G = \ln\left(1 + e^{-\blue{D(G(z))}}\right)$$

        $$= \ln\left(1 + e^{-({verdict})}\right) = {loss}$$

        and the dot is pulled along $-\partial L_G/\partial G(z) = (1 - \sigma(\blue{D}))\,\nabla\blue{D}$. The
        detective's loss has two such terms: it is low if $D$ is high at real points and low at forged ones.
        """,
        verdict=f"{_D:.2f}",
        loss=f"{_loss:.2f}",
    )
    return


@app.cell
def _(seen):
    _losses = seen[MOMENTS[-1]]["losses"]
    _smooth = np.convolve(_losses, np.ones(20) / 20, "valid")
    kit.row(
        kit.text(
            r"""
            ### A loss that should not fall

            At a place where real points have the density $p$ and forged ones $q$, the best verdict is
            $\sigma(D) = p/(p+q)$. If the forger is perfect, $p = q$: the best detective says ½ everywhere, and his loss
            is $2\ln 2 = {same:.3f}$. So a good game does not end with small losses. It ends where neither gains, and
            the curve alone does not tell whether the dots are good: a detective who has learnt **nothing** has the same
            loss. That is why samples are judged by other numbers, here the places found.
            """,
            same=SAME,
        ),
        kit.curves(
            {"detective": _smooth}, marks={"2 ln 2": SAME}, xlabel="turn", ylabel="loss", ylim=(0, 1.6),
            label="The detective's loss, mean of 20 turns",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _file = "glass/foundations/forger_and_detective.py"
    kit.text(
        """
        ## One turn {#read}

        This is the game of the film. Each player has an optimiser that holds only its own weights. In the detective's
        loss the forgeries are *detached*: they are evidence, not something he may change. In the forger's they are not:
        the blame runs through the detective and on into the forger.

        {turn} {detective}
        """,
        turn=kit.read(
            _file,
            {
                "caught = learn(": "First the detective sees real points and forged ones …",
                "for _ in range(self.forgeries)": "… then the forger learns, as often as it is allowed to.",
            },
            part="Game.turn",
        ),
        detective=kit.read(
            _file,
            {
                "made = self.generator": "The forger's work, cut off from the forger.",
                "loss = F.softplus(": "High verdicts where it is real, low ones where it is forged.",
                "loss = loss + self.penalty": "The mend below: no steep slopes where the data are.",
            },
            part="Game.discriminator_loss",
        ),
    )
    return


@app.function
@cache
def broken(forgeries, penalty):
    """A game with these settings at six moments: belief and forgeries."""
    return [(believed(game, 19), made) for _, game, made, _ in play(HOPS, forgeries, float(penalty))]


@app.cell
def _():
    forgeries = kit.slider("Steps of the forger per turn", [1, 2, 5], 5)
    penalty = kit.slider("Penalty γ on the detective's slope", [0, 1], 0)
    kit.text(
        r"""
        ## Let one side learn too much {#break-it-mend-it}

        Six moments of one game, from left to right and down; each has its own scale of colour. Give the forger more
        steps than the detective and look where the dots are from moment to moment. **Mend it**: take the steps back.
        Then set them to 2, and try the other cure: $\frac{\gamma}{2}|\nabla D|^2$ at the real points is added to the
        detective's loss.

        {forgeries} {penalty}
        """,
        forgeries=forgeries,
        penalty=penalty,
    )
    return forgeries, penalty


@app.cell
def _(forgeries, penalty):
    _seen = broken(forgeries.value, penalty.value)
    _fig, _axes = kit.figure(4.6, 3.2, rows=2, columns=3)
    for _ax, (_belief, _made), _turn in zip(_axes.flat, _seen, HOPS):
        stage(_ax, 0.5 + 0.4 * (_belief - 0.5) / np.abs(_belief - 0.5).max(), _made)
        _ax.set_title(f"turn {_turn}", fontsize=9.5)
    _wide = ", ".join(f"{spread(made):.2f}" for _, made in _seen)
    _found = ", ".join(str(found(made)[0]) for _, made in _seen)
    _told = f"Places found: {_found} of 8. Half of the dots lie within {_wide} of their middle."
    _words = kit.text(
        r"""
        A forger that gathers everything in few places has **collapsed**: every single dot may pass, and most of what is
        real is never made. Nothing in its loss asks for variety; only a detective who keeps up does. Goodfellow and
        others warned of it in the first paper.

        A steep detective throws the forger far. The penalty makes him flat around the real points, so his pull fades
        where forgeries are good enough. It calms a game that is a little out of balance; against five steps to one it
        does not help here.
        """
    )
    kit.after_guess(kit.row(kit.html(_fig, f"Six moments of a game. {_told}", _told), _words))
    return


@app.cell
def _():
    p, q = 0.3, 0.1
    kit.check(
        kit.exercise("forgers_loss"),
        kit.answer(
            f"Around some place lie {p:.0%} of the real points and {q:.0%} of the forged ones. Which probability of "
            "<i>real</i> does the best detective give there, if he sees as many of the one kind as of the other?",
            p / (p + q),
            name="best verdict",
            slips={
                p: "That is the share of real points that lie there, not the share of real ones among all that do.",
                q / (p + q): "That is the probability of a forgery.",
                0.5: "Only where both are equally frequent.",
                p - q: "Frequencies are compared by their ratio.",
            },
            because="And where p = q, he can only shrug.",
            hint="Of all points that lie there, which share is real?",
            solution=f"{p} / ({p} + {q}) = {p / (p + q):g}",
            tolerance=0.002,
        ),
        kit.choose(
            "The detective's loss has come to rest at 2 ln 2. What follows?",
            {
                "He says ½ on the whole; look at the samples before you rejoice": (
                    True,
                    "A perfect forger leads there, and so does a detective who cannot tell anything from anything.",
                ),
                "The forger is perfect": (False, "An untrained detective has this loss as well."),
                "The forger has collapsed": (False, "A heap in one place is easy to tell from a ring, for a good one."),
                "The learning rate is too low": (False, "Perhaps; this loss does not say so."),
            },
            name="at rest",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same ring with the library's own networks, for a fifth of the usual time: fewer points may lie near a place
        than in a whole training (leave out `--epochs`). `modes_covered` and `near_modes` are the two numbers of this
        page. Its penalty begins large and falls, and what makes the rows in the end is the running mean of the
        generator's weights, which stands in the middle where the weights walk in circles.

        The third command lets the same pair of networks forge pictures, pixel by pixel; it is a short training, and one
        of `--epochs 150 --hidden-dim 128` makes much better ones. No mode can be counted there.
        Its report shows the pictures, and says how far they are from real ones: the kernel distance (KID), beside that
        between two halves of the real ones.
        """,
        own_file="""
        A table of numbers, with a header: `deepglass train my.csv --task generation`, then `deepglass generate RUN
        --count 100`. Every column is made, none is predicted.
        """,
        sources=[
            ("Goodfellow et al. (2014), Generative adversarial nets", "https://arxiv.org/abs/1406.2661"),
            ("Metz et al. (2017), Unrolled GANs (a ring of eight)", "https://arxiv.org/abs/1611.02163"),
            ("Bińkowski et al. (2018), Demystifying MMD GANs (KID)", "https://arxiv.org/abs/1801.01401"),
            ("Mescheder et al. (2018), Which training methods converge?", "https://arxiv.org/abs/1801.04406"),
            ("Yazıcı et al. (2019), Averaging in GAN training", "https://arxiv.org/abs/1806.04498"),
        ],
        onward="A net can make what it was never shown, if somebody who was shown it judges. As long as neither wins.",
    )
    return


if __name__ == "__main__":
    app.run()
