"""Lesson 57: actor and critic. A second network answers at once; how far to believe it, and how far to step."""

import marimo

app = marimo.App(width="medium", app_title="Actor and critic", css_file="../course/pages/lesson.css")

with app.setup:
    from dataclasses import replace
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.draw.world import world
    from deepglass.rl import a2c, ppo
    from deepglass.rl.envs.cartpole import Env
    from deepglass.rl.parts.returns import advantages
    from deepglass.rl.running.episodes import greedy, play

    LESSON = {
        "title": "Actor and critic",
        "question": "Must one wait for the end to know whether a step was good?",
        "part": "Acting",
        "minutes": 20,
        "reads": ["rl/parts/returns.py", "rl/ppo.py", "rl/sac.py"],
        "runs": [
            "deepglass train CartPole-v1 --model ppo --steps 40000",
            "deepglass train CartPole-v1 --model a2c --steps 30000",
        ],
    }

    CELLS, START, TRUTH = 7, 3, 1 / 6  # of a corridor; where it begins; the advantage of its first step to the right
    WALKS, BATCH, LONGEST = 4800, 16, 120  # walks in all and in one estimate; steps after which nearly all have ended
    TRUSTS, KNOWS = (0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 1), (0, 0.25, 0.5, 0.75, 1)
    SEEDS, ROUNDS, PASSES, RATE, LIMIT = (0, 1), 8, 20, 0.02, 200  # of PPO, driven hard


@app.function
@cache
def practised(seed=2, rounds=30):
    """An actor and a critic that have steered sixteen carts for a while."""
    learner = a2c.Learner(Env(16, seed, LIMIT), a2c.Config(hidden_dim=32), seed)
    for done in range(rounds):
        learner.iterate(done / rounds)
    return learner


@app.function
def expected(learner, states):
    """What the critic expects of states (4, N): discounted steps to come, at most 100."""
    with torch.no_grad():
        values = learner.critic(torch.from_numpy(np.ascontiguousarray(states.T, np.float32))).numpy()
    return values.astype(float) * float(learner.scale.moments.variance) ** 0.5


@app.function
def blind(seed=6):
    """A cart that is pushed blindly until the pole falls: its states (steps, 4)."""
    env, rng, states = Env(1, seed), np.random.default_rng(seed), []
    while True:
        states.append(env.physics[:, 0])
        if env.step(rng.integers(0, 2, 1)).ended[0]:
            return np.array(states)


@app.function
def film(most=24):
    """The blind cart, and what the critic says meanwhile."""
    states = blind()
    says = expected(practised(), states.T)
    fig, (top, below) = kit.figure(3.7, 3.7, rows=2, height_ratios=[3, 2])
    env = Env(1, 0)
    for step in np.unique(np.linspace(0, len(states) - 1, most).astype(int)):
        top.clear()
        env.physics = states[step][:, None]
        world(top, env.shapes(0))
        top.set(xlim=(-1, 1), ylim=(-0.6, 0.75), xticks=[], yticks=[], aspect="equal")
        top.grid(False)
        below.clear()
        below.plot(says[: step + 1], color=kit.BLUE)
        below.plot(step, says[step], "o", color=kit.BLUE)
        below.set(xlim=(0, len(states)), ylim=(min(0, says.min()) - 3, says.max() + 8))
        below.set(xlabel="step", ylabel="steps expected")
        told = f"Step {step + 1} of {len(states)}: the critic expects {says[step]:.0f} more, discounted."
        yield kit.picture(fig, f"A cart that is pushed blindly. {told}"), told
        fig.set_layout_engine("none")


@app.function
@cache
def walks(seed=0):
    """Walks in a corridor whose first step goes right, the others by chance: cells (steps + 1, walks)."""
    rng, path = np.random.default_rng(seed), [np.full(WALKS, START)]
    for step in range(LONGEST):
        move = np.where(rng.random(WALKS) < 0.5, 1, -1) if step else 1
        path.append(np.where((path[-1] > 0) & (path[-1] < CELLS - 1), path[-1] + move, path[-1]))
    return np.array(path)


@app.function
def critic(knows):
    """What a critic says of each cell who knows this share of the truth, and else says one half everywhere."""
    return knows * np.arange(CELLS) / (CELLS - 1) + (1 - knows) * 0.5


@app.function
def steps_of(path, knows):
    """Walks as `advantages` takes them: rewards, values, values of the next cell, and where the walk has ended."""
    says, over = critic(knows), (path == 0) | (path == CELLS - 1)
    rewards = ((path[1:] == CELLS - 1) & ~over[:-1]).astype(float)
    return rewards, np.where(over[:-1], 0, says[path[:-1]]), says[path[1:]], over[1:]


