"""Lesson 79: somebody else's computer. What has to travel, and what if the machine is taken away."""

import marimo

app = marimo.App(width="medium", app_title="Somebody else's computer", css_file="../course/pages/lesson.css")

with app.setup:
    import tempfile
    from pathlib import Path

    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.deploy.export import bundle
    from deepglass.deploy.runtime import checksums
    from deepglass.deploy.runtime.errors import BundleError

    LESSON = {
        "title": "Somebody else's computer",
        "question": "What has to travel, so that it answers there as it did here?",
        "part": "Shipping",
        "minutes": 15,
        "reads": [
            "deploy/export/bundle.py", "deploy/runtime/checksums.py", "training/checkpoint.py",
            "deploy/submit/rehearsal.py",
        ],
        "runs": [
            "deepglass train iris --target species --model mlp --epochs 5 --run runs/iris",
            "deepglass export runs/iris --to bundle",
            "deepglass submit 'deepglass train iris --target species --run runs/again' --to slurm",
        ],
    }  # fmt: skip

    WORK, BETWEEN, COST = 8.0, 2.0, 1 / 60  # hours of work; between two losses, on average; to save
    EVERY = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480]  # minutes between two checkpoints
    HARM = ("nothing", "one bit of the network", "a package in another version", "one file is missing")


@app.function
def expected(work, every, cost=COST, between=BETWEEN):
    """Hours until it is done, on average, where a machine is lost at random and what was saved is kept.

    Between two checkpoints lie `every` hours of work and `cost` hours to save. A piece that is interrupted is begun
    anew; losses come at random, `between` hours apart on average.
    """
    return work / every * between * np.expm1((every + cost) / between)


@app.function
def best(cost=COST, between=BETWEEN):
    """Young's rule: hours of work between two checkpoints that lose least, where saving is short."""
    return float(np.sqrt(2 * cost * between))


@app.function
def lived(every, seed=3, work=WORK, cost=COST, between=BETWEEN, most=60.0):
    """One training: hours passed and hours of work that are done, at every event until it is finished or `most`."""
    rng = np.random.default_rng(seed)
    now = saved = 0.0
    path, loss = [(0.0, 0.0)], rng.exponential(between)
    while saved < work - 1e-9 and now < most:
        piece = min(every, work - saved)
        if now + piece + cost <= loss:
            now, saved = now + piece + cost, saved + piece
            path.append((now, saved))
        else:
            path += [(loss, saved + min(piece, loss - now)), (loss, saved)]
            now, loss = loss, loss + rng.exponential(between)
    return np.array(path)


@app.function
def film():
    """A training that saves every half hour, and loses its machine now and then."""
    path = lived(0.5)
    for end in range(2, len(path) + 1):
        shown, losses = path[:end], int((np.diff(path[:end, 1]) < 0).sum())
        said = "its machine is taken away" if shown[-1, 1] < shown[-2, 1] else "it works, and saves"
        yield kit.curves(
            {"done": (shown[:, 0], shown[:, 1])}, xlim=(0, float(path[-1, 0])), ylim=(0, WORK), points=True,
            xlabel="hours passed", ylabel="hours of work done", label="A training on machines that are taken away",
            caption=f"After {shown[-1, 0]:.1f} hours {said}; machines lost so far: {losses}.",
        )  # fmt: skip


@app.cell
def _():
    _never, _often = expected(WORK, WORK), expected(WORK, best())
    kit.opening(
        LESSON,
        "A training of eight hours on a rented machine, of the cheap kind that may be taken away at any moment. It "
        "saves what it has learnt every half hour. When its machine goes, another one comes, and "
        "goes on from what was saved.",
        kit.film(film(), label="Events", seconds=0.5),
        kit.guess(
            f"Such machines are taken away every {BETWEEN:.0f} hours on average, at random. The training takes "
            f"{WORK:.0f} hours of work and never saves: whenever the machine goes, it begins anew. How long until it "
            "is done, on average?",
            ["About 16 hours", "About 40 hours", "Over 100 hours"],
            f"{_never:.0f} hours. It needs eight hours in a row without a loss, and that is rare: e⁻⁴, one time in "
            f"{np.exp(WORK / BETWEEN):.0f}. Saving every {60 * best():.0f} minutes it takes {_often:.1f} hours.",
        ),
    )
    return


