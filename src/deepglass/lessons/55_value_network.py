"""Lesson 55: a network that values. A cart learns from its own guesses: what holds that together, and what breaks."""

import marimo

app = marimo.App(width="medium", app_title="A network that values", css_file="../course/pages/lesson.css")

with app.setup:
    from copy import deepcopy
    from functools import cache
    from types import SimpleNamespace

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.draw.world import world
    from deepglass.rl.dqn import Config, Learner
    from deepglass.rl.envs.cartpole import Env
    from deepglass.rl.running.episodes import greedy, play

    LESSON = {
        "title": "A network that values",
        "question": "Can a network learn from its own guesses?",
        "part": "Acting",
        "minutes": 20,
        "reads": ["rl/dqn.py", "rl/parts/replay.py"],
        "runs": ["deepglass train CartPole-v1 --model dqn --steps 30000"],
    }

    COPIES, UPDATES, EVERY, SEEDS = 16, 300, 50, (0, 1, 2)  # carts that practise together; updates, and between looks
    GAMMA, LIMIT = 0.95, 200  # what a step of waiting leaves; steps of an episode that is watched
    PUSHES = ("left", "right")
    SLOW, ACTIONS, DRAWS = 0.05, 10, 4000  # how fast the second network follows; for the guess


@app.function
def settings(slow=True, memory=True, seen=1):
    """Plain DQN, small, with and without what holds it together."""
    kept, wait = (50_000, 20 * COPIES) if memory else (COPIES, COPIES)
    return Config(
        num_envs=COPIES, hidden_dim=32, learning_rate=5e-3, batch_size=64, gamma=GAMMA, n_step=seen, double=False,
        dueling=False, explore_share=0.3, replay_size=kept, warmup_steps=wait, tau=SLOW if slow else 1.0,
    )  # fmt: skip


@app.function
@cache
def practice(slow=True, memory=True, seen=1, seed=0):
    """A training, looked at before it and after every `EVERY` updates: steps of the world so far, both networks."""
    learner, looks = Learner(Env(COPIES, seed), settings(slow, memory, seen), seed), []
    for count in range(UPDATES + 1):
        if count % EVERY == 0:
            nets = (deepcopy(one).requires_grad_(False) for one in (learner.network, learner.target))
            looks.append(SimpleNamespace(**dict(zip(("network", "target"), nets)), steps=count * COPIES))
        if count < UPDATES:
            learner.iterate(count / UPDATES)
    return looks


@app.function
def worth(network, states):
    """What pushing to the left and to the right is worth: states (4, N) → (N, 2)."""
    with torch.no_grad():
        return network(torch.from_numpy(np.ascontiguousarray(states.T, np.float32))).numpy().astype(float)


@app.function
def episode(network, seed=3):
    """One cart that does what is worth most, until it falls or time is up: its states, (4, 1) each."""
    env, states = Env(1, seed, LIMIT), []
    for _ in range(LIMIT):
        states.append(env.physics)
        if env.step(worth(network, env.physics).argmax(1)).ended[0]:
            break
    return states


@app.function
def judged(network):
    """Of 16 carts that do what is worth most: steps until they fall on average, and the worth they believe in first."""
    env = Env(16, 99, LIMIT)
    believed = worth(network, env.physics).max(1).mean()
    return float(play(greedy(network, env.actions), env, 16).lengths.mean()), float(believed)


@app.function
def draw_cart(ax, state, before=()):
    """A cart, and fainter where it was before."""
    env = Env(1, 0)
    for one, alpha in (*((past, 0.15) for past in before), (state, 1.0)):
        env.physics = one
        world(ax, env.shapes(0), alpha)
    ax.set(xlim=(-1, 1), ylim=(-0.6, 0.75), xticks=[], yticks=[], aspect="equal")
    ax.grid(False)


