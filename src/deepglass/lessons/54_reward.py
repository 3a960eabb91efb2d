"""Lesson 54: reward, and what it costs to wait. Values spread from a treasure; then they are learnt from surprise."""

import marimo

app = marimo.App(width="medium", app_title="Reward, and what it costs to wait", css_file="../course/pages/lesson.css")

with app.setup:
    from itertools import islice

    import numpy as np

    from deepglass.course import kit
    from deepglass.rl.envs.grid_world import MOVES, neighbours
    from deepglass.rl.tabular.exploration import epsilon_greedy
    from deepglass.rl.tabular.mdp import MDP
    from deepglass.rl.tabular.policy_iteration import policy_iteration
    from deepglass.rl.tabular.q_learning import update
    from deepglass.rl.tabular.value_iteration import sweeps

    LESSON = {
        "title": "Reward, and what it costs to wait",
        "question": "A small treasure soon, or a large one later?",
        "part": "Acting",
        "minutes": 15,
        "reads": ["rl/tabular/value_iteration.py", "rl/tabular/q_learning.py"],
        "runs": ["deepglass train GridWorld-v0 --model dqn --steps 20000"],
    }

    SIDE = 8
    START, NEAR, FAR = (7, 0), (7, 3), (2, 3)  # row and column
    WORTH = {NEAR: 1.0, FAR: 3.0}
    GAMMA, STEPS = 0.9, 4000


@app.function
def walls(kind="a wall"):
    """Maps to begin with, (8, 8): 1 is a wall."""
    cells = np.zeros((SIDE, SIDE))
    if kind == "a wall":
        cells[5, 1:7] = 1
    elif kind == "a maze":
        cells[5, 1:], cells[3, :6], cells[1, 2:] = 1, 1, 1
    return cells


@app.function
def world(blocked, gamma=GAMMA):
    """The rules of the grid as an MDP: 64 cells, 4 moves; a treasure is paid on arrival and ends the walk."""
    blocked = np.asarray(blocked) > 0.5
    for cell in (START, NEAR, FAR):
        blocked[cell] = False  # nobody is walled in by a stroke over them
    following = neighbours(np.where(blocked, "#", "."))  # (64, 4)
    worth = np.zeros(SIDE * SIDE)
    for cell, value in WORTH.items():
        worth[number(cell)] = value
    P, R = np.eye(SIDE * SIDE)[following], worth[following]
    ends = (worth > 0) | blocked.ravel()
    P[ends], R[ends] = np.eye(SIDE * SIDE)[ends][:, None, :], 0.0
    return MDP(P, R, gamma)


@app.function
def number(cell):
    """(row, column) → the number of the cell."""
    return cell[0] * SIDE + cell[1]


@app.function
def walk(mdp, Q, most=40):
    """The cells that the greedy policy visits from the start, as (row, column)."""
    cells, at = [START], number(START)
    for _ in range(most):
        at = int(mdp.P[at, Q[at].argmax()].argmax())
        if divmod(at, SIDE) == cells[-1]:
            break
        cells.append(divmod(at, SIDE))
        if cells[-1] in WORTH:
            break
    return cells


@app.function
def settled(blocked, gamma=GAMMA):
    """A world, the values of its moves Q (64, 4) from Bellman's equation, and the walk from the start."""
    mdp = world(blocked, gamma)
    Q = mdp.action_values(policy_iteration(mdp)[1])
    return mdp, Q, walk(mdp, Q)


@app.function
def reached(cells):
    """In words where a walk ends."""
    names = {NEAR: f"the near treasure, worth {WORTH[NEAR]:g}", FAR: f"the far treasure, worth {WORTH[FAR]:g}"}
    return f"{names[cells[-1]]}, in {len(cells) - 1} steps" if cells[-1] in names else "nowhere: it goes in circles"


@app.function
def draw_map(ax, mdp, Q, path=()):
    """Values as colour, the best move of each cell as an arrow, walls, treasures and a walk."""
    ax.clear()
    stays = (mdp.P[np.arange(64), :, np.arange(64)] == 1).all(axis=1)
    V = Q.max(axis=1).reshape(SIDE, SIDE).copy()
    for cell, value in WORTH.items():
        V[cell], stays[number(cell)] = value, False
        ax.text(cell[1], cell[0], f"{value:g}", ha="center", va="center", fontweight="bold", color=kit.INK)
    ax.imshow(V, cmap=kit.MUCH, vmin=0, vmax=max(WORTH.values()))
    at = np.arange(64)
    moving = at[(V.ravel() > 1e-9) & ~stays & ~np.isin(at, [number(cell) for cell in WORTH])]
    down, right = 0.5 * MOVES[Q[moving].argmax(axis=1)].T
    rows, columns = np.divmod(moving, SIDE)
    arrows = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.008, "color": kit.INK}
    ax.quiver(columns - right / 2, rows - down / 2, right, down, **arrows)
    rows, columns = np.divmod(at[stays], SIDE)
    ax.scatter(columns, rows, marker="s", s=330, color=kit.INK)
    if len(path) > 1:
        rows, columns = np.array(path).T
        ax.plot(columns, rows, color=kit.ORANGE, linewidth=3, alpha=0.7)
    ax.text(START[1], START[0], "S", ha="center", va="center", color=kit.ORANGE, fontweight="bold")
    ax.set(xticks=[], yticks=[], xlim=(-0.5, SIDE - 0.5), ylim=(SIDE - 0.5, -0.5))
    ax.grid(False)


