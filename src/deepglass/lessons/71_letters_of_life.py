"""Lesson 71: letters of life. How a network finds a word in a text without spaces, and whether one can read it off."""

import marimo

app = marimo.App(width="medium", app_title="Letters of life", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F

    from deepglass.course import kit
    from deepglass.data.datasets import dna
    from deepglass.evaluate import sequence_logo
    from deepglass.explain import motifs
    from deepglass.models.motif_cnn import Config, MotifCNN

    LESSON = {
        "title": "Letters of life",
        "question": "How does a network find a word in a text without spaces?",
        "part": "In the world",
        "minutes": 20,
        "reads": ["models/motif_cnn.py", "explain/motifs.py", "evaluate/sequence_logo.py"],
        "runs": [
            "deepglass train dna --model motif-cnn --run runs/dna",
            "deepglass see runs/dna",
        ],
    }

    LEARNT, SEQUENCES = 2000, 2600
    STEPS, BATCH = 400, 64
    MOMENTS = (20, 60, 100, 140, 200, 300, 400)
    WIDE, NARROW, POOLS = 25, 2, (2, 12, 25, 50)
    HELD = 0.9  # likeness from which on a motif counts as found
    SHOWN = 40  # unseen sequences that can be looked at


@app.function
@cache
def sequences():
    """Generated sequences (2600, 100) as ids from 2 on, their proteins from 0, and where each motif begins."""
    frame = dna.sequences(SEQUENCES)
    letters = np.array([[dna.LETTERS.index(letter) for letter in row] for row in frame["sequence"]])
    proteins = frame["protein"].str.split().str[1].astype(int).to_numpy() - 1
    return torch.from_numpy(letters + 2), torch.from_numpy(proteins), frame["place"].to_numpy()


@app.function
def learning(pool, moments=(STEPS,), seed=0):
    """A motif network while it learns to name the protein: (steps, net) at some moments."""
    torch.manual_seed(seed)
    net = MotifCNN(len(dna.LETTERS) + 2, dna.PROTEINS, config=Config(num_filters=24, pool=pool, hidden_dim=48))
    tokens, proteins, _ = sequences()
    optimizer = torch.optim.AdamW(net.parameters(), lr=6e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=moments[-1])
    for step in range(1, moments[-1] + 1):
        rows = torch.randint(LEARNT, (BATCH,))
        optimizer.zero_grad()
        F.cross_entropy(net.train()(tokens[rows]), proteins[rows]).backward()
        optimizer.step()
        schedule.step()
        if step in moments:
            yield step, net.eval()


@app.function
@cache
def net(pool):
    """The network at the end."""
    return next(learning(pool))[1]


@app.function
def right(pool):
    """The share of unseen sequences whose protein it names."""
    (tokens, proteins, _), model = sequences(), net(pool)
    with torch.no_grad():
        return float((model(tokens[LEARNT:]).argmax(dim=1) == proteins[LEARNT:]).float().mean())


@app.function
@cache
def found(pool):
    """What its first filters look for in the unseen sequences."""
    return motifs.of_filters(net(pool), sequences()[0][LEARNT:])


@app.function
def likeness(pool):
    """(8,) how much of each planted motif the best filter holds."""
    return motifs.recovered(found(pool), dna.motifs())


@app.function
def best(of, protein):
    """Of what filters look for, the one most like the motif of a protein."""
    return max(of, key=lambda one: sequence_logo.likeness(one.motif, dna.motifs()[protein]))


@app.function
def film():
    """One filter, while the net learns: the one that holds the first protein's motif in the end."""
    tokens, moments = sequences()[0][LEARNT:], []
    for step, model in learning(WIDE, MOMENTS):
        moments.append((step, motifs.of_filters(model, tokens)))
    number = best(moments[-1][1], 0).number
    for step, of in moments:
        one = next((one for one in of if one.number == number), None)
        if one is not None:
            like = sequence_logo.likeness(one.motif, dna.motifs()[0])
            yield kit.logo(
                one.motif, dna.LETTERS, label=f"Filter {number + 1} after {step} steps", width=4.3,
                caption=f"After {step} steps it answers to this. Likeness with what was planted: {like:.2f}.",
            )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "A strand of DNA is a text of four letters, without spaces. Somewhere in it is a word to which a protein "
        "binds, and nobody says where. Below is what one **filter** of a network answers to, while the network "
        "learns to name the protein. A tall letter is one that the filter insists on; two bits are all that one "
        "letter of four can tell. The word grows out of nothing.",
        kit.film(film(), label="Steps of the training", seconds=0.9, width=4.6),
        kit.logo(
            dna.motifs()[0], dna.LETTERS, label="What was planted for protein 1", width=3.2,
            caption="What was planted for protein 1, ten letters somewhere among a hundred.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _wide, _narrow = ((likeness(pool) >= HELD).sum() for pool in (WIDE, NARROW))
    kit.guess(
        "Two networks differ in one number. Behind the first filters, one keeps the strongest answer of every 25 "
        "places, the other that of every 2. Then a second layer looks on. Both learn from the same sequences. What "
        "will be different?",
        [
            "The narrow one is far better: it knows places more exactly",
            "Both are about as good, and both have filters that spell the words",
            "Both are about as good, and in only one of them the filters spell the words",
        ],
        f"Only one spells them. {100 * right(WIDE):.0f} % and {100 * right(NARROW):.0f} % of the unseen sequences are "
        f"named rightly. Of eight planted words, the filters behind wide pooling hold {_wide}, those behind narrow "
        f"pooling {_narrow}.",
    )
    return


@app.cell
def _():
    _names = [f"protein {number + 1}" for number in range(dna.PROTEINS)]
    _bars = [
        kit.bars(
            dict(zip(_names, likeness(pool).tolist(), strict=True)), xlim=(0, 1),
            label=f"Likeness of the best filter with each planted word, {name} pooling",
            caption=f"{name} pooling: the best filter for each word; {100 * right(pool):.0f} % named rightly",
        )
        for name, pool in (("wide", WIDE), ("narrow", NARROW))
    ]  # fmt: skip
    kit.after_guess(kit.row(*_bars))
    return


@app.cell
def _():
    protein = kit.slider("Protein", range(1, dna.PROTEINS + 1), 3)
    pooling = mo.ui.radio(
        {"wide, 25 places": WIDE, "narrow, 2 places": NARROW}, value="narrow, 2 places", label="Pooling", inline=True
    )
    kit.after_guess(
        kit.text(
            """
            ## Who puts the word together? {#see}

            The second layer sees where the first one answered. With **narrow** pooling it sees it well: "the first half
            here, the second half five letters on". So half a word per filter is enough, and the word is put together
            above. With **wide** pooling it sees only that a filter answered somewhere in a stretch of 25. Halves cannot
            be put together without their distance, so each filter has to learn the **whole word**. Both name the
            protein. Only one can be read.

            {protein} {pooling}
            """,
            protein=protein,
            pooling=pooling,
        ),
        silently=True,
    )
    return pooling, protein


@app.cell
def _(pooling, protein):
    _planted = dna.motifs()[protein.value - 1]
    _one = best(found(pooling.value), protein.value - 1)
    _told = sequence_logo.information(_one.motif)
    _place = int(_told.argmax())
    _row = np.sort(_one.motif[_place])[::-1]
    kit.after_guess(
        kit.levels(
            kit.row(
                kit.logo(_planted, dna.LETTERS, label="Planted", caption="what was planted", width=2.7),
                kit.logo(
                    _one.motif, dna.LETTERS, label="Found", width=3.6,
                    caption=f"what filter {_one.number + 1} answers to, in {_one.count:,} stretches",
                ),
            ),
            {
                "likeness": sequence_logo.likeness(_one.motif, _planted),
                "bits planted": float(sequence_logo.information(_planted).sum()),
                "bits found": float(_told.sum()),
                f"letters at place {_place + 1}": ", ".join(
                    f"{dna.LETTERS[k]} {100 * _one.motif[_place, k]:.0f} %" for k in np.argsort(-_one.motif[_place])
                ),
            },
            r"""
            A place tells two bits, less what is still open about it. At place {place}, which tells most:

            $$\blue{I} = \log_2 4 + \sum_k p_k \log_2 p_k$$

            $$\blue{I} = 2 + ({terms})$$

            $$\blue{I} = {bits} \text{ bits}$$
            """,
            place=str(_place + 1),
            terms=" ".join(f"{p * np.log2(p):+.2f}" for p in _row),
            bits=f"{_told[_place]:.2f}",
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## A filter is a table {#read}

        Four channels, one per letter, and 15 places: a filter is a table of 4 × 15 weights that slides along. Where the
        sequence spells what the table likes, the sum is large. This file made every picture here.

        {responses} {forward}
        """,
        responses=kit.read(
            "models/motif_cnn.py",
            {
                "scores = self.filters": "Letters as channels, and the tables slide along them.",
                "return scores.relu": "What a filter does not like counts as nothing.",
            },
            part="MotifCNN.responses",
        ),
        forward=kit.read(
            "models/motif_cnn.py",
            {
                "F.max_pool2d(": "The number that the two networks differ in.",
                "found.amax": "Anywhere in the sequence will do.",
            },
            part="MotifCNN.forward",
        ),
    )
    return


@app.cell
def _():
    pool = kit.slider("Pooling over so many places", POOLS, NARROW)
    which = kit.slider("Unseen sequence", range(1, SHOWN + 1), 1)
    kit.text(
        """
        ## Take the reading away, and give it back {#break-it-mend-it}

        Narrow the pooling, and the accuracy falls by little, or not at all. No score of the test tells you that
        something broke; the filters do. **Mend it** by widening. Below is also what the filter does in one sequence: it
        answers along all hundred letters, and the dashed line stands where the word was planted.

        {pool} {which}
        """,
        pool=pool,
        which=which,
    )
    return pool, which


@app.cell
def _(pool, which):
    _tokens, _proteins, _places = sequences()
    _row = LEARNT + which.value - 1
    _protein, _at = int(_proteins[_row]), int(_places[_row])
    _one = best(found(pool.value), _protein)
    with torch.no_grad():
        _answers = net(pool.value).responses(_tokens[_row : _row + 1])[0, _one.number].numpy()
    _inside = np.arange(len(_answers))
    _band = np.where((_inside >= _at) & (_inside < _at + dna.WIDTH), max(_answers.max(), 1.0), 0.0)
    _held = int((likeness(pool.value) >= HELD).sum())
    kit.row(
        kit.curves(
            {f"filter {_one.number + 1}": (_inside, _answers), "planted here": (_inside, _band)},
            dashed={"planted here"}, xlabel="letter", ylabel="answer",
            label=f"Answers of the filter most like the word of protein {_protein + 1}",
        ),
        kit.bars(
            {"named rightly": right(pool.value), "words found": _held / dna.PROTEINS},
            xlim=(0, 1), label="Of the unseen sequences, and of the eight words",
            caption=f"Pooling over {pool.value}: {100 * right(pool.value):.0f} % named rightly, {_held} of 8 found",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.note(
        "A network with half-words is not worse at its task, and not wrong. But whoever prints its first filters and "
        "calls them the motifs of a protein reports something that is not there. Build for reading, or explain the "
        "whole network with what lesson 45 has.",
        "What to take along.",
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("bits_told"),
        kit.answer(
            "A word of six letters, each of them sure. In a random strand of 4,096,000 letters, at how many places "
            "will it stand by chance?",
            1000,
            name="chance",
            slips={
                4096: "That is 4⁶, how many words of six letters there are.",
                4_096_000 / 24: "Four choices for each of six places are 4⁶ words, not 4 · 6.",
                4_096_000 / 2**6: "There are four letters, so 4⁶ words, not 2⁶.",
            },
            because="Twelve bits are few in a genome; that is why real proteins bind near other ones.",
            hint="A given word stands at a given place with chance (1/4)⁶.",
            solution="4,096,000 / 4⁶ = 4,096,000 / 4,096 = 1,000, but for five places at the end",
            tolerance=0.01,
        ),
        kit.choose(
            "In a set of gene sequences some occur twice. The rows are split at random into training and test. What "
            "does the accuracy on the test say?",
            {
                "Too much: some test sequences were learnt by heart": (
                    True,
                    "Keep equal ones on one side: --group-column with a name per sequence.",
                ),
                "What it should": (False, "A copy in the training is an answer that was seen."),
                "Too little: copies are wasted": (False, "They are not wasted, they are given away."),
            },
            name="twins",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same eight proteins with more sequences. That the column holds letters and not words is told from its cells;
        `--tokens words` says otherwise. `deepglass see` draws the logos of your own network's filters, in the panel
        **Motifs**. Where sequences are aligned, as around the end of a gene, `--places yes` lets filters prefer places.
        """,
        own_file="""
        A table with a column of sequences (DNA, RNA or proteins) and one of labels: `deepglass train my.csv --target
        label --text-column sequence --model motif-cnn`. Equal sequences stay on one side with `--group-column`.
        """,
        sources=[
            ("Koo & Eddy (2019), Sequence motifs in networks", "https://doi.org/10.1371/journal.pcbi.1007560"),
            ("Alipanahi et al. (2015), DeepBind", "https://doi.org/10.1038/nbt.3300"),
            ("Schneider & Stephens (1990), Sequence logos", "https://doi.org/10.1093/nar/18.20.6097"),
        ],
        onward="A network that names rightly need not have learnt what you think it has. Look each time.",
    )
    return


if __name__ == "__main__":
    app.run()
