"""Lesson 61: stems. When are two words one? Porter's rules, lemmas, and what they cost."""

import marimo

app = marimo.App(width="medium", app_title="Stems", css_file="../course/pages/lesson.css")

with app.setup:
    from html import escape

    import marimo as mo

    from deepglass.core import porter
    from deepglass.core.lemmas import lemma
    from deepglass.core.porter import stem
    from deepglass.core.word_forms import form_of
    from deepglass.course import kit
    from deepglass.data.datasets.shakespeare import load
    from deepglass.data.preprocess.text import split_words
    from deepglass.data.word_counts import count_words, meeting

    LESSON = {
        "title": "Stems",
        "question": "When are two words one?",
        "part": "Language",
        "minutes": 12,
        "reads": ["core/porter.py"],
        "runs": [
            'deepglass words "The ponies were running, a pony runs and she ran."',
            "deepglass train reviews --task text-classification --normalise stem --epochs 3",
        ],
    }

    LEARNT, HELD_OUT = slice(0, 100_000), slice(600_000, 620_000)  # characters of the plays
    LONG = ("generalizations", "connections", "hopefulness", "relational", "replacement")
    TWINS = ("universal", "university", "universe")
    FORMS = {"as they are": "none", "as stems": "stem", "as lemmas": "lemma"}
    STEPS = {  # of the stemmer, in their order
        "plural": porter._plural,
        "past and progressive": porter._past_and_progressive,
        "y becomes i": lambda word: word[:-1] + "i" if word.endswith("y") and porter.has_vowel(word[:-1]) else word,
        "double endings": lambda word: porter._replaced(word, porter.STEP_2, 0),
        "-ness, -ful, -ical …": lambda word: porter._replaced(word, porter.STEP_3, 0),
        "single endings": lambda word: porter._replaced(word, porter.STEP_4, 1),
        "tidy up": porter._tidied,
    }
    SQUARE, WIDE = 22, 16  # pixels of a letter, letters of the longest word


@app.function
def walk(word):
    """What each step of the stemmer leaves of a word: those that change it."""
    found = [("the word", word)]
    for name, step in STEPS.items():
        after = step(word)
        if after != word:
            found.append((name, after))
        word = after
    return found


@app.function
def letters(word, before="", label=""):
    """A word as boxes, vowels and consonants told apart, what was taken off behind it: SVG."""
    body = []
    kinds = porter.consonants(word)
    for i, letter in enumerate(word + before[len(word) :]):
        is_gone = i >= len(word)
        color = "var(--line)" if is_gone else "var(--c1)" if kinds[i] else "var(--c2)"
        opacity = 0.5 if is_gone else 0.3
        body.append(
            f'<rect x="{SQUARE * i + 1}" y="2" width="{SQUARE - 2}" height="26" rx="4" '
            f'style="fill: {color}; opacity: {opacity}"/>'
            f'<text x="{SQUARE * i + SQUARE / 2}" y="20" text-anchor="middle" '
            f'style="fill: var(--{"muted" if is_gone else "ink"}); font: 14px ui-monospace, monospace">'
            f"{escape(letter)}</text>"
        )
        if not is_gone and not kinds[i]:
            x = SQUARE * i
            body.append(f'<path d="M{x + 5} 31 H{x + SQUARE - 5}" style="stroke: var(--c2); stroke-width: 2"/>')
    said = escape(f"{label}: {word}, measure {porter.measure(word)}", quote=True)
    size = f"0 0 {SQUARE * WIDE} 34"
    return f'<svg viewBox="{size}" role="img" aria-label="{said}">{"".join(body)}</svg>'


@app.function
def film():
    """Long words, step by step."""
    for word in LONG:
        before = word
        for name, after in walk(word):
            yield letters(after, before, name), f"{name}: {after}, measure {porter.measure(after)}."
            before = after


