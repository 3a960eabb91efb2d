"""Lesson 35: fill in the gap. BERT, which reads both sides of a word, and learns from texts that nobody labelled."""

import marimo

app = marimo.App(width="medium", app_title="Fill in the gap", css_file="../course/pages/lesson.css")

with app.setup:
    from copy import deepcopy
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F

    from deepglass.course import kit
    from deepglass.data.augment import covered as covering
    from deepglass.models.bert import Bert, Config, MaskedLM

    LESSON = {
        "title": "Fill in the gap",
        "question": "What can be learnt from text that nobody has labelled?",
        "part": "Language",
        "minutes": 20,
        "reads": ["models/bert.py", "data/augment/covered.py", "tasks/masked_language_modelling.py"],
        "runs": [
            "deepglass train reviews --task masked-language-modelling --embed-dim 64 --epochs 8 --run runs/gaps",
            'deepglass predict runs/gaps "the soup was ____ but the waiter was ____."',
            "deepglass train reviews --task text-classification --model bert --pretrained runs/gaps --pooling "
            "mean --learning-rate 0.002 --epochs 6 --run runs/bert",
        ],
    }

    ADJECTIVES, ANIMALS = ["old", "small", "grey", "happy"], ["dog", "cat", "cow", "duck"]
    ADVERBS, SOUNDS = ["softly", "loudly", "often", "again"], ["barks", "meows", "moos", "quacks"]
    PLACES = ["kennel", "sofa", "meadow", "pond"]
    WORDS = ["", "[gap]", "the", "near", *ADJECTIVES, *ANIMALS, *ADVERBS, *SOUNDS, *PLACES]
    GAP, LENGTH = 1, 8
    AT_HOME = 0.8  # share of the animals that are near the place where they live
    TEXTS, TESTED = 2000, 400  # sentences that are learnt from, and judged by
    STEPS, BATCH, RATE = 360, 64, 4e-3
    MOMENTS = (0, 45, 90, 135, 180, 225, 280, STEPS)
    SIDES = ("both sides", "the left side only")
    ANIMAL, SOUND = 2, 4  # places in a sentence
    LABELLED, DRAWS, TUNING_STEPS = (4, 16), 2, 30  # sentences that somebody has labelled, how often they are drawn
    BEGINNINGS = ("after filling gaps", "from nothing")
    NET = Config(embed_dim=32, num_heads=2, num_layers=2, dropout=0.0, pooling="mean")


@app.function
@cache
def sentences(count, seed):
    """(N, 8) ids: the old cat softly meows near the sofa."""
    rng = np.random.default_rng(seed)
    animal = rng.integers(4, size=count)
    home = np.where(rng.random(count) < AT_HOME, animal, (animal + rng.integers(1, 4, count)) % 4)
    drawn = [rng.integers(4, size=count) for _ in range(2)]
    parts = [
        ("the",), (ADJECTIVES, drawn[0]), (ANIMALS, animal), (ADVERBS, drawn[1]), (SOUNDS, animal), ("near",), ("the",),
        (PLACES, home),
    ]  # fmt: skip
    columns = [
        np.full(count, WORDS.index(words)) if not which else WORDS.index(words[0]) + which[0]
        for words, *which in parts
    ]  # fmt: skip
    return torch.from_numpy(np.stack(columns, axis=1))


@app.function
def with_gap(tokens, place, side=SIDES[0]):
    """Cover a place of (N, 8); of the left side only, what stands behind it becomes padding, which is not read."""
    shown = tokens.clone()
    shown[:, place] = GAP
    if side == SIDES[1]:
        shown[:, place + 1 :] = 0
    return shown


@app.function
def learning(side, moments=(STEPS,)):
    """A small BERT while it learns to fill gaps: (steps, net) at some moments."""
    torch.manual_seed(0)
    net = MaskedLM(len(WORDS), LENGTH, NET)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS + 2)
    texts = sentences(TEXTS, 0)
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
        batch = texts[torch.randint(TEXTS, (BATCH,))]
        shown, asked = covering.covered(batch, GAP, len(WORDS))
        if side == SIDES[1]:
            shown, asked = only_left(batch)
        optimizer.zero_grad()
        F.cross_entropy(net(shown).flatten(0, 1), asked.flatten(), ignore_index=covering.IGNORED).backward()
        optimizer.step()
        schedule.step()


