"""Lesson 44: the Dice overlap of two masks, pixels that nobody labelled left out."""

import numpy as np

from deepglass.course.judging.description import Description

IGNORED = 255


def parts(said, true):
    """Pixels that both mark, that the answer marks and that the truth marks, among those that are labelled."""
    judged = true != IGNORED
    return ((said == 1) & (true == 1)).sum(), ((said == 1) & judged).sum(), (true == 1).sum()


def dice_of_masks(said, true):
    """Twice what both mark, of what each marks."""
    both, own, other = parts(said, true)
    return 2 * both / (own + other)


def cases(rng):
    """The same, apart, half of it, with pixels that nobody labelled; then drawn ones."""
    square = np.zeros((6, 6), int)
    square[1:4, 1:4] = 1
    yield square, square
    yield np.roll(square, 2, axis=1), square
    yield square, np.where(np.arange(6) == 3, IGNORED, square)
    yield np.ones((4, 4), int), np.tile(np.where(np.arange(4) < 2, 1, IGNORED), (4, 1))
    for _ in range(5):
        true = (rng.random((7, 8)) < 0.5).astype(int)
        true[rng.random((7, 8)) < 0.2] = IGNORED
        true[0, 0] = 1
        yield (rng.random((7, 8)) < 0.5).astype(int), true


EXERCISE = Description(
    name="dice_of_masks",
    task="Masks hold 1 where a thing is and 0 elsewhere; <code>true</code> also holds 255 where nobody said what is "
    "there. Give back Dice: twice the pixels that both mark, divided by those that <code>said</code> marks plus those "
    "that <code>true</code> marks. Pixels with 255 count nowhere.",
    stub="""
        def dice_of_masks(said, true):
            # your lines here
            return 0.0
    """,
    solution="""
        def dice_of_masks(said, true):
            judged = true != 255
            both = ((said == 1) & (true == 1)).sum()
            return 2 * both / (((said == 1) & judged).sum() + (true == 1).sum())
    """,
    hint="Where <code>true</code> is 255, a pixel that <code>said</code> marks is neither right nor wrong: leave it "
    "out of both areas.",
    answer=dice_of_masks,
    cases=cases,
    praise="An ignored pixel is no mistake and no merit: it is not there.",
    slips=(
        (lambda said, true: 2 * parts(said, true)[0] / ((said == 1).sum() + parts(said, true)[2]),
         "A pixel that nobody labelled counts against the answer here: leave it out."),
        (lambda said, true: parts(said, true)[0] / (sum(parts(said, true)[1:]) - parts(said, true)[0]),
         "That is IoU: Dice has twice what both mark above, and both areas below."),
        (lambda said, true: parts(said, true)[0] / sum(parts(said, true)[1:]),
         "What both mark counts twice above: in each of the two areas below it is there once."),
        (lambda said, true: (said == true)[true != IGNORED].mean(),
         "That is pixel accuracy: ground that is rightly left unmarked does not count in Dice."),
        (lambda said, true: 2 * parts(said, true)[0] / ((said == 1).sum() + (true > 0).sum()),
         "255 is not a marked pixel: take those of the truth that are 1."),
    ),
    right=(
        """
        def dice_of_masks(said, true):
            known = true != 255
            s, t = said[known] == 1, true[known] == 1
            return 2 * np.sum(s & t) / (s.sum() + t.sum())
        """,
        """
        def dice_of_masks(said, true):
            both = own = other = 0
            for s, t in zip(said.ravel(), true.ravel()):
                if t == 255:
                    continue
                both += s * t
                own += s
                other += t
            return 2 * both / (own + other)
        """,
        """
        def dice_of_masks(said, true):
            known = (true < 255).astype(float)
            s, t = said * known, true * known
            return 2 * (s * t).sum() / (s + t).sum()
        """,
    ),
    wrong=(
        """
        def dice_of_masks(said, true):
            both = ((said == 1) & (true == 1)).sum()
            return 2 * both / ((said == 1).sum() + (true == 1).sum())
        """,
        """
        def dice_of_masks(said, true):
            judged = true != 255
            both = ((said == 1) & (true == 1)).sum()
            return both / (((said == 1) & judged).sum() + (true == 1).sum() - both)
        """,
        """
        def dice_of_masks(said, true):
            judged = true != 255
            return (said == true)[judged].mean()
        """,
        """
        def dice_of_masks(said, true):
            judged = true != 255
            both = ((said == 1) & (true == 1)).sum()
            return both / (((said == 1) & judged).sum() + (true == 1).sum())
        """,
    ),
)  # fmt: skip