@app.function
@cache
def judged(knows, trust):
    """Of estimates from 16 walks each: how far their mean is off the truth, and how much they vary."""
    rewards, values, following, over = steps_of(walks(), knows)
    found = advantages(rewards, values, following, over, over, 1.0, trust)[0].reshape(-1, BATCH).mean(axis=1)
    return float(found.mean() - TRUTH), float(found.std())


@app.function
def error(knows, trust):
    """The mean squared error of an estimate: what it is off, squared, and its variance."""
    off, spread = judged(knows, trust)
    return off**2 + spread**2


@app.cell
def _():
    _errors = {trust: error(0.5, trust) for trust in TRUSTS}
    _best = min(_errors, key=_errors.__getitem__)
    kit.opening(
        LESSON,
        "This cart is pushed blindly. Below it speaks a **critic**: a network that has watched a practised driver and "
        "says how many steps may still be expected. Watch when it changes its mind.",
        kit.film(film(), label="Steps of the cart", seconds=0.35, width=3.7),
        kit.guess(
            "Was a step good? One may believe the critic at the next step, or wait for the end and see what came of "
            f"it. The critic is half right, and {BATCH} tries are averaged. What comes nearest to the truth?",
            ["Believe it at once", "Wait for the end", "A mixture of both"],
            f"A mixture. In the corridor below, the mean squared error is {_errors[0]:.4f} at once, {_errors[1]:.4f} "
            f"at the end, and {_errors[_best]:.4f} with λ = {_best:g} in between. The critic errs; the end holds all "
            "the chance of the way.",
        ),
    )
    return


@app.cell
def _():
    trust = kit.slider("λ: how long to wait", TRUSTS, 0.8)
    knows = kit.slider("The share of the truth that the critic knows", KNOWS, 0.5)
    number = kit.slider("Walk", range(1, 9), 1)
    kit.text(
        r"""
        ## At once, or at the end {#see}

        A corridor of {cells} cells. The right end pays 1, the left end nothing; each step goes either way by chance. So
        a cell is worth its distance from the left, a step to the right gains {truth:.3f}, and everything can be held
        against the truth. Each step brings a **surprise** δ: what the critic says now, against
        what it said before. The **advantage** adds them up, each later one λ times less.

        {trust} {knows} {number}
        """,
        cells=CELLS,
        truth=TRUTH,
        trust=trust,
        knows=knows,
        number=number,
    )
    return knows, number, trust


@app.cell
def _(knows, number, trust):
    _k, _t = float(knows.value), float(trust.value)
    _x, _now = np.array(TRUSTS, float), judged(_k, _t)
    _off, _spread = np.transpose([judged(_k, one) for one in TRUSTS])
    _sums = {"error": (_x, _off**2 + _spread**2), "by the critic": (_x, _off**2), "by chance": (_x, _spread**2)}
    _picture = kit.curves(
        _sums | {"here": ([_t], [error(_k, _t)])},
        points=("here",), dashed=("by the critic",), xlabel="λ", ylabel="mean squared error", ylim=(-0.001, 0.03),
        label="Error of the advantage by λ",
        colors={"error": kit.INK, "by the critic": kit.ORANGE, "by chance": kit.BLUE, "here": kit.INK},
    )  # fmt: skip
    _path = walks()[:, number.value - 1 : number.value]
    _rewards, _values, _following, _over = steps_of(_path, _k)
    _surprise = advantages(_rewards, _values, _following, _over, _over, 1.0, 0.0)[:, 0]
    _length = int(_over[:, 0].argmax()) + 1
    _A = advantages(_rewards, _values, _following, _over, _over, 1.0, _t)[0, 0]
    _terms = " ".join(
        f"{'-' if delta < 0 else '+' * (k > 0)} {_t**k:.2g} \\cdot {abs(delta):.2f}"
        for k, delta in enumerate(_surprise[: min(_length, 3)])
    )
    _numbers = {
        "off the truth on average": _now[0],
        "spread of the estimates": _now[1],
        "mean squared error": error(_k, _t),
        "steps of this walk": _length,
        "this walk ends": "right, and is paid" if _path[-1, 0] else "left, with nothing",
        "advantage by this walk": _A,
        "the truth": TRUTH,
    }
    _formula = r"""
    $$A = \sum_k (\gamma\green{\lambda})^k\, \orange{\delta}_k$$

    $$\orange{\delta}_k = r_k + \gamma V(s_{k+1}) - V(s_k)$$

    $$A = {terms}$$

    $${more} = {A}$$

    Here γ = 1 and λ = {trust}. With λ = 0 only the first surprise counts; with λ = 1 the values in between cancel, and
    what came of it stands against V.
    """
    kit.after_guess(
        kit.levels(
            _picture, _numbers, _formula, terms=_terms, more=r"\dots" if _length > 3 else "", A=f"{_A:.3f}",
            trust=f"{_t:g}",
        )
    )  # fmt: skip
    return


