"""Lesson 87: two languages. A net that writes German looks back at the English word it needs, and nobody showed it."""

import marimo

app = marimo.App(width="medium", app_title="Two languages", css_file="../course/pages/lesson.css")

with app.setup:
    import copy
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F

    from deepglass.course import kit
    from deepglass.data.datasets import english_german as grammar
    from deepglass.data.preprocess.sentences import BEGIN, END, PADDING, SentenceVocabulary
    from deepglass.evaluate.bleu import LONGEST, bleu, bleu_of, statistics
    from deepglass.models.decoding.beam import beam_search
    from deepglass.models.decoding.greedy import forbidding, greedy
    from deepglass.models.seq2seq import Config, Seq2Seq

    LESSON = {
        "title": "Two languages",
        "question": "How does a net translate, when the words stand in another order?",
        "part": "Language",
        "minutes": 20,
        "reads": ["models/seq2seq.py", "models/decoding/beam.py", "evaluate/bleu.py", "tasks/translation.py"],
        "runs": [
            "deepglass train english-german --model seq2seq-bahdanau --epochs 2 --hidden-size 64 --run runs/german",
            'deepglass translate runs/german "The dog has seen a red apple." --align',
        ],
    }

    PAIRS, HELD_BACK, BATCH = 700, 60, 32
    MOMENTS = (0, 40, 80, 120, 180, 240)
    FEW = 5  # of the nouns of the data set, and of its verbs
    ASKED = {
        "the verb moves forward": "Tomorrow the dog sees an apple.",
        "the participle goes to the end": "The woman has found the ball.",
        "the infinitive goes to the end": "Today a man will buy a book.",
    }
    TRUE = "Heute hat der Hund den Apfel gesehen."
    WRITTEN = {
        "the words in English order": "Heute der Hund hat gesehen den Apfel.",
        "one wrong article": "Heute hat der Hund der Apfel gesehen.",
        "cut short": "Heute hat der Hund den Apfel.",
        "right": TRUE,
    }
    TREE = {  # of an invented model: what follows each beginning, with its probability
        "": {"the": 0.55, "a": 0.45},
        "the": {"cat": 0.4, "dog": 0.35, "cow": 0.25},
        "a": {"horse": 0.9, "cat": 0.1},
    }
    TOKENS = ["(none)", "", "(end)", "the", "a", "cat", "dog", "cow", "horse"]


@app.function
def sentence(rng):
    """A short sentence of the data set's grammar in both languages."""
    clause = grammar.Clause(
        grammar.noun_phrase(rng, grammar.WHO[:FEW], "nominative"),
        grammar.VERBS[rng.integers(FEW)],
        grammar.noun_phrase(rng, grammar.WHAT[:FEW], "accusative"),
        str(rng.choice(grammar.TENSES)),
    )
    when = grammar.WHEN[rng.integers(len(grammar.WHEN))] if rng.random() < 0.5 else ("", "")
    both = f"{when[0]} {grammar.english(clause)}".strip(), grammar.main(clause, when[1])
    return tuple(f"{text[0].upper()}{text[1:]}." for text in both)


@app.function
@cache
def pairs():
    """Pairs that are learnt, pairs that are held back, and the words of both languages."""
    rng, found = np.random.default_rng(0), {}
    while len(found) < PAIRS + HELD_BACK:
        english, german = sentence(rng)
        if english not in ASKED.values():
            found[english] = german
    both = list(found.items())
    words = SentenceVocabulary.fit([text for pair in both[:PAIRS] for text in pair], kind="words")
    return both[:PAIRS], both[PAIRS:], words


@app.function
@cache
def learning():
    """A recurrent translator with attention while it learns: the net as it is at some moments, by its step."""
    learnt, _, words = pairs()
    sources = torch.from_numpy(words.encode_sources([english for english, _ in learnt]))
    targets = torch.from_numpy(words.encode_targets([german for _, german in learnt]))[:, : words.max_length + 1]
    torch.manual_seed(0)
    net = Seq2Seq(len(words), config=Config(embed_dim=32, hidden_size=64, dropout=0.0))
    optimizer = torch.optim.Adam(net.parameters(), lr=8e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, MOMENTS[-1])
    found = {}
    for step in range(MOMENTS[-1] + 1):
        if step in MOMENTS:
            found[step] = copy.deepcopy(net).eval()
        rows = torch.randint(PAIRS, (BATCH,))
        logits = net(sources[rows], targets[rows, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), targets[rows, 1:].flatten(), ignore_index=PADDING)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return found


