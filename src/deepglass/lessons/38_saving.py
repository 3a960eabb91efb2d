"""Lesson 38: saving. A model as a file: names, shapes, bytes; the graph as data; and what opening a file may do."""

import marimo

app = marimo.App(width="medium", app_title="Saving and shipping a model", css_file="../course/pages/lesson.css")

with app.setup:
    import hashlib
    import pickletools
    from itertools import pairwise

    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.glass.foundations import graph_file, weight_file

    LESSON = {
        "title": "Saving and shipping a model",
        "question": "What is left of a model when its program ends?",
        "part": "Shipping",
        "minutes": 15,
        "reads": ["glass/foundations/weight_file.py", "glass/foundations/graph_file.py", "deploy/export/onnx.py"],
        "runs": [
            "deepglass train digits --model mlp --epochs 3 --run runs/digits",
            "deepglass export runs/digits --to safetensors",
            "deepglass export runs/digits --to onnx",
        ],
    }
    NET = {
        "0.weight": np.array([[0.8, -0.3], [0.5, 1.2]], np.float32),
        "0.bias": np.array([0.1, -0.2], np.float32),
        "1.weight": np.array([[1.5, -0.7], [-0.4, 0.9]], np.float32),
        "1.bias": np.array([0.3, 0.0], np.float32),
    }
    X = np.array([[1.0, -0.5]], np.float32)
    COLORS = dict(zip(NET, (kit.BLUE, kit.ORANGE, kit.GREEN, kit.PINK)))
    # A pickle of one line: import subprocess.getoutput, push a text, call the one with the other.
    TRAP = b"csubprocess\ngetoutput\n(Vecho This line was run by the file\ntR."


@app.function
def answer(net):
    """The two shares that a net gives for X."""
    with np.errstate(all="ignore"):
        return graph_file.run(graph_file.dense_net(2), net | {"x": X})["y"][0]


@app.function
def draw_net(ax, shown, is_faint):
    """Two inputs, two units, two answers; the arrows and units of the tensors in `shown` in their colours."""
    ax.clear()
    for layer in range(2):
        for a in range(2):
            for b in range(2):
                name = f"{layer}.weight"
                color = COLORS[name] if name in shown else kit.FAINT
                ax.plot([layer, layer + 1], [1 - a, 1 - b], color=color, linewidth=1 + 2 * abs(NET[name][a, b]))
    for layer in range(3):
        name = f"{layer - 1}.bias"
        color = COLORS[name] if name in shown else kit.FAINT if is_faint or layer else kit.INK
        ax.scatter([layer, layer], [0, 1], s=260, color=color, zorder=3)
    ax.set(xlim=(-0.3, 2.3), ylim=(-0.4, 1.4))
    ax.set_axis_off()