@app.cell
def _():
    every = kit.slider("Minutes between two checkpoints", EVERY, 15)
    _words = kit.text(
        """
        ## Every machine is lost sooner or later {#see}

        Saving costs a minute here, so saving all the time is no answer either. Too rarely, and much is done twice; too
        often, and the day goes by with saving. In between lies a flat valley.

        {every}
        """,
        every=every,
    )
    kit.after_guess(_words)
    return (every,)


@app.cell
def _(every):
    _hours = every.value / 60
    _all = np.array(EVERY) / 60
    _page = kit.levels(
        kit.curves(
            {"hours until done": expected(WORK, _all), "work alone": np.full(len(_all), WORK)}, EVERY, log="xy",
            dashed={"work alone"}, points={"hours until done"}, marks={"now": float(expected(WORK, _hours))},
            xlabel="minutes between checkpoints", ylabel="hours", label="How long it takes on average",
        ),
        {
            "hours until done": float(expected(WORK, _hours)),
            "minutes spent saving, without a loss": WORK / _hours,
            "minutes lost by a loss, on average, at most": every.value + 60 * COST,
            "best, by Young's rule, minutes": 60 * best(),
        },
        r"""
        $$T = \frac{W}{\blue{c}}\, M \left(e^{(\blue{c} + s)/M} - 1\right) = {total}\ \text{h}$$

        $$\blue{c}_{\text{best}} \approx \sqrt{2\, s\, M}$$

        $W$ hours of work, $c$ hours of it between two checkpoints, $s$ to save, $M$ between two losses. The second
        rule is Young's, of 1974.
        """,
        total=f"{expected(WORK, _hours):.1f}",
    )  # fmt: skip
    kit.after_guess(_page)
    return


@app.cell
def _():
    kit.text(
        """
        ## A recipe instead of a machine {#read}

        What was learnt has to answer, too, and there the other question comes: is it the same thing that answers? On
        your machine lie a Python, forty packages, a processor, an environment. A **container image** writes down what
        is needed, so that anybody can make the same again. `deepglass export --to bundle` writes this one:

        {recipe}

        Every line of it keeps one promise. `FROM` names the base by a digest, not by a tag that moves. The packages
        come with a checksum each, and pip refuses any other. `USER` is nobody. `HEALTHCHECK` asks it every ten seconds
        whether it answers. No password is in it: a secret comes when the image is started, for whatever lies in an
        image can be read by all who have it.

        And the files themselves? Each has its checksum in a list, and the list is verified before the first answer:

        {verify}
        """,
        recipe=kit.md(f"```dockerfile\n{recipe()}\n```"),
        verify=kit.read(
            "deploy/runtime/checksums.py",
            {
                "is missing: copy": "Half a copy is no copy.",
                "_digest(folder / name) != noted": "One bit is enough to be found out.",
            },
            part="verify",
        ),
    )  # fmt: skip
    return


@app.function
def recipe():
    """The lines of the Containerfile that do something."""
    lines = bundle.containerfile(is_locked=True).splitlines()
    return "\n".join(line for line in lines if line.split(" ")[0] in ("FROM", "ARG", "COPY", "USER", "ENTRYPOINT") or
                     "pip install" in line or "HEALTHCHECK" in line)  # fmt: skip


