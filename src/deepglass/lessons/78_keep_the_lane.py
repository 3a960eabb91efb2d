"""Lesson 78: keep the lane. Why a car that imitates a perfect driver ends in the ditch, and what mends it."""

import marimo

app = marimo.App(width="medium", app_title="Keep the lane", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.rl import cloning, dagger
    from deepglass.rl.driving.tracks import WIDTH, Tracks, track_through
    from deepglass.rl.envs import car
    from deepglass.rl.running.episodes import greedy, play

    LESSON = {
        "title": "Keep the lane",
        "question": "Is it enough to imitate a driver who never errs?",
        "part": "Acting",
        "minutes": 20,
        "reads": ["rl/cloning.py", "rl/dagger.py", "rl/driving/rays.py", "rl/envs/car.py"],
        "runs": [
            "deepglass train Car-v0 --model cloning --steps 3000 --run runs/clone",
            "deepglass train Car-v0 --model dagger --steps 3000 --run runs/car",
        ],
    }

    SEED, ROUND, UNSEEN, LAPS = 1, 1_000, (1, 99), 60  # answers of a round; tracks of the tests
    SCALE, CUT = 55.0, 400  # metres of half the page's square; steps after which a drive is cut
    PAPERS = "https://proceedings.neurips.cc/paper"
    PURSUIT = "https://www.ri.cmu.edu/pub_files/pub3/coulter_r_craig_1992_1/coulter_r_craig_1992_1.pdf"
    COLORS = {"the expert": kit.GREY, "the clone": kit.ORANGE, "DAgger": kit.BLUE}


@app.function
@cache
def policy(way, rounds, seed):
    """What has had `rounds` thousand answers of the expert: the clone on the expert's way, DAgger on its own."""
    module = {"the clone": cloning, "DAgger": dagger}[way]
    learner = module.Learner(car.Env(10, (seed, 0)), module.Config(num_steps=ROUND // 10), seed)
    for done in range(rounds):
        learner.iterate(done / rounds)
    return learner


@app.function
def act_of(driver, env, rounds=3, seed=SEED):
    """What a driver does, by what is seen; the expert looks at the track itself."""
    if driver == "the expert":
        return lambda _: env.advice()
    return greedy(policy(driver, rounds, seed).policy, env.actions)


@app.function
@cache
def unseen_tracks():
    """A hundred that no training has."""
    return car.Env(1, UNSEEN).tracks


@app.function
def unseen():
    """Copies of the world on them, which begin alike every time."""
    return car.Env(LAPS, UNSEEN, tracks=unseen_tracks())


@app.function
@cache
def driven(driver, rounds, seed):
    """A lap on each unseen track: how long it was, and whether it came round."""
    env = unseen()
    return play(act_of(driver, env, rounds, seed), env, LAPS)


@app.function
def laps(driver, rounds=3, seed=SEED):
    """Share of laps on unseen tracks that come round without leaving the road."""
    return float(driven(driver, rounds, seed).reached.mean())


@app.function
@cache
def wheel_error(way, rounds=3, steps=100):
    """Degrees by which the front wheels differ from the expert's, on the way of the expert and on the net's own."""
    found = []
    for is_own in (False, True):
        env = unseen()
        seen, act, squares = env.reset(), act_of(way, env, rounds), []
        for _ in range(steps):
            told, done = env.advice(), act(seen)
            squares.append(np.square(told[:, 0] - done[:, 0]).mean())
            seen = env.step(done if is_own else told).observation
        found.append(float(np.degrees(car.SHARPEST) * np.sqrt(np.mean(squares))))
    return found


@app.function
def put_aside(env, metres):
    """Move all cars this far to the left of where they begin; returns what they see there."""
    along = env.tracks.along[env.physics[car.TRACK].astype(int), 0]
    env.physics[: car.HEADING] += metres * np.stack((-along[:, 1], along[:, 0]))
    return env.observe(env.physics)


@app.function
def drive(driver, tracks, aside=0.0, rounds=3, steps=CUT):
    """One drive: places (steps, 2), headings, metres to the left of the middle, and whether it came round."""
    env = car.Env(1, tracks=tracks)
    seen, act, kept, reached = put_aside(env, aside), act_of(driver, env, rounds), [], False
    for _ in range(steps):
        kept.append((*env.physics[: car.SPEED, 0], env.locate(env.physics[: car.HEADING].T)[2][0]))
        step = env.step(act(seen))
        seen, reached = step.observation, bool(step.reached[0])
        if step.ended[0]:
            break
    x, y, heading, off = np.transpose(kept)
    return {"place": np.stack((x, y), axis=1), "heading": heading, "aside": off, "reached": reached}


@app.function
def draw_road(ax, tracks, index=0):
    """The road from above, and the line where a lap begins."""
    left, right = (np.concatenate((edge, edge[:1])) for edge in tracks.edges[index].swapaxes(0, 1))
    ax.fill(*np.concatenate((left, right[::-1])).T, color=kit.FAINT, linewidth=0)
    for edge in (left, right):
        ax.plot(*edge.T, color=kit.GREY, linewidth=1)
    ax.plot(*tracks.edges[index, 0].T, color=kit.INK, linewidth=1.5)
    ax.set(xticks=[], yticks=[], aspect="equal")
    ax.grid(False)


@app.function
def draw_car(ax, place, heading, color):
    """The body from above."""
    behind, before, aside = car.BODY
    forward = np.array([np.cos(heading), np.sin(heading)])
    left = np.array([-forward[1], forward[0]])
    corners = [(behind, -aside), (before, -aside), (before, aside), (behind, aside)]
    ax.fill(*np.array([place + a * forward + b * left for a, b in corners]).T, color=color, linewidth=0)


@app.function
@cache
def lost():
    """A track that nobody has seen and on which the clone leaves the road, after 8 seconds or so."""
    env, played = unseen(), driven("the clone", 3, SEED)
    env.reset()  # begins as `play` did
    late = np.where(played.reached, np.inf, np.abs(played.lengths - 80))
    number = int(env.physics[car.TRACK, late.argmin()])
    return Tracks(*(part[number : number + 1] for part in vars(env.tracks).values()))


@app.function
def film(most=20):
    """The clone on its way into the ditch, seen from above, with its rays."""
    tracks = lost()
    run = drive("the clone", tracks)
    env, count = car.Env(1, tracks=tracks), len(run["place"])
    fig, ax = kit.figure(4.2, 4.2)

    def draw(number):
        step = round(number * (count - 1) / (most - 1))
        place, heading = run["place"][step], run["heading"][step]
        ax.clear()
        draw_road(ax, tracks)
        env.physics[: car.SPEED, 0] = (*place, heading)
        env.physics[car.POINT, 0] = np.linalg.norm(tracks.middle[0] - place, axis=1).argmin()
        for far, angle in zip(env.rays(env.physics)[0], car.ANGLES):
            end = place + far * np.array([np.cos(heading + angle), np.sin(heading + angle)])
            ax.plot(*np.array([place, end]).T, color=kit.BLUE, linewidth=0.8)
        draw_car(ax, place, heading, kit.ORANGE)
        ax.set(xlim=place[0] + np.array([-24, 24]), ylim=place[1] + np.array([-24, 24]))
        off = abs(run["aside"][step])
        return f"After {step / 10:.1f} s it is {off:.1f} m from the middle; the edge is at {WIDTH / 2:g} m."

    return kit.frames(fig, draw, most, "A car on a road, from above, with seven rays to its edges.")


@app.cell
def _():
    kit.opening(
        LESSON,
        f"An expert has driven {3 * ROUND:,} moments on the middle of the road. A small net has learnt to do what the "
        "expert did, by seven distances to the edge. It has **never been shown a mistake**. Here it drives alone, on a "
        "track that is new to it.",
        kit.film(film(), label="Seconds of the drive", seconds=0.35, width=4.2),
    )
    return


@app.cell
def _():
    _theirs, _own = wheel_error("the clone")
    kit.guess(
        f"On the expert's way the clone turns its front wheels {_theirs:.2f} degrees otherwise than the expert would. "
        "How far off is it on its own way?",
        ["About as far: it is the same net", "Less far: it has chosen that way itself", "More than twice as far"],
        f"It is off by {_own:.2f} degrees there, {_own / _theirs:.1f} times as far.",
    )
    return


@app.cell
def _():
    _own = {way: wheel_error(way) for way in ("the clone", "DAgger")}
    _heads = ("driver", "off on the expert's way", "off on its own way", "laps")
    _cells = [(way, f"{theirs:.2f}°", f"{own:.2f}°", f"{laps(way):.0%}") for way, (theirs, own) in _own.items()]
    _words = kit.text(
        """
        The table says how far the front wheels are from where the expert would have turned them. **On the expert's way
        the clone is good.** But it does not stay there: a small error takes it half a metre aside, and half a metre
        aside is a place that it has never been shown. There it errs more, and that takes it further.

        The lower row is the same net with as many answers. But it drove itself, and the expert said at each moment
        what it would do *there*. With {more:,} moments of the expert's own driving the clone gets round on {six:.0%}.
        """,
        more=6 * ROUND,
        six=laps("the clone", 6),
    )
    kit.after_guess(kit.row(kit.table([dict(zip(_heads, cells)) for cells in _cells]), _words))
    return


@app.function
def rings():
    """Tracks to begin with, on the page's square."""
    angle = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    ring = np.stack((np.cos(angle), np.sin(angle)), axis=1)
    pear = ring * (0.62 + 0.2 * np.cos(2 * angle) + 0.08 * np.sin(3 * angle))[:, None]
    bean = ring * (0.66 - 0.22 * np.cos(angle) + 0.14 * np.cos(3 * angle))[:, None]
    boot = [(-0.75, -0.6), (0.1, -0.7), (0.75, -0.5), (0.75, -0.1), (0.3, 0.1), (0.15, 0.5), (-0.3, 0.75), (-0.75, 0.3)]
    return {"a bean": bean.round(2), "a pear": pear.round(2), "a boot": np.array(boot)}


@app.cell
def _():
    track = kit.loop(rings(), road=WIDTH / SCALE, name="track", label="Your track")
    driver = mo.ui.radio(list(COLORS), value="the clone", label="Who drives", inline=True)
    kit.text(
        """
        ## Draw a track {#see}

        Drag the points. The road is 8 m wide, the square about 100 m; the lap begins at the orange point. Let the three
        drive on it in turn: the **expert** sees the whole track, the two nets see seven distances and their speed.

        {driver}

        {track}
        """,
        driver=driver,
        track=track,
    )
    return driver, track


@app.cell
def _(driver, track):
    _tracks = track_through(track.drawn() * SCALE)
    _run = drive(driver.value, _tracks)
    _fig, _ax = kit.figure(4.0, 4.0)
    draw_road(_ax, _tracks)
    _ax.plot(*_run["place"].T, color=COLORS[driver.value], linewidth=2)
    draw_car(_ax, _run["place"][-1], _run["heading"][-1], COLORS[driver.value])
    _end = "comes round in" if _run["reached"] else "is off the road after"
    _end = "is still driving after" if len(_run["place"]) == CUT else _end
    _told = f"{driver.value[0].upper()}{driver.value[1:]} {_end} {len(_run['place']) / 10:.1f} s."
    _errors = wheel_error(driver.value) if driver.value != "the expert" else [0.0, 0.0]
    _shown = kit.levels(
        kit.html(_fig, f"The drawn track and the way of the car. {_told}", _told),
        {
            "metres of a lap": float(_tracks.length[0]),
            "farthest from the middle, m": float(np.abs(_run["aside"]).max()),
            "off on the expert's way, degrees": _errors[0],
            "off on its own way, degrees": _errors[1],
        },
        r"""
        $$\mathbb{E}_{s \sim \text{expert}} \left(\blue{\mu} - \orange{a^*}\right)^2 = {theirs}^2$$

        $$\mathbb{E}_{s \sim \blue{\mu}} \left(\blue{\mu} - \orange{a^*}\right)^2 = {own}^2$$

        $\orange{a^*}$ is what the expert would do at $s$, $\blue{\mu}$ what the driver does, in degrees, over
        {laps} unseen tracks. Cloning makes the first small. The second decides where the car ends.
        """,
        theirs=f"{_errors[0]:.2f}",
        own=f"{_errors[1]:.2f}",
        laps=LAPS,
    )
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## One line apart {#read}

        Cloning watches, and takes steps towards what the expert did. **DAgger** (*dataset aggregation*) differs in who
        holds the wheel: after the first round the net does, and the expert is asked what *it* would have done there.

        {cloning} {dagger}

        The expert itself aims at a point on the middle of the road half a second ahead, and turns the wheels onto the
        arc that leads there: pure pursuit.

        {pursuit}
        """,
        cloning=kit.read(
            "rl/cloning.py",
            {
                "seen, told = self.observation": "What was seen, and what the expert says.",
                "self.env.step(self.acts(told))": "Who drives is decided in acts.",
            },
            part="Learner.watch",
        ),
        dagger=kit.read(
            "rl/dagger.py",
            {
                "if not len(self.seen)": "In the first round the expert drives …",
                "return bounded(": "… and then the net, into its own mistakes.",
            },
            part="Learner.acts",
        ),
        pursuit=kit.read("rl/driving/pure_pursuit.py", part="steering"),
    )
    return


@app.cell
def _():
    aside = kit.slider("Begin aside of the middle, metres", [0, 1, 2, 3], 2)
    rounds = kit.slider("Rounds of 1,000 answers", [1, 2, 3], 3)
    kit.text(
        """
        ## A gust of wind: break it, mend it {#break-it-mend-it}

        A gust puts the car aside. Who has only seen the middle of the road does not know the way back. Below, the
        places that each was told about in its last round: the clone hears of the middle again. **Break DAgger**: take
        its rounds away. The first round of both is the same, and with it alone both are lost. **Mend it** with a
        second, in which it drives itself.

        {aside} {rounds}
        """,
        aside=aside,
        rounds=rounds,
    )
    return aside, rounds


@app.function
def told_about(way, rounds):
    """Of the last thousand answers: metres from the middle, by the rays to the left and to the right."""
    right, *_, left, _ = policy(way, rounds, SEED).seen[-ROUND:].T
    return (right - left) / (right + left) * WIDTH / 2


@app.function
@cache
def blown(way, aside, rounds):
    """Share of starts this far aside of the middle, on unseen tracks, that come round all the same."""
    env = unseen()
    env.reset()
    seen, act, over, reached = (
        put_aside(env, aside),
        act_of(way, env, rounds),
        np.zeros(LAPS, bool),
        np.zeros(LAPS, bool),
    )
    for _ in range(CUT):
        step = env.step(act(seen))
        seen, reached, over = step.observation, reached | (step.reached & ~over), over | step.ended
        if over.all():
            break
    return float(reached.mean())


@app.cell
def _(aside, rounds):
    _tracks = lost()
    _lines = {}
    for _way in ("the clone", "DAgger"):
        _off = drive(_way, _tracks, aside.value, rounds.value, steps=80)["aside"]
        _lines[_way] = (np.arange(len(_off)) / 10, _off)
    _left = kit.curves(
        _lines, xlabel="seconds", ylabel="metres to the left of the middle", ylim=(-4.2, 4.2), dashed=("the clone",),
        colors=COLORS, label="How far from the middle, from second to second", caption="The edge is at ±4 m.",
    )  # fmt: skip
    _bins = np.linspace(-4, 4, 17)
    _shares = {way: np.histogram(told_about(way, rounds.value), _bins)[0] / ROUND for way in _lines}
    _right = kit.curves(
        _shares, (_bins[1:] + _bins[:-1]) / 2, xlabel="metres from the middle", ylabel="share of answers",
        ylim=(0, 0.75), dashed=("the clone",), colors=COLORS, label="Where the last answers were given",
    )  # fmt: skip
    _words = kit.text(
        "Begun {aside} m aside, **the clone gets round on {clone:.0%} of {laps} new tracks, DAgger on {dagger:.0%}**.",
        laps=LAPS, aside=aside.value, clone=blown("the clone", aside.value, rounds.value),
        dagger=blown("DAgger", aside.value, rounds.value),
    )  # fmt: skip
    mo.vstack([kit.row(_left, _right), _words])
    return


@app.cell
def _():
    kit.check(
        kit.exercise("pursue"),
        kit.choose(
            "What does DAgger need that cloning does not?",
            {
                "An expert who can be asked while the learner drives": (
                    True,
                    "A recording is not enough: somebody has to say what to do in a car that is leaving the lane.",
                ),
                "More answers of the expert": (False, "The comparison above gives both as many."),
                "A reward": (False, "Both learn from answers alone."),
            },
            name="needs",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The score is the share of laps on tracks that the training has not seen; `deepglass play runs/car` draws one.
        Without an expert to ask, `--model ppo` learns from the reward alone, in many times as many steps.
        """,
        own_file="""
        A track of your own is a file with x and y of its points in metres, one pair a line, in the order in which they
        are driven: `deepglass play runs/car --environment Car-v0:track=my_track.csv`.
        """,
        sources=[
            ("Pomerleau (1989), ALVINN", f"{PAPERS}/1988/hash/812b4ba287f5ee0bc9d43bbf5bbe87fb-Abstract.html"),
            ("Ross, Gordon & Bagnell (2011), DAgger", "https://arxiv.org/abs/1011.0686"),
            ("Coulter (1992), Implementation of the pure pursuit algorithm", PURSUIT),
        ],
        onward="It was right everywhere it had been. It had not been everywhere it would go.",
    )
    return


if __name__ == "__main__":
    app.run()