@app.cell
def _():
    _stems = {word: stem(word) for word in TWINS}
    kit.opening(
        LESSON,
        "“Connected”, “connecting”, “connections”: to a machine that numbers words these are three, as unlike as "
        "“cat” and “Tuesday”. In 1980 Martin Porter wrote down rules that take the endings off. Watch them "
        "work: vowels are underlined.",
        kit.film(film(), label="Porter's stemmer", seconds=1.1, width=4.6),
        kit.guess(
            f"The rules know no dictionary. How many different stems do they make of {', '.join(TWINS)}?",
            ["Three: they are three words", "Two", "One"],
            f"{len(set(_stems.values()))}: “{stem(TWINS[0])}”. Rules that see letters alone cannot know that a "
            "university is not a universe.",
        ),
    )
    return


@app.cell
def _():
    own = mo.ui.text("replacement", label="A word", full_width=False)
    _words = kit.text(
        """
        ## Enough must be left {#see}

        “Replacement” may lose its ending; “cement” may not, for nothing would be left of it. How much is enough, the
        stemmer measures. Every word is consonants and vowels in turn, and its **measure** m counts how often a
        consonant follows a vowel.

        {own}
        """,
        own=own,
    )
    kit.after_guess(_words)
    return (own,)


@app.cell
def _(own):
    _word = "".join(c for c in own.value.lower() if "a" <= c <= "z")[:WIDE] or "a"
    _walk = walk(_word) if len(_word) > 2 else [("the word", _word)]
    _pairs = zip([_walk[0], *_walk], _walk, strict=False)
    _shown = "".join(letters(after, before, name) for (_, before), (name, after) in _pairs)
    _levels = kit.levels(
        mo.Html(f'<figure class="dg-figure">{_shown}</figure>'),
        {
            "the word": _word,
            "its measure": porter.measure(_word),
            "steps that acted": ", ".join(name for name, _ in _walk[1:]) or "none",
            "its stem": stem(_word),
            "its lemma": lemma(_word),
        },
        r"""
        $$[C]\,(\orange{V}\blue{C})^{m}\,[\orange{V}] \qquad m = {m}$$

        C is any run of consonants, V any run of vowels; those in brackets may be missing. Most endings go only if m of
        what stays is above 0, the single ones of the last steps only if it is above 1.
        """,
        m=porter.measure(_word),
    )
    kit.after_guess(_levels, silently=True)
    return


@app.function
def unknown(form):
    """Of a new scene, the share of words that are not in the plays before it; how many different words these have."""
    text, new = (load().text[part] for part in (LEARNT, HELD_OUT))
    known = {form_of(form)(word) for word in split_words(text)}
    words = [form_of(form)(word) for word in split_words(new)]
    return sum(word not in known for word in words) / len(words), len(known)


