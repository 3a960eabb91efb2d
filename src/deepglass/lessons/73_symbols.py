"""Lesson 73: a graph of symbols. What can be done with a computation that has not happened."""

import marimo

app = marimo.App(width="medium", app_title="A graph of symbols", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.glass.foundations import symbols
    from deepglass.glass.foundations.symbols import compiled, gradient, nodes, simplified, source, symbol

    LESSON = {
        "title": "A graph of symbols",
        "question": "What can be done with a sum that nobody has computed yet?",
        "part": "Shipping",
        "minutes": 15,
        "reads": ["glass/foundations/symbols.py", "glass/autograd.py", "frameworks/scripts/in_pytensor.py"],
        "runs": ["deepglass frameworks theano"],
    }

    SIGNS = {"add": "+", "mul": "×", "div": "÷", "neg": "−"}
    FORMULAS = {
        "log(1 + exp(x))": lambda x, w: symbols.log(1.0 + symbols.exp(x)),
        "tanh(w · x)": lambda x, w: symbols.tanh(w * x),
        "(w + x)² / (1 + (w + x)²)": lambda x, w: (w + x) * (w + x) / (1.0 + (w + x) * (w + x)),
        "exp(w) / (exp(w) + exp(x))": lambda x, w: symbols.exp(w) / (symbols.exp(w) + symbols.exp(x)),
    }
    STAGES = ("the formula", "with its gradient", "simplified")
    FILMED = "exp(w) / (exp(w) + exp(x))"
    FAR = [1, 10, 100, 500, 700, 710, 800, 1000]


@app.function
def graphs(formula, stage):
    """Names, and the results that a formula has at a stage: its value, and then its slope along x."""
    x, w = symbol("x"), symbol("w")
    value = FORMULAS[formula](x, w)
    results = [value] if stage == STAGES[0] else [value, *gradient(value, [x])]
    if stage == STAGES[2]:
        value = simplified(value)[0]  # first the formula: the slope of what is stable is stable
        results = simplified(value, *gradient(value, [x]))
    return [x, w], results


@app.function
def places(order):
    """Where each node is drawn: below each other by how many steps lie behind it, side by side within a row."""
    depth = {}
    for node in order:
        depth[id(node)] = 1 + max((depth[id(given)] for given in node.inputs), default=-1)
    rows = {}
    for node in order:
        rows.setdefault(depth[id(node)], []).append(node)
    return {id(node): ((i + 0.5) / len(row), -level) for level, row in rows.items() for i, node in enumerate(row)}


@app.function
def drawn(order, where, results, told=""):
    """The graph as a picture: given things in blue, results in orange; arrows go from what is used to what uses it."""
    fig, ax = kit.figure(4.6, 1.0 + 0.38 * (1 - min(y for _, y in where.values())))
    for node in order:
        x, y = where[id(node)]
        for given in node.inputs:
            start = where[id(given)]
            bend = 0.3 if start[0] == x and start[1] - y > 1 else 0.0  # around what stands between
            way = {"arrowstyle": "-|>", "connectionstyle": f"arc3,rad={bend}", "shrinkA": 9, "shrinkB": 9}
            ax.annotate("", (x, y), start, arrowprops={**way, "color": kit.GREY})
        is_result = any(node is result for result in results)
        color = kit.ORANGE if is_result else kit.BLUE if not node.inputs else kit.FAINT
        name = (
            f"{node.value:g}" if node.operation == "number" else node.value or SIGNS.get(node.operation, node.operation)
        )
        box = {"boxstyle": "round,pad=0.3", "facecolor": kit.BACKGROUND, "edgecolor": color, "linewidth": 1.6}
        ax.text(x, y, name, ha="center", va="center", fontsize=9, color=kit.INK, bbox=box)
    ax.set(xlim=(0, 1), ylim=(min(y for _, y in where.values()) - 0.6, 0.6))
    ax.axis("off")
    return kit.picture(fig, told)


@app.function
def film():
    """The formula is written down, and then its gradient, node by node."""
    _, results = graphs(FILMED, STAGES[1])
    order = nodes(*results)
    where = places(order)
    formula = {id(node) for node in nodes(results[0])}
    first = len([node for node in order if not node.inputs])
    for count in range(first, len(order) + 1):
        node = order[count - 1]
        part = "the formula" if id(node) in formula else "its slope along x"
        told = f"{count} nodes are written down, the last for {part}; nothing has been computed."
        yield drawn(order[:count], where, results, told), told


@app.cell
def _():
    kit.opening(
        LESSON,
        "A formula is written down, node by node, and then a second one behind it: its slope. Neither w nor x has a "
        "number yet. Everything that is seen here is done with **symbols**.",
        kit.film(film(), label="Nodes", seconds=0.5, width=4.6),
        kit.guess(
            "Before any number comes, such a graph is simplified: what it does twice is done once, known pieces are "
            "replaced by shorter ones that are equal. Can that change the answer, computed in floating point?",
            ["No: equal formulas give equal numbers", "In the last digit at most", "From infinity to 1000"],
            "log(1 + eˣ) at x = 1000: as it was written it gives "
            f"{at(1000, False)[0]:g}, because e¹⁰⁰⁰ is beyond the largest number. Simplified it gives "
            f"{at(1000, True)[0]:g}, which is right. Equal on paper is not equal in a machine, for better or worse.",
        ),
    )
    return


@app.function
def at(x, is_simplified):
    """Value and slope of log(1 + eˣ), as written or simplified."""
    names, results = graphs("log(1 + exp(x))", STAGES[2] if is_simplified else STAGES[1])
    with np.errstate(all="ignore"):
        return [float(value) for value in compiled(names, results)(np.float64(x), np.float64(0))]


@app.cell
def _():
    formula = mo.ui.dropdown(list(FORMULAS), value="(w + x)² / (1 + (w + x)²)", label="Formula")
    stage = mo.ui.radio(list(STAGES), value=STAGES[2], label="Stage", inline=True)
    kit.text(
        """
        ## Write, differentiate, shorten, compile {#see}

        Four things can be done with a graph before it is given a number. It can be **written**; **differentiated**,
        which gives a larger graph; **simplified**, which gives an equal one with less to do; and **compiled** into a
        function that forgets the graph. The engine of this course, like PyTorch, does the second with numbers while
        they pass. Theano, in 2007 the first of its kind, did all four with symbols.

        {formula} {stage}
        """,
        formula=formula,
        stage=stage,
    )
    return formula, stage


@app.cell
def _(formula, stage):
    _names, _results = graphs(formula.value, stage.value)
    _order = nodes(*_results)
    _counts = {name: len(nodes(*graphs(formula.value, name)[1])) for name in STAGES}
    _told = f"{len(_order)} nodes: {stage.value}"
    _code = kit.md(f"```python\n{source(_names, _results)}\n```")
    kit.levels(
        mo.Html(f'<figure class="dg-figure">{drawn(_order, places(_order), _results, _told)}</figure>'),
        {f"nodes of {name}" if name == STAGES[0] else f"nodes {name}": count for name, count in _counts.items()},
        _code,
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## Back-propagation, with symbols {#read}

        This is the whole of it. The blame of a node is not a number but a node, and the sum of two blames is a node,
        too. Run it again on what it gives, and there is the second derivative.

        {gradient}

        Every node is looked at once, inputs first. Two nodes that do the same to the same things become one.

        {simplified}

        In PyTensor, where Theano lives on, it reads like this. `grad` writes, `function` simplifies and compiles.

        {pytensor}
        """,
        gradient=kit.read(
            "glass/foundations/symbols.py",
            {
                "SLOPES[node.operation]": "This operation's rule: from a node and its blame to its inputs.",
                "+ share if": "Used twice, blamed twice.",
            },
            part="gradient",
        ),
        simplified=kit.read(
            "glass/foundations/symbols.py",
            {"known.setdefault": "The same operation on the same inputs is there already: take that one."},
            part="simplified",
        ),
        pytensor=kit.read(
            "frameworks/scripts/in_pytensor.py",
            {
                "pytensor.grad(": "Graphs, one for every weight.",
                "self.step =": "A step: what is computed, and what replaces what.",
            },
            part="Learner.__init__",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    far = kit.slider("x", FAR, 800)
    shorter = mo.ui.switch(label="simplified")
    _page = kit.text(
        """
        ## Beyond the largest number: break it, mend it {#break-it-mend-it}

        The loss of a classifier that is sure of a wrong answer is log(1 + eˣ) with a large x. Pull x up, and find the
        place where the value is lost, and with it the slope, which is all that a network learns from. **Mend it**:
        switch the simplification on. One of its rules knows this very formula, and puts in its place one that does not
        take eˣ of a large x.

        {far} {shorter}
        """,
        far=far,
        shorter=shorter,
    )
    kit.after_guess(_page)
    return far, shorter


@app.cell
def _(far, shorter):
    _value, _slope = at(far.value, shorter.value)
    _all = {name: [at(x, is_)[1] for x in FAR] for name, is_ in (("as written", False), ("simplified", True))}
    _shown = {"value": f"{_value:g}", "slope": f"{_slope:g}", "largest number of float64": f"{np.finfo(float).max:.2g}"}
    _rows = [{"x": str(x), **{name: f"{slopes[i]:g}" for name, slopes in _all.items()}} for i, x in enumerate(FAR)]
    _page = kit.row(
        kit.table(_shown, caption=f"At x = {far.value}."), kit.table(_rows, caption="The slope at every x.")
    )
    kit.after_guess(_page)
    return


@app.cell
def _():
    _words = kit.md(
        """
        What does `if x > 0` mean, where x has no number? In a graph it must be an operation of its own, with both
        branches behind it: `switch` in Theano, `where` in JAX. Loops are the same: `scan`. That is what people found
        hard, and why tapes won: a tape sees only the branch that was taken. JAX and `torch.compile` came back to
        graphs by another door: they run the Python once, with stand-ins for numbers, and keep what happened.
        """
    )
    kit.note(_words, "The price")
    return


@app.cell
def _():
    _value = graphs("exp(w) / (exp(w) + exp(x))", STAGES[0])[1][0]
    kit.check(
        kit.exercise("computed_once"),
        kit.answer(
            "exp(w) / (exp(w) + exp(x)) is written as it stands, with exp(w) twice. How many nodes has its graph, the "
            "names w and x included, when equal nodes are one?",
            len(nodes(*simplified(_value))),
            name="nodes",
            slips={
                len(nodes(_value)): "That counts exp(w) twice.",
                len(nodes(*simplified(_value))) - 2: "Names are nodes, too.",
            },
            because="As it was written there are seven.",
            hint="w, x, two exponentials …",
            solution="w, x, exp(w), exp(x), their sum, the quotient: 6",
            tolerance=0.5,
        ),
        kit.choose(
            "Graphs of symbols and tapes of numbers give the same gradient. What can a graph do that a tape cannot?",
            {
                "Follow an “if” that depends on a number": (False, "That is what the tape does by itself."),
                "Be shortened as a whole before the first number comes": (True, "It knows the end before it begins."),
                "Compute gradients of more than one weight": (False, "Both do."),
            },
            name="tape",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Theano's own last release no longer runs on a Python of today. PyTensor does, with the same graphs: the command
        holds an MLP, a CNN and a GRU written in it against PyTorch, here or as they were measured last.
        """,
        own_file="""
        A formula of your own needs four lines: `x = symbol("x")`, the formula, `gradient(formula, [x])`, and
        `compiled([x], simplified(…))`, all from `deepglass.glass.foundations.symbols`. It takes arrays, too. The other
        way, the tape with its numbers, for a row of your own file: `deepglass trace runs/NAME my.csv --backward`.
        """,
        sources=[
            ("Bergstra et al. (2010), Theano: A CPU and GPU math compiler in Python",
             "https://proceedings.scipy.org/articles/Majora-92bf1922-003"),
            ("The Theano Development Team (2016), Theano", "https://arxiv.org/abs/1605.02688"),
            ("Griewank (2012), Who invented the reverse mode of differentiation?", "https://doi.org/10.4171/dms/6/38"),
        ],
        onward="A graph that is known as a whole can be compiled for a chip. What would a chip for graphs look like?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