@app.function
@torch.no_grad()
def written(net, texts):
    """Ids (N, S) that are read, and (N, T) that it writes, without marks inside a sentence."""
    words = pairs()[2]
    ids = torch.from_numpy(words.encode_sources(texts))
    ids = ids[:, : int((ids != PADDING).sum(dim=1).max())]
    masks = torch.zeros(2, len(words), dtype=torch.bool)
    masks[0, words.never] = masks[1, words.never_first] = True
    step = forbidding(net.step, *masks, BEGIN)
    return ids, greedy(step, net.encode(ids), BEGIN, END, words.max_length)[0]


@app.function
@torch.no_grad()
def translated(net, text):
    """What it writes, word by word, and (T, S) where it looked for each word."""
    ids, (found,) = written(net, [text])
    attention = net.teacher_force(ids, torch.tensor([[BEGIN, *found[:-1].tolist()]]))[1][0].numpy()
    kept = [i for i in found.tolist() if i != END]
    return [pairs()[2].spelled([i]) for i in kept], attention[: len(kept)]


@app.function
def words_in(text):
    """The words of a sentence as the net reads them, with the end behind."""
    return [*pairs()[2].pieces_of(text), "(end)"]


@app.function
def score(net):
    """BLEU of the held-back sentences."""
    _, held_back, words = pairs()
    sources, targets = zip(*held_back, strict=True)
    return bleu([words.decode(row) for row in written(net, list(sources))[1].tolist()], list(targets))


@app.function
def blindly(net, how):
    """The net with an attention that looks everywhere alike, or at the word whose turn it is in English."""
    blind, places = copy.deepcopy(net), iter(range(10_000))

    def look(hidden, state):
        there = state.is_token.float()
        if how == "in English order":
            place = min(next(places), there.shape[1] - 1)
            there = there * F.one_hot(torch.tensor(place), there.shape[1])
        weights = there / there.sum(dim=1, keepdim=True).clamp(min=1)
        return (weights.unsqueeze(1) @ state.memory).squeeze(1), weights

    if how != "where it wants":
        blind.look = look
    return blind.eval()


@app.function
def net():
    """The net at the end."""
    return learning()[MOMENTS[-1]]


@app.function
def film():
    """Where the net looks for every word it writes, while it learns."""
    asked = next(iter(ASKED.values()))
    for step, model in learning().items():
        written, attention = translated(model, asked)
        yield kit.matrix(
            attention, written, words_in(asked), numbers=False, width=4.4,
            label="For every word it writes (rows) how much it looks at each English word (columns)",
            caption=f"After {step} steps it writes: {' '.join(written).replace(' .', '.')}",
        )  # fmt: skip


@app.function
def invented(tokens, state):
    """A step of the invented model: log p (N, V) of what follows each token; behind its second word it ends."""
    logits = torch.full((len(tokens), len(TOKENS)), -torch.inf)
    for row, token in enumerate(tokens.tolist()):
        for following, share in TREE.get(TOKENS[token], {"(end)": 1.0}).items():
            logits[row, TOKENS.index(following)] = float(np.log(share))
    return logits, state


@app.function
def searched(width):
    """What beam search of a width finds in the invented model: words, and their probability."""
    best = beam_search(invented, (torch.zeros(1, dtype=torch.int64),), BEGIN, END, width, 3, length_penalty=0.0)[0]
    return " ".join(TOKENS[i] for i in best.tokens), float(np.exp(best.log_p))


