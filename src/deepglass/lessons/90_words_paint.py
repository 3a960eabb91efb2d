"""Lesson 90: words paint. From noise to a picture along straight paths, steered by a sentence."""

import marimo

app = marimo.App(width="medium", app_title="Words paint", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.data import scene_reader
    from deepglass.data.datasets import drawn_scenes
    from deepglass.data.preprocess.text import WordVocabulary
    from deepglass.rivals.pixel_flows import NearestCaptions
    from deepglass.training.flow_matching import guided, integrate

    LESSON = {
        "title": "Words paint",
        "question": "How does noise become the picture that a sentence asks for?",
        "part": "Beyond one answer",
        "minutes": 20,
        "reads": ["training/flow_matching.py", "models/flow.py", "tasks/text_to_image.py"],
        "runs": [
            "deepglass train drawn-scenes --task text-to-image --max-rows 300 --epochs 2 --width 16 "
            "--embed-dim 32 --run runs/painter",
            'deepglass generate runs/painter --prompt "a red circle left of a blue square" --pictures new',
        ],
    }

    COUNT = 200  # points of noise
    MOST, SHOWN = 40, 14  # steps of the film's flow; ways that are drawn
    WINDOW = {"xlim": (-3.2, 3.2), "ylim": (-3.0, 3.0), "aspect": "equal"}
    WORDS = ("nothing", "upper", "lower")
    STEPS = (1, 2, 4, 8, 20, 40)
    GUIDANCE = (0.0, 1.0, 2.0, 4.0, 8.0)
    NEAR = 0.25  # from an arc: a point that has arrived
    KNOWN = 1_200  # pictures that are known by heart


@app.function
@cache
def arcs():
    """By word 120 points (n, 2) of data: an upper and a lower arc, or both."""
    rng = np.random.default_rng(0)
    turn = rng.uniform(0, np.pi, 120)
    upper = np.stack([1.6 * np.cos(turn) - 0.5, 1.6 * np.sin(turn) - 0.2], axis=1)
    lower = np.stack([1.6 * np.cos(turn) + 0.5, 0.2 - 1.6 * np.sin(turn)], axis=1)
    both = [part + 0.05 * rng.normal(size=part.shape) for part in (upper, lower)]
    found = {"nothing": np.concatenate(both), "upper": both[0], "lower": both[1]}
    return {word: torch.from_numpy(points).float() for word, points in found.items()}


@app.function
def mean_velocity(word):
    """The mean of data − noise over all straight paths that lead through a place: what a network would learn."""
    data = arcs()[word]

    def velocity(points, time):
        t = time[:, None]
        fits = -((points[:, None] - t[..., None] * data) ** 2).sum(dim=2) / (2 * (1 - t) ** 2)  # (B, n)
        return (fits.softmax(dim=1) @ data - points) / (1 - t)

    return velocity


@app.function
@cache
def noise(count=COUNT):
    """(count, 2) standard normal."""
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(3))


@app.function
@cache
def way(steps, word="nothing", guidance=1.0):
    """(steps + 1, COUNT, 2) where each point of noise is after each step."""
    velocity, found = guided(mean_velocity(word), mean_velocity("nothing"), guidance), [noise()]
    for step in range(steps):
        time = torch.full((COUNT,), step / steps)
        found.append(found[-1] + velocity(found[-1], time) / steps)
    return torch.stack(found)


@app.function
def away(points, word="nothing"):
    """(n,) how far points are from the nearest point of the data."""
    return torch.cdist(points, arcs()[word]).amin(dim=1)


@app.function
def arrived(points, word="nothing"):
    """The share of points that are near the data."""
    return float((away(points, word) < NEAR).float().mean())


@app.function
def spread(points):
    """The typical distance of points from their middle."""
    return float((points - points.mean(dim=0)).norm(dim=1).mean())


@app.function
def drawn(steps, until, word="nothing", guidance=1.0, caption=""):
    """Points on their way, and how some of them came there."""
    path = way(steps, word, guidance)
    ways = [np.append(path[: until + 1, i].numpy(), [[np.nan, np.nan]], axis=0) for i in range(SHOWN)]
    lines = {"ways": np.concatenate(ways)[:-1]} if until else {}
    return kit.scatter(
        {"data": arcs()["nothing"].numpy(), "points": path[until].numpy()}, lines=lines, size=14, width=4.2, height=4.0,
        colors={"data": kit.GREY, "points": kit.BLUE, "ways": kit.GOLD}, caption=caption,
        label=f"Points after {until} of {steps} steps", **WINDOW,
    )  # fmt: skip


@app.function
def film():
    """From noise to two arcs."""
    for until in (0, 4, 8, 12, 16, 20, 24, 28, 32, 36, MOST):
        share = arrived(way(MOST)[until])
        told = f"t = {until / MOST:.1f}: {share:.0%} of the points are at the data."
        yield drawn(MOST, until, caption=told)


