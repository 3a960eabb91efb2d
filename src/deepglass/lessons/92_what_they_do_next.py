"""Lesson 92: what they do next. A table of the last page, longer tables, a memory, and a ceiling that is known."""

import marimo

app = marimo.App(width="medium", app_title="What they do next", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache
    from itertools import pairwise

    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.data.datasets import shop_sessions
    from deepglass.data.preprocess.events import EventVocabulary
    from deepglass.data.session_windows import SessionWindows
    from deepglass.data.token_windows import IGNORED
    from deepglass.glass.nn import functional as F
    from deepglass.rivals import Time
    from deepglass.rivals.next_event import Chains, places
    from deepglass.zoo import architectures

    LESSON = {
        "title": "What they do next",
        "question": "How much of the past does it take to know what somebody does next?",
        "part": "In the world",
        "minutes": 18,
        "reads": ["rivals/next_event.py", "models/recurrent_language_model.py", "tasks/next_event.py"],
        "runs": [
            "deepglass train shop-sessions --task next-event --epochs 3 --run runs/shop",
            'deepglass predict runs/shop "shoes photo sizes reviews"',
        ],
    }

    EVENTS, MOST_BACK, CONTEXT = shop_sessions.EVENTS, 6, 40
    NUMBERS = (30, 100, 300, 1000, 2700)  # visits that a table is counted from
    TESTED, LEARNT = 300, 1000  # visits that are asked about; that the network learns from
    STEPS, EVERY, BATCH, RATE = 240, 20, 24, 0.02  # of its training
    SEEN = 20  # events of a visit that a step sees
    WALK = ("shoes", "photo", "sizes", "reviews", "shoes", "sizes", "reviews", "delivery", "shoes", "basket", "pay")
    OF_ONE, OF_BEST = "table of the last page", "best possible"


@app.function
@cache
def visits():
    """Those that are asked about, and those that are learnt from."""
    drawn = shop_sessions.sessions(TESTED + NUMBERS[-1], seed=1)
    return drawn[:TESTED], drawn[TESTED:]


@app.function
def windows(of, use="judge"):
    """Visits as a network takes them; ids begin with 1."""
    vocabulary = EventVocabulary(list(EVENTS))
    return SessionWindows.of([vocabulary.ids_of(visit) for visit in of], CONTEXT, use)


@app.function
@cache
def tables(number):
    """Counts of what followed the last events, up to six of them, in so many visits."""
    return Chains(windows(visits()[1][:number]), len(EVENTS) + 1, Time(60.0), MOST_BACK)


@app.function
def by_table(past, back=1, number=NUMBERS[-1]):
    """(13,) the chances of every event after some, by a table that looks so many back."""
    ids = EventVocabulary(list(EVENTS)).ids_of(past)[-MOST_BACK:]
    padded = np.concatenate([np.full(MOST_BACK - len(ids), -1), ids])[None]
    return tables(number).chances(back)(padded)[0, 1:]


@app.function
@cache
def right(back, number):
    """Share of places at which the first of the list was what came next, by a table; in per cent."""
    hits, chances = [], tables(number).chances(back)
    for _, past, wanted in places(windows(visits()[0]), len(EVENTS) + 1, MOST_BACK):
        hits += (chances(past)[:, 1:].argmax(axis=1) + 1 == wanted).tolist()
    return 100 * float(np.mean(hits))


@app.function
@cache
def best():
    """The same by whoever knows the chances themselves; in per cent."""
    return 100 * shop_sessions.optimum(visits()[0])[0]


@app.function
def film():
    """A visit, event by event: what the table says, and what is true."""
    for place in range(1, len(WALK)):
        past = WALK[:place]
        said = np.stack([by_table(past), shop_sessions.chances(past)])
        names = [EVENTS[int(row.argmax())] for row in said]
        yield kit.matrix(
            said, ("the table", "the truth"), EVENTS, numbers=False, signed=False, width=4.9,
            label="How likely every event is the next",
            caption=f"… {' → '.join(past[-4:])} → ? The table says {names[0]}, the truth {names[1]}; it was "
            f"{WALK[place]}.",
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "Somebody walks through a shop that was never opened: a department, some pages about what lies there, back "
        "again, perhaps to the basket. After every step the **table** says what mostly followed the *last page*. The "
        "**truth** below it is how the visits were made. Where do the two part?",
        kit.film(film(), label="One visit, event by event", seconds=1.6, width=4.9),
        kit.guess(
            f"The table of the last page, counted from {NUMBERS[1]} visits, names the next event rightly at "
            f"{right(1, NUMBERS[1]):.0f} % of all places. Nobody could do better than {best():.0f} %. Now count "
            f"{NUMBERS[-1] // NUMBERS[1]} times as many visits. The table is then right at …",
            ["nearly as many places as can be", "clearly more places, but not all that can be", "as many as before"],
            f"{right(1, NUMBERS[-1]):.0f} %: the table was finished long ago. What it lacks is no visit, but the name "
            "of the department, and that stands further back than it looks.",
        ),
    )
    return


@app.cell
def _():
    place = kit.slider("Events that have happened", range(1, len(WALK)), 4)
    kit.text(
        """
        ## What followed? {#see}

        The simplest forecaster is a table with a row for every event: how often did each other one follow? Nothing is
        trained; it is counted. This is a **Markov chain** of order 1: the last event is all that it knows of the past.

        {place}
        """,
        place=place,
    )
    return (place,)


@app.cell
def _(place):
    _past = WALK[: int(place.value)]
    _said, _true = by_table(_past), shop_sessions.chances(_past)
    _order = np.argsort(-_true, kind="stable")[:4]
    _first, _last = EVENTS[int(_said.argmax())], _past[-1]
    _pairs = [(a, b) for visit in visits()[1] for a, b in pairwise(visit) if a == _last]
    _count = sum(b == _first for _, b in _pairs)
    kit.levels(
        kit.bars(
            {EVENTS[i]: {"table": 100 * float(_said[i]), "truth": 100 * float(_true[i])} for i in _order},
            unit=" %", colors={"table": kit.ORANGE, "truth": kit.BLUE}, xlim=(0, 130), width=4.2,
            label=f"What comes after {' → '.join(_past[-3:])}",
            caption=f"… {' → '.join(_past[-4:])} → ? It was {WALK[int(place.value)]}.",
        ),
        {"visits": len(visits()[1]), f"{_last} was left": len(_pairs), f"for {_first}": _count},
        r"""
        $$p(\blue{\text{next}} \mid \orange{\text{last}}) =
        \frac{n(\orange{\text{last}} \to \blue{\text{next}})}{n(\orange{\text{last}})}$$

        Here *n* is how often that was counted. The likeliest for the table, after {last}, is {first}:

        $$\frac{{told}}{{total}} = {share}$$

        Where few were counted, some share goes to what the shorter past says.
        """,
        last=_last, first=_first, told=f"{_count}", total=f"{len(_pairs)}", share=f"{_count / len(_pairs):.2f}",
    )  # fmt: skip
    return


@app.cell
def _():
    back = kit.slider("Events that the table looks back", range(1, MOST_BACK + 1), 5)
    number = kit.slider("Visits that are counted", NUMBERS, NUMBERS[2])
    kit.text(
        """
        ## Longer tables {#break-it-mend-it}

        So let the table look further back: a row for every *pair*, every *triple* of events. Move on, and see what it
        helps. Then ask how many visits it wants.

        {back} {number}
        """,
        back=back,
        number=number,
    )
    return back, number


@app.cell
def _(back, number):
    _k, _n = int(back.value), int(number.value)
    _curve = [right(k, _n) for k in range(1, MOST_BACK + 1)]
    _rows = [len(tables(_n).counted.levels[k].keys) for k in (1, _k)]
    _once = float((tables(_n).counted.levels[_k].plain.total == 1).mean())
    kit.after_guess(
        kit.row(
            kit.curves(
                {"tables": (np.arange(1, MOST_BACK + 1), _curve), "now": ([_k], [_curve[_k - 1]])},
                marks={OF_BEST: best()}, points={"now"}, whole=True, ylim=(30, 56), xlabel="events looked back",
                ylabel="right, in per cent", colors={"now": kit.ORANGE}, label=f"Tables counted from {_n:,} visits",
                caption=f"{_k} back: right at {_curve[_k - 1]:.1f} %; the best possible is {best():.1f} %.",
            ),
            kit.text(
                """
                A visitor mostly looks at three pages, so the department stands four back. But the table of the last
                event has {few} rows, and this one **{many}**, of which {once} were seen a single time. Each further
                event multiplies the rows; the visits stay as many as they are. And a table cannot know that *photo,
                sizes, reviews* and *reviews, photo, sizes* mean the same for what it needs: which department was it?
                """,
                few=f"{_rows[0]:,}", many=f"{_rows[1]:,}", once=f"{_once:.0%}",
            ),
        )
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## A memory instead of a table {#read}

        A recurrent network reads the visit event by event and keeps a few numbers. Nobody tells it what to keep. It is
        asked at every place what comes next, and whatever helps with that stays. It is the network of a language model,
        with events for words.

        {model} {chain}
        """,
        model=kit.read(
            "models/recurrent_language_model.py",
            {
                "states, _ = self.rnn": "The memory after every event of the visit.",
                "return self.head": "From the memory to a score for every event that there is.",
            },
            part="RecurrentLanguageModel.forward",
        ),
        chain=kit.read(
            "rivals/next_event.py",
            {
                "np.where(past < 0, self.mark": "Before the first event stands a mark.",
                "shares[:, :-1] /": "That a visit ends is left out; the rest adds up to 1.",
            },
            part="Chains.chances",
        ),
    )
    return


@app.function
def padded(of, longest):
    """Events (n, T) of visits as ids from 1, and those that follow them; IGNORED behind the end of a visit."""
    ids = {event: i for i, event in enumerate(EVENTS, 1)}
    whole = np.full((len(of), longest + 1), IGNORED)
    for row, visit in zip(whole, of, strict=True):
        row[: len(visit)] = [ids[event] for event in visit[: longest + 1]]
    return np.maximum(whole[:, :-1], 0), whole[:, 1:]


@app.function
def right_of(net):
    """Share of places at which the network's first was what came next, in per cent."""
    events, targets = padded(visits()[0], CONTEXT)
    with glass.no_grad():
        first = net(glass.tensor(events)).numpy()[:, :, 1:].argmax(axis=2) + 1
    return 100 * float((first == targets)[targets != IGNORED].mean())


@app.function
@cache
def learnt():
    """The network, and how often it was right, every so many steps of its training."""
    glass.manual_seed(0)
    draw, sizes = np.random.default_rng(0), {"vocab_size": len(EVENTS) + 1, "embed_dim": 12, "hidden_size": 24}
    net = architectures.load("gru", "glass", "next-event", **sizes, context=CONTEXT, dropout=0.0)
    optimizer = glass.optim.Adam(list(net.parameters()), lr=RATE)
    events, targets = padded(visits()[1][:LEARNT], SEEN)
    found = [right_of(net)]
    for step in range(1, STEPS + 1):
        rows = draw.integers(0, LEARNT, BATCH)
        logits = net(glass.tensor(events[rows])).reshape(-1, len(EVENTS) + 1)
        loss = F.cross_entropy(logits, glass.tensor(targets[rows].reshape(-1)), ignore_index=IGNORED)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % EVERY == 0:
            found.append(right_of(net))
    return net, np.array(found)


@app.function
@cache
def memories():
    """By department, what the network holds after the same three pages: its two main directions (n, 2)."""
    net, pages = learnt()[0], ("photo", "sizes", "reviews")
    held, departments = [], []
    for visit in visits()[1][LEARNT:]:
        for place in range(3, len(visit)):
            if tuple(visit[place - 2 : place + 1]) == pages and visit[place - 3] in shop_sessions.DEPARTMENTS:
                with glass.no_grad():
                    events = padded([visit[: place + 1]], place + 1)[0]
                    held.append(net.rnn(net.embedding(glass.tensor(events)))[0].numpy()[0, -1])
                departments.append(visit[place - 3])
    moved = np.array(held) - np.mean(held, axis=0)
    flat = moved @ np.linalg.svd(moved, full_matrices=False)[2][:2].T
    return {name: flat[np.array(departments) == name] for name in dict.fromkeys(sorted(departments))}


@app.cell
def _():
    _curve, _seen = learnt()[1], np.arange(0, STEPS + 1, EVERY) * BATCH / 1000
    _row = kit.row(
        kit.curves(
            {"network": (_seen, _curve)}, marks={OF_BEST: best(), OF_ONE: right(1, LEARNT)}, ylim=(0, 60),
            xlabel="visits seen, in thousands", ylabel="right, in per cent",
            label=f"The network learns from {LEARNT:,} visits",
            caption=f"After {STEPS} steps of {BATCH} visits: {_curve[-1]:.1f} %, which is {_curve[-1] / best():.0%} of "
            "what can be.",
        ),
        kit.scatter(
            memories(), width=4.3, label="What it holds after photo, sizes, reviews",
            caption="The last three events are the same everywhere; each mark is the department before them.",
        ),
    )  # fmt: skip
    kit.after_guess(_row)
    return


@app.cell
def _():
    kit.text(
        """
        The second picture is its memory after **the same three pages**, in the two directions in which it varies most.
        A table that looks three back sees one and the same row there. The network knows which department it was: it has
        kept the name through pages that do not hold it, because the name was worth something later.
        """
    )
    return


@app.cell
def _():
    kit.text("## Is a half good? {#ceiling}")
    return


@app.cell
def _():
    _text = kit.text(
        """
        Right at about half of the places: is that a bad network, or a free will? Of real visits nobody knows. Of these
        it is known, because it is known how they were made: whoever has **the true chances** and always names the
        likeliest is right as often as anybody can be. The rest is dice.

        {bars}

        So a score wants two marks beside it: the *simple ways*, which it has to beat, and the *best possible*, where
        there is one. `deepglass` puts the first beside every run: what is popular, the last event once more, Markov
        chains. The second is why it is wise to try a method on visits of one's own making first.
        """,
        bars=kit.bars(
            {"popular": right(0, LEARNT), "last page": right(1, LEARNT), "last four": right(4, LEARNT),
             "network": learnt()[1][-1], OF_BEST: best()},
            unit=" %", xlim=(0, 66), width=4.2, colors={OF_BEST: kit.GREY, "network": kit.ORANGE},
            label=f"Right at how many places, learnt from {LEARNT:,} visits",
            caption="What is popular, tables of the last page and of the last four, the network, and the ceiling.",
        ),
    )  # fmt: skip
    kit.after_guess(_text)
    return


@app.cell
def _():
    kit.check(
        kit.exercise("what_follows"),
        kit.answer(
            "At some place the true chances are hats 0.5, photo 0.3, basket 0.2. At what share of such places can the "
            "best forecaster be right that names one event?",
            0.5,
            name="best_share",
            slips={
                0.38: "That is Σp²: how often somebody is right who draws the answer with these chances. Naming the "
                "likeliest every time is better.",
                1.0: "It knows the chances, and not the dice.",
            },
            because="It always says hats, and hats comes half of the time.",
            hint="Which event should be named every time?",
            solution="max(0.5, 0.3, 0.2) = 0.5",
            tolerance=0.005,
        ),
        kit.choose(
            "A network names the next page of a site rightly at 27 % of the clicks, a table of the last page at 16 %. "
            "What is known of its distance from the best possible?",
            {
                "Nothing but that the best possible is at least as good": (
                    True,
                    "What is possible is known only where it is known how the visits came about.",
                ),
                "It is 73 % away": (False, "That would be so if visitors threw no dice at all."),
                "It is nearly reached: 27 is far above 16": (
                    False,
                    "Above a simple way, yes. How far below the best, nobody can tell from that.",
                ),
            },
            name="distance",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Two thousand visits to a shop that was never opened. The network is held against Markov chains with back-off on
        visits of later days; the second command asks what comes after three pages about shoes.
        """,
        own_file="""
        A text with a session on each line, its events with blanks or commas between:
        `deepglass train clicks.txt --task next-event`. Or a table with a row for each event:
        `deepglass train log.csv --task next-event --session-column visit --event-column page --time-column at`; then
        the latest sessions are the test. Self-attention in the place of the recurrent network: `--model sasrec`.
        """,
        sources=[
            ("Shannon (1951), Prediction and entropy of printed English",
             "https://doi.org/10.1002/j.1538-7305.1951.tb01366.x"),
            ("Hidasi et al. (2016), Session-based recommendations with recurrent neural networks",
             "https://arxiv.org/abs/1511.06939"),
            ("Kang & McAuley (2018), Self-attentive sequential recommendation", "https://arxiv.org/abs/1808.09781"),
            ("Ludewig & Jannach (2018), Evaluation of session-based recommendation algorithms",
             "https://arxiv.org/abs/1803.09587"),
        ],
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