@app.cell
def _():
    kit.opening(
        LESSON,
        "German puts its words in another order: *has seen* is torn apart, and *seen* waits for the end. So a net "
        "cannot go through the sentence word by word. This one reads all of the English, then writes German, and for "
        "every word it writes it chooses where to look. Watch the rows while it learns: nobody tells it which word "
        "belongs to which.",
        kit.film(film(), label="Steps of the training", seconds=1.0, width=4.4),
        kit.guess(
            f"The true sentence is “{TRUE}” A program writes “{WRITTEN['the words in English order']}” All words "
            "are right, their order is English. BLEU, the usual score, goes from 0 to 100. How much?",
            ["100: every word is right", "About 60", "Below 25"],
            f"{bleu([WRITTEN['the words in English order']], [TRUE]):.0f}. BLEU counts runs of one to four words. All "
            "single words are there, but hardly any two of them still stand side by side, and no three.",
        ),
    )
    return


@app.cell
def _():
    which = kit.slider("Sentence", range(1, len(ASKED) + 1), 2)
    kit.text(
        """
        ## Look where you need to {#see}

        Three sentences that were not among the 700 it learnt from. Each row is a German word being written; the colour
        says how much of its attention lies on each English word. Where the order changes, the strong fields leave
        the diagonal. An article often looks at its **noun**: whether *the* is *der*, *die* or *das* depends on it.

        {which}
        """,
        which=which,
    )
    return (which,)


@app.cell
def _(which):
    _why, _text = list(ASKED.items())[which.value - 1]
    _written, _attention = translated(net(), _text)
    _last = len(_written) - 2
    _columns, _best = words_in(_text), int(_attention[_last].argmax())
    kit.levels(
        kit.attention(_attention, _written, looked_at=_columns, start=_last, label=f"Attention of “{_text}”: {_why}"),
        {f"{_written[_last]} ← {word}": round(float(weight), 3) for word, weight in zip(_columns, _attention[_last])},
        r"""
        $$\orange{c} = \sum_j \blue{a_j}\, h_j \qquad \blue{a_j} = \frac{e^{s_j}}{\sum_k e^{s_k}}$$

        For *{word}* the largest weight is $\blue{a}$ = {weight} at *{read}*: {why}.
        """,
        word=_written[_last], weight=f"{_attention[_last, _best]:.2f}", read=_columns[_best], why=_why,
    )  # fmt: skip
    return


@app.cell
def _():
    kind = mo.ui.dropdown(list(WRITTEN), value="one wrong article", label="Written")
    kit.after_guess(
        kit.text(
            """
            ## How good is a translation? {#bleu}

            There are many right translations, and one of them is at hand. **BLEU** asks how many of the runs of one,
            two, three and four words that were written stand in it too. A sentence that is cut short would have an
            easy life, so it is punished. Try English order: every single word is right, and little else.

            {kind}
            """,
            kind=kind,
        )
    )
    return (kind,)


@app.cell
def _(kind):
    _counts = statistics(WRITTEN[kind.value], TRUE)
    _matched, _runs = _counts[2:6].astype(int), _counts[6:].astype(int)
    _short = float(np.exp(1 - _counts[1] / _counts[0])) if _counts[0] < _counts[1] else 1.0
    kit.levels(
        kit.bars(
            {f"runs of {n + 1}": 100 * _matched[n] / _runs[n] for n in range(LONGEST)}, unit=" %", xlim=(0, 125),
            label="How many of the written runs are right",
            caption=f"Written: {WRITTEN[kind.value]} True: {TRUE}",
        ),
        [{"words": n + 1, "right": int(_matched[n]), "written": int(_runs[n])} for n in range(LONGEST)],
        r"""
        $$\text{BLEU} = 100 \cdot \orange{BP} \cdot (\blue{p_1 p_2 p_3 p_4})^{1/4}$$

        $$100 \cdot {short} \cdot \left({product}\right)^{1/4} = {bleu}$$

        A length of which nothing is right counts as half a run, the next such as a quarter.
        """,
        short=f"{_short:.3f}", bleu=f"{float(bleu_of(_counts)):.1f}",
        product=r" \cdot ".join(rf"\frac{{{m}}}{{{r}}}" for m, r in zip(as_counted(_matched), _runs)),
    )  # fmt: skip
    return


@app.function
def as_counted(matched):
    """Matches as BLEU counts them: of the lengths without any the first is a half, the next a quarter."""
    halvings = np.cumsum(matched == 0)
    return [f"{count}" if count else f"{0.5**n:g}" for count, n in zip(matched.tolist(), halvings.tolist())]