@app.function
def film(poses=7):
    """Episodes in the course of the training, seven pictures of each, over what the network believes."""
    fig, (top, below) = kit.figure(3.7, 3.3, rows=2, height_ratios=[3, 1])
    for look in practice()[::2]:
        states = episode(look.network)
        places = np.linspace(0, len(states) - 1, poses).astype(int)
        for place in places:
            Q = worth(look.network, states[place])[0]
            top.clear()
            draw_cart(top, states[place], [states[p] for p in places[places < place][-2:]])
            below.clear()
            below.barh([1, 0], Q, color=[kit.BLUE if worthy else kit.GREY for worthy in Q.max() <= Q])
            below.set(yticks=[1, 0], yticklabels=PUSHES, xlim=(0, 1), xlabel="believed worth")
            told = (
                f"After {look.steps:,} steps of practice, step {place + 1} of {len(states)}: push {PUSHES[Q.argmax()]}."
            )
            yield kit.picture(fig, f"A cart with a pole. {told}"), told
            fig.set_layout_engine("none")


@app.function
@cache
def largest(count, seed=0):
    """Of so many actions, all worth 0 and guessed with errors of deviation 1: mean of the largest guess, and of another
    network's guess for the same action."""
    one, other = np.random.default_rng(seed).normal(size=(2, DRAWS, count))
    return float(one.max(1).mean()), float(other[np.arange(DRAWS), one.argmax(1)].mean())


