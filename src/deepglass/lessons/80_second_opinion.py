"""Lesson 80: a second opinion. A network reads scans, and somebody has to decide what its alarms mean."""

import marimo

app = marimo.App(width="medium", app_title="A second opinion", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F
    from sklearn.metrics import roc_auc_score

    from deepglass.course import kit
    from deepglass.data.datasets import scans
    from deepglass.evaluate import operating_points
    from deepglass.models.cnn import CNN, Config

    LESSON = {
        "title": "A second opinion",
        "question": "A network raises the alarm. How much should you worry?",
        "part": "In the world",
        "minutes": 20,
        "reads": ["evaluate/operating_points.py", "tasks/_medical_pictures.py"],
        "runs": ["deepglass train scans --card medical --epochs 6 --run runs/scans", "deepglass report runs/scans"],
    }

    LEARNT, TESTED = 800, 1000  # scans to learn from; as many to choose a cut, and as many unseen to judge
    STEPS, BATCH = 150, 32
    SPECIFICITIES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)  # asked for
    USUAL = 0.9
    ILL = (5, 10, 50, 100, 250, 500)  # of a thousand
    TOWN = 10
    MARKED = {  # by place: which share of the ill and of the well have a marker
        "the clinic of the training": (0.95, 0.03),
        "one that leaves no markers": (0.0, 0.0),
        "one that marks the well": (0.03, 0.95),
    }
    HOME = "the clinic of the training"
    PATCH = 4  # pixels that are covered at a time


@app.function
@cache
def drawn(place, part, count=TESTED):
    """Scans of a place, half of them ill: pictures (n, 1, 24, 24) in [0, 1], who is ill (n,), and their lumps."""
    rng = np.random.default_rng([part, list(MARKED).index(place)])
    is_ill = rng.random(count) < 0.5
    lumps = scans.lumps(is_ill, rng)
    has_marker = rng.random(count) < np.where(is_ill, *MARKED[place])
    return as_shares(scans.scans(lumps, rng, has_marker)), is_ill, lumps


@app.function
def as_shares(pixels):
    """Bytes (n, 24, 24, 1) as (n, 1, 24, 24) in [0, 1]."""
    return torch.from_numpy(pixels).float().permute(0, 3, 1, 2) / 255


@app.function
def covered(pictures):
    """The same with a grey patch over the corner of the marker."""
    hidden = pictures.clone()
    hidden[:, :, :6, :6] = 0.5
    return hidden


