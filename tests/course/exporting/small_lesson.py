"""A lesson of a few lines with every way in which a page can depend on Python."""

import marimo

app = marimo.App()

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass.course import kit

    CALLS = []


@app.function
def heights(power):
    """A cheap computation that can be counted."""
    CALLS.append(power)
    return np.arange(5.0) ** power


@app.cell
def _():
    power = kit.slider("Power η", [1, 2, 3], 2)
    kind = mo.ui.dropdown(["plain", "dashed"], value="plain", label="Kind")
    far = mo.ui.slider(0, 1000, 1, value=7, label="Far", show_value=True)
    mo.vstack([power, kind, far])
    return far, kind, power


@app.cell
def _(power):
    values = heights(power.value)
    return (values,)


@app.cell
def _(kind, values):
    kit.levels(
        kit.curves({"it": values}, dashed=("it",) if kind.value == "dashed" else ()),
        {"sum": values.sum()},
        r"$$\begin{gathered} a = {sum} \\ b = 2 \end{gathered}$$",
        sum=values.sum(),
    )
    return


@app.cell
def _(far):
    kit.text("Far is **{far}**.", far=far.value)
    return


@app.cell
def _():
    net = kit.network([[[1.0]]], [[0.0]], label="A net")
    kit.row(net)
    return (net,)


@app.cell
def _(net, power):
    net.widget.weights = [[[float(power.value)]]]
    return


@app.cell
def _():
    guess = kit.guess("Which?", ["one", "two"], "It was two.")
    kit.row(guess)
    return (guess,)


@app.cell
def _(guess):
    _open = guess.value["committed"]
    which = mo.ui.radio(["early", *(["late"] if _open else [])], value="early", label="When")
    kit.row(which, kit.text("The answer is two." if _open else "Covered."))
    return (which,)


@app.cell
def _(which):
    kit.text("It is {when}.", when=which.value)
    return


@app.cell
def _(guess):
    mo.stop(not guess.value["committed"], kit.text("Guess first."))
    secret = 42
    kit.text("Now you may see.")
    return (secret,)


@app.cell
def _(secret):
    kit.text("The secret is {secret}.", secret=secret)
    return


@app.cell
def _():
    grid = kit.grid([[1, 0], [0, 1]], {"shear": [[1, 1], [0, 1]]}, label="A grid")
    kit.row(grid)
    return (grid,)


@app.cell
def _(grid):
    kit.text("Its corner is {corner}.", corner=grid.value["matrix"][0][1])
    return


@app.cell
def _():
    button = mo.ui.text(value="typed", label="Typed")
    kit.row(button)
    return (button,)


@app.cell
def _():
    mo.output.replace(kit.text("At first."))
    mo.output.replace(kit.text("Put in its place."))
    return


@app.cell
def _():
    film = kit.film((kit.curves([1, one]) for one in (2, 3)), label="Steps", waits=True)
    kit.row(film)
    return (film,)


@app.cell
def _(film):
    film.draw()
    return


@app.cell
def _(button):
    kit.text("You typed {it}.", it=button.value)
    return


if __name__ == "__main__":
    app.run()