@app.function
def only_left(batch):
    """A gap at any place of each sentence, and nothing behind it: what is shown, and what is asked."""
    places = torch.randint(LENGTH, (len(batch), 1))
    at = torch.arange(LENGTH)
    shown = batch.masked_fill(at == places, GAP).masked_fill(at > places, 0)
    return shown, batch.masked_fill(at != places, covering.IGNORED)


@app.function
@cache
def history():
    """The net of both sides at the MOMENTS: (steps, net) each."""
    return [(step, deepcopy(net)) for step, net in learning(SIDES[0], MOMENTS)]


@app.function
@cache
def trained(side):
    """The net at the end."""
    return history()[-1][1] if side == SIDES[0] else next(learning(side))[1]


@app.function
def with_labels(count, seed):
    """Sentences whose animal is covered, each animal as often as any other, and whether it is one of the house."""
    texts = sentences(4 * count + 40, seed)
    animal = texts[:, ANIMAL] - WORDS.index("dog")
    rows = torch.cat([(animal == kind).nonzero()[: count // 4, 0] for kind in range(4)])
    return with_gap(texts[rows], ANIMAL), (animal[rows] < 2).long()


@app.function
def learnt_from(labels, beginning, draw):
    """Share of new sentences that are judged rightly by a net that has seen a few labels."""
    torch.manual_seed(draw)
    net = Bert(len(WORDS), 2, LENGTH, NET)
    if beginning == BEGINNINGS[0]:
        net.bert.load_state_dict(trained(SIDES[0]).bert.state_dict(), strict=False)  # all but the layer of the summary
    texts, truth = with_labels(labels, 10 + draw)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(TUNING_STEPS):
        optimizer.zero_grad()
        F.cross_entropy(net(texts), truth).backward()
        optimizer.step()
    new, answers = with_labels(TESTED, 99)
    with torch.no_grad():
        return float((net(new).argmax(dim=1) == answers).float().mean())


@app.function
@cache
def few_labels():
    """{labels: {beginning: per cent of new sentences judged rightly}}, the mean of some draws of the labels."""
    found = {f"{n} labels": {name: [learnt_from(n, name, draw) for draw in range(DRAWS)] for name in BEGINNINGS}
             for n in LABELLED}  # fmt: skip
    return {n: {name: round(100 * float(np.mean(seen))) for name, seen in by.items()} for n, by in found.items()}


@app.function
def shares(net, shown, place):
    """(N, V) what it puts into the gap."""
    with torch.no_grad():
        return net(shown)[:, place].softmax(dim=1)


@app.function
@cache
def right(side, place):
    """Share of new sentences whose word at a place it fills in rightly."""
    texts = sentences(TESTED, 1)
    said = shares(trained(side), with_gap(texts, place, side), place)
    return float((said.argmax(dim=1) == texts[:, place]).float().mean())


@app.function
def looks(net, shown, place):
    """(8,) how much the gap reads of each word: the attention of the last block, the mean of its heads."""
    with torch.no_grad():
        x = net.bert.embeddings(shown, torch.zeros_like(shown))
        *before, last = net.bert.encoder["layer"]
        for block in before:
            x = block(x, shown == 0)
        attention = last.attention["self"]
        q, k = (
            part(x).reshape(1, LENGTH, attention.num_heads, -1).transpose(1, 2)
            for part in (attention.query, attention.key)
        )
        scores = q @ k.transpose(2, 3) * q.shape[3] ** -0.5
        scores = scores.masked_fill((shown == 0)[:, None, None], -1e9)
        return scores.softmax(dim=3)[0, :, place].mean(dim=0).numpy()


@app.function
def said_with_gap(row, place):
    """A test sentence with its gap, in words."""
    return " ".join("____" if at == place else WORDS[i] for at, i in enumerate(sentences(TESTED, 1)[row].tolist()))


@app.function
def best(said, count=4):
    """The likeliest words and their shares in per cent."""
    return {WORDS[i]: round(100 * float(said[i])) for i in said.argsort(descending=True)[:count].tolist()}


@app.function
def film():
    """The net fills a gap while it learns."""
    shown = with_gap(sentences(TESTED, 1)[:1], SOUND)
    for step, net in history():
        yield kit.bars(
            best(shares(net, shown, SOUND)[0]), unit=" %", xlim=(0, 130), label="What it puts into the gap",
            caption=f"After {step} steps: “{said_with_gap(0, SOUND)}”", width=4.2, height=2.0,
        )  # fmt: skip


@app.cell
def _():
    _left, _both = right(SIDES[1], ANIMAL), right(SIDES[0], ANIMAL)
    kit.opening(
        LESSON,
        f"A machine wrote {TEXTS:,} little sentences such as “the old cat softly meows near the sofa”. Nobody says "
        "what they mean, nobody labels them. Some words are **covered**, and a net has to say what stood there. "
        "Watch one gap while it learns.",
        kit.film(film(), label="Steps of the training", seconds=0.9, width=4.2),
        kit.guess(
            "Another net of the same make reads as GPT does: from left to right, and nothing behind the gap. It learns "
            "from the same sentences. “the old ____ softly meows near the sofa”: in how many of a hundred new "
            "sentences does it name the animal?",
            ["In about 100", "In about 60", "In about 25"],
            f"In {100 * _left:.0f}. There are four animals, and an old one may be any of them: what would tell stands "
            f"on the other side of the gap. The net that reads both sides names it in {100 * _both:.0f} of a hundred. "
            "Neither is the cleverer: the same weights, the same texts, another view.",
        ),
    )
    return


@app.cell
def _():
    _x = [f"{place + 1} {name}" for place, name in enumerate(
        ("the", "old", "cat", "softly", "meows", "near", "the", "sofa"))]  # fmt: skip
    kit.after_guess(
        kit.row(
            kit.bars(
                {name: {side: round(100 * right(side, at)) for side in SIDES} for at, name in enumerate(_x)}, unit=" %",
                xlim=(0, 140), label="Filled rightly, by the place of the gap", width=4.2, height=4.6,
            ),
            kit.text(
                f"""
                ## What can be known at all {{#see}}

                Two words in eight are pure chance, and there either net is right in a quarter of the cases. The place
                at the end is the animal's own in {100 * AT_HOME:.0f} of a hundred sentences: more than that no net can
                get. The animal itself is where the two part ways, for its sound comes later.
                """
            ),
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    place = kit.slider("Gap at word", range(1, LENGTH + 1), ANIMAL + 1)
    side = mo.ui.radio(list(SIDES), value=SIDES[0], label="It reads", inline=True)
    kit.after_guess(
        kit.text(
            """
            ## Hide one side {#break-it-mend-it}

            Move the gap, and **break** the view: let it read the left side only. Give the right side back to **mend**
            it. Some gaps need the right side, some are filled from the left alone, and some nobody can fill: what
            kind of animal it is, says no other word. The bars below the words tell where the gap looks for its answer.

            {place} {side}
            """,
            place=place,
            side=side,
        )
    )
    return place, side


@app.cell
def _(place, side):
    _at, _net = place.value - 1, trained(side.value)
    _text = sentences(TESTED, 1)[1:2]
    _shown = with_gap(_text, _at, side.value)
    _said = shares(_net, _shown, _at)[0]
    _true = float(_said[_text[0, _at]])
    _words = [f"{i + 1} {'[gap]' if i == _at else WORDS[word]}" for i, word in enumerate(_text[0].tolist())]
    _read = dict(zip(_words, (100 * looks(_net, _shown, _at)).round().tolist(), strict=True))
    kit.after_guess(
        kit.levels(
            kit.row(
                kit.bars(best(_said), unit=" %", xlim=(0, 135), label="What it puts into the gap", width=3.0,
                         caption=f"“{said_with_gap(1, _at)}”"),
                kit.bars(_read, unit=" %", xlim=(0, 135), label="Where the gap looks", width=3.4,
                         caption="Shares of its attention, the mean of two heads."),
            ),
            {
                f"share of the true word, “{WORDS[_text[0, _at]]}”": _true,
                "surprise, −ln of it": -float(np.log(_true)),
                f"filled rightly in {TESTED} new sentences, by both sides": right(SIDES[0], _at),
                "by the left side only": right(SIDES[1], _at),
            },
            r"""
            $$\text{loss} = -\frac{1}{|M|}\sum_{t \in M} \ln\, p(\blue{x_t} \mid \text{rest})$$

            M are the places that are asked; here it is one: $-\ln\, \blue{{p}} = {loss}$
            """,
            p=f"{_true:.3f}",
            loss=f"{-np.log(_true):.3f}",
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## Cover, replace, leave {#read}

        In each reading {chosen} of the words are chosen anew. Were all of them covered, the net would learn that only
        gaps matter, and later it is given texts without any. So of the chosen ones {gap} become a gap, {other} become
        another word, {rest} stay as they are, and the net is not told which. It has to ask of *every* word whether it
        fits.

        {code} {head}
        """,
        chosen=f"{100 * covering.CHOSEN:.0f} %",
        gap=f"{100 * covering.GAP:.0f} %",
        other=f"{100 * covering.OTHER:.0f} %",
        rest=f"{100 * (1 - covering.GAP - covering.OTHER):.0f} %",
        code=kit.read(
            "data/augment/covered.py",
            {
                "is_chosen =": "Padding is never chosen.",
                "others = ": "Any word that is no mark.",
                "return shown": "What is shown, and what is asked; elsewhere nothing is asked.",
            },
            part="covered",
        ),
        head=kit.read(
            "models/bert.py",
            {
                "x = self.bert": "What each word means between its neighbours on both sides.",
                "return self.cls": "Which word fits there: compared with the vector of every word.",
            },
            part="MaskedLM.forward",
        ),
    )
    return


@app.cell
def _():
    _few = few_labels()
    kit.after_guess(
        kit.row(
            kit.bars(_few, unit=" %", xlim=(0, 140), label="Judged rightly, by the number of labels", width=4.2,
                     height=2.6, caption=f"Means of {DRAWS} draws of the labels. Half are right by chance."),
            kit.text(
                """
                ## What is it good for? {#pre-train}

                Now somebody labels a few sentences: is this an animal of the house? The animal itself stays covered.
                The body that has filled gaps gets a new head and learns on; so does one that begins with nothing. From
                four labels the first one judges {few} of a hundred new sentences rightly, the second {nothing}. It
                knows already what barks and what moos; the labels only have to say which is wanted.
                """,
                few=_few["4 labels"][BEGINNINGS[0]], nothing=_few["4 labels"][BEGINNINGS[1]],
            ),
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    kit.note(
        "A net that fills gaps cannot write a text: it has never been asked what comes next. And one that reads from "
        "left to right gets an answer at every place of a text, where this one gets it at 15 % of them. So the two "
        "families went two ways: BERT for judging texts that are there, GPT for writing those that are not.",
        "What it pays for the right side.",
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("gap_loss"),
        kit.answer(
            "A text has 200 words, and 15 % are chosen. How many of its words become a gap, on average?",
            200 * covering.CHOSEN * covering.GAP,
            name="gaps",
            slips={
                30: "So many are chosen; of these, four in five become a gap.",
                160: "Four in five of the chosen ones, not of all words.",
            },
            because="30 are chosen; 24 become a gap, 3 another word, 3 stay.",
            hint="200 · 0.15 · 0.8",
            solution="24",
            tolerance=0.01,
        ),
        kit.choose(
            "“The bank of the ____ was muddy.” Which net can use “muddy” to fill the gap?",
            {
                "BERT": (True, "Its attention reaches every word, before and behind."),
                "GPT": (False, "When it is asked for that word, it has read “The bank of the” and no more."),
                "Both, if trained long enough": (False, "No training shows a net what it is not given to read."),
            },
            name="sides",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        First gaps of the reviews are filled, without labels. Then you ask: a word that nobody knows, such as `____`, is
        a gap. Last the same body with a new head judges whole texts. The reviews are made by rules. People's texts are
        not: there it takes a BERT that has filled gaps for days to bring the language along.
        """,
        own_file="""
        Texts without labels, lines of a `.txt` or a column of a table: `deepglass train my.txt --task
        masked-language-modelling --run runs/mine`, then `--pretrained runs/mine` with the few that have labels. Or
        published weights: `--model bert-base --pretrained FILE`; `--pretrained hub` fetches those of the paper.
        """,
        sources=[
            ("Devlin et al. (2019), BERT", "https://arxiv.org/abs/1810.04805"),
            ("Liu et al. (2019), RoBERTa: a robustly optimized BERT", "https://arxiv.org/abs/1907.11692"),
            ("Taylor (1953), Cloze procedure: a new tool for measuring readability",
             "https://doi.org/10.1177/107769905303000401"),
        ],
        onward="It reads both ways, and cannot write. The next one reads one way, and can.",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