@app.function
def life_of_a_file(columns=20):
    """The film: a net becomes bytes, its program ends, and another program makes a net of the bytes."""
    content = weight_file.write(NET)
    header, start = weight_file.header_of(content)
    fig, (left, right) = kit.figure(5.4, 2.6, columns=2, width_ratios=[1, 1.5])
    order = list(NET)
    parts = {"the length": (0, 8, kit.GOLD), "the header": (8, start, kit.GREY)}
    for name in order:
        first, last = header[name]["data_offsets"]
        parts[name] = (start + first, start + last, COLORS[name])
    told = [
        f"A network of {sum(map(np.size, NET.values()))} numbers in the memory of a program.",
        f"First 8 bytes: the header will be {start - 8} bytes long.",
        "Then the header, plain text: the name, kind, shape and place of each tensor.",
        *(f"{name} {NET[name].shape}: {NET[name].size} numbers of 4 bytes, row by row." for name in order),
        f"The program ends. Its memory is gone; {len(content)} bytes are left.",
        "Another program reads the header, and knows where each number lies.",
        f"It has {sum(map(np.size, NET.values()))} numbers again, the same to the last bit.",
    ]

    def draw(number):
        written = list(parts)[: min(number, len(parts))]
        is_gone = number in (7, 8)
        draw_net(left, () if is_gone else NET, is_gone)
        right.clear()
        for name, (first, last, color) in parts.items():
            places = np.arange(first, last)
            marker = {"color": color if name in written else kit.FAINT, "marker": "s", "linewidths": 0}
            right.scatter(places % columns, -(places // columns), s=34 if name in written else 5, **marker)
        right.set(xlim=(-1, columns), ylim=(-(len(content) // columns) - 1, 1))
        right.set_axis_off()
        return told[number]

    return kit.frames(fig, draw, len(told), "A small network, and its file as rows of bytes.")


@app.cell
def _():
    _lead = "Left: a network in memory. Right: a file, byte by byte. Watch what goes over, and what comes back."
    kit.opening(LESSON, _lead)
    return


@app.function
def flipped(number, bit):
    """A float32 with one of its 32 bits turned over; bit 0 is the least."""
    return (np.float32(number).view(np.uint32) ^ np.uint32(1 << bit)).view(np.float32)


@app.function
def tex(number):
    """A number for a formula: 2.72 · 10³⁸ rather than 2.72e+38."""
    digits, _, power = f"{number:.6g}".partition("e")
    return digits + (rf" \cdot 10^{{{int(power)}}}" if power else "")


@app.cell
def _():
    _worst = flipped(0.8, 30)
    _film = kit.film(life_of_a_file(), label="Writing and reading", seconds=1.3, width=5.4)
    _guess = kit.guess(
        "On the way through a network, a disk and a stick, one bit of the file has turned over, in a weight of 0.8. "
        "The file still opens. How far off can this weight be?",
        ["A few per cent at most", "At most twice as large", "So far off that no other weight counts"],
        f"It depends on the bit, and for the worst of the 32 the last answer is right: 0.8 becomes {_worst:.3g}. A "
        "file of numbers has no grammar that could be violated: every pattern of 32 bits is accepted as a value. The "
        "slider below goes through all of them.",
    )
    kit.row(_film, _guess)
    return


@app.cell
def _():
    kit.section(
        "See",
        f"""
        A trained model is two things: **numbers**, and a **description** of what to compute with them. The file in
        the film holds the numbers, {len(weight_file.write(NET))} bytes of them with their header, in the format
        *safetensors*. A number in float32 is 32 bits: one for the <span class="pink">sign</span>, eight for an
        <span class="orange">exponent</span>, 23 for the <span class="blue">digits</span>.
        """,
    )
    return


@app.cell
def _():
    bit = mo.ui.slider(0, 31, 1, value=30, label="Bit that turns over", show_value=True)
    kit.after_guess(bit)
    return (bit,)


@app.cell
def _(bit):
    _before, _after = np.float32(0.8), flipped(0.8, bit.value)
    _bits, _shares = f"{_after.view(np.uint32):032b}", answer(NET)
    _net = NET | {"0.weight": np.array([[_after, -0.3], [0.5, 1.2]], np.float32)}
    fig_bits, _ax = kit.figure(4.3, 1.5)
    for _place in range(32):
        _color = kit.PINK if _place == 0 else kit.ORANGE if _place < 9 else kit.BLUE
        _x, _y = _place % 16, -(_place // 16)
        _is_turned = _place == 31 - bit.value
        _ax.scatter(_x, _y, s=250, marker="s", color=_color, alpha=1 if _is_turned else 0.3, linewidths=0)
        _ax.text(_x, _y, _bits[_place], ha="center", va="center", weight="bold" if _is_turned else "normal")
    _ax.set(xlim=(-0.7, 15.7), ylim=(-1.7, 0.7))
    _ax.set_axis_off()
    _s, _e, _m = int(_bits[0]), int(_bits[1:9], 2), int(_bits[9:], 2)
    _told = f"Bit {bit.value} of 0.8 turned over: the number is {_after:.7g}."
    _levels = kit.levels(
        kit.html(fig_bits, _told + " All 32 bits: " + _bits, _told),
        kit.md(
            f"""
            | | before | after |
            |:--|--:|--:|
            | the weight | {_before:.7g} | {_after:.7g} |
            | its four bytes | {_before.tobytes().hex(" ")} | {_after.tobytes().hex(" ")} |
            | share of class 0 | {_shares[0]:.4f} | {answer(_net)[0]:.4f} |
            """
        ),
        kit.md(
            rf"""
            $$\pink{{(-1)^{{{_s}}}}} \cdot \orange{{2^{{{_e} - 127}}}} \cdot
            \blue{{\left(1 + \tfrac{{{_m}}}{{2^{{23}}}}\right)}} = {tex(_after)}$$
            """
        ),
    )
    kit.after_guess(_levels, silently=True)
    return


@app.function
def asks_for(content):
    """The functions that a pickle imports, told from its code without running it."""
    return [str(arg).replace(" ", ".") for op, arg, _ in pickletools.genops(content) if op.name == "GLOBAL"]


@app.cell
def _():
    import pickle

    _calls = list(dict.fromkeys(asks_for(pickle.dumps(NET, protocol=2))))
    _names = ", ".join(f"`{name}`" for name in _calls)
    kit.md(
        f"""
        ### What opening a file may do

        Python's own way to save things is the *pickle*, and for years it was PyTorch's. A pickle is not a table of
        numbers: it is a **program** for a small machine, and one of its instructions says "call this function". Even
        an honest pickle of our {len(NET)} arrays asks for {len(_calls)}: {_names}.

        Nobody says which functions those have to be. This file of {len(TRAP)} bytes is a complete pickle:

        `{TRAP.decode().encode("unicode_escape").decode()}`

        Whoever opens it with `pickle.load` runs **`{asks_for(TRAP)[0]}`**, and with it a command of the system, with
        the rights of the user, before a single weight is looked at. (Here nobody has opened it: the name was read off
        the bytes.) That is why weights travel as safetensors, which has no instructions at all, and why `torch.load`
        now takes tensors and plain values alone unless one insists.
        """
    )
    return


@app.function
def differences(seed=0):
    """How far answers of the same net lie apart, the largest of 2,560, by what was done to it in between."""
    rng, sizes = np.random.default_rng(seed), (64, 32, 10)
    net = {}
    for i, (wide, narrow) in enumerate(pairwise(sizes)):
        net[f"{i}.weight"] = (rng.normal(size=(wide, narrow)) * np.sqrt(2 / wide)).astype(np.float32)
        net[f"{i}.bias"] = np.zeros(narrow, np.float32)
    x, nodes, order = rng.normal(size=(256, 64)).astype(np.float32), graph_file.dense_net(2), rng.permutation(64)
    here = graph_file.run(nodes, net | {"x": x})["y"]
    others = {
        "read back from its file": (weight_file.read(weight_file.write(net)), x),
        "sums in another order": (net | {"0.weight": net["0.weight"][order]}, x[:, order]),
        "computed in float64": ({name: array.astype(float) for name, array in net.items()}, x.astype(float)),
        "stored in float16": ({k: a.astype(np.float16).astype(np.float32) for k, a in net.items()}, x),
    }
    return {
        name: float(np.abs(graph_file.run(nodes, values | {"x": given})["y"] - here).max())
        for name, (values, given) in others.items()
    }


@app.cell
def _():
    _apart = differences()
    fig_apart, _ax = kit.figure(4.6, 2.3)
    _least = 1e-9
    for _row, (_name, _size) in enumerate(_apart.items()):
        _ax.barh(-_row, max(_size, _least), color=kit.BLUE, height=0.55)
        _ax.text(max(_size, _least) * 1.6, -_row, f"{_size:.0e}" if _size else "0, to the bit", va="center")
    _ax.set(xscale="log", xlim=(_least, 1), yticks=[-row for row in range(len(_apart))], yticklabels=list(_apart))
    _ax.set_xlabel("largest difference of a share")
    _ax.grid(visible=False, axis="y")
    _told = ", ".join(f"{name} {size:.0e}" if size else f"{name} none" for name, size in _apart.items())
    _text = f"""
        ### The description, as data

        Weights alone do not say what to do with them. One way is to send the Python file of the model along. The
        other is to write the *operations* down as data: names of operations, names of what goes in and out. Our net
        is a list of {len(graph_file.dense_net(2))}, and any program in any language that knows these words can run
        it. That is **ONNX**.

        Two programs that run the same list need not agree to the last bit: sums of rounded numbers depend on their
        order, and each program has its own. So an export is never declared equal, it is **measured**.
    """
    kit.row(kit.md(_text), kit.html(fig_apart, f"The largest difference of 2,560 shares: {_told}"))
    return


@app.cell
def _():
    _list = "\n".join(
        f"| {node['op']} | {', '.join(node['inputs'])} | {node['output']} |" for node in graph_file.dense_net(2)
    )
    _table = kit.md("| operation | takes | gives |\n|:--|:--|:--|\n" + _list)
    _notes = {
        'header[name] = {"dtype"': "All that a reader needs to find the numbers: kind, shape, from byte, to byte.",
        'text += b" " *': "Spaces, so that the numbers begin where a processor likes to read them.",
        'return len(text).to_bytes(8, "little")': "Length, header, numbers. There is no fourth part, and no code.",
    }
    _runs = {"values[node[": "The whole of a runtime: look the operation up, call it, keep the result under its name."}
    mo.vstack(
        [
            kit.section("Read", "The file of the film, and the program that ran the net from the list beside it."),
            kit.read("glass/foundations/weight_file.py", _notes, part="write"),
            kit.row(_table, kit.read("glass/foundations/graph_file.py", _runs, part="run")),
        ]
    )
    return


@app.function
def damaged(kind):
    """The file of NET after an accident."""
    content = weight_file.write(NET)
    if kind == "one bit of a weight":
        wrong = NET | {"0.weight": np.array([[flipped(0.8, 22), -0.3], [0.5, 1.2]], np.float32)}
        return weight_file.write(wrong)
    if kind == "the end is missing":
        return content[:-4]
    if kind == "one bit of the header's length":
        return bytes([content[0], content[1] ^ 64]) + content[2:]
    return weight_file.write(NET | {"0.weight": np.zeros((2, 3), np.float32)})  # of a wider net


@app.function
def opening(content, checksum=None):
    """What happens when a program loads this file into the net; compares the checksum first if there is one."""
    found = hashlib.sha256(content).hexdigest()
    if checksum is not None and found != checksum:
        return f"refused: SHA-256 begins with {found[:8]}, recorded is {checksum[:8]}"
    try:
        net = weight_file.read(content)
    except ValueError as error:
        return f"refused: {error}"
    wrong = [name for name in NET if name not in net or net[name].shape != NET[name].shape]
    if wrong:
        return f"refused: {wrong[0]} has the shape {net[wrong[0]].shape}, the net expects {NET[wrong[0]].shape}"
    return f"opens, and answers {answer(net)[0]:.4f} where it should say {answer(NET)[0]:.4f}"


@app.cell
def _():
    KINDS = ["one bit of a weight", "the end is missing", "one bit of the header's length", "a net of another width"]
    accident = mo.ui.dropdown(KINDS, value=KINDS[0], label="Break it:")
    first = mo.ui.switch(label="Mend it: compare a checksum first")
    _words = """
        Four accidents. Three of them cannot pass: a header that says where everything lies can be held against the
        file, and the shapes against the net. The fourth opens without a word and is quietly wrong, which is the worst
        that a file can be. A **checksum**, a number made of all bytes and recorded when the file was written, sees it.
        Deepglass writes one for each file of a run that it reads again.
    """
    mo.vstack(
        [kit.section("Break it, mend it", _words), mo.hstack([accident, first], justify="start", gap=2, wrap=True)]
    )
    return accident, first


@app.cell
def _(accident, first):
    _checksum = hashlib.sha256(weight_file.write(NET)).hexdigest() if first.value else None
    kit.note(kit.md(f"**{accident.value}**: {opening(damaged(accident.value), _checksum)}."))
    return


@app.cell
def _():
    _places, _compute = kit.exercise("places"), kit.exercise("compute")
    mo.vstack([kit.section("Check yourself"), _places, _compute])
    return


@app.cell
def _():
    kit.choose(
        "A stranger sends you a model. Opening which of these can run the stranger's code on your machine?",
        {
            "model.pkl, with pickle.load": (True, "A pickle is a program; opening it runs it."),
            "model.safetensors and model.py, whose class you build": (True, "Not the weights, but the Python file."),
            "model.safetensors, into a class of your own": (False, "Names, shapes and numbers: nothing that runs."),
            "model.onnx, in ONNX Runtime": (
                False,
                "Operations from a fixed list, computed by a program of yours. (It may cost memory and time, and a "
                "bug in that program is a bug; but nobody's code came with the file.)",
            ),
        },
        name="opening",
        several=True,
    )
    return


@app.cell
def _():
    _words = """
        A real one. `safetensors` leaves a folder: the weights, the model's file, its settings, what was fitted to the
        data. `onnx` leaves one file in which the preparation of the pictures is part of the graph, and the command
        runs it in ONNX Runtime and prints the largest difference.

        With data of your own: `deepglass train my.csv --target COLUMN --run runs/mine`, or a folder of pictures in the
        place of the table; then `deepglass export runs/mine --to onnx`.
    """
    mo.vstack([kit.section("Run", _words), kit.run_command(*LESSON["runs"])])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Hugging Face, safetensors: the format", "https://huggingface.co/docs/safetensors"),
        ("Python, pickle: its first paragraph is a warning", "https://docs.python.org/3/library/pickle.html"),
        ("ONNX: operators and their meaning", "https://onnx.ai/onnx/operators/"),
        ("Goldberg (1991), What every computer scientist should know about floating-point arithmetic",
         "https://doi.org/10.1145/103162.103163"),
    )  # fmt: skip
    _onward = "The file is whole. Now it has to answer, to many people at once."
    mo.vstack([_sources, kit.next_lesson(LESSON, _onward)])
    return


if __name__ == "__main__":
    app.run()
