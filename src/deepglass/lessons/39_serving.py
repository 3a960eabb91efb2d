"""Lesson 39: serving. A request waits, batches form, the slowest of a hundred counts, and the world moves on."""

import marimo

app = marimo.App(width="medium", app_title="Serving a model well", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.deploy.serve.drift import SHIFTED, Moments
    from deepglass.deploy.serve.self_test import percentile
    from deepglass.deploy.serve.simulation import arrivals, capacity, mean_latency, simulate

    LESSON = {
        "title": "Serving a model well",
        "question": "Why does a request wait when the machine is fast enough?",
        "part": "Shipping",
        "minutes": 15,
        "reads": ["deploy/serve/simulation.py", "deploy/serve/batching.py", "deploy/serve/drift.py"],
        "runs": [
            "deepglass train iris --target species --model mlp --epochs 5 --run runs/iris",
            "deepglass serve runs/iris --self-test 200",
        ],
    }
    ALONE_MS, FIXED_MS, ROW_MS = 10, 8, 2  # for one request: 8 ms however many come, 2 ms for each
    MANY = 20_000  # requests of a simulation


@app.function
def latencies(rate, max_batch=1, count=MANY, max_queue=np.inf):
    """Milliseconds from request to answer; NaN for the refused."""
    arrived = arrivals(rate, count)
    _, answered = simulate(arrived, FIXED_MS / 1000, ROW_MS / 1000, max_batch, max_queue)
    return 1000 * (answered - arrived)


@app.function
def queue(rate=90, count=26, frames=14):
    """The film: bars of requests, grey while they wait and blue while they are computed, as the clock goes on."""
    arrived = arrivals(rate, count, seed=70)
    begun, answered = simulate(arrived, FIXED_MS / 1000, ROW_MS / 1000, 1)
    arrived, begun, answered = 1000 * arrived, 1000 * begun, 1000 * answered
    fig, ax = kit.figure(4.3, 3)

    def draw(number):
        now = answered.max() * (number + 1) / frames
        ax.clear()
        here = arrived <= now
        rows, wait_end, end = np.arange(count)[here], np.minimum(begun, now)[here], np.minimum(answered, now)[here]
        ax.barh(rows, wait_end - arrived[here], left=arrived[here], color=kit.GREY, height=0.7, alpha=0.5)
        ax.barh(rows, np.maximum(end - wait_end, 0), left=wait_end, color=kit.BLUE, height=0.7)
        ax.axvline(now, color=kit.ORANGE, linewidth=1.4)
        ax.set(xlim=(0, 1.02 * answered.max()), ylim=(count, -1), xlabel="milliseconds", ylabel="request")
        waiting, done = int((here & (begun > now)).sum()), int((answered <= now).sum())
        return f"{now:.0f} ms: {int(here.sum())} requests have come, {done} are answered, {waiting} wait."

    return kit.frames(fig, draw, frames, "Each request is a bar, grey while it waits, blue while it is computed.")


@app.cell
def _():
    _rate = 90
    _times, _mean = latencies(_rate), 1000 * mean_latency(_rate, ALONE_MS / 1000)
    kit.opening(
        LESSON,
        f"Requests come as people send them: now three at once, now none. A machine that needs {ALONE_MS} ms for each "
        "answers them one after the other.",
        kit.film(queue(), label="The clock", seconds=0.8, waits_for="guess", held=6),
        kit.guess(
            f"The machine needs {ALONE_MS} ms for a request. On average {_rate} come in a second, so it is busy "
            f"{_rate * ALONE_MS / 10:.0f} % of the time. How long does an answer take, on average?",
            [f"about {ms:.0f} ms" for ms in (ALONE_MS, 1.5 * ALONE_MS, _mean, 20 * _mean)],
            f"About {_times.mean():.0f} ms, measured over {MANY:,} requests: for every millisecond of work "
            f"{_times.mean() / ALONE_MS - 1:.1f} of waiting. Whoever comes while others wait has to wait for them "
            "all, and chance brings people in bunches; the pauses between cannot be saved up. The nearer to full, the "
            "longer, and without end.",
        ),
    )
    return


@app.cell
def _():
    rate = kit.slider("Requests a second", [10, 30, 50, 70, 80, 90, 95, 98], 90)
    kit.text(
        """
        ## A request on its way {#see}

        A request arrives over the network, is checked (a missing column is answered with an error that names it, and
        costs the others nothing), waits until the machine is free, is computed, and goes back. All of this is the
        **latency**; only the waiting depends on others.

        Hardly any request takes the average time. So one looks at **percentiles**: half of all requests are faster than
        p50, 95 of 100 than p95, 99 of 100 than p99.

        {rate}
        """,
        rate=kit.after_guess(rate),
    )
    return (rate,)


@app.cell
def _(rate):
    _times = latencies(rate.value)
    _shares = np.arange(1, 100)
    _busy = rate.value * ALONE_MS / 1000
    _levels = kit.levels(
        kit.curves(
            {"latency": (np.percentile(_times, _shares), _shares)},
            marks={f"{share} %": share for share in (50, 95)}, label="Share of requests that are answered by then",
            xlabel="milliseconds", ylabel="answered, %", ylim=(0, 101),
            caption=f"{MANY:,} requests, {rate.value} a second, one after the other.",
        ),
        {
            "busy": f"{_busy:.0%}",
            "mean, ms": float(_times.mean()),
            **{f"p{share}, ms": float(percentile(_times.tolist(), share)) for share in (50, 95, 99)},
        },
        r"""
        $$\text{mean} = \blue{s}\left(1 + \frac{\orange{\rho}}{2(1-\orange{\rho})}\right)$$

        $$= \blue{alone}\left(1 + \frac{\orange{busy}}{2(1-\orange{busy})}\right) = {endless}\text{ ms}$$

        $\blue{s}$ is the time for one, $\orange{\rho}$ the share of the time that the machine is busy. This is the mean
        of an endless stream; the table shows {many:,} requests of one.
        """,
        alone=ALONE_MS, busy=f"{_busy:.2f}",
        endless=f"{1000 * mean_latency(rate.value, ALONE_MS / 1000):.1f}", many=MANY,
    )  # fmt: skip
    kit.after_guess(_levels, silently=True)
    return


@app.cell
def _():
    _rates = [20, 50, 80, 95, 120, 180, 250, 320, 380]
    _p95 = {}
    for _size in (1, 4, 32):
        _possible = [r for r in _rates if r < 0.97 * 1000 * _size / (FIXED_MS + ROW_MS * _size)]
        _p95[f"{_size} at a time"] = (
            _possible,
            [percentile(latencies(r, _size, 8000).tolist(), 95) for r in _possible],
        )
    _words = kit.text(
        """
        ### Together instead of one by one

        Much of what a request costs is the same for one and for thirty: fetching the weights from memory, starting the
        computation. Say {fixed} ms for a batch and {row} ms for each request in it. So the server waits for nobody who
        has not come yet, but whenever it is free it takes **all who wait**. The longer the queue, the larger the batch,
        the less each costs: a queue that heals itself. One by one the machine ends at {one:.0f} requests a second, with
        batches of up to 32 at {many:.0f}.

        ### The slowest counts

        A page that asks {parts} services waits for the slowest of them. If each, by itself, is slower than its p99
        once in a hundred times, the page meets such a one in {met:.0%} of all cases.
        """,
        fixed=FIXED_MS, row=ROW_MS, one=capacity(FIXED_MS / 1000, ROW_MS / 1000, 1),
        many=capacity(FIXED_MS / 1000, ROW_MS / 1000, 32), parts=10, met=1 - 0.99**10,
    )  # fmt: skip
    _curves = kit.curves(
        _p95, label="The 95th percentile of latency, by load", xlabel="requests a second", ylabel="p95, milliseconds",
        log="y", ylim=(8, 3000),
    )  # fmt: skip
    kit.after_guess(kit.row(_words, _curves), silently=True)
    return


@app.cell
def _():
    _taken = {
        "waiting[:max_batch]": "All who wait, as many as fit: this is the whole of dynamic batching.",
        "free = start + fixed_s": "The clock is a number that is added to. Nothing here takes any time.",
        "if len(waiting) < max_queue": "A queue with an end: who finds it full hears so at once.",
    }
    kit.text(
        """
        ## A clock that is only counted {#read}

        The pictures come from this simulation. Its test runs the server's own queue (`deepglass read
        deploy/serve/batching.py`) on the same arrivals, and every request is answered at the same moment.

        {code}
        """,
        code=kit.read("deploy/serve/simulation.py", _taken, part="simulate"),
    )
    return


@app.cell
def _():
    load = kit.slider("Requests a second", [90, 110, 150, 200], 150)
    bounded = mo.ui.switch(label="Mend it: at most 8 may wait")
    kit.text(
        """
        ## More than it can bear: break it, mend it {#break-it-mend-it}

        A television programme has named you. More requests come than the machine can answer, one after the other, and
        every second the queue grows. Soon all answers come so late that nobody is there to read them, and the machine
        is busy computing them all the same. **Mend it** with the switch: when too many wait, a request is refused at
        once, with the status 503 and a time to try again. The others are answered soon.

        {load} {bounded}
        """,
        load=load,
        bounded=bounded,
    )
    return bounded, load


@app.cell
def _(bounded, load):
    _count = 1500
    _arrived = arrivals(load.value, _count)
    _times = latencies(load.value, 1, _count, 8 if bounded.value else np.inf)
    _kept = ~np.isnan(_times)
    kit.row(
        kit.curves(
            {"latency": (_arrived[_kept], _times[_kept])}, points=True, label="Latency of each that is answered",
            xlabel="seconds since the programme", ylabel="milliseconds", ylim=(0, max(150, 1.05 * _times[_kept].max())),
        ),
        kit.table(
            {
                "answered": f"{_kept.mean():.0%}",
                "refused at once": f"{1 - _kept.mean():.0%}",
                "p95 of the answered, ms": float(percentile(_times[_kept].tolist(), 95)),
                "the last one waited, ms": float(_times[_kept][-1]),
            }
        ),
    )  # fmt: skip
    return


@app.function
def watched(shift, count=400, begins=200, seed=3):
    """What the server's drift watch says after each request, where the inputs move by `shift` deviations half-way."""
    rng, watch = np.random.default_rng(seed), Moments({"mean": 5.0, "std": 2.0})
    distances = []
    for number in range(count):
        watch.observe(np.array([5.0 + 2.0 * (rng.normal() + shift * (number >= begins))]))
        distances.append(watch.distance())
    return np.array(distances)


@app.cell
def _():
    _seen = {f"moved by {shift:g}": watched(shift) for shift in (0, 1, 3)}
    _alarm = {
        name: int(np.argmax(far[100:] > SHIFTED)) + 101 for name, far in _seen.items() if far[100:].max() > SHIFTED
    }
    _told = "; ".join(f"{name}: alarm at request {number}" for name, number in _alarm.items())
    kit.row(
        kit.text(
            """
            ### Right once, and then?

            A server that answers quickly can answer wrongly. The model learnt from last year's inputs; the camera was
            moved, prices have doubled, a new country writes its dates otherwise. Nobody sends the right answers along,
            but the **inputs** can be watched: mean and spread of each, held against training. Nothing of a request is
            kept, only sums.

            And when there is a better model? It becomes version 2 *beside* version 1, gets a small share of the
            requests (`--canary iris:2=0.05`), and the answers say which version gave them.
            """
        ),
        kit.curves(
            _seen, np.arange(1, 401), marks={"alarm": SHIFTED}, label="Distance of the inputs from training",
            xlabel="requests; they move at 200", ylabel="standard deviations", ylim=(0, 1.7), caption=_told,
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _full = kit.answer(
        f"A batch costs {FIXED_MS} ms and {ROW_MS} ms for each request in it. How many requests a second can be "
        "answered with batches of 8?",
        capacity(FIXED_MS / 1000, ROW_MS / 1000, 8),
        name="capacity",
        slips={
            1000 / (FIXED_MS + ROW_MS * 8): "Those are batches a second; each holds 8 requests.",
            1000 / (FIXED_MS + ROW_MS): "That is one by one.",
        },
        because="More than three times as many as one by one.",
        hint="How long does a batch of 8 take?",
        solution=f"{FIXED_MS} + 8 · {ROW_MS} = {FIXED_MS + 8 * ROW_MS} ms for 8 requests",
        tolerance=0.5,
    )
    kit.check(kit.exercise("tail"), kit.exercise("in_line"), _full)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Now the real one, over HTTP. With `--self-test` the server starts, asks itself and ends: whether it is healthy;
        an example over plain HTTP and over TensorFlow Serving's REST, whose clients work unchanged; one with a column
        left out, answered with a status of 422 that names it; latencies of 200 requests from four clients; and what
        the drift watch says before and after every number was moved by three deviations.
        """,
        own_file="""
        Train on your own table and leave the last option out: `deepglass train my.csv --target COLUMN --run runs/mine`,
        then `deepglass serve runs/mine`. The address it prints opens a page to try the model; `/docs` says what it
        takes, `/metrics` holds the latencies for Prometheus, `/drift` the distances from training.
        """,
        sources=[
            ("Pollaczek (1930), Über eine Aufgabe der Wahrscheinlichkeitstheorie", "https://doi.org/10.1007/BF01194620"),
            ("Dean and Barroso (2013), The tail at scale", "https://doi.org/10.1145/2408776.2408794"),
            ("Crankshaw et al. (2017), Clipper: a low-latency online prediction serving system",
             "https://arxiv.org/abs/1612.03079"),
            ("TensorFlow Serving, the REST API", "https://www.tensorflow.org/tfx/serving/api_rest"),
        ],
        onward="Half of the cost of an answer is moving weights. How few bits can they have?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