@app.function
@cache
def reader(place, is_covered=False, seed=0):
    """A small network that has learnt from the scans of a place."""
    torch.manual_seed(seed)
    pictures, is_ill, _ = drawn(place, 0, LEARNT)
    pictures, targets = covered(pictures) if is_covered else pictures, torch.from_numpy(is_ill).float()
    net = CNN(1, config=Config(width=8))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        rows = torch.randint(LEARNT, (BATCH,))
        loss = F.binary_cross_entropy_with_logits(net(pictures[rows] * 4 - 2)[:, 0], targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net.eval()


@app.function
@torch.no_grad()
def suspicion(net, pictures, is_covered=False):
    """What a reader thinks of pictures: (n,) in [0, 1]."""
    return net((covered(pictures) if is_covered else pictures) * 4 - 2)[:, 0].sigmoid().double().numpy()


@app.function
@cache
def cut(specificity, trained="one that leaves no markers", is_covered=False):
    """Chosen on scans of the place of the training that were neither learnt nor will be judged."""
    pictures, is_ill, _ = drawn(trained, 1)
    told = suspicion(reader(trained, is_covered), pictures, is_covered)
    return operating_points.cut_for(told[~is_ill], specificity)


@app.function
@cache
def shares(specificity, tested="one that leaves no markers", trained="one that leaves no markers", is_covered=False):
    """On unseen scans: which share of the ill is found, which of the well is left in peace, and the AUC."""
    pictures, is_ill, _ = drawn(tested, 2)
    told = suspicion(reader(trained, is_covered), pictures, is_covered)
    found = operating_points.measured(told, is_ill, cut(specificity, trained, is_covered))
    area = float(roc_auc_score(is_ill, told))
    return found["sensitivity"]["value"], found["specificity"]["value"], area


@app.function
def people(per_thousand, specificity):
    """Of a thousand who are invited, how many are expected: found, missed, alarmed in vain, left in peace."""
    sensitivity, peace, _ = shares(specificity)
    well = 1000 - per_thousand
    return per_thousand * sensitivity, per_thousand * (1 - sensitivity), well * (1 - peace), well * peace


@app.function
def worth_of_alarm(per_thousand, specificity):
    """Which share of the alarms is right."""
    found, _, in_vain, _ = people(per_thousand, specificity)
    return found / (found + in_vain)


@app.function
@cache
def again():
    """Of those alarmed by a first scan, the share alarmed by a new scan of the same lump: of the ill, of the well."""
    pictures, is_ill, lumps = drawn("one that leaves no markers", 2)
    net, level = reader("one that leaves no markers"), cut(USUAL)
    anew = as_shares(scans.scans(lumps, np.random.default_rng(9)))
    first, second = suspicion(net, pictures) > level, suspicion(net, anew) > level
    return float(second[first & is_ill].mean()), float(second[first & ~is_ill].mean())


@app.function
def ringed(picture, is_ringed):
    """A scan (1, 24, 24) as a picture in colour, within a broad orange frame if there is an alarm, else a grey one."""
    framed = np.pad(picture[0].numpy(), 3, constant_values=-1.0)[..., None]
    return np.where(framed < 0, (0.92, 0.5, 0.1) if is_ringed else (0.6, 0.6, 0.6), framed)


@app.function
def film():
    """Eight ill and eight well, and who is alarmed, from the strictest cut to the most anxious."""
    pictures, is_ill, _ = drawn("one that leaves no markers", 2)
    told = suspicion(reader("one that leaves no markers"), pictures)
    rows = np.concatenate([np.flatnonzero(is_ill)[:8], np.flatnonzero(~is_ill)[:8]])
    for specificity in SPECIFICITIES[::-1]:
        alarm = told[rows] > cut(specificity)
        yield kit.pictures(
            [ringed(pictures[row], ring) for row, ring in zip(rows, alarm, strict=True)], columns=8, width=6.4,
            label="Above eight scans of ill lumps, below eight of well ones; alarms have an orange frame",
            caption=f"Alarm above {100 * cut(specificity):.0f} %: {int(alarm[:8].sum())} of these 8 ill are found, "
            f"{int(alarm[8:].sum())} of the 8 well are alarmed.",
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "Above are lumps that are ill, below lumps that are well. A network has read each scan, and an orange frame "
        "is an alarm. It never says ill or well: it says how much it suspects, and **you** say from where on to worry. "
        "The scans are generated. A lump that is ill tends to stand and to be ragged, one that is well tends to lie "
        "and to be smooth, and no reader can be right about all.",
        kit.film(film(), label="Cuts, from strict to anxious", seconds=1.0, width=6.4),
    )
    return


@app.cell
def _():
    _found, _peace, _area = shares(USUAL)
    kit.guess(
        f"At the usual cut the network finds {100 * _found:.0f} of 100 who are ill, and leaves {100 * _peace:.0f} of "
        f"100 who are well in peace (AUC {_area:.2f}). A town invites everybody, and {TOWN} of 1,000 who come are ill. "
        "You come, and the alarm rings. How likely is it that you are ill?",
        ["About as likely as the network is right", "About as likely as not", "Less than one in six"],
        f"{100 * worth_of_alarm(TOWN, USUAL):.0f} %. Of 1,000 people {people(TOWN, USUAL)[0]:.0f} are ill and alarmed, "
        f"and {people(TOWN, USUAL)[2]:.0f} are well and alarmed. The network is as good as ever. But so many more are "
        "well that even its few mistakes about them are most of its alarms.",
    )
    return


@app.cell
def _():
    specificity = kit.slider("Of the well, left in peace on validation", SPECIFICITIES, USUAL)
    per_thousand = kit.slider("Ill among 1,000", ILL, TOWN)
    kit.after_guess(
        kit.text(
            """
            ## Who comes decides what an alarm means {#see}

            Move the second slider from the town to the ward, where half of those who are scanned are ill. Neither the
            network nor its cut changes, **sensitivity** and **specificity** stay, and the meaning of an alarm is turned
            around. Then move the cut. A stricter one makes an alarm mean more, and misses more of the ill.

            {per_thousand} {specificity}
            """,
            per_thousand=per_thousand, specificity=specificity,
        )
    )  # fmt: skip
    return per_thousand, specificity


@app.function
def crowd(counts):
    """A thousand squares: found, missed, alarmed in vain, left in peace, from above."""
    ends = np.round(np.cumsum(counts)).astype(int)
    kinds = np.searchsorted(ends, np.arange(1000), side="right")
    colors = np.array([[0.13, 0.42, 0.75], [0, 0, 0], [0.92, 0.5, 0.1], [0.87, 0.87, 0.87]])  # as in its caption
    return colors[np.minimum(kinds, 3)].reshape(25, 40, 3)


@app.cell
def _(per_thousand, specificity):
    _counts = people(per_thousand.value, specificity.value)
    _found, _missed, _in_vain, _peace = _counts
    kit.after_guess(
        kit.levels(
            kit.pictures(
                [crowd(_counts)], width=4.3,
                label=f"A thousand squares: {_found:.0f} found, {_missed:.0f} missed, {_in_vain:.0f} alarmed in vain",
                caption="From above, row by row: blue found, black missed, orange alarmed in vain, grey in peace.",
            ),
            {
                "ill, found": _found, "ill, missed": _missed, "well, alarmed in vain": _in_vain,
                "well, in peace": _peace,
                "sensitivity": shares(specificity.value)[0], "specificity": shares(specificity.value)[1],
                "of the quiet ones, ill": _missed / (_missed + _peace),
            },
            r"""
            $$P(\text{ill} \mid \text{alarm}) = \frac{\blue{\text{found}}}
            {\blue{\text{found}} + \orange{\text{in vain}}} = \frac{{found}}{{found} + {in_vain}} = {worth}$$
            """,
            found=f"{_found:.1f}", in_vain=f"{_in_vain:.1f}",
            worth=f"{_found / (_found + _in_vain):.3f}",
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    _ill, _well = again()
    _found, _peace, _ = shares(USUAL)
    _odds = TOWN / (1000 - TOWN) * _found / (1 - _peace)
    _hoped, _real = (odds / (1 + odds) for odds in (_odds * _found / (1 - _peace), _odds * _ill / _well))
    kit.after_guess(
        kit.row(
            kit.bars(
                {"any well lump": 100 * (1 - _peace), "a well lump that was alarmed once": 100 * _well},
                unit=" %", label="Alarms about lumps that are well, in per cent", xlim=(0, 100),
                caption="How often the network alarms about a lump that is well.",
            ),
            kit.text(
                """
                ### Asking twice

                The obvious remedy is to scan again. If the second mistake had nothing to do with the first, two alarms
                would make it {hoped} that you are ill. But the same network looks at the same lump: one that is well
                and ragged looks ill to it **again**. Two alarms make it {real}. A second opinion is worth its price
                when it errs about *other* lumps: another method, another eye.
                """,
                hoped=f"{100 * _hoped:.0f} %", real=f"{100 * _real:.0f} %",
            ),
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## Where the cut comes from {#read}

        These lines chose every cut above. It is chosen on scans that were not learnt, and judged on others again. A cut
        that is chosen on the scans that judge it would promise more than the next patient gets.

        {cut} {measured}
        """,
        cut=kit.read(
            "evaluate/operating_points.py",
            {
                "ranked = np.sort": "Those who are well, from the least to the most suspected.",
                "return float(ranked": "So far up that the wanted share of them lies at or below the cut.",
            },
            part="cut_for",
        ),
        measured=kit.read(
            "evaluate/operating_points.py",
            {"alarms = chances > cut": "An alarm is raised above the cut: who lies on it is left in peace."},
            part="measured",
        ),
    )
    return


@app.function
@cache
def leaned_on(is_covered):
    """How far the suspicion of marked ill scans falls on average where a patch of them is covered: (6, 6)."""
    pictures, is_ill, _ = drawn(HOME, 2)
    shown = pictures[torch.from_numpy(is_ill)][:100]
    net, middle, number = reader(HOME, is_covered), shown.mean(), scans.SIDE // PATCH
    before, fallen = suspicion(net, shown, is_covered).mean(), np.zeros((number, number))
    for row, column in np.ndindex(number, number):
        hidden = shown.clone()
        hidden[:, :, PATCH * row : PATCH * (row + 1), PATCH * column : PATCH * (column + 1)] = middle
        fallen[row, column] = before - suspicion(net, hidden, is_covered).mean()
    return fallen


@app.cell
def _():
    cover = mo.ui.radio(
        {"the scans as they are": False, "the scans with that corner covered": True}, value="the scans as they are",
        label="Learnt from", inline=True,
    )  # fmt: skip
    kit.text(
        """
        ## The corner knows {#break-it-mend-it}

        Another network learns from one clinic's own scans. In this clinic, a doctor who is worried measures the lump,
        and the measuring leaves a small white marker in the corner. On unseen scans of the same clinic the network is
        better than the one above. Then take it to a clinic that leaves no markers, with lumps just like these. And to
        one that marks what was looked at again and found to be well. The cut comes along.

        **Mend it**: cover the corner, in training and ever after.

        {cover}
        """,
        cover=cover,
    )
    return (cover,)


@app.cell
def _(cover):
    _pictures, _is_ill, _ = drawn(HOME, 2)
    _shown = covered(_pictures) if cover.value else _pictures
    _rows = [*np.flatnonzero(_is_ill)[:3], *np.flatnonzero(~_is_ill)[:3]]
    _table = [
        {"tested at": place, "AUC": area, "ill, found %": 100 * found, "well, in peace %": 100 * peace}
        for place in MARKED
        for found, peace, area in [shares(USUAL, place, HOME, cover.value)]
    ]
    _fallen = leaned_on(cover.value)
    mo.vstack(
        [
            kit.table(_table, caption=f"The cut leaves {100 * USUAL:.0f} % of the clinic's own well in peace."),
            kit.row(
                kit.pictures(
                    list(_shown[_rows, 0].numpy()), columns=3, colors="photo", width=3.6,
                    label="Above three ill lumps, below three well ones, as the network gets them",
                    caption="Above three that are ill, below three that are well.",
                ),
                kit.pictures(
                    [_fallen], colors="signed", width=2.4, label="How far suspicion falls where a patch is covered",
                    caption=f"What if a patch of {PATCH} × {PATCH} pixels is hidden? Blue: an ill scan is suspected "
                    f"less, by up to {100 * _fallen.max():.0f} points. Orange: more, by up to "
                    f"{-100 * _fallen.min():.0f}.",
                ),
            ),
        ]
    )  # fmt: skip
    return


@app.cell
def _():
    kit.note(
        "You could cover the corner since you knew what to look for. Nobody tells you where the next shortcut is. A "
        "map like the one above may show it. What finds out is a test on patients of another place.",
        "A cure for this marker only.",
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("found_at"),
        kit.answer(
            "Of 1,000 who are invited 20 are ill. A network finds 16 of them and alarms 98 of the others. Which share "
            "of its alarms is right, in per cent?",
            100 * 16 / 114, name="alarms",
            slips={
                80: "That is the sensitivity: 16 of 20 ill. Asked is how many of those who are alarmed are ill.",
                90: "That is the specificity.",
                16.3: "16 per 98 is the odds; the alarms are 16 + 98.",
                1.6: "That is the share of all who are invited.",
            },
            because="16 of 114 alarms.", hint="How many alarms are there in all?", solution="16 / (16 + 98) = 14 %",
            tolerance=0.3,
        ),
        kit.choose(
            "A network has an AUC of 0.98 on unseen patients of its own hospital. What tells most of its use in yours?",
            {
                "Its AUC on patients of a third hospital": (
                    True, "What only its own hospital's pictures show is of no help there."),
                "More unseen patients of the same hospital": (
                    False, "That makes the interval narrower. A shortcut would be in those pictures, too."),
                "A longer training": (False, "It would lean on a shortcut all the more surely."),
            },
            name="elsewhere",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Bundled scans, one in four of them ill, and none with a marker. The report lists the sensitivity at a wanted
        specificity and draws the decision curve of lesson 70. `--card medical` writes into `MODEL_CARD.md` that this is
        not a medical device, the AUC with its interval, calibration, and risks by thirds of brightness and contrast.
        """,
        own_file="""
        A folder with a folder of pictures per class, or an `.npz` of MedMNIST: `deepglass train my_scans --card
        medical`. Ask `deepglass check my_scans` first: it finds near copies in training and test, as of two scans of
        one patient; `--group-from-name auto` keeps each on one side.
        """,
        sources=[
            ("Altman & Bland (1994), Sensitivity and specificity", "https://doi.org/10.1136/bmj.308.6943.1552"),
            ("Zech et al. (2018), A network that knew the hospital", "https://doi.org/10.1371/journal.pmed.1002683"),
            ("DeGrave, Janizek & Lee (2021), Shortcuts over signal", "https://doi.org/10.1038/s42256-021-00338-7"),
        ],
        onward="",
    )
    return


if __name__ == "__main__":
    app.run()
