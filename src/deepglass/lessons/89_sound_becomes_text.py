"""Lesson 89: sound becomes text. How can a net learn words when nobody says where they are?"""

import marimo

app = marimo.App(width="medium", app_title="Sound becomes text", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F

    from deepglass.core.mel import hertz, log_mel, mel
    from deepglass.course import kit
    from deepglass.data.formants import SAMPLE_RATE, Voice, sentence
    from deepglass.data.ragged_frames import padded
    from deepglass.glass.nn.functional import ctc as glass_ctc
    from deepglass.models.decoding import ctc
    from deepglass.models.speech_gru import Config, SpeechGRU

    LESSON = {
        "title": "Sound becomes text",
        "question": "How can a net learn words when nobody says where they are?",
        "part": "Sequences",
        "minutes": 20,
        "reads": ["core/mel.py", "models/speech_gru.py", "models/decoding/ctc.py", "glass/nn/functional/ctc.py"],
        "runs": [
            "deepglass train robot-words --task sound-classification --epochs 2 --run runs/words",
            "deepglass train robot-sentences --task speech-recognition --epochs 6 --batch-size 8 --width 48 "
            "--hidden-size 48 --learning-rate 0.01 --augment none --run runs/said",
            "deepglass transcribe runs/said row:1 row:2",
        ],
    }

    WORDS = ("yes", "no", "stop", "go")  # that the robot says here
    BANDS, STEPS, EVERY = 24, 200, 20  # mel bands, steps of the training, and how often the film looks
    LEARNT, NEW = 120, 20  # sentences that are learnt from, and others
    FRAMES = 4  # to a step of the net: 40 ms
    COLORS = {"blank": kit.GREY, "yes": kit.BLUE, "no": kit.ORANGE, "stop": kit.GREEN, "go": kit.PINK}


@app.function
@cache
def sentences(count, seed):
    """Sentences of a robot: what is said, and frames (T, M) of it, their mean taken off."""
    rng, made = np.random.default_rng(seed), []
    voice = Voice(pitch=120, throat=1.0, pace=1.0, breath=0.004)
    for _ in range(count):
        said = rng.choice(WORDS, rng.integers(2, 4)).tolist()
        frames = log_mel(sentence(said, voice, rng), SAMPLE_RATE, BANDS)
        made.append((said, torch.from_numpy((frames - frames.mean(axis=0)) / 3)))
    return made


@app.function
def numbers(said):
    """Words as numbers from 1 on; 0 is the blank."""
    return [WORDS.index(word) + 1 for word in said]


@app.function
@cache
def trained():
    """What the net says of the new sentences at every look of the film: lists of (steps, 5) log-probabilities."""
    torch.manual_seed(0)
    rng, known, new = np.random.default_rng(1), sentences(LEARNT, 0), sentences(NEW, 1)
    net = SpeechGRU(BANDS, len(WORDS) + 1, Config(width=32, hidden_size=32, dropout=0.0))
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    asked, ends = padded([frames for _, frames in new], BANDS)
    looks = []
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            with torch.no_grad():
                said = net(asked, ends).log_softmax(2).numpy()
            looks.append([one[: steps_of(int(end))] for one, end in zip(said, ends)])
        batch = [known[i] for i in rng.integers(0, LEARNT, 8)]
        frames, lengths = padded([one for _, one in batch], BANDS)
        targets = torch.tensor([word for said, _ in batch for word in numbers(said)])
        log_probs = net(frames, lengths).log_softmax(2).transpose(0, 1)
        counts = torch.tensor([len(said) for said, _ in batch])
        loss = F.ctc_loss(log_probs, targets, steps_of(lengths), counts)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
    return looks


@app.function
def steps_of(frames):
    """Steps of the net that so many frames make."""
    return (frames + FRAMES - 1) // FRAMES


@app.function
def right_at(look):
    """How many of the new sentences are right to the last word."""
    pairs = zip(trained()[look], sentences(NEW, 1))
    return sum(ctc.greedy(log_probs) == numbers(said) for log_probs, (said, _) in pairs)


@app.function
@cache
def share_of_blanks():
    """The share of all steps of the new sentences at which the trained net says the blank."""
    return float(np.mean(np.concatenate([one.argmax(axis=1) == ctc.BLANK for one in trained()[-1]])))


@app.function
@cache
def look_of_blanks():
    """The look at which the untrained net has learnt to say next to nothing but blanks; -1 if it never does."""
    shares = [np.mean(np.concatenate([one.argmax(axis=1) == 0 for one in look])) for look in trained()]
    return next((i for i, share in enumerate(shares) if share > 0.99), -1)


@app.function
def spikes(log_probs, caption="", width=4.2):
    """What the net says at each step: a curve per word, and one for the blank."""
    names = ("blank", *WORDS)
    runs = {name: np.exp(log_probs[:, i]).tolist() for i, name in enumerate(names)}
    return kit.curves(
        runs, xlabel="step of 40 ms", ylabel="probability", ylim=(0, 1.05), dashed={"blank"}, colors=COLORS,
        label="How likely each word and the blank are at every step", caption=caption, width=width, height=2.3,
    )  # fmt: skip


@app.function
def spectrogram(frames, width=4.2, label="The sound: time to the right, low pitches at the bottom"):
    """Frames (T, M) as a picture."""
    low = float(frames.min())
    return kit.pictures([(np.asarray(frames).T[::-1] - low) / (float(frames.max()) - low)], label=label, width=width)


@app.function
def film():
    """One new sentence, as the net learns."""
    for look, all_said in enumerate(trained()):
        text = " ".join(WORDS[i - 1] for i in ctc.greedy(all_said[0])) or "(nothing)"
        yield spikes(all_said[0], f"After {look * EVERY} steps of training it hears: {text}.")


@app.cell
def _():
    _said, _frames = sentences(NEW, 1)[0]
    kit.opening(
        LESSON,
        f"A robot says *{' '.join(_said)}*. Above, its sound: strong pitches are dark, time runs to the right. Below, "
        "what a small net says at every step of 40 ms while it learns. It was told **what** was said in other "
        "sentences, and never **when**.",
        mo.vstack([spectrogram(_frames), kit.film(film(), label="Words rise", seconds=0.9, width=4.2)]),
    )
    return


@app.cell
def _():
    kit.text(
        """
        The text wants every word **once**. A few steps anywhere within the word are enough, and the blank fills the
        rest: of {new} new sentences the trained net says it at {blanks} of all steps, and gets **{right}** of them
        right to the last word. Nobody has told it the moment of a word. It has chosen one itself, where it has heard
        enough to be sure.

        Look at the film again. First the net says nothing but **blanks**: that is seldom very wrong. For many steps
        nothing seems to happen. Then the words break through, one by one.
        """,
        new=str(NEW), blanks=f"{share_of_blanks():.0%}", right=str(right_at(-1)),
    )  # fmt: skip
    return


@app.cell
def _():
    which = kit.slider("Sentence", list(range(1, 7)), 2)
    band = kit.slider("Band", [1, 6, 12, 18, 24], 12)
    kit.text(
        r"""
        ## From a wave to steps {#see}

        A sound is 8,000 numbers per second, and no single one of them tells anything of a word. So we ask, a
        hundred times per second: **how strong is every pitch just now?** The pitches are gathered into bands, narrow
        ones at the bottom and wide ones at the top, as ears do it.

        {which} {band}
        """,
        which=which,
        band=band,
    )
    return band, which


@app.cell
def _(band, which):
    _said, _frames = sentences(NEW, 1)[which.value]
    _edges = hertz(np.linspace(mel(20.0), mel(SAMPLE_RATE / 2), BANDS + 2))
    _low, _top, _high = (float(edge) for edge in _edges[band.value - 1 : band.value + 2])
    _log_probs = trained()[-1][which.value]
    _steps = _log_probs.argmax(axis=1).tolist()
    _names = ("–", *WORDS)
    _table = [{"what": "the likeliest at each step", "reads": " ".join(_names[i] for i in _steps)},
              {"what": "collapsed", "reads": " ".join(WORDS[i - 1] for i in ctc.collapse(_steps))},
              {"what": "said", "reads": " ".join(_said)}]  # fmt: skip
    kit.levels(
        mo.vstack([spectrogram(_frames), spikes(_log_probs)]),
        _table,
        r"""
        $$\mathrm{mel}(f) = 2595\,\log_{10}\!\left(1 + \frac{f}{700}\right)$$

        Band {band} of {bands} is a triangle from {low} Hz over {top} Hz to {high} Hz: {wide} Hz wide. Of {frames}
        frames the net makes {steps} steps.
        """,
        band=str(band.value), bands=str(BANDS), low=f"{_low:.0f}", top=f"{_top:.0f}", high=f"{_high:.0f}",
        wide=f"{_high - _low:.0f}", frames=str(len(_frames)), steps=str(len(_steps)),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        {mel}

        ## All ways at once {#read}

        Nobody says which step says which word. So **connectionist temporal classification** (CTC) asks for no single
        way. It adds up the probabilities of *all* ways to spread the words over the steps, with blanks and
        repetitions between, and makes that sum large. There are millions of ways, but they share their parts: what has
        been said after *t* steps is one of few places in the text.

        {forward}
        """,
        mel=kit.read(
            "core/mel.py",
            {
                "windows = ": "Windows of 25 ms, one every 10 ms.",
                "power = ": "How strong each pitch is in each window.",
                "return np.log": "Gathered into bands; loudness is heard in ratios.",
            },
            part="log_mel",
        ),
        forward=kit.read(
            "glass/nn/functional/ctc.py",
            {
                "skip = ": "A blank between two different words may be left out …",
                "alphas[t] = ": "… so a place is reached from itself, the one before, or the one before that.",
            },
            part="_forward",
        ),
    )
    return


@app.cell
def _():
    text = mo.ui.radio(["no go", "no no"], value="no no", label="What is said", inline=True)
    steps = kit.slider("Steps there are", [2, 3, 4, 5, 6], 2)
    kit.text(
        """
        ## Too little time {#break-it-mend-it}

        Every step of this toy says *blank*, *no* and *go* with one third each. Two steps are enough for *no go*. For
        *no no* they are not: without a blank between them, two *no* are one *no* that lasts. No way leads to the end,
        the sum is 0, and the loss is **infinite**. **Mend it** with one more step.

        {text} {steps}
        """,
        text=text,
        steps=steps,
    )
    return steps, text


@app.function
def lattice(said, steps):
    """The places of a text with blanks around its words, and (steps, places) the probability of being there."""
    letters = [0, *(part for word in said for part in (word, 0))]
    logs = np.full((steps, 1, len(letters)), np.log(1 / 3))
    can_skip = np.array([[i > 1 and letters[i] != 0 and letters[i] != letters[i - 2] for i in range(len(letters))]])
    with np.errstate(divide="ignore"):  # the logarithm of no way at all is minus infinity
        return letters, np.exp(glass_ctc._forward(logs, can_skip))[:, 0]


@app.function
def probability(said, steps):
    """That these words are said in so many steps: the last two places of the last step."""
    return float(lattice(said, steps)[1][-1, -2:].sum())


@app.cell
def _(steps, text):
    _said = [1 if word == "no" else 2 for word in text.value.split()]
    _letters, _alphas = lattice(_said, steps.value)
    _p = probability(_said, steps.value)
    _names = [("–", "no", "go")[letter] for letter in _letters]
    _ways = round(_p * 3**steps.value)
    kit.row(
        kit.matrix(
            _alphas.T, [f"{i + 1} {name}" for i, name in enumerate(_names)], [str(i + 1) for i in range(steps.value)],
            label="How likely it is to be at each place of the text after each step", xlabel="step", ylabel="place",
        ),
        kit.text(
            """
            **{ways}** of {all} ways of {steps} steps say *{said}*: probability {p}, loss −ln p = **{loss}**.

            {needed} steps are the fewest. A transcript that needs more than its sound has is refused by name before
            the training begins.
            """,
            ways=str(_ways), all=str(3**steps.value), steps=str(steps.value), said=text.value, p=f"{_p:.4f}",
            loss=f"{-np.log(_p):.2f}" if _p else "infinite", needed=str(ctc.steps_needed(_said)),
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## Reading what the net says {#beam}

        A trained net gives a probability for every word at every step, and no text yet. The **greedy** way to read it
        takes the likeliest of each step, and collapses.
        """
    )
    return


@app.cell
def _():
    kit.guess(
        "A net knows one word, <i>no</i>. At each of two steps it says: the blank with 60 %, <i>no</i> with 40 %. What "
        "has been said, most likely?",
        ["Nothing", "no", "no no"],
        f"<i>no</i>, with {both(0.6)[2]:.0%}. Nothing has {0.6**2:.0%}, for both steps have to be blank; and <i>no "
        "no</i> cannot be said in two steps at all.",
    )
    return


@app.cell
def _():
    blank = kit.slider("Probability of the blank", [0.5, 0.6, 0.65, 0.75, 0.9], 0.6)
    kit.after_guess(
        kit.text(
            """
            The likeliest steps are not the likeliest words. Three ways of two steps say *no* (– no, no –, no no), and
            only one says nothing. A **prefix beam** adds such ways up for the few best beginnings. From which
            probability of the blank on do both readers agree?

            {blank}
            """,
            blank=blank,
        )
    )
    return (blank,)


@app.function
def both(blank):
    """What the greedy way and the beam read of two steps, and how likely a "no" is."""
    log_probs = np.log([[blank, 1 - blank]] * 2)
    found = {tuple(tokens): np.exp(log_p) for tokens, log_p in ctc.prefix_beam(log_probs)}
    best = max(found, key=found.get)
    return ("no" if ctc.greedy(log_probs) else "nothing"), ("no" if best else "nothing"), float(found[(1,)])


@app.cell
def _(blank):
    _greedy, _beam, _p = both(blank.value)
    _picture = kit.bars({"no, in three ways": _p, "nothing, in one way": 1 - _p}, label="What two steps say")
    _words = kit.text(
        r"""
        $$p(\text{no}) = 1 - {blank}^2 = {p}$$

        Greedy reads: **{greedy}**. The beam reads: **{beam}**.
        """,
        blank=f"{blank.value:g}", p=f"{_p:.4f}", greedy=_greedy, beam=_beam,
    )  # fmt: skip
    _marks = {
        "here[0] = ": "A blank: the same beginning goes on.",
        "way = ending": "The same word again is new only after a blank.",
    }
    _code = kit.read("models/decoding/ctc.py", _marks, part="prefix_beam")
    kit.after_guess(mo.vstack([kit.row(_picture, _words), _code]))
    return


@app.cell
def _():
    kit.check(
        kit.exercise("collapse_steps"),
        kit.answer(
            "What is the smallest number of steps in which <i>no no stop stop stop</i> can be said?",
            8,
            name="fewest_steps",
            slips={
                5: "Equal words behind each other need a blank between them.",
                9: "No blank is needed between no and stop, which differ.",
            },
            because="Five words, and a blank between each pair of equal neighbours: no|no, stop|stop, stop|stop.",
            hint="One step per word, and one more wherever two neighbours are alike.",
            solution="5 + 3 = 8",
            tolerance=0.001,
        ),
        kit.choose(
            "Your transcripts say what is said in each recording of five seconds, and not when. What do you do first?",
            {
                "Nothing: CTC learns from this": (True, "It adds up all ways to spread the words over the sound."),
                "Mark where each word begins": (False, "That is the work that CTC saves."),
                "Cut the recordings into words by silence": (
                    False,
                    "People do not pause between words, and the net does not need it.",
                ),
            },
            name="no_marks",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Ten voices of the robot: seven are learnt from, one chooses the epoch, two are never heard. The first net tells
        single words apart; the second writes sentences down. A few epochs show how it goes; with more of them it hears
        better. A question mark stands where it is not sure.
        """,
        own_file="""
        A folder of sounds with a text of the same name beside each (`a.wav`, `a.txt`), or a table with a column of
        files and one of transcripts: `deepglass train my_folder --task speech-recognition`. For classes, a folder for
        each: `deepglass train my_sounds`. Name who speaks with `--group-column`, so that the test is of other voices.
        WAV, FLAC, OGG and MP3 are read (`pip install 'deepglass[audio]'`).
        """,
        sources=[
            ("Graves et al. (2006), Connectionist Temporal Classification", "https://doi.org/10.1145/1143844.1143891"),
            ("Hannun (2017), Sequence Modeling with CTC", "https://doi.org/10.23915/distill.00008"),
            ("Amodei et al. (2015), Deep Speech 2", "https://arxiv.org/abs/1512.02595"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