@app.cell
def _():
    _found = {name: unknown(form) for name, form in FORMS.items()}
    _met = meeting(count_words([load().text[LEARNT]]), "stem")
    _words = kit.text(
        """
        ### What it is good for

        {size:,} characters of Shakespeare have {plain:,} different words, {stems:,} stems and {lemmas:,} lemmas. In a
        new scene fewer words are **unknown**: “{example}” may be new where another form of it is not. With few texts
        to learn from, that is worth more than what the endings said.

        {bars}

        A **lemma** is the word that a dictionary lists. It can be read, and “was” becomes “be”; but it needs lists of
        what no rule can know, and here only English ones. Most words that meet in one stem: {most}.
        """,
        size=LEARNT.stop,
        plain=_found["as they are"][1],
        stems=_found["as stems"][1],
        lemmas=_found["as lemmas"][1],
        example="running",
        bars=kit.bars(
            {name: 100 * share for name, (share, _) in _found.items()}, unit=" %",
            label="Words of a new scene that are unknown", caption="Words of a new scene that are unknown.",
        ),
        most="; ".join(f"{name} ({', '.join(words)})" for name, words in list(_met.items())[:2]),
    )  # fmt: skip
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## One rule, five steps {#read}

        This file cut all the words above. A test holds its stems against those of another program, which gives the
        published list.

        {replaced} {measure}
        """,
        replaced=kit.read(
            "core/porter.py",
            {
                "for length in range": "The longest ending first; where too little is left, no other is tried.",
                "is_long = measure(rest)": "The whole art: is enough left?",
            },
            part="_replaced",
        ),
        measure=kit.read("core/porter.py", part="measure"),
    )
    return


@app.function
def without_measure(word, ending, least):
    """A word without an ending, where the measure of what is left is above `least`."""
    rest = word.removesuffix(ending)
    return rest if rest != word and porter.measure(rest) > least else word


@app.cell
def _():
    least = kit.slider("What is left must measure more than", [-1, 0, 1, 2], -1)
    _words = kit.text(
        """
        The rule here takes “-ement” off, and at −1 it does not care what is left. Move the slider until “cement” stays
        a word, and on until even “replacement” does. Porter chose 1.

        {least}
        """,
        least=least,
    )
    kit.text("## Too eager, too timid {#break-it-mend-it}\n\n{more}", more=kit.after_guess(_words))
    return (least,)


@app.cell
def _(least):
    _rows = [
        {"word": word, "what is left": without_measure(word, "ement", least.value),
         "its measure": porter.measure(word.removesuffix("ement"))}
        for word in ("cement", "element", "basement", "replacement", "entanglement")
    ]  # fmt: skip
    _other = [{"word": w, "stem": stem(w), "lemma": lemma(w)} for w in (*TWINS, "ran", "runs", "mice", "mouse", "news")]
    _words = kit.text(
        """
        {table}

        No measure mends what letters do not say. Too eager: words of different meaning meet. Too timid: “ran” and
        “runs” do not. Lemmas do better on these, because somebody wrote them down.

        {other}
        """,
        table=kit.table(_rows),
        other=kit.table(_other),
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.check(
        kit.exercise("measure"),
        kit.answer(
            "What is the measure of “oaten”?",
            porter.measure("oaten"),
            name="oaten",
            slips={
                3: "Vowels that stand together count as one: “oa”.",
                1: "“en” at the end counts, too.",
            },
            because="oa·t, e·n: twice a consonant follows a vowel.",
            hint="Underline the vowels. Where does a consonant follow?",
            solution="[oa t][e n]: m = 2",
            tolerance=0.1,
        ),
        kit.choose(
            "A stem is not a word: “poni”. Why does that not matter to a classifier of texts?",
            {
                "It numbers stems, and new texts are stemmed by the same rules": (
                    True,
                    "Only that equal words get equal numbers counts, now and later.",
                ),
                "It looks the word up again": (False, "Nothing is looked up: “poni” is all that it sees."),
                "Such stems are rare": (False, "Every word in -y gets one: “happi”, “citi”."),
            },
            name="not-a-word",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A sentence with its stems and lemmas; then a classifier of texts that counts stems. Its run keeps the rules: new
        texts, and a bundle without PyTorch, are read in the same way.
        """,
        own_file="""
        `deepglass words my.txt` counts the words of any text, also of a column of a table. A classifier of your own
        texts takes `deepglass train my.csv --target label --normalise stem` or `--normalise lemma`: try both against
        neither, and keep what its test prefers. The rules are for English; other words stay as they are.
        """,
        sources=[
            ("Porter (1980), An algorithm for suffix stripping", "https://doi.org/10.1108/eb046814"),
            ("Porter's program and vocabulary", "https://tartarus.org/martin/PorterStemmer"),
            ("Manning, Raghavan and Schütze (2008), Introduction to Information Retrieval, section 2.2.4",
             "https://nlp.stanford.edu/IR-book/html/htmledition/stemming-and-lemmatization-1.html"),
        ],
        onward="Rules see letters. What could tell a machine that two words mean something alike?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