@app.function
def map_of(mdp, Q, path, label, caption):
    """The map as a picture of the page."""
    fig, ax = kit.figure(width=3.6, height=3.6)
    draw_map(ax, mdp, Q, path)
    return kit.html(fig, label, caption)


@app.function
def spreading(count=14):
    """The film: values after each sweep, in a world whose rules are known."""
    mdp = world(walls())
    values = [np.zeros(64), *(V for V, _ in islice(sweeps(mdp), count - 1))]
    fig, ax = kit.figure(width=3.6, height=3.6)

    def draw(sweep):
        Q = mdp.action_values(values[sweep - 1]) if sweep else np.zeros((64, 4))  # its largest are values[sweep]
        path = walk(mdp, Q) if values[sweep][number(START)] > 0 else []
        draw_map(ax, mdp, Q, path)
        known = int((values[sweep] > 0).sum())
        told = f" From the start it walks to {reached(path)}." if path else ""
        return f"After {sweep} sweeps {known} cells are worth something.{told}"

    return kit.frames(fig, draw, count, "A grid with walls and two treasures.")


@app.cell
def _():
    _path = settled(walls())[2]
    _soon = GAMMA ** (len(settled(walls(), 0.5)[2]) - 2) * WORTH[NEAR]
    _late = GAMMA ** (len(_path) - 2) * WORTH[FAR]
    kit.opening(
        LESSON,
        f"A walker stands at S. A treasure worth {WORTH[NEAR]:g} lies near, one worth {WORTH[FAR]:g} far off, and each "
        "step of waiting costs a tenth of what comes. What is every single cell worth?",
        kit.film(spreading(), label="Sweeps", seconds=0.8, waits_for="guess", held=4),
        kit.guess(
            "The film stops after a few sweeps, when only the near treasure is known at S. When all values have "
            "settled, where does the walker go?",
            ["To the near treasure", "To the far one", "To either, they are worth the same"],
            f"To {reached(_path)}. After the wait the near one is worth {_soon:.2f} at S and the far one "
            f"{_late:.2f}. The news of it had further to travel: a sweep carries it one cell.",
        ),
    )
    return


@app.cell
def _():
    gamma = kit.slider("Discount γ", [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99], 0.7)
    kit.text(
        """
        ## What it costs to wait {#see}

        The **return** adds up all rewards, each step of waiting multiplied by γ. The **value** of a cell is the largest
        return that can be had from it, and it can be said without looking further than one step: the best of four
        moves, what it pays, and γ times the value of the cell where it leads. That is Bellman's equation. Applied again
        and again, it spreads the news of a treasure one cell per sweep.

        {gamma}
        """,
        gamma=gamma,
    )
    return (gamma,)


@app.cell
def _(gamma):
    _mdp, _Q, _path = settled(walls(), gamma.value)
    _told = f"With γ = {gamma.value:g} it walks to {reached(_path)}."
    kit.levels(
        map_of(_mdp, _Q, _path, f"A grid with walls and two treasures. {_told}", _told),
        {
            "value of the start": _Q[number(START)].max(),
            "steps of the walk": len(_path) - 1,
            "worth of a reward ten steps later": gamma.value**10,
        },
        r"""
        $$V(\blue{s}) = \max_a \Bigl( \orange{r}(\blue{s}, a) + \green{gamma} \sum_{s'} P(s' \mid \blue{s}, a)\,
        V(s') \Bigr)$$

        $\blue{s}$ is a cell, $a$ one of four moves, $\orange{r}$ what is paid on arrival and
        $\green{\gamma}$ = {gamma} what a step of waiting leaves.
        """,
        gamma=gamma.value,
    )
    return


@app.cell
def _():
    paper = kit.pad(SIDE, {kind: walls(kind) for kind in ("a maze", "a wall", "nothing")}, label="Paint walls")
    kit.text(
        """
        ### Paint a world

        Ink is a wall. Cut the way to one treasure, or to both, and watch where the values flow.
        """
    )
    return (paper,)


