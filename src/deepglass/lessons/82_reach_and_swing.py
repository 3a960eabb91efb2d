"""Lesson 82: reach and swing. How does a hand find where to go, and what does a late order do to it?"""

import marimo

app = marimo.App(width="medium", app_title="Reach and swing", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.draw.world import world
    from deepglass.glass import tensor
    from deepglass.glass.foundations import inverse_kinematics as ik
    from deepglass.rl.envs import arm, pendulum
    from deepglass.rl.parts.imperfect import Imperfect, Wire

    LESSON = {
        "title": "Reach and swing",
        "question": "How does a hand find where to go?",
        "part": "In the world",
        "minutes": 20,
        "reads": ["glass/foundations/inverse_kinematics.py", "rl/envs/arm.py", "rl/parts/imperfect.py"],
        "runs": [
            "deepglass train Arm-v0 --steps 60000 --run runs/arm",
            "deepglass evaluate runs/arm --environment Arm-v0:load=0.5",
        ],
    }

    ANGLES, MISSES = "told angles", "told misses"  # what a network learns from
    PLACES, UNSEEN, WIDE = 500, 300, np.pi / 2  # goals to learn from and to be judged by; to either side of level
    LATEST, STARTS = 3, 100  # steps of the latest order; starts that judge a controller
    SEES, FORESEES = "what it sees", "what it foresees"  # by what a controller goes
    HOME = "the arm of the training"
    OTHER = {  # what a policy is judged on
        HOME: {}, "0.5 kg in the hand": {"load": 0.5}, "friction × 3": {"friction": 3.0},
        "gravity of Mars": {"gravity": 3.7}, "masses, lengths ± 30 %": {"vary": 0.3},
    }  # fmt: skip
    FILE = "glass/foundations/inverse_kinematics.py"
    STRAIGHT, PUMP = "straight to the top", "along the swing"


@app.function
def goals(count, seed):
    """Places right of the shoulder, evenly over the area."""
    rng = np.random.default_rng(seed)
    far, bearing = np.sqrt(rng.uniform(0.3**2, 0.95**2, count)), rng.uniform(-WIDE, WIDE, count)
    return far[:, None] * np.stack([np.cos(bearing), np.sin(bearing)], axis=1)


@app.function
@cache
def net(learns):
    """A network from a place to angles, after 1000 steps."""
    places, made = goals(PLACES, 0), ik.network(elbow=1.0 if learns == MISSES else 0.0)
    coin = np.random.default_rng(1).integers(0, 2, PLACES)
    told = ik.solutions(places)[coin, np.arange(PLACES)] if learns == ANGLES else None
    for _ in ik.train(made, places, told):
        pass
    return made


@app.function
@cache
def missed(learns):
    """How far the tip is from places that were not learnt from, in cm."""
    return 100 * ik.misses(net(learns), goals(UNSEEN, 5))


@app.function
def posed(place, poses):
    """The place, and arms: (angles, colour, width) each."""
    fig, ax = kit.figure(3.0, 3.9)
    ax.scatter(*place, s=260, color=kit.GREEN, alpha=0.4, linewidths=0)
    for angles, color, width in poses:
        elbow, tip = arm.joints(np.array(angles)[:, None], np.full((2, 1), 0.5))
        ax.plot(*np.hstack([np.zeros((2, 1)), elbow, tip]), color=color, linewidth=width, marker="o", markersize=width)
    ax.set(xlim=(-0.35, 1.1), ylim=(-1.05, 1.05), aspect="equal")
    ax.axis("off")
    return mo.Html(kit.picture(fig, "The place, both exact ways to it, and what the two networks say"))


@app.function
def torque(known, body, state, wanted, stiffness):
    """What bears the weight, a spring to the wanted angles, and a brake: shares of the strongest torques (2, N)."""
    (shoulder, elbow), (one, two) = known.weights(body), state[:2]
    forearm = elbow * np.cos(one + two)
    weight, scale = np.stack((shoulder * np.cos(one) + forearm, forearm)), np.array([[4.0], [1.0]])
    pull = stiffness * (wanted - state[:2]) - 0.35 * np.sqrt(stiffness) * state[2:]
    return (weight + scale * pull) / arm.STRONGEST


@app.function
def foreseen(known, body, state, orders):
    """Where the arm will be when the orders that are on their way have been carried out."""
    for order in orders:
        for _ in range(arm.SUBSTEPS):
            state = known.later(state, body, arm.STRONGEST * np.clip(order.T, -1, 1), arm.SECONDS / arm.SUBSTEPS)
    return state


@app.function
@cache
def steered(delay, by=SEES, stiffness=3.0, other=HOME):
    """Arms that are steered to places: drawings of two, distances (steps, starts) in cm, how many reach their goal."""
    env = Imperfect(arm.Env(STARTS, 5, config=arm.Config(**OTHER[other])), Wire(delay=delay))
    known, places = arm.Env(STARTS), goals(STARTS, 5)
    env.reset()
    env.env.physics[:2] = np.random.default_rng(0).uniform([[-1.5], [0]], [[1.5], [2]], (2, STARTS))
    env.env.physics[4:6] = places.T
    *_, wanted = ik.damped_least_squares(net(MISSES)(tensor(places.astype(np.float32))).detach().numpy(), places, 5)
    shots, off = [], []
    for _ in range(env.max_steps - 1):
        shots.append([env.shapes(i) for i in range(2)])
        off.append(100 * np.hypot(*arm.to_goal(env.env.physics)))
        state, body = env.env.physics[:4], known.physics[6:]
        if by == FORESEES:
            state = foreseen(known, body, state, env.sent)
        step = env.step(torque(known, body, state, wanted.T, stiffness).T)
    return shots, np.array(off), int(step.reached.sum())


@app.function
def reaching(steps=36):
    """Two arms, one after the other."""
    (shots, off, _), (fig, ax) = steered(0), kit.figure(3.6, 3.6)
    for number in range(2):
        for step in range(0, steps, 2):
            ax.clear()
            world(ax, shots[step][number])
            ax.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
            ax.axis("off")
            told = f"{step * arm.SECONDS:.1f} s: {off[step, number]:.0f} cm from the goal."
            yield kit.picture(fig, f"An arm under gravity. {told}"), told
            fig.set_layout_engine("none")


@app.function
@cache
def swung(way, start):
    """A pendulum pushed in one of two ways: degrees from the top, (200,), and energy below that of standing there."""
    env = pendulum.Env(1, 0)
    env.physics = np.array([[np.radians(start)], [0.0]])
    found = []
    for _ in range(200):
        angle, turning = env.physics[:, 0]
        top = (angle + np.pi) % (2 * np.pi) - np.pi
        lacks = 15 - (turning**2 / 2 + 15 * np.cos(angle))  # a third of it is joules
        found.append((np.degrees(abs(top)), lacks / 3))
        if way == STRAIGHT or np.cos(angle) > 0.9:
            torque = -20 * top - 4 * turning
        else:
            torque = 2 * np.sign(lacks) * (1 if turning >= 0 else -1)
        env.step(np.array([[torque]]))
    return np.array(found).T


@app.cell
def _():
    kit.opening(
        LESSON,
        "The green disc wanders; **drag it** where you like. A network is told where it is and says two angles, "
        "for shoulder and elbow. Pale, behind it: the two ways in which the hand can get there. Nobody has ever told "
        "this network a right angle.",
        kit.arm({"the network": net(MISSES)}, label="An arm that follows a disc"),
    )
    return


@app.cell
def _():
    kit.guess(
        f"Another network <b>is</b> told right angles: {PLACES} places, and for each of them one of its two ways, by "
        "the toss of a coin. It learns until its error falls no more. Where does it bring the hand?",
        ["To the place, with the elbow on one side", "To the place, with the elbow now here, now there",
         "Past the place"],
        f"Past it. In {UNSEEN} new places it misses by {missed(ANGLES).mean():.0f} cm on average; the network above "
        f"misses by {missed(MISSES).mean():.1f} cm.",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.after_guess(
        kit.row(
            kit.arm(
                {MISSES: net(MISSES), ANGLES: net(ANGLES)}, goal=(0.45, 0.3),
                label="Two arms, one that was told misses and one that was told angles",
            ),
            kit.text(
                """
                The broken arm learnt from angles. It is nearly **straight** in most places, points at the disc and
                reaches past it. Squared error asks for the *mean* of the answers to a question. The elbow was told
                +100° as often as −100°, and the mean is 0°. **The mean of two right answers is a wrong one.**

                Drag the disc to the left of the shoulder: no place there was ever learnt from.
                """
            ),
        )
    )  # fmt: skip
    return


@app.cell
def _():
    bearing = kit.slider("Direction in degrees", [-60, -30, 0, 30, 60], 30)
    far = kit.slider("Distance in m", [0.4, 0.6, 0.8], 0.6)
    kit.text(
        """
        ## From angles to a place is easy {#see}

        Two angles give the tip by a formula. The way back has two answers. Blue is what the network says that was told
        misses; orange, what the other one says.

        {bearing} {far}
        """, bearing=bearing, far=far,
    )  # fmt: skip
    return bearing, far


@app.cell
def _(bearing, far):
    _place = far.value * np.array([np.cos(np.radians(bearing.value)), np.sin(np.radians(bearing.value))])
    _ways = ik.solutions(_place[None])[:, 0]
    _asked = tensor(_place[None].astype(np.float32))
    _angles = {name: net(name)(_asked).detach().numpy()[0].astype(float) for name in (MISSES, ANGLES)}
    _poses = [(_ways[0], kit.GREY, 1.5), (_ways[1], kit.GREY, 1.5), (_angles[ANGLES], kit.ORANGE, 4)]
    _rows = {"one way": _ways[0], "the other": _ways[1], "mean of both": _ways.mean(axis=0), **_angles}
    _tips = {name: ik.forward(tensor(row[None])).numpy()[0] for name, row in _rows.items()}
    _one, _two = _angles[MISSES]
    kit.levels(
        posed(_place, [*_poses, (_angles[MISSES], kit.BLUE, 5)]),
        [
            {"": name, "shoulder °": round(np.degrees(row[0])), "elbow °": round(np.degrees(row[1])),
             "off by cm": 100 * float(np.hypot(*(_tips[name] - _place)))}
            for name, row in _rows.items()
        ],
        r"""
        $$\begin{aligned}x &= 0.5\cos \blue{q_1} + 0.5\cos(\blue{q_1} + \blue{q_2}) \\
        &= 0.5\cos({one}°) + 0.5\cos({both}°) \\ &= {x}\end{aligned}$$

        and $y$ with sines: {y}. The place is at ({place}).
        """,
        one=f"{np.degrees(_one):.0f}",
        both=f"{np.degrees(_one + _two):.0f}",
        x=f"{_tips[MISSES][0]:.2f}",
        y=f"{_tips[MISSES][1]:.2f}",
        place=f"{_place[0]:.2f}, {_place[1]:.2f}",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        r"""
        ## Blame the hand and not the angle {#read}

        The mend is one word in the loss. The angles go on through the formula, and blamed is how far the **tip** is
        off. The gradient comes back through the formula, which knows what each joint does to the hand: its Jacobian
        $J$. Now either way is right, and the network may settle for one.

        {angles} {misses}

        Jordan and Rumelhart called it a *distant teacher*: one who knows where the hand should be, and nothing of
        muscles. With $J$ one gets there without a network as well, step by step,
        $\Delta q = J^\top (J J^\top + \lambda^2 I)^{-1} e$. The $\lambda$ keeps steps short where the arm is stretched
        and $J$ has no inverse (`damped_least_squares`, in the same file).
        """,
        angles=kit.read(FILE, {"return (net(goals) - ": "Told angles: each one shown pulls."}, part="told_angles"),
        misses=kit.read(FILE, {"return (forward(net": "Told misses: where they lead is compared."}, part="told_misses"),
    )
    return


@app.cell
def _():
    kit.row(
        kit.film(reaching(), label="An arm under gravity", seconds=0.25, width=3.6),
        kit.text(
            """
            ## An arm has weight {#weight}

            Angles are a wish. A motor gives **torque**; the links swing, pull at each other and fall. The network's
            angles, made exact by five damped steps, are where a *spring* pulls each joint; a brake calms it, and on top
            comes the torque that bears the weight. In **{share} of {starts}** starts the hand gets within 5 cm of its
            goal and stays for a quarter of a second.

            Whoever knows no masses can learn the torques themselves, by trying, as in lesson 57: the command at the end
            does.
            """,
            share=steered(0)[2],
            starts=STARTS,
        ),
    )
    return


@app.cell
def _():
    late = kit.slider("Orders arrive after … ms", [0, 50, 100, 150], 150)
    stiffness = kit.slider("Stiffness of the spring", [1.0, 3.0, 5.0], 3.0)
    by = mo.ui.radio([SEES, FORESEES], value=SEES, label="The controller goes by", inline=True)
    kit.text(
        """
        ## Too late {#break-it-mend-it}

        A real motor hears an order some milliseconds after it was given. By then the arm is elsewhere. Each order
        corrects what an earlier one, still on its way, has corrected already: the hand overshoots, and back. A softer
        spring bears more delay, and is slower. **Mend it**: the controller knows its last orders. Let it compute where
        the arm will be once they are carried out, and answer to *that*.

        {late} {stiffness} {by}
        """, late=late, stiffness=stiffness, by=by,
    )  # fmt: skip
    return by, late, stiffness


@app.cell
def _(by, late, stiffness):
    _off = steered(round(late.value / 50), by.value, stiffness.value)[1]
    _table = [
        {"late by ms": 50 * delay, **{f"by {way}": steered(delay, way, stiffness.value)[2] for way in (SEES, FORESEES)}}
        for delay in range(LATEST + 1)
    ]
    kit.row(
        kit.curves(
            {f"start {i + 1}": ((np.arange(len(_off)) * arm.SECONDS).tolist(), _off[:, i].tolist()) for i in range(3)},
            marks={"5 cm": 5}, xlabel="seconds", ylabel="cm from the goal", ylim=(0, 150),
            label=f"Steered by {by.value}, orders {late.value} ms late",
        ),
        kit.table(_table, caption=f"Starts of {STARTS} in which the goal is reached."),
    )  # fmt: skip
    return


@app.cell
def _():
    _table = [
        {"judged on": other, "at once": steered(0, SEES, 3.0, other)[2], "150 ms": steered(3, FORESEES, 3.0, other)[2]}
        for other in OTHER
    ]
    kit.note(
        kit.row(
            kit.text(
                """
                Spring, weight and foresight are computed for one arm, and a robot is never the arm of the simulator.
                What is lost on another is the **gap**. A policy that learns is therefore shown many:
                `Arm-v0:vary=0.3` draws other masses and lengths for each episode.
                """
            ),
            kit.table(_table, caption=f"Starts of {STARTS}, orders at once, or foreseen."),
        ),
        "From one simulator to another.",
    )
    return


@app.cell
def _():
    start = kit.slider("Degrees from the top", [20, 60, 120, 180], 180)
    kit.text(
        r"""
        ## Away, to get there {#swing}

        One joint is enough to fool whoever always moves towards the goal. This pendulum's motor gives 2 N m, and
        held level the rod pulls with 5. Pushed **straight to the top** it sticks where the two are equal. Pushed
        **along the swing**, whichever way that is, each push adds energy, and it climbs. What counts is not how near
        the top it is, but how much energy it still lacks:

        $$\orange{E_\text{lacks}} = 5\,(1 - \cos\theta) - \tfrac{1}{6}\,\dot\theta^2$$

        {start}
        """, start=start,
    )  # fmt: skip
    return (start,)


@app.cell
def _(start):
    _runs, _colors = {way: swung(way, start.value) for way in (STRAIGHT, PUMP)}, {STRAIGHT: kit.GREY, PUMP: kit.ORANGE}
    _seconds = (np.arange(200) * pendulum.SECONDS).tolist()
    kit.row(
        kit.curves(
            {way: (_seconds, run[0].tolist()) for way, run in _runs.items()}, dashed={STRAIGHT}, colors=_colors,
            xlabel="seconds", ylabel="degrees from the top", ylim=(0, 185), label="How far from the top, in two ways",
        ),
        kit.curves(
            {way: (_seconds, run[1].tolist()) for way, run in _runs.items()}, dashed={STRAIGHT}, colors=_colors,
            xlabel="seconds", ylabel="energy lacking in joules", label="The energy that is lacking",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("tip_speed"),
        kit.answer(
            "Both links are 0.5 m. The shoulder is at 0°, the elbow at 90°. How far is the tip from the shoulder, in "
            "m?",
            float(np.hypot(0.5, 0.5)), name="tip",
            slips={1: "So far it is stretched.", 0.5: "That is the elbow, or one coordinate of the tip."},
            because="The tip is at (0.5, 0.5).", hint="Where is the elbow, and where does the forearm point?",
            solution="√(0.5² + 0.5²) = 0.71 m", tolerance=0.006,
        ),
        kit.choose(
            "A network is to name the way round an obstacle; drivers went left as often as right. It is trained by "
            "squared error on their steering. What does it do?",
            {
                "It steers into the obstacle": (True, "The mean of left and right is straight on."),
                "It goes left or right by chance": (False, "It has one answer to a question, and no coin."),
                "It takes the shorter way": (False, "Nothing in its loss knows which one is shorter."),
            },
            name="round",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        An arm learns to reach, for a sixth of the usual steps; `evaluate` then puts half a kilogram into its hand.
        *Goals reached* is the share of starts. Behind a colon every world takes `delay`, `noise` and `recall`, the arm
        also `load`, `friction`, `gravity` and `vary`. `deepglass train Pendulum-v1 --model td3` learns to swing up;
        `deepglass play` makes a film of either.
        """,
        own_file="""
        A robot of your own is a class with `reset` and `step`, in Gymnasium's form (one made with MuJoCo, for
        instance): `deepglass train robot.py:Robot:delay=2,recall=2`.
        """,
        sources=[
            ("Jordan & Rumelhart (1992), Forward models", "https://doi.org/10.1207/s15516709cog1603_1"),
            ("Wampler (1986), Damped least squares", "https://doi.org/10.1109/TSMC.1986.289285"),
            ("Åström & Furuta (2000), Swinging up a pendulum", "https://doi.org/10.1016/S0005-1098(99)00140-5"),
            ("Peng et al. (2018), Dynamics randomization", "https://arxiv.org/abs/1710.06537"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