@app.function
def travelled(harm):
    """What the bundle says there after something happened on the way, once it looked and once it did not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.onnx").write_bytes(bytes(range(256)) * 8)
        (folder / "schema.json").write_text("{}")
        (folder / "requirements.txt").write_text("onnxruntime==1.31.1\nnumpy==2.4.6\n")
        checksums.write(folder)
        if harm == HARM[1]:
            content = bytearray((folder / "model.onnx").read_bytes())
            content[1000] ^= 1
            (folder / "model.onnx").write_bytes(content)
        elif harm == HARM[2]:
            (folder / "requirements.txt").write_text("onnxruntime==1.31.1\nnumpy==1.26.4\n")
        elif harm == HARM[3]:
            (folder / "schema.json").unlink()
        try:
            checksums.verify(folder)
        except BundleError as error:
            return str(error).replace(f"{folder}/", "")
    return "all files are as they were exported"


@app.cell
def _():
    harm = mo.ui.radio(list(HARM), value=HARM[1], label="Changed on the way:")
    kit.text(
        """
        ## Something happens on the way: break it, mend it {#break-it-mend-it}

        A bundle of three files is copied to another machine. Choose what happens to it. A file with one wrong bit is
        still a file: it has the same name, the same size, and would load. **Mend it**: copy again; what matters is that
        it *said* so, before it answered anybody.

        {harm}
        """,
        harm=harm,
    )
    return (harm,)


@app.cell
def _(harm):
    _said = travelled(harm.value)
    _is_whole = _said == travelled(HARM[0])
    kit.row(
        kit.table({"changed on the way": harm.value, "it starts": "yes" if _is_whole else "no"}),
        kit.note(kit.md(f"`{_said}`"), "What it says"),
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("hours_until_done"),
        kit.answer(
            "Saving takes 2 minutes, and a machine is lost every 4 hours on average. By Young's rule, how many minutes "
            "of work should lie between two checkpoints?",
            60 * best(2 / 60, 4.0),
            name="young",
            slips={
                float(np.sqrt(2 * 2 * 4)): "Both in minutes first: 4 hours are 240.",
                float(np.sqrt(2 * 240)): "The 2 in front of the cost is missing.",
            },
            because="Half as long or twice as long costs little more: the valley is flat.",
            hint="The square root of 2 · cost · time between losses, all in minutes.",
            solution="√(2 · 2 · 240) = √960, about 31 minutes",
            unit="minutes",
            tolerance=0.5,
        ),
        kit.choose(
            "Where does the password of the data base belong, which the server in the image asks?",
            {
                "Into the image, in a file with narrow rights": (False, "Whoever has the image has its files."),
                "Into the environment, when it is started": (True, "Or into a file that is mounted then."),
                "Into the recipe, in a line that is deleted further down": (False, "Every line is a layer that stays."),
            },
            name="secret",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The folder that `export` leaves is all that has to travel: the network as ONNX, what goes in and out, a small
        runtime without PyTorch, the packages with checksums, a Containerfile. Its README says how to build the image
        and start it. A training on a cluster is a file, too. `deepglass submit` writes it for SLURM, SkyPilot or
        Kubernetes: what it needs, and a command that goes on from the last checkpoint whenever its machine was taken
        away. `--check` rehearses the file here, without any cluster: two processes have to learn what one learns, and
        one of them is killed on the way.
        """,
        own_file="""
        `deepglass train my.csv --target COLUMN --checkpoint-every 600` saves every ten minutes, and
        `deepglass train --run runs/my --resume` goes on after a loss, to the same numbers. Measure once what saving
        costs, ask how often machines are lost, and take the root.
        """,
        sources=[
            ("Young (1974), A first order approximation to the optimum checkpoint interval",
             "https://doi.org/10.1145/361147.361115"),
            ("Daly (2006), A higher order estimate of the optimum checkpoint interval",
             "https://doi.org/10.1016/j.future.2004.11.016"),
            ("Merkel (2014), Docker: lightweight Linux containers", "https://dl.acm.org/doi/10.5555/2600239.2600241"),
        ],
        onward="",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