@app.cell
def _(paper):
    _mdp, _Q, _path = settled(paper.image())
    _told = f"With γ = {GAMMA:g} it walks to {reached(_path)}."
    kit.row(paper, map_of(_mdp, _Q, _path, f"The painted grid. {_told}", _told))
    return


@app.function
def learn(steps, epsilon, optimism=0.0, rate=0.5, seed=0):
    """Q (64, 4) after so many steps of Q-learning: nobody tells it the rules, it only meets them."""
    mdp, rng = world(walls()), np.random.default_rng(seed)
    Q, at = np.full((64, 4), float(optimism)), number(START)
    for _ in range(steps):
        action = epsilon_greedy(Q[at], epsilon, rng)
        following = int(mdp.P[at, action].argmax())
        is_end = divmod(following, SIDE) in WORTH
        update(Q, at, action, mdp.R[at, action], following, is_end, rate, mdp.gamma)
        at = number(START) if is_end else following
    return Q


@app.cell
def _():
    _lines = {
        "Q[following].max()": "What it believes to be worth most from there on.",
        "rate * (target - Q[s, a])": "The surprise, and how far it moves the belief.",
    }
    kit.text(
        """
        ## Learn from surprise {#read}

        A sweep needs the rules. **Q-learning** does not: it walks, and after every step compares what it believed with
        what it met. The difference is a surprise, and a part of it moves the belief.

        {code}
        """,
        code=kit.read("rl/tabular/q_learning.py", _lines, part="update"),
    )
    return


@app.cell
def _():
    epsilon = kit.slider("Random moves ε", [0.0, 0.1, 0.2, 0.4, 0.8], 0.0)
    optimism = kit.slider("What the untried is believed to be worth", [0, 1, 3], 0)
    kit.text(
        """
        ## Who never tries, never learns: break it, mend it {#break-it-mend-it}

        After {steps:,} steps it still walks to the near treasure: that was its first success, and every other move is
        believed to be worth nothing. Random moves hardly help, for the near treasure ends most walks before chance
        finds the far one. **Mend it**: let it believe the best of what it has not tried.

        {epsilon} {optimism}
        """,
        epsilon=epsilon,
        optimism=optimism,
        steps=STEPS,
    )
    return epsilon, optimism


@app.cell
def _(epsilon, optimism):
    _mdp, _exact, _ = settled(walls())
    _Q = learn(STEPS, epsilon.value, optimism.value)
    _path = walk(_mdp, _Q)
    _told = f"It walks to {reached(_path)}."
    _values = {"believed": _Q[number(START)].max(), "the truth": _exact[number(START)].max()}
    _bars = kit.bars(_values, caption="What the start is worth: as it believes, and as Bellman's equation says.")
    kit.row(map_of(_mdp, _Q, _path, f"What was learnt. {_told}", _told), _bars)
    return


@app.cell
def _():
    _soon, _late = 3, 8
    _edge = (WORTH[NEAR] / WORTH[FAR]) ** (1 / (_late - _soon))
    _number = kit.answer(
        f"A treasure worth {WORTH[NEAR]:g} is {_soon} steps away, one worth {WORTH[FAR]:g} is {_late} steps away. From "
        "which γ on is the far one worth more?",
        _edge,
        name="edge",
        slips={
            WORTH[NEAR] / WORTH[FAR]: "That would be so if it were one step further; it is five.",
            (WORTH[NEAR] / WORTH[FAR])
            ** (1 / _late): "What counts is how many steps it is further, not how many it is.",
        },
        because="Only the difference of the ways counts: both wait for the first three steps.",
        hint=f"{WORTH[FAR]:g} · γ to the power of {_late - _soon} has to be more than {WORTH[NEAR]:g}.",
        solution=f"(1/3)^(1/5) = {_edge:.3f}",
        tolerance=0.01,
    )
    kit.check(kit.exercise("discounted_return"), kit.exercise("surprise"), _number)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The grid of the command has walls of its own. A small network learns what its cells are worth from surprise, as
        the table did; `deepglass play` shows where it walks.
        """,
        own_file="""
        A world of your own is a class with `reset` and `step`, as Gymnasium wants them: `deepglass train
        my_world.py:World`. Any name that Gymnasium knows will do as well.
        """,
        sources=[
            ("Bellman (1957), A Markovian decision process", "https://doi.org/10.1512/iumj.1957.6.56038"),
            ("Watkins and Dayan (1992), Q-learning", "https://doi.org/10.1007/BF00992698"),
            ("Sutton and Barto (2018), Reinforcement Learning", "http://incompleteideas.net/book/the-book-2nd.html"),
        ],
        onward="A table has a cell for every state. What if there are too many to count?",
    )
    return


if __name__ == "__main__":
    app.run()
