"""Lesson 56: the policy itself. A slope of what is left to chance: right on average, wild, and how to calm it."""

import marimo

app = marimo.App(width="medium", app_title="The policy itself", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.rl.envs.cartpole import Env
    from deepglass.rl.parts.returns import discounted
    from deepglass.rl.reinforce import Config, Learner

    LESSON = {
        "title": "The policy itself",
        "question": "How does one take the slope of something that is left to chance?",
        "part": "Acting",
        "minutes": 18,
        "reads": ["rl/reinforce.py"],
        "runs": ["deepglass train CartPole-v1 --model reinforce --steps 60000"],
    }

    ARMS, MEANS = ("A", "B", "C"), np.array([1.0, 2.0, 3.0])  # what a pull pays on average; it varies by 1
    START = np.array([0.5, 0.0, -0.5])  # logits of a policy that likes the worst arm most
    BATCH, BATCHES, LEARNERS, PULLS = 16, 400, 200, 300  # pulls of an estimate, estimates; for the crowd
    RATE, FILM_PULLS = 0.1, (0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40, 50, 60, 80, 100, 120)


@app.function
def softmax(logits):
    """Probabilities of the arms, over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@app.function
def pull(probs, rng, extra=0.0):
    """An arm for each row of probabilities (n, 3), and what it pays: (n,) each."""
    arms = (rng.random(len(probs))[:, None] > probs.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return arms, MEANS[arms] + rng.normal(size=len(arms)) + extra


@app.function
def pushes(probs, arms, rewards):
    """∇ log π(arm) times the reward, by logit: (n, 3). The arm that was pulled goes up, the others go down."""
    return (np.eye(len(ARMS))[arms] - probs) * np.asarray(rewards)[:, None]


@app.function
def exact(probs, extra=0.0):
    """The slope of the expected reward Σ π μ by logit, which nobody could compute who does not know the means μ."""
    worth = MEANS + extra
    return probs * (worth - probs @ worth)


@app.function
@cache
def walk(seed=0):
    """One machine, pull by pull: probabilities before, arm, reward, probabilities after."""
    rng, logits, seen = np.random.default_rng(seed), START.copy(), []
    for _ in range(max(FILM_PULLS)):
        probs = softmax(logits)
        arms, rewards = pull(probs[None], rng)
        logits = logits + RATE * pushes(probs, arms, rewards)[0]
        seen.append((probs, int(arms[0]), float(rewards[0]), softmax(logits)))
    return seen


@app.function
def film():
    """The probabilities of three arms, as they are pulled."""
    for count in FILM_PULLS:
        probs, told = softmax(START), "Before the first pull: the worst arm is the likeliest."
        if count:
            before, arm, reward, probs = walk()[count - 1]
            told = (
                f"Pull {count}: arm {ARMS[arm]} paid {reward:.2f}. Its probability goes from {before[arm]:.2f} to "
                f"{probs[arm]:.2f}."
            )
        bars = {f"arm {name}, pays {mean:g} on average": p for name, mean, p in zip(ARMS, MEANS, probs)}
        yield kit.bars(bars, label="Probability of each arm", caption=told, xlim=(0, 1.15), height=1.9)


@app.function
@cache
def estimates(extra=0.0, seed=0):
    """Estimates of the slope, from 16 pulls each: (400, 3), and the pulls of the first: arms and rewards."""
    probs = softmax(START)
    arms, rewards = pull(np.tile(probs, (BATCH * BATCHES, 1)), np.random.default_rng(seed), extra)
    found = pushes(probs, arms, rewards).reshape(BATCHES, BATCH, len(ARMS)).mean(axis=1)
    return found, arms[:BATCH], rewards[:BATCH]


@app.function
def spread(found):
    """How far estimates lie from their mean: the root of the variances' sum."""
    return float(np.sqrt(found.var(axis=0).sum()))


@app.cell
def _():
    _plain, _more = estimates()[0], estimates(20.0)[0]
    _off = np.abs(_more.mean(0) - exact(softmax(START))).max() / (spread(_more) / np.sqrt(BATCHES))
    kit.opening(
        LESSON,
        "Three arms, each pays by chance. No values are kept here, only a **policy**: a probability for each arm. What "
        "was pulled becomes likelier, *in the measure of what it paid*, and less likely if it cost something.",
        kit.film(film(), label="Pulls", seconds=0.6),
        kit.guess(
            "A machine of the same kind pays 20 more at every pull, whichever arm it is. The best arm is the same, and "
            f"so is the slope of the expected reward. What becomes of its estimate from {BATCH} pulls?",
            [
                "Nothing changes",
                "It stays right on average, and varies far more",
                "It is wrong on average: whatever is pulled first, wins",
            ],
            f"It stays right: the mean of {BATCHES} estimates is {_off:.1f} standard errors off the exact slope. It "
            f"varies {spread(_more) / spread(_plain):.0f} times as much: every arm is pushed up hard, only because it "
            "was pulled.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    extra = kit.slider("Paid on top of every reward", [-4, -2, 0, 2, 5], 0)
    number = kit.slider("Pull of the first estimate", range(1, BATCH + 1), 1)
    kit.text(
        r"""
        ## A slope through dice {#see}

        What should rise is the expected reward $J = \sum_a \pi(a)\,\mu(a)$. Nobody knows $\mu$, and a throw of dice has
        no slope. But its **probability** has one, and the slope of a probability is the probability times the slope
        of its logarithm: $\nabla \pi = \pi \nabla \ln \pi$. So $\nabla J$ is an expectation as well, and can be
        estimated as every expectation can: pull, and take the mean.

        {extra} {number}
        """,
        extra=extra,
        number=number,
    )
    return extra, number


@app.cell
def _(extra, number):
    _found, _arms, _rewards = estimates(float(extra.value))
    _probs, _arm, _reward = softmax(START), int(_arms[number.value - 1]), float(_rewards[number.value - 1])
    _truth, _mean = exact(_probs), _found.mean(0)
    _groups = {"estimates": _found[:, ::2], "their mean": _mean[None, ::2], "exact": _truth[None, ::2]}
    _told = f"{BATCHES} estimates of the slope, each from {BATCH} pulls; they spread by {spread(_found):.2f}."
    _picture = kit.scatter(
        _groups, xlim=(-4, 4), ylim=(-4, 4), xlabel="slope, arm A", ylabel="slope, arm C", caption=_told,
        label="Estimates of the slope", colors={"estimates": kit.GREY, "their mean": kit.BLUE, "exact": kit.ORANGE},
    )  # fmt: skip
    _numbers = [
        {"arm": name, "probability": p, "this pull's push": push, "mean estimate": m, "exact": e}
        for name, p, push, m, e in zip(ARMS, _probs, pushes(_probs, [_arm], [_reward])[0], _mean, _truth, strict=True)
    ]
    _shown = kit.levels(
        _picture,
        _numbers,
        r"""
        $$\nabla J = \mathrm{E}\big[\,\orange{r}\,\nabla \ln \blue{\pi}(a)\,\big]$$

        Pull {number}: arm {name} paid {reward}. For its own logit $\nabla \ln \blue{\pi}$ is $1 - {prob}$, for another
        $-\blue{\pi}$ of that one. Times the reward: ${reward} \cdot (1 - {prob}) = {push}$.
        """,
        number=number.value,
        name=ARMS[_arm],
        reward=f"{_reward:.2f}",
        prob=f"{_probs[_arm]:.3f}",
        push=f"{_reward * (1 - _probs[_arm]):.3f}",
    )
    kit.after_guess(_shown)
    return


@app.cell
def _():
    kit.after_guess(
        kit.text(
            r"""
            Move the first slider. The cloud grows and its mean stays. What is paid on top is a number $b$ that does not
            look at the arm, and its pushes cancel on average:

            $$\sum_a \pi(a)\, b\, \nabla \ln \pi(a)$$

            $$= b\, \nabla \sum_a \pi(a) = b\, \nabla 1 = 0$$

            So a number may be taken **away** as well. This is the **baseline**. Near the mean reward, {mean:.2f} for
            this policy, the cloud is small: then half of the pulls push up and half push down. And a baseline must not
            look at the arm: take away from each reward what its own arm pays on average, and nothing is left to learn.
            """,
            mean=softmax(START) @ MEANS,
        ),
        silently=True,
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## The whole method {#read}

        In an episode of many steps each action is made likelier in the measure of the **return**: all that came after
        it. And the baseline may depend on the state: a second network learns what return is to be expected there.

        {code}
        """,
        code=kit.read(
            "rl/reinforce.py",
            {
                "advantage = (returns - value.detach())": "Return less baseline; the baseline is not moved by it.",
                "loss = -(choice.log_prob(": "The minus: what is minimised here climbs there.",
                "loss = loss + 0.5 *": "The baseline learns beside it, from the same returns.",
            },
            part="Learner.update",
        ),
    )
    return


@app.function
@cache
def crowd(extra, baseline, seed=0):
    """200 machines of the same kind, one pull at a time: the probability of each arm after every pull, (pulls, 200, 3).

    The baseline is the mean of the rewards before; the first pull only tells it what is usual.
    """
    rng, logits, seen = np.random.default_rng(seed), np.tile(START, (LEARNERS, 1)), []
    usual = None
    for count in range(PULLS):
        probs = softmax(logits)
        arms, rewards = pull(probs, rng, extra)
        usual = rewards.copy() if usual is None else usual
        logits = logits + RATE * pushes(probs, arms, rewards - usual * baseline)
        usual += (rewards - usual) / (count + 1)
        seen.append(softmax(logits))
    return np.array(seen)


@app.function
def settled(probs):
    """Of the machines (200, 3): how many like each arm best."""
    return np.bincount(probs.argmax(axis=1), minlength=len(ARMS))


@app.cell
def _():
    more = kit.slider("Paid on top of every reward", [0, 5, 20], 20)
    baseline = mo.ui.switch(label="take away the mean of the rewards so far")
    kit.text(
        """
        ## Praised for being there: break it, mend it {#break-it-mend-it}

        {learners} machines learn for {pulls} pulls each, and every pull pays something on top. Whatever is pulled early
        is praised, is pulled more, is praised more. The estimate is right on average, and of what use is that to a
        machine that hardly ever pulls another arm again? **Mend it** with the switch.

        {more} {baseline}
        """,
        learners=LEARNERS,
        pulls=PULLS,
        more=more,
        baseline=baseline,
    )
    return baseline, more


@app.cell
def _(baseline, more):
    _seen = crowd(float(more.value), baseline.value)
    _counts = settled(_seen[-1])
    _curves = kit.curves(
        {f"arm {name}": _seen[:, :, i].mean(axis=1) for i, name in enumerate(ARMS)}, xlabel="pulls",
        ylabel="mean probability", ylim=(0, 1), label="Probability of each arm, mean of the machines",
    )  # fmt: skip
    _bars = kit.bars(
        {f"arm {name}, pays {mean:g}": int(n) for name, mean, n in zip(ARMS, MEANS, _counts)},
        label="Machines by the arm they like best",
        caption=f"In the end {_counts[-1]} of {LEARNERS} machines like the best arm best.",
        xlim=(0, 1.2 * LEARNERS),
    )
    kit.after_guess(kit.row(_curves, _bars))
    return


@app.function
@cache
def on_the_cart(rounds=25, count=24, seed=1):
    """A cart that has practised: variance of the slope by whether the baseline is taken away, of the same episodes."""
    learner = Learner(Env(8, seed, max_steps=100), Config(hidden_dim=32), seed)
    for done in range(rounds):
        learner.iterate(done / rounds)
    found = {False: [], True: []}
    for _ in range(count):
        observations, actions, rewards, counts, last = learner.play()
        returns = discounted(rewards, np.zeros(rewards.shape, bool), learner.config.gamma, last)[counts]
        seen, taken = torch.from_numpy(observations[counts]), torch.from_numpy(actions[counts])
        log_prob = learner.policy.choice.log_prob(learner.policy(seen), taken)
        usual = learner.critic(seen).detach().double()
        for baseline, kept in found.items():
            better = torch.from_numpy(returns) - usual * baseline
            loss, weights = (log_prob * better).sum() / 8, [*learner.policy.parameters()]
            slope = torch.autograd.grad(loss, weights, retain_graph=True)
            kept.append(torch.cat([part.flatten() for part in slope]).numpy())
    return {baseline: float(np.var(kept, axis=0, dtype=float).sum()) for baseline, kept in found.items()}


@app.cell
def _():
    _variance = on_the_cart()
    _left = _variance[True] / _variance[False]
    _words = kit.text(
        """
        ### On the cart

        The cart of lesson 55, steered by a policy that has practised a little. From the same episodes the slope is
        estimated with and without a baseline, 24 times. {left:.0%} of the variance is left.

        That is less of a gain than on the bandit. The baseline has learnt from few episodes; and even a perfect one
        takes away only what the *state* explains. All the chance of what follows, up to the fall, is still in the
        return.
        """,
        left=_left,
    )
    _bars = {"without baseline": 1.0, "with the learnt baseline": _left}
    kit.row(kit.bars(_bars, label="Variance of the slope, as a share", xlim=(0, 1.25)), _words)
    return


@app.cell
def _():
    _baselines = kit.choose(
        "Which of these may be taken away from a reward, and the estimate stays right on average?",
        {
            "The mean of the other pulls of the batch": (True, "They know nothing of this pull's arm."),
            "What a network says of the state": (True, "The state was there before the action."),
            "What the pulled arm pays on average": (False, "It looks at the arm: all that tells arms apart is gone."),
            "The largest reward of all earlier pulls": (True, "A poor baseline, and one that does not know the arm."),
        },
        name="baselines",
        several=True,
    )
    kit.check(kit.exercise("log_slope"), kit.exercise("others_mean"), _baselines)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The method of this page with a network for the policy and another for the baseline. It needs more steps than DQN
        does, for each episode is used once and forgotten. While it learns it draws its actions; `deepglass evaluate RUN
        --episodes 100` judges the policy that takes the likeliest one.
        """,
        own_file="""
        A world of your own with `reset` and `step`, whose actions can be counted or are numbers: `deepglass train
        my_world.py:World --model reinforce`.
        """,
        sources=[
            ("Williams (1992), Simple statistical gradient-following algorithms", "https://doi.org/10.1007/BF00992696"),
            ("Greensmith, Bartlett and Baxter (2004), Variance reduction", "https://www.jmlr.org/papers/v5/greensmith04a.html"),
            ("Kool, van Hoof and Welling (2019), Buy 4 REINFORCE samples", "https://openreview.net/forum?id=r1lgTGL5DE"),
        ],
        onward="Most of the chance lies in what comes after. Must one wait for it?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