@app.cell
def _():
    kit.opening(
        LESSON,
        "A pole stands on a cart. Fifty times a second the cart is pushed, to the left or to the right, and the pole "
        "must not fall. Nobody says how. A network guesses **what each push is worth**, the larger guess is done, and "
        "the guesses learn from what happens and from each other.",
        kit.film(film(), label="Pictures", seconds=0.35, width=3.7),
        kit.guess(
            f"{ACTIONS} actions are all worth exactly 0. A network guesses each; its errors are as often too high as "
            "too low (normal, deviation 1, each by itself). The action with the largest guess is taken. What is that "
            "largest guess on average?",
            ["About 0: the errors cancel", "About 0.3", "About 1.5"],
            f"{largest(ACTIONS)[0]:.2f}. Every guess is right on average, and the largest of them is not: what is "
            "largest was chosen for its error. In Q-learning that number is the target of the next guess.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    look = kit.slider("Steps of practice", [one.steps for one in practice()], practice()[-1].steps)
    angle = kit.slider("Pole, degrees to the right", [-11, -8, -4, 0, 4, 8, 11], 4)
    turning = kit.slider("Its speed, radians per second", [-1, 0, 1], 0)
    kit.text(
        """
        ## A table has no cell for this {#see}

        Lesson 54 kept a number for each cell and move. Here a state is four real numbers: where the cart is and how
        fast, how far the pole leans and how fast. Hardly any state comes twice, so no table helps. A network takes the
        four and answers with two: $Q(s, \\text{left})$ and $Q(s, \\text{right})$. States that are alike share what is
        learnt.

        Each step on which the pole stands earns 1. Rewards are counted 1 − γ times, which makes Q a weighted mean of
        them: **1 means that it never falls, and nothing can be worth more**.

        {look} {angle} {turning}
        """,
        look=look,
        angle=angle,
        turning=turning,
    )
    return angle, look, turning


@app.function
def surprise(look, state):
    """One greedy step from a state (4, 1): values, action, what follows in the slow network's eyes, end, target."""
    Q, env = worth(look.network, state)[0], Env(1, 0)
    env.physics = state
    step = env.step(np.array([Q.argmax()]))
    following = 0.0 if step.terminated[0] else float(worth(look.target, step.final.T.astype(float)).max())
    return SimpleNamespace(
        Q=Q, action=PUSHES[Q.argmax()], following=following, fell=bool(step.terminated[0]),
        target=(1 - GAMMA) + GAMMA * following,
    )  # fmt: skip


@app.cell
def _(angle, look, turning):
    _look = next(one for one in practice() if one.steps == look.value)
    _state = np.array([[0.0], [0.0], [np.deg2rad(angle.value)], [float(turning.value)]])
    _now = surprise(_look, _state)
    _line = np.linspace(-12, 12, 49)
    _states = np.zeros((4, 49))
    _states[2], _states[3] = np.deg2rad(_line), turning.value
    _Q = worth(_look.network, _states)
    _fig, (_top, _below) = kit.figure(3.8, 4.2, rows=2)
    draw_cart(_top, _state)
    for _name, _column, _color in (("left", 0, kit.BLUE), ("right", 1, kit.ORANGE)):
        _below.plot(_line, _Q[:, _column], color=_color, linestyle="-" if _column else (0, (4, 2)), label=_name)
        _below.plot(angle.value, _now.Q[_column], "o", color=_color)
    _below.set(xlabel="pole, degrees", ylabel="worth")
    _below.legend(frameon=False)
    _told = f"After {_look.steps:,} steps of practice it pushes to the {_now.action}."
    _label = f"A cart whose pole leans {angle.value} degrees, and the worth of both pushes by angle."
    kit.levels(
        kit.html(_fig, f"{_label} {_told}", _told),
        {
            "Q of left": _now.Q[0],
            "Q of right": _now.Q[1],
            "reward": 1,
            "what follows": "it falls" if _now.fell else _now.following,
            "target": _now.target,
            "surprise": _now.target - _now.Q.max(),
        },
        r"""
        $$y = (1 - \green{gamma})\,r + \green{gamma}\,\max_{a'} \orange{Q^-}(s', a')$$

        $$= {first} \cdot 1 + {gamma} \cdot {following} = {target}$$

        and the network is moved towards it from $Q(s, a) = {believed}$. $\orange{Q^-}$ is the same network as it was a
        little earlier, $s'$ what is seen one step later. If the pole falls, nothing follows.
        """,
        gamma=GAMMA,
        first=f"{1 - GAMMA:.2f}",
        following=f"{_now.following:.3f}",
        target=f"{_now.target:.3f}",
        believed=f"{_now.Q.max():.3f}",
    )
    return


@app.cell
def _():
    _last = practice()[-1]
    _states = episode(_last.network)
    kit.note(
        kit.text(
            """
            After {steps:,} steps of practice the cart of the film stands for {stands}. That is worth {worth:.2f} at the
            beginning, if not more; it believes {believed:.2f}. Guesses that are made of guesses rise slowly. To act
            well it is enough that the larger of two is the larger.
            """,
            steps=_last.steps,
            stands=len(_states),
            worth=1 - GAMMA ** len(_states),
            believed=worth(_last.network, _states[0]).max(),
        ),
        title="Wrong, and good enough.",
    )
    return


@app.cell
def _():
    count = kit.slider("Actions to choose from", [2, 3, 5, 10, 20, 50], ACTIONS)
    _shown = kit.text(
        """
        ### The largest of many guesses

        Between actions that are alike, the largest guess says more about the error than about the action. Van Hasselt's
        mend: one network **chooses**, another **values** what was chosen. If its errors are its own, it has no reason
        to err upwards just there.

        {count}
        """,
        count=count,
    )
    kit.after_guess(_shown)
    return (count,)


@app.cell
def _(count):
    _one, _other = largest(count.value)
    _bars = {"the largest guess": _one, "another network's guess for it": _other, "the truth": 0.0}
    _words = kit.text(
        """
        Double DQN lets the present network choose and the slow one value. The two are relatives: their errors are
        alike, so a part of the overestimate stays. How much it matters depends on how many actions are alike and how
        rough the guesses are.
        """
    )
    _picture = kit.bars(_bars, xlim=(-0.4, 2.9), caption=f"Means of {DRAWS:,} draws of {count.value} guesses each.")
    kit.after_guess(kit.row(_picture, _words), silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## The target, as it stands {#read}

        {target}

        Two things around it are not in the formula. Transitions are drawn from a **memory**, so that one batch is not
        one long fall. And the network that values, $Q^-$, **follows slowly**: after every update it moves a share of
        {slow:g} of what is left of the way.

        {update}
        """,
        slow=SLOW,
        target=kit.read(
            "rl/dqn.py",
            {
                "valued = self.target(following)": "What each next action is worth, to the slow network.",
                "chosen = (self.network(following)": "Who chooses: the present network (double), or the slow one.",
            },
            part="Learner.targets",
        ),
        update=kit.read(
            "rl/dqn.py",
            {
                "value = self.network(": "What the network believes of the actions that were taken.",
                "slow.lerp_(fast, self.config.tau)": "τ = 1 would mean: no second network at all.",
            },
            part="Learner.update",
        ),
    )
    return


@app.cell
def _():
    slow = mo.ui.switch(label="a second network that follows slowly")
    memory = mo.ui.switch(value=True, label="a memory of all that happened")
    seen = kit.slider("Steps seen before the guess", [1, 3, 10], 1)
    kit.text(
        """
        ## Run after yourself: break it, mend it {#break-it-mend-it}

        Three carts practise **without the slow network**: the target comes from the very weights that are moved towards
        it. Raise Q here, and it rises at the next state too, which is nearly the same; so the target has risen, and is
        run after again. **Mend it** with the first switch. Then take the memory away, and keep only the last step of
        each cart. The slider, with the memory on, is another mend: the more steps are seen before the guess, the less
        of the target is a guess.

        {slow} {memory} {seen}
        """,
        slow=slow,
        memory=memory,
        seen=seen,
    )
    return memory, seen, slow


@app.function
def course(slow, memory, seen, seeds=SEEDS):
    """By cart, over its practice: steps until it falls, and the worth it believes in at first, (seeds, looks) each."""
    looks = [[judged(look.network) for look in practice(slow, memory, seen, seed)] for seed in seeds]
    return np.moveaxis(np.array(looks), 2, 0)


@app.cell
def _(memory, seen, slow):
    _steps, _believed = course(slow.value, memory.value, seen.value)
    _x = [look.steps for look in practice()]
    _named = lambda rows: {f"cart {i}": row for i, row in enumerate(rows, 1)}  # noqa: E731
    _worst = _believed[:, -1].max()
    _told = f"At the end it is {_worst:,.2f} at most; more than 1 is impossible."
    _left = kit.curves(
        _named(_believed.clip(0.01)),
        _x,
        marks={"most that is possible": 1.0},
        xlabel="steps of practice",
        log="y",
        ylabel="believed worth",
        label="What the beginning is believed to be worth",
        caption=_told,
    )
    _right = kit.curves(
        _named(_steps),
        _x,
        xlabel="steps of practice",
        ylabel="steps until it falls",
        ylim=(0, LIMIT + 5),
        label="Steps until the pole falls",
        caption=f"At the end they stand for {_steps[:, -1].mean():.0f} steps on average; they are watched for {LIMIT}.",
    )
    kit.row(_left, _right)
    return


@app.cell
def _():
    _half = np.log(0.5) / np.log(1 - SLOW)
    _number = kit.answer(
        f"The slow network moves {SLOW:g} of the way towards the present one after each update. The present one jumps "
        "once and then stands still. After how many updates has the slow one gone at least half of the way?",
        np.ceil(_half),
        name="half way",
        slips={
            0.5 / SLOW: "It moves a share of what is left, and less is left each time.",
            1 / SLOW: f"By then it has gone {1 - (1 - SLOW) ** (1 / SLOW):.0%} of the way.",
        },
        because="So the target is a little older than whoever runs after it, and stands nearly still between updates.",
        hint=f"After n updates {1 - SLOW:g} to the power of n of the way is left.",
        solution=f"ln 0.5 / ln {1 - SLOW:g} = {_half:.1f}, so {np.ceil(_half):.0f}",
        tolerance=0.01,
    )
    kit.check(kit.exercise("double_target"), kit.exercise("follow"), _number)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same file with its usual settings: ten steps seen before the guess, the other network chooses, value and
        advantage apart. The pole may stand for 500 steps. `deepglass play` shows it, and `deepglass evaluate RUN
        --episodes 100` judges it.
        """,
        own_file="""
        A world of your own whose actions can be counted, a class with `reset` and `step`: `deepglass train
        my_world.py:World --model dqn`.
        """,
        sources=[
            ("Mnih et al. (2015), Human-level control through deep RL", "https://doi.org/10.1038/nature14236"),
            ("van Hasselt (2010), Double Q-learning", "https://papers.nips.cc/paper/3964-double-q-learning"),
            ("van Hasselt, Guez and Silver (2016), Double DQN", "https://arxiv.org/abs/1509.06461"),
            ("Lin (1992), Self-improving reactive agents (experience replay)", "https://doi.org/10.1007/BF00992699"),
        ],
        onward="The network says what each push is worth, and the larger is done. Why not ask for the push itself?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