@app.cell
def _():
    _best = {knows: min(TRUSTS, key=lambda trust: error(knows, trust)) for knows in KNOWS}
    kit.after_guess(
        kit.text(
            """
            Give the critic more of the truth with the second slider, and watch where the error is smallest: at
            {where}. **The more the critic knows, the less it pays to wait.** A critic is taught by the same walks, so
            the best λ is not the same all through a training.
            """,
            where=", ".join(f"λ = {trust:g} if it knows {knows:.0%}" for knows, trust in _best.items()),
        ),
        silently=True,
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## Six lines, backwards {#read}

        {code}

        Where the world ends, nothing follows. Where only time is up, the critic says what would have come.
        """,
        code=kit.read(
            "rl/parts/returns.py",
            {
                "surprise = rewards + gamma": "δ of every step, in all copies of the world.",
                "following = surprise[t] + gamma * lam": "From the end: each advantage holds those after it.",
            },
            part="advantages",
        ),
    )
    return


@app.function
@cache
def variances(rounds=16):
    """On the cart, of slopes from the same 64 steps of 16 copies: variance by what the actions are weighed with."""
    learner, found = practised(), {}
    player = a2c.Learner(Env(16, 5, LIMIT), replace(learner.config, num_steps=64), 5)
    player.policy, player.critic, player.scale = learner.policy, learner.critic, learner.scale
    weights = [*learner.policy.parameters()]
    for _ in range(rounds):
        seen, actions, following, *rest = player.play()
        T, N = actions.shape
        with torch.no_grad():
            values, after = (
                learner.critic(torch.from_numpy(x.reshape(T * N, -1))).numpy().reshape(T, N).astype(float)
                for x in (seen, following)
            )
        output = learner.policy(torch.from_numpy(seen.reshape(T * N, -1)))
        log_prob = learner.policy.choice.log_prob(output, torch.from_numpy(actions.ravel()))
        rewards, terminated, ended = rest
        for name, trust, keeps in (("return", 1, 1), ("λ = 1", 1, 0), ("λ = 0.95", 0.95, 0)):
            weight = advantages(rewards, values, after, terminated, ended, 0.99, trust) + keeps * values
            loss = (log_prob * torch.from_numpy(weight.ravel()).float()).mean()
            slope = torch.autograd.grad(loss, weights, retain_graph=True)
            found.setdefault(name, []).append(torch.cat([part.flatten() for part in slope]).numpy())
    return {name: float(np.var(slopes, axis=0, dtype=float).sum()) for name, slopes in found.items()}


@app.cell
def _():
    _all = variances()
    _shares = {name: value / _all["return"] for name, value in _all.items()}
    _words = kit.text(
        """
        ### Calmer than REINFORCE

        The same steps of the same carts, weighed in three ways: with the **return**, as REINFORCE does without a
        baseline; with the return less what the critic expected; and with advantages that believe the critic a little.
        The variance of the slope falls to {share:.1%}. An actor with such a critic is called **A2C**; it learns after a
        few steps and does not wait for an end.
        """,
        share=_shares["λ = 0.95"],
    )
    kit.row(kit.bars(_shares, label="Variance of the slope, as a share", xlim=(0, 1.25)), _words)
    return


@app.function
@cache
def driven(clip, seed):
    """PPO with twenty passes over each batch: how long sixteen carts stand after every round, driven greedily."""
    config = ppo.Config(hidden_dim=32, num_steps=32, batch_size=128, num_passes=PASSES, clip=clip, learning_rate=RATE)
    learner, lengths = ppo.Learner(Env(16, seed, LIMIT), config, seed), []
    for _ in range(ROUNDS):
        learner.iterate(0.0)
        act = greedy(learner.policy, learner.env.actions)
        lengths.append(float(play(act, Env(16, 99, LIMIT), 16).lengths.mean()))
    return lengths


@app.cell
def _():
    clip = mo.ui.switch(label="clip the ratio at 1 ± 0.2")
    kit.text(
        r"""
        ## Look too often at the same steps: break it, mend it {#break-it-mend-it}

        A2C looks at its steps once and throws them away. Here each batch is used {passes} times. But after the first
        update the policy is another one, and the batch tells of the old. Each step is weighed with the ratio
        $w = \pi(a \mid s) / \pi_{\text{old}}(a \mid s)$; where it runs far from 1, a few steps of the past are made to
        speak for a policy that would hardly take them. **Mend it**: PPO's clip takes the slope away as soon as the
        ratio has left 1 ± 0.2 in the direction in which it is pushed.

        {clip}
        """,
        passes=PASSES,
        clip=clip,
    )
    return (clip,)


@app.cell
def _(clip):
    _runs = [driven(0.2 if clip.value else 1e9, seed) for seed in SEEDS]
    _x, _mean = np.arange(1, ROUNDS + 1), np.mean([run[-3:] for run in _runs])
    _left = kit.curves(
        {f"seed {seed}": run for seed, run in zip(SEEDS, _runs)}, _x, xlabel="rounds", ylabel="steps until it falls",
        ylim=(0, LIMIT + 5), whole=True, label="Steps until the pole falls",
        caption=f"In the last three rounds the poles stand for {_mean:.0f} steps on average.",
    )  # fmt: skip
    _w = np.linspace(0, 2, 81)
    _right = kit.curves(
        {
            "A = 1": (_w, np.minimum(_w, _w.clip(0.8, 1.2)) if clip.value else _w),
            "A = −1": (_w, np.minimum(-_w, -_w.clip(0.8, 1.2)) if clip.value else -_w),
        },
        xlabel="ratio w", ylabel="what is maximised", dashed=("A = −1",), ylim=(-2.1, 2.1),
        label="The objective of one step by the ratio",
        caption="Where it is flat, nothing is learnt from this step any more.",
    )  # fmt: skip
    kit.row(_left, _right)
    return


@app.cell
def _():
    kit.text(
        """
        {code}

        ### Actions that are numbers

        PPO draws them from a normal distribution and is otherwise the same. **SAC** asks its critic another question.
        It learns Q from a memory, as DQN does, and since Q has a slope with respect to an action that is a number, the
        actor simply climbs it: no log-probability is needed to know where up is. Two critics, of which the lower is
        believed, guard against the largest of many guesses; a reward for staying undecided keeps it trying.

        {sac}
        """,
        code=kit.read(
            "rl/ppo.py",
            {
                "ratio = (choice.log_prob(": "How much likelier the action is now than when it was taken.",
                "actor = -torch.minimum(": "The lesser of the two: a step that has gone wrong counts in full.",
            },
            part="Learner.update",
        ),
        sac=kit.read(
            "rl/sac.py",
            {"value = self.target(following, action).amin(dim=0)": "The lower critic, and the reward for entropy."},
            part="Learner.targets",
        ),
    )
    return


@app.cell
def _():
    _keep = 0.99 * 0.95
    _half = np.log(0.5) / np.log(_keep)
    _number = kit.answer(
        "With γ = 0.99 and λ = 0.95, from how many steps later on does a surprise count less than half?",
        np.ceil(_half),
        name="half",
        slips={
            np.ceil(np.log(0.5) / np.log(0.95)): "That is λ alone; γ counts as well.",
            np.ceil(np.log(0.5) / np.log(0.99)): "That is γ alone; λ counts as well.",
        },
        because="Beyond some dozens of steps the actor hears nothing but the critic.",
        hint="After k steps it counts (γλ) to the power of k.",
        solution=f"ln 0.5 / ln {_keep:.4f} = {_half:.1f}, so {np.ceil(_half):.0f}",
        tolerance=0.01,
    )
    kit.check(kit.exercise("gae"), kit.exercise("clipped"), _number)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same cart, for up to 500 steps, with both. The printed score is that of the policy without dice, in episodes
        that it has not seen. For actions that are numbers: `deepglass train Pendulum-v1 --model sac`.
        """,
        own_file="""
        A world of your own with `reset` and `step`, whatever its actions are: `deepglass train my_world.py:World
        --model ppo`.
        """,
        sources=[
            ("Mnih et al. (2016), Asynchronous methods for deep RL", "https://arxiv.org/abs/1602.01783"),
            ("Schulman et al. (2016), Generalized advantage estimation", "https://arxiv.org/abs/1506.02438"),
            ("Schulman et al. (2017), Proximal policy optimization", "https://arxiv.org/abs/1707.06347"),
            ("Haarnoja et al. (2018), Soft actor-critic", "https://arxiv.org/abs/1812.05905"),
        ],
        onward="Somebody who acts, and somebody who says how it went. They learn from each other, as long as both err.",
    )
    return


if __name__ == "__main__":
    app.run()
