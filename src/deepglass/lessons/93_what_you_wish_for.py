"""Lesson 93: be careful what you wish for. Comparisons, a reward fitted to them, and a policy that finds its flaw."""

import marimo

app = marimo.App(width="medium", app_title="Be careful what you wish for", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.training import bradley_terry, dpo

    LESSON = {
        "title": "Be careful what you wish for",
        "question": "What does a machine learn that is paid for being preferred?",
        "part": "Acting",
        "minutes": 18,
        "reads": ["training/dpo.py", "training/bradley_terry.py", "tasks/preferences.py"],
        "runs": [
            "deepglass train small-talk --task dialogue --num-layers 1 --embed-dim 32 --context 64 --epochs 1 "
            "--learning-rate 0.01 --run runs/talk",
            "deepglass train courteous-answers --task preferences --pretrained runs/talk --learning-rate 0.001 "
            "--epochs 2 --run runs/courteous",
        ],
    }

    FACTS = ("line 12 goes there", "it leaves at 8:40", "from gate B", "a ticket is 2 euros")
    FILLERS = ("well", "look", "honestly", "you know", "really", "indeed", "of course", "actually", "in fact", "I mean",
               "basically", "so to speak")  # fmt: skip
    GRID = np.stack(np.meshgrid(np.arange(5), np.arange(13), indexing="ij"), axis=-1).reshape(-1, 2)  # (65, 2)
    KNOWN, WORDY = np.array([0.35, 0.3, 0.2, 0.1, 0.05]), 0.6 ** np.arange(13)
    REFERENCE = (KNOWN[:, None] * (WORDY / WORDY.sum())).reshape(-1)  # how it answers before anybody compares
    TRUTH = GRID[:, 0] + 0.6 * GRID[:, 1] - 0.15 * GRID[:, 1] ** 2  # of use: two fillers are friendly, twelve a plague
    COMPARISONS, PENALTY = 600, 1.0
    TASTES = (0.0, 0.2, 0.4, 0.6)  # what a filler impresses whoever compares, beside its use
    BETAS = (10.0, 3.0, 1.5, 1.0, 0.5, 0.2, 0.1)
    PATH = np.geomspace(20, 0.05, 60)  # strengths of a curve
    TASTE, BETA, ROUNDS = 0.4, 0.1, 1
    PROXY, TRUE, BEST = "reward model", "of use", "most of use"


@app.function
def spelled(place):
    """The answer at a place of the grid, in words."""
    facts, fillers = GRID[place]
    return ", ".join([*FILLERS[:fillers], *FACTS[:facts]]) or "(nothing)"


@app.function
def compared(policy, taste, count=COMPARISONS, seed=0):
    """Pairs of answers that a policy gives, judged by somebody with a taste for fillers: chosen and rejected places."""
    rng = np.random.default_rng(seed)
    one, other = rng.choice(len(GRID), (2, count), p=policy)
    liked = TRUTH + taste * GRID[:, 1]
    wins = rng.random(count) < 1 / (1 + np.exp(liked[other] - liked[one]))
    return np.where(wins, one, other), np.where(wins, other, one)


@app.function
@cache
def worths(taste, rounds=0):
    """What the reward model has learnt: the worth of a fact and of a filler (2,)."""
    pairs = [compared(REFERENCE, taste)]
    for again in range(1, rounds + 1):
        found = bradley_terry.fit_linear(*(GRID[np.concatenate(side)] for side in zip(*pairs)), PENALTY)
        pairs.append(compared(mixed(best_for(GRID @ found, BETA)), taste, seed=again))
    return bradley_terry.fit_linear(*(GRID[np.concatenate(side)] for side in zip(*pairs)), PENALTY)


@app.function
def mixed(policy):
    """Half of the answers of a policy, half of those of the reference: what is compared when it is asked again."""
    return (policy + REFERENCE) / 2


@app.function
def best_for(reward, beta):
    """The policy (65,) that earns most of a reward and pays β for a nat of divergence: π₀ · exp(r/β), to sum 1."""
    powers = np.log(REFERENCE) + reward / beta
    shares = np.exp(powers - powers.max())
    return shares / shares.sum()


@app.function
def divergence(policy):
    """KL(π ‖ π₀) in nats."""
    return float(np.sum(policy * (np.log(np.maximum(policy, 1e-300)) - np.log(REFERENCE))))


@app.function
@cache
def climb(taste, rounds=0):
    """Along the strengths: divergence, mean reward, mean use (60,) each."""
    reward = GRID @ worths(taste, rounds)
    policies = [best_for(reward, beta) for beta in PATH]
    return np.array([(divergence(p), p @ reward, p @ TRUTH) for p in policies]).T


@app.function
def film():
    """What the reward model says of the answers, while the policy is trained to please it."""
    far, paid, _ = climb(TASTE)
    for end in (*range(2, len(far), 4), len(far)):
        yield kit.curves(
            {PROXY: (far[:end], paid[:end])}, xlim=(0, far[-1] * 1.02), ylim=(0, paid[-1] * 1.1), whole=True,
            xlabel="nats from where it began", ylabel="mean reward", width=4.9, label="The reward rises",
            caption=f"{far[end - 1]:.1f} nats away, the reward model gives {paid[end - 1]:.1f} on average.",
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "*Which bus goes to the harbour?* A machine answers; people are shown two of its answers and say which is "
        "better. A **reward model** is fitted to what they said. Then the machine is trained to be paid as much as "
        "possible. It works: the reward rises and rises.",
        kit.film(film(), label="Training for reward", seconds=0.7, width=4.9),
        kit.guess(
            "The reward model agrees with most of the comparisons. While its reward rises all the way, what becomes of "
            "the use that the answers are to people?",
            ["It rises along, a little slower", "It rises, then falls far below where it began", "It stays as it is"],
            f"It rises to {climb(TASTE)[2].max():.1f}, and falls to {climb(TASTE)[2][-1]:.1f}; it began at "
            f"{REFERENCE @ TRUTH:.1f}. The reward model was right about the answers that were compared; those it is "
            "asked about now were never among them.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    taste = kit.slider("What one filler word impresses whoever compares", TASTES, TASTE)
    kit.text(
        f"""
        ## Who wins? {{#see}}

        An answer has up to four **facts**, and up to twelve **fillers** such as *well* or *honestly*. Each fact is one
        unit of use. Two fillers sound friendly; more of them are a plague. Somebody who compares {COMPARISONS} pairs
        sees that mostly, but is also a little impressed by length.

        {{taste}}
        """,
        taste=taste,
    )
    return (taste,)


@app.cell
def _(taste):
    _taste = float(taste.value)
    _fact, _filler = worths(_taste)
    _chosen, _rejected = compared(REFERENCE, _taste)
    _longer = GRID[_chosen, 1] > GRID[_rejected, 1]
    _differ = GRID[_chosen, 1] != GRID[_rejected, 1]
    kit.levels(
        kit.bars(
            {"a fact": _fact, "a filler": _filler}, width=4.2, xlim=(-0.2, 1.6), label="What the reward model pays",
            caption=f"Fitted to {COMPARISONS} comparisons: {_fact:.2f} for each fact, {_filler:.2f} for each filler.",
        ),
        {"comparisons": COMPARISONS, "the wordier won": f"{_longer[_differ].mean():.0%}",
         "fillers, most compared": int(GRID[np.concatenate([_chosen, _rejected]), 1].max())},
        r"""
        $$P(\blue{a}\ \text{beats}\ \orange{b}) = \sigma\big(r(\blue{a}) - r(\orange{b})\big)$$

        For *three facts* against *two facts and three fillers*, with the worths that were learnt:

        $$\sigma({three} - {other}) = {wins}$$

        This is the model of Bradley and Terry; the worths are those under which what people said is least surprising.
        """,
        three=f"{3 * _fact:.2f}", other=f"{2 * _fact + 3 * _filler:.2f}",
        wins=f"{1 / (1 + np.exp(2 * _fact + 3 * _filler - 3 * _fact)):.2f}",
    )  # fmt: skip
    return


@app.cell
def _():
    beta = kit.slider("β: what a nat of divergence costs", BETAS, BETA)
    rounds = kit.slider("Times that people are asked again", range(ROUNDS + 1), 0)
    kit.text(
        """
        ## Paid to please {#break-it-mend-it}

        Now the policy is trained on the reward of people with a taste of 0.4. It may leave the answers that it gave
        before, but pays **β** for every nat of that. A large β keeps it near; a small one lets it run. Find a β at
        which the answers are of most use, then go on.

        {beta} {rounds}
        """,
        beta=beta,
        rounds=rounds,
    )
    return beta, rounds


@app.cell
def _(beta, rounds):
    _beta, _rounds = float(beta.value), int(rounds.value)
    _reward = GRID @ worths(TASTE, _rounds)
    _policy = best_for(_reward, _beta)
    _far, _paid, _use = climb(TASTE, _rounds)
    _now, _here = divergence(_policy), [_policy @ _reward, _policy @ TRUTH]
    _likeliest = int(_policy.argmax())
    kit.after_guess(
        kit.levels(
            kit.row(
                kit.matrix(
                    _policy.reshape(5, 13), [str(i) for i in range(5)], [str(i) for i in range(13)], numbers=False,
                    signed=False, width=4.6, label="How likely each answer is: facts down, fillers across",
                    caption=f"The likeliest: “{spelled(_likeliest)}”",
                ),
                kit.curves(
                    {PROXY: (_far, _paid), TRUE: (_far, _use), "now": ([_now] * 2, _here)},
                    points={"now"}, whole=True, ylim=(min(-2.0, _use.min() - 1), max(_paid.max(), _use.max()) + 1),
                    xlabel="nats from where it began", ylabel="on average", width=4.2, label="Reward and use",
                    colors={PROXY: kit.ORANGE, TRUE: kit.BLUE, "now": kit.GREY},
                    caption=f"At β = {_beta:g} the reward model pays {_policy @ _reward:.1f}; of use to people: "
                    f"{_policy @ TRUTH:.1f}, at its best {_use.max():.1f}.",
                ),
            ),
            {"reward": f"{_policy @ _reward:.2f}", "use": f"{_policy @ TRUTH:.2f}", "nats away": f"{_now:.2f}"},
            r"""
            $$\blue{\pi}(y) \propto \pi_0(y)\, e^{\orange{r(y)}/\beta}$$

            No policy earns more of $\orange{r}$ less β times its divergence. The likeliest answer now has {facts} facts
            and {fillers} fillers: its reward is {reward}, it was given once in {before} times before, and is with
            {after} now.
            """,
            facts=int(GRID[_likeliest, 0]), fillers=int(GRID[_likeliest, 1]), reward=f"{_reward[_likeliest]:.2f}",
            before=f"{float(f'{1 / REFERENCE[_likeliest]:.2g}'):,.0f}", after=f"{_policy[_likeliest]:.2f}",
        )
    )  # fmt: skip
    return


@app.cell
def _():
    _text = kit.text(
        """
        Nobody lied. A filler more sounded a little better in most of the answers that were compared, and the reward
        model drew a straight line through that: what one filler is worth, twelve are worth twelve times. The policy
        went where the line is longest, where nobody had compared anything. That is **reward hacking**: a measure that
        is made a goal no longer measures. With a taste of 0 a filler would cost something, and nothing be hacked.

        Two things mend it. **β** keeps the policy where the reward model has seen something. And people can be **asked
        again**, about the answers that are given *now*: move the second slider by one. The reward model learns that
        twelve fillers lose, although the line is as straight as before.
        """
    )
    kit.after_guess(_text)
    return


@app.function
@cache
def directly(taste, beta):
    """A policy with logits log π₀ + w·(facts, fillers), w found by DPO's own loss on the same comparisons."""
    pairs = np.stack(compared(REFERENCE, taste), axis=1)  # (n, 2) chosen, rejected
    features, start = torch.from_numpy(GRID.astype(float)), torch.from_numpy(np.log(REFERENCE))
    weights = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, tolerance_grad=1e-9, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        policy = (start + features @ weights).log_softmax(dim=0)
        loss = dpo.losses(policy[pairs], start[pairs], beta).sum() + PENALTY / 2 * (beta * weights).square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return (start + features @ weights).softmax(dim=0).detach().numpy()


@app.cell
def _():
    _one, _other = directly(TASTE, 1.0), best_for(GRID @ worths(TASTE), 1.0)
    kit.text(
        """
        ## Without a reward model {#read}

        Turn the formula round: whatever policy somebody has, it is the best one for the reward
        β · log(π/π₀). So the comparisons can teach the policy itself. This is **direct preference optimisation**, and
        the loss is Bradley and Terry's once more:

        {dpo} {linear}

        On the comparisons of this page, with β = 1, both ways end in the same policy: no probability of the 65 answers
        differs by more than {apart} in a million. So DPO finds the same flaw; it has no other knowledge than these
        pairs. In a large network it has one of its own: only the *difference* of two answers counts, and both may
        become less likely while it grows. Then something rises that nobody has compared. `deepglass` warns when that
        happens, and adds a little of the likelihood of the chosen answers, `--imitation`.
        """,
        dpo=kit.read(
            "training/dpo.py",
            {
                "margin = rewards": "How much more the chosen answer has gained than the rejected one.",
                "F.logsigmoid(margin)": "The surprise at who won; the second part is for choosers who err.",
            },
            part="losses",
        ),
        linear=kit.read("training/bradley_terry.py", {"return -F.logsigmoid": "The same, of scores."}, part="loss"),
        apart=f"{max(1, np.ceil(1e6 * np.abs(_one - _other).max())):.0f}",
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("preference_loss"),
        kit.answer(
            "With β = 0.5, the chosen answer became e times as likely as the reference has it, and the rejected one "
            "fell to 1/e of that. With what probability does DPO now expect the chosen one to win?",
            float(1 / (1 + np.exp(-1))),
            name="wins",
            slips={
                float(1 / (1 + np.exp(-2))): "That leaves out β: the margin is 0.5 · (1 − (−1)).",
                0.5: "So it was at the beginning, where both are as likely as the reference has them.",
            },
            because="The margin is 0.5 · (1 − (−1)) = 1, and σ(1) is 0.73.",
            hint="β times the two logarithms of π/π₀, the second taken from the first; then σ.",
            solution="σ(0.5 · (1 + 1)) = σ(1) = 0.73",
            tolerance=0.005,
        ),
        kit.choose(
            "After a longer training the reward model pays more than ever, and users complain. What should be looked "
            "at first?",
            {
                "The answers, judged by people, and how far the policy went from the reference": (
                    True,
                    "The reward itself cannot tell: it is what was optimised.",
                ),
                "The reward of other prompts: it may be lower there": (
                    False,
                    "It is most likely high there too. The reward model is what errs, on old prompts and new.",
                ),
                "How well the reward model ranks the comparisons that were kept aside": (
                    False,
                    "That was good before the training, and still is: they are about the answers of before.",
                ),
            },
            name="complaints",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A small model learns small talk. Then it sees comparisons in which an answer to the point is preferred, and of
        two of these the courteous one. The report says how often the chosen answer is the likelier one, and beside it
        how often it *moved* the right way, which is not the same.
        """,
        own_file="""
        A table with columns `prompt`, `chosen` and `rejected`, or JSON lines as trl takes them:
        `deepglass train pairs.csv --task preferences --pretrained runs/talk`. A larger `--beta` stays nearer to where
        it began; then `deepglass chat runs/NAME`, and read what it says.
        """,
        sources=[
            ("Bradley & Terry (1952), Rank analysis of incomplete block designs", "https://doi.org/10.2307/2334029"),
            ("Christiano et al. (2017), Deep reinforcement learning from human preferences",
             "https://arxiv.org/abs/1706.03741"),
            ("Gao, Schulman & Hilton (2022), Scaling laws for reward model overoptimization",
             "https://arxiv.org/abs/2210.10760"),
            ("Rafailov et al. (2023), Direct preference optimization", "https://arxiv.org/abs/2305.18290"),
            ("Singhal et al. (2023), A long way to go: length correlations in RLHF",
             "https://arxiv.org/abs/2310.03716"),
        ],
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
