"""Lesson 36: GPT. Each letter looks back only, the next one is a guess, and what was read once is kept."""

import marimo

app = marimo.App(width="medium", app_title="GPT, with a cache", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.core.catalogue import PACKAGE
    from deepglass.course import kit
    from deepglass.glass.nn import functional as F
    from deepglass.zoo.on_glass import execute

    LESSON = {
        "title": "GPT, with a cache",
        "question": "Must it read the whole text again for every letter that it writes?",
        "part": "Language",
        "minutes": 15,
        "reads": ["models/gpt.py"],
        "runs": [
            "deepglass train shakespeare --model gpt --num-layers 2 --embed-dim 64 --epochs 1 --run runs/gpt",
            "deepglass generate runs/gpt --prompt ROMEO: --max-tokens 120",
        ],
    }
    TEXT = (
        "a cat sat on a mat. the cat saw a rat. the rat sat on the mat. a rat saw the cat. the cat ran at the rat. "
        "the rat ran. "
    )
    LETTERS = sorted(set(TEXT))
    CONTEXT, WIDTH, HEADS, LAYERS, STEPS = 20, 32, 2, 1, 400
    compute_once = cache


@app.function
def numbers_of(text):
    """The numbers of its letters."""
    return [LETTERS.index(letter) for letter in text]


@app.function
def new_gpt(is_masked=True, layers=LAYERS, seed=0):
    """The zoo's GPT on the glass engine; without the mask everybody also sees what is yet to come."""
    file = execute(PACKAGE / "models" / "gpt.py")
    glass.manual_seed(seed)
    settings = file.Config(embed_dim=WIDTH, num_heads=HEADS, num_layers=layers)
    model = file.Model(vocab_size=len(LETTERS), context=CONTEXT, config=settings)
    if not is_masked:
        for block in model.h:
            block.attn.forward = lambda x, cache, attn=block.attn: attn.c_proj(looks(attn, x, False)[1])
    return model


@app.function
def looks(attn, x, is_masked=True):
    """The weights with which each place looks at each, (B, nh, T, T), and what it takes home, (B, T, C)."""
    B, T, C = x.shape
    nh, hd = attn.num_heads, C // attn.num_heads
    q, k, v = attn.c_attn(x).reshape(B, T, 3, nh, hd).permute(2, 0, 3, 1, 4)
    scores = q @ k.transpose(2, 3) * hd**-0.5
    if is_masked:
        scores = scores.masked_fill(glass.tensor(np.triu(np.ones((T, T), bool), 1)), -1e9)
    weights = F.softmax(scores, dim=3)
    return weights, (weights @ v).transpose(1, 2).reshape(B, T, C)


@app.function
@compute_once
def trained(is_masked=True):
    """A GPT that has read TEXT, and its loss at every step."""
    model, ids = new_gpt(is_masked), np.array(numbers_of(TEXT))
    optimizer, rng, losses = glass.optim.AdamW(model.parameters(), lr=6e-3), np.random.default_rng(0), []
    for _ in range(STEPS):
        starts = rng.integers(0, len(ids) - CONTEXT, 12)
        pieces = np.stack([ids[start : start + CONTEXT + 1] for start in starts])  # (B, CONTEXT + 1)
        logits = model(glass.tensor(pieces[:, :-1]))  # at each place: what follows it?
        loss = F.cross_entropy(logits.reshape(-1, len(LETTERS)), glass.tensor(pieces[:, 1:].reshape(-1)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, np.array(losses)


@app.function
def following(model, text):
    """At each place the probabilities of what comes next, (T, V)."""
    with glass.no_grad():
        return F.softmax(model(glass.tensor(np.array([numbers_of(text)]))), dim=2).numpy()[0]


@app.function
def write(model, text, count, keeps=True):
    """`count` more letters, always the likeliest; how many went through the net; the logits (count, V)."""
    text, passed, cache, said = numbers_of(text), 0, model.new_cache(), []
    fresh = text
    for _ in range(count):
        with glass.no_grad():
            logits = model(glass.tensor(np.array([fresh if keeps else text])), cache if keeps else None)
        passed += logits.shape[1]
        said.append(logits.numpy()[0, -1])
        fresh = [int(said[-1].argmax())]
        text = text + fresh
    return "".join(LETTERS[number] for number in text), passed, np.array(said)


@app.function
def foresight(model, length=14):
    """How often the next letter is right where the text ends, over all pieces of TEXT of this length."""
    ids = np.array(numbers_of(TEXT))
    pieces = np.stack([ids[start : start + length + 1] for start in range(len(ids) - length)])
    with glass.no_grad():
        said = model(glass.tensor(pieces[:, :-1])).numpy()[:, -1].argmax(1)
    return float((said == pieces[:, -1]).mean())


@app.function
def products(new, heard, layers=LAYERS):
    """Multiplications of one pass: `new` tokens go through the net, each of which looks at `heard`."""
    return layers * (12 * WIDTH**2 * new + 2 * new * heard * WIDTH) + WIDTH * len(LETTERS) * new


@app.cell
def _():
    _model, _shown = trained()[0], "the cat sat on"
    with glass.no_grad():
        _ids = glass.tensor(np.array([numbers_of(_shown)]))
        _x = _model.h[0].ln_1(_model.wte(_ids) + _model.wpe.weight[: len(_shown)])
        _weights = looks(_model.h[0].attn, _x)[0].numpy()[0]
    _next = [dict(zip(LETTERS, map(float, row))) for row in following(_model, _shown)]
    _named = [letter.replace(" ", "␣") for letter in _shown]
    _next = [{letter.replace(" ", "␣"): share for letter, share in row.items()} for row in _next]
    _count = CONTEXT - 4
    _with, _without = (write(_model, "the ", _count, keeps)[1] for keeps in (True, False))
    kit.opening(
        LESSON,
        "A very small GPT has read six sentences about a cat and a rat. Row by row: a letter looks back, never ahead, "
        "and says what may come next.",
        kit.attention(
            {f"head {n + 1}": table for n, table in enumerate(_weights)}, _named, following=_next,
            label="Who looks at whom in the text, and what may follow",
        ),
        kit.guess(
            f"It begins with “the ” and writes {_count} letters, each after a look at all before it. Sent in anew each "
            f"time, {_without:,} letters go through the net. If it may keep notes, how many have to?",
            [f"{_without:,}: all are looked at, so all must be read", f"about {_without // 2:,}", f"{_with}",
             "none: the notes are enough"],
            f"{_with}: the first four, and then each new one once. What a letter says of itself to those behind it, a "
            "<i>key</i> and a <i>value</i>, depends on itself and what stands before it only; so nothing that is "
            "written later can change it, and it may be kept. The text that comes out is the same.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    letters = kit.slider("Letters so far", [2, 4, 8, 12, 16], 16)
    kit.text(
        r"""
        ## What is next, and what is kept {#see}

        One pass answers at *every* place at once: after "t", after "th", after "the". That is why a GPT learns from all
        places of a text together, and why nobody may look ahead: the answer stands there. The scores of all later
        places are set to (nearly) $-\infty$, the softmax makes zeros of them: the empty corner of the table above is
        the **causal mask**.

        {cache}
        """,
        cache=kit.after_guess(
            kit.text(
                """
                Writing is the same pass, over and over: take the last place's answer, put the letter behind the text,
                ask again. The **cache** keeps key and value of every place and layer, and only the new letter goes
                through the net.

                {letters}
                """,
                letters=letters,
            )
        ),
    )
    return (letters,)


@app.cell
def _(letters):
    _t = letters.value
    _all = np.arange(1, CONTEXT + 1)
    _anew = np.array([products(t, t) for t in _all])
    _kept = np.array([products(1, t) for t in _all])
    _model, _here = trained()[0], f"letter {_t}"
    _gap = np.abs(write(_model, "the ", _t, True)[2] - write(_model, "the ", _t, False)[2]).max()
    _curves = {
        "read anew": _anew / 1000,
        "with the cache": _kept / 1000,
        _here: ([_t, _t], [_anew[_t - 1] / 1000, _kept[_t - 1] / 1000]),
    }
    _axes = {"xlabel": "letters so far", "ylabel": "thousand multiplications"}
    _levels = kit.levels(
        kit.curves(_curves, _all, points={_here}, label="Multiplications for one more letter", **_axes),
        {
            f"multiplications for letter {_t}, anew": int(_anew[_t - 1]),
            "… with the cache": int(_kept[_t - 1]),
            f"all {_t} letters, anew over cache": f"{_anew[:_t].sum() / _kept[:_t].sum():.1f} times",
            "numbers kept": 2 * LAYERS * WIDTH * _t,
            "largest difference of a logit": f"{_gap:.0e}",
        },
        r"""
        $$\orange{q_t},\ \blue{k_t},\ \green{v_t} = W x_t \qquad \text{one letter, } t = {t}$$

        $$y_t = \text{softmax}\!\left(\frac{\orange{q_t}\,[\blue{k_1 \ldots k_t}]^\top}{\sqrt{width}}\right)
        [\green{v_1 \ldots v_t}]$$

        $\blue{k_1}$ to $\blue{k_{t-1}}$ and their values come from the cache.
        """.replace("{t}", str(_t)).replace("{width}", f"{{{WIDTH // HEADS}}}"),
    )  # fmt: skip
    kit.after_guess(_levels, silently=True)
    return


@app.cell
def _():
    _lines = {
        "start = cache[0].length": "Where the new letters stand: they need the vectors of their own positions.",
        "for block, memory in zip": "Every layer has a cache of its own.",
    }
    _kept = {"keys, values = torch.cat": "Old ones in front, new ones behind. Nothing that was kept is touched."}
    kit.text(
        """
        ## The file that wrote it {#read}

        The model of this page is the file of the zoo, run on the glass engine. GPT-2's published weights fit it, and
        its logits are held against those of the library transformers.

        {forward}

        {append}
        """,
        forward=kit.read("models/gpt.py", _lines, part="GPT.forward"),
        append=kit.read("models/gpt.py", _kept, part="KeyValueCache.append"),
    )
    return


@app.cell
def _():
    mask = mo.ui.switch(label="Mend it: nobody looks ahead")
    kit.text(
        """
        ## Let it look ahead: break it, mend it {#break-it-mend-it}

        Take the mask away and train again, on the same text with the same steps. Look at the loss, and then at what it
        writes. A loss near zero is not always good news: here the answer was there to be copied. When it writes,
        there is nothing ahead to copy from. **Mend it** with the switch.

        {mask}
        """,
        mask=mask,
    )
    return (mask,)


@app.cell
def _(mask):
    _model, _losses = trained(mask.value)
    _smooth = np.convolve(_losses, np.ones(20) / 20, "valid")
    _text = write(_model, "the cat ", CONTEXT - 8, keeps=mask.value)[0]
    kit.row(
        kit.curves(
            {"loss": _smooth}, label="Loss while it learns, mean of 20 steps", xlabel="step", ylabel="nats per letter",
            ylim=(0, 2.7),
        ),
        kit.text(
            """
            | | |
            |:--|--:|
            | loss at the end | {loss:.3f} |
            | it may look ahead | {open} |
            | next letter right, with nothing ahead | {right:.0%} |

            It writes, from "the cat ":

            > {text}
            """,
            loss=_losses[-20:].mean(), open="no" if mask.value else "yes", text=_text,
            right=foresight(_model),
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _layers, _width, _tokens, _bytes = 12, 768, 1024, 2
    _size = 2 * _layers * _width * _tokens * _bytes / 1e6
    _memory = kit.answer(
        f"GPT-2 has {_layers} layers of width {_width}. How many megabytes (of a million bytes) are the keys and "
        f"values of {_tokens:,} tokens, in {_bytes} bytes each?",
        _size,
        name="memory",
        slips={_size / 2: "A key and a value for each.", _size / _layers: "Each layer keeps its own."},
        because="The cache trades memory for arithmetic; for long texts and many readers it outgrows the weights.",
        hint="Tokens · layers · (key and value) · width · bytes.",
        solution=f"{_tokens} · {_layers} · 2 · {_width} · {_bytes} = {int(_size * 1e6):,} bytes",
        unit="MB",
        tolerance=0.3,
    )
    kit.check(kit.exercise("causal"), kit.exercise("next_step"), _memory)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same file on PyTorch, on a million letters of Shakespeare, for one pass: enough to look like verse. The
        table says whether counting letters is still better; more epochs help. `generate` writes with the cache.
        """,
        own_file="""
        Any long text will do, UTF-8, some hundred kilobytes or more:
        `deepglass train my.txt --model gpt --run runs/mine`, then `deepglass generate runs/mine --prompt "Once"`. Add
        `--tokens byte-pairs` for pieces of words.
        """,
        sources=[
            ("Radford et al. (2018), Improving language understanding by generative pre-training (GPT)",
             "https://cdn.openai.com/research-covers/language-unsupervised/language_understanding_paper.pdf"),
            ("Radford et al. (2019), Language models are unsupervised multitask learners (GPT-2)",
             "https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf"),
            ("Vaswani et al. (2017), Attention is all you need", "https://arxiv.org/abs/1706.03762"),
            ("Shazeer (2019), Fast Transformer decoding: one write-head is all you need",
             "https://arxiv.org/abs/1911.02150"),
        ],
        onward="",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