@app.cell
def _():
    kit.opening(
        LESSON,
        "Every blue point begins anywhere, at noise. At each moment it asks one question: which way? The answers "
        "come from the grey points, which were only ever shown as they are. In the end the blue ones are new points "
        "like the grey ones. A picture is such a point too, with more coordinates.",
        kit.film(film(), label="Steps from noise to data", seconds=0.5, width=4.2),
        kit.guess(
            "The film takes forty small steps. Take all of the way in a single step instead, in the direction that is "
            "right at the beginning. Where do the two hundred points land?",
            ["On both arcs, roughly", "All at one place", "Hardly away from where they began"],
            f"All at one place: the middle of the data. After one step they lie {spread(way(1)[-1]):.2f} from "
            "their middle. At the beginning a point is nothing but noise and says nothing about where it belongs: the "
            "best answer is the mean of all data, and it is the same for every point.",
        ),
    )
    return


@app.cell
def _():
    steps = kit.slider("Steps", STEPS, 4)
    kit.text(
        r"""
        ## Straight paths, and what is left of them {#see}

        Learning needs nothing but pairs. Take a point of **noise**, take a point of the **data**, join them by a
        straight line. On this line the velocity is data − noise, all the way. A network is shown a place, a time, and
        this velocity. Many lines cross at a place, and nobody tells the network which one it is on. So it learns the
        **mean** of their velocities, and the mean bends.

        {steps}
        """,
        steps=steps,
    )
    return (steps,)