@app.cell
def _():
    width = kit.slider("Beginnings that are kept", (1, 2, 3), 1)
    kit.text(
        """
        ## The likeliest word, or the likeliest sentence {#beam}

        A net says which word comes next, not which sentence is best. **Greedy**: take the likeliest word, always. A
        **beam** keeps several beginnings alive. Here is an invented model of two words.

        {code}

        {width}
        """,
        code=kit.read(
            "models/decoding/beam.py",
            {
                "candidates = log_p.unsqueeze(1)": "Every beginning, continued by every token: N·V candidates.",
                ".topk(": "Only the best few live on.",
                "kept = ~is_done": "Those that have ended wait aside.",
            },
            part="beam_search",
        ),
        width=width,
    )
    return (width,)


@app.cell
def _(width):
    _found, _p = searched(width.value)
    _all = {f"{one} {two}": TREE[""][one] * share for one in TREE[""] for two, share in TREE[one].items()}
    kit.bars(
        _all, xlim=(0, 0.55), label="Probability of every sentence",
        caption=f"With {width.value} kept: “{_found}”, probability {_p:.2f}.",
        colors={_found: kit.ORANGE},
    )  # fmt: skip
    return


@app.cell
def _():
    how = mo.ui.radio(
        ["everywhere alike", "in English order", "where it wants"], value="everywhere alike", label="It looks",
        inline=True,
    )  # fmt: skip
    kit.text(
        """
        ## The code that looks {#read}

        All of attention in a recurrent translator: a score for every word that was read, a softmax, a weighted mean.

        {look}

        ## Tie its eyes {#break-it-mend-it}

        The same weights, but the net may no longer choose: it sees the mean of all English words, or is led through
        them one by one. It has learnt to rely on its choice, and without it hardly a sentence survives. **Mend it**:
        let it look where it wants.

        {how}
        """,
        how=how,
        look=kit.read(
            "models/seq2seq.py",
            {
                "scores = ": "How well does each English word fit what is to be written next?",
                "F.softmax": "The weights: the row that you saw.",
                "@ state.memory": "What is found: the mean of what was read, by these weights.",
            },
            part="Seq2Seq.look",
        ),
    )
    return (how,)


@app.cell
def _(how):
    _text = ASKED["the participle goes to the end"]
    _words, _ = translated(blindly(net(), how.value), _text)
    _scores = {"where it wants": score(net()), how.value: score(blindly(net(), how.value))}
    kit.bars(
        _scores, xlim=(0, 125), label="BLEU of held-back sentences",
        caption=f"“{_text}” becomes “{' '.join(_words).replace(' .', '.')}”",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("matched_runs"),
        kit.answer(
            "A program writes “der der der der”, the true sentence is “der Hund”. How many of the four single words "
            "does BLEU count as right?",
            1,
            name="clipped",
            slips={4: "Then a program that writes one frequent word for ever would be perfect."},
            because="A word counts at most as often as it stands in the true sentence.",
            hint="How often does “der” stand in the true sentence?",
            solution="1",
        ),
        kit.choose(
            "A beam of 100 finds sentences that are likelier than those of a beam of 4. Are they always better?",
            {
                "No": (True, "Likely for the net is not right: with very wide beams BLEU often falls again."),
                "Yes": (False, "They are better by the net's own opinion, which is what may be wrong."),
            },
            name="wide",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        3,000 pairs of the same grammar, with subordinate clauses. Two epochs are a beginning; a transformer, the model
        that you get without `--model`, needs five for a BLEU above 99. The report holds it against a dictionary that
        translates word by word and knows no grammar. `--align` says for every German word where it looked.
        """,
        own_file="""
        A table with two columns, `deepglass train pairs.csv --task translation --text-column english --target german`,
        or a folder with `train.en` and `train.de`, whose lines belong together. `--beam 4` keeps four beginnings alive.
        """,
        sources=[
            ("Bahdanau, Cho & Bengio (2014), Learning to align", "https://arxiv.org/abs/1409.0473"),
            ("Papineni et al. (2002), BLEU", "https://aclanthology.org/P02-1040/"),
            ("Koehn & Knowles (2017), Six challenges (wide beams)", "https://arxiv.org/abs/1706.03872"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