@app.cell
def _(steps):
    _path = way(steps.value)
    _x, _next = _path[-2, 0], _path[-1, 0]
    _v = (_next - _x) * steps.value
    kit.after_guess(
        kit.levels(
            drawn(steps.value, steps.value, caption=f"{steps.value} steps: {arrived(_path[-1]):.0%} have arrived."),
            {
                "steps": steps.value,
                "share that arrived": arrived(_path[-1]),
                "typical distance from their middle": spread(_path[-1]),
                "from a point to the data, on average": float(away(_path[-1]).mean()),
            },
            r"""
            $$x \leftarrow x + \frac{\blue{v(x, t)}}{\text{steps}}$$

            The last step of the first point, in its first coordinate:

            $${x} + \frac{\blue{{v}}}{{steps}} = {next}$$
            """,
            x=f"{_x[0]:.2f}",
            v=f"{_v[0]:.2f}",
            steps=str(steps.value),
            next=f"{_next[0]:.2f}",
        )
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## The whole of it {#read}

        This is all that is learnt, and all that is done afterwards. There is no second network that has to be fooled,
        and no schedule of noise. On this page the mean velocity is computed from the grey points, exactly; for
        pictures it is the answer of a network that was trained with the very same lines.

        {errors} {integrate}
        """,
        errors=kit.read(
            "training/flow_matching.py",
            {
                "said = velocity": "A place on a straight path, and the time.",
                "return (said - (data - noise))": "The answer beside this path's velocity: squared, so the mean wins.",
            },
            part="errors",
        ),
        integrate=kit.read(
            "training/flow_matching.py",
            {"points = points + velocity": "A step of Euler: go on as if the way were straight from here."},
            part="integrate",
        ),
    )
    return


@app.cell
def _():
    word = mo.ui.radio(list(WORDS), value="upper", label="Said", inline=True)
    guidance = kit.slider("Guidance", GUIDANCE, 2.0)
    kit.text(
        """
        ## Words steer {#break-it-mend-it}

        The grey points have captions: *upper* and *lower*. A network that is told the word learns the mean over paths
        to points with that word. In one of ten examples the word is left out, so it also knows where one goes when
        *nothing* was said. The difference of the two is what the word adds. **Guidance** takes it more than once.

        At 1 the word is followed as it was learnt. **Break it**: at 8 nobody is in doubt about the word any more, and
        nearly all points crowd at the far end of the arc, where the other word is most unlikely. What they say is
        right, and always the same. **Mend it** with less.

        {word} {guidance}
        """,
        word=word,
        guidance=guidance,
    )
    return guidance, word


@app.cell
def _(guidance, word):
    _end = way(20, word.value, guidance.value)[-1]
    _said = f"“{word.value}”, guidance {guidance.value:g}: {arrived(_end, word.value):.0%} are where it says."
    kit.levels(
        drawn(20, 20, word.value, guidance.value, caption=_said),
        {
            "share where the word says": arrived(_end, word.value),
            "typical distance from their middle": spread(_end),
            "of the data of this word": spread(arcs()[word.value]),
        },
        r"""
        $$v = \grey{v_\varnothing} + g\,(\blue{v_{\text{word}}} - \grey{v_\varnothing})$$

        with $g = {g}$: {meaning}
        """,
        g=f"{guidance.value:g}",
        meaning={0.0: "the word is not heard.", 1.0: "as it was learnt."}.get(
            guidance.value, f"what the word adds counts {guidance.value:g} times."
        ),
    )
    return


@app.function
@cache
def heart():
    """The scenes, their words, and a painter that knows some training pictures by heart."""
    images = drawn_scenes.load().content
    captions = images.frame["caption"].tolist()
    vocabulary = WordVocabulary.fit(captions)
    tokens = torch.from_numpy(vocabulary.encode(captions)).long()
    pixels = torch.from_numpy(images.pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    unseen = pixels[images.splits["val"][:100]]
    return images, tokens, NearestCaptions(pixels[:KNOWN], tokens[:KNOWN], unseen, len(vocabulary))


@app.function
@cache
def from_memory(part, count=40):
    """Captions of a part, what memory paints for them, and (count, 4) what is right in that."""
    images, tokens, rule = heart()
    rows = images.splits[part][:count]
    start = torch.randn(count, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    points = integrate(lambda x, t: rule(x, t, tokens[rows]), start, 20)
    painted = ((points.clamp(-1, 1) + 1) * 127.5).round().permute(0, 2, 3, 1).numpy().astype(np.uint8)
    captions = images.frame["caption"].iloc[rows].tolist()
    return captions, painted, scene_reader.agreements(painted, captions)


@app.cell
def _():
    part = mo.ui.radio(
        {"seen together": "val", "never seen together": "test"}, value="never seen together", inline=True,
        label="Captions whose two things were",
    )  # fmt: skip
    kit.text(
        """
        ## Never seen together {#unseen}

        Small pictures now, of one or two things, with captions such as *a red circle left of a blue square*. Thirteen
        pairs of things lie together in the test alone. Here is a painter without any network: it knows {known:,}
        training pictures **by heart** and goes to those whose captions share most words with what was said. A reader by
        rule, which has learnt nothing, says what each picture shows.

        {part}
        """,
        known=KNOWN,
        part=part,
    )
    return (part,)


@app.cell
def _(part):
    _captions, _painted, _right = from_memory(part.value)
    _titles = ["right" if whole else "wrong" for whole in _right[:8, 0]]
    kit.row(
        kit.pictures(_painted[:8] / 255, _titles, columns=4, width=4.6, label="Painted from memory",
                     caption=f"{_right[:, 0].mean():.0%} of {len(_right)} captions are painted wholly right."),
        kit.table(
            [{"said": caption, "painted": title} for caption, title in zip(_captions[:8], _titles)],
            caption="In the order of the pictures.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        Memory has nothing else to give: where no picture shows the two together, the nearest one shows something else.
        A network can do better, because it need not remember pictures. Its places ask the words (cross-attention), the
        place on the left can learn what *left of* means whatever the things are, and a colour can be learnt from every
        picture in which it occurs. Whether it has learnt that is what the test asks: on pairs that it never saw.
        """
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("arrive"),
        kit.answer(
            "At some place the velocity without a word is 1, with the word it is 3. What is it with a guidance of 2?",
            5.0,
            name="guidance",
            slips={
                6: "The velocity is not doubled, only what the word adds to it.",
                7: "What the word adds is 3 − 1.",
                3: "That is a guidance of 1, as it was learnt.",
            },
            because="1 + 2·(3 − 1).",
            hint="Begin where nothing was said, and add what the word adds, twice.",
            solution="1 + 2·(3 − 1) = 5",
            tolerance=0.01,
        ),
        kit.choose(
            "Two points of noise travel along the mean velocity in very small steps. Can their ways lead through the "
            "same place at the same time?",
            {
                "No: from there on they would be one": (
                    True,
                    "One place and one time have one velocity. Straight paths cross, the ways along their mean do not.",
                ),
                "Yes, as the straight paths do": (
                    False,
                    "Those were joined by chance. Whoever follows the mean obeys one velocity at every place.",
                ),
                "Only at the end": (
                    False,
                    "Two points that had met could not be told apart any more, nor could what made them different.",
                ),
            },
            name="crossing",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Three hundred scenes and two epochs are far too few to paint anything but blots: the report says so, and by how
        much. Without `--max-rows` and `--epochs` it trains on four thousand for thousands of steps. Words that no
        caption had are refused, with those that are known.
        """,
        own_file="""
        A folder of pictures with a table in it, such as `file,caption` and a row per picture:
        `deepglass train my_pictures --task text-to-image --run runs/mine`. Then
        `deepglass generate runs/mine --prompt "…" --count 9 --guidance 3 --pictures new` paints with the words of your
        captions. Pictures are made of 32 by 32 pixels at most unless you ask for more with `--image-size`.
        """,
        sources=[
            ("Lipman et al. (2023), Flow Matching for Generative Modeling", "https://arxiv.org/abs/2210.02747"),
            ("Liu et al. (2023), Flow Straight and Fast", "https://arxiv.org/abs/2209.03003"),
            ("Ho & Salimans (2022), Classifier-Free Diffusion Guidance", "https://arxiv.org/abs/2207.12598"),
            ("Rombach et al. (2022), High-Resolution Image Synthesis with Latent Diffusion Models", "https://arxiv.org/abs/2112.10752"),
        ],
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
