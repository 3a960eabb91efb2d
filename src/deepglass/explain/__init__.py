"""Why did it say that? The contract of an explanation, whatever method made it.

    run, one example ── subject: parts that can be hidden, a score ── a method ── Explanation ── terminal, page, JSON

`inputs/` knows the parts of each kind of input (columns, squares of a picture, words, steps of a series), `methods/`
has one file per method, which knows no task and no kind, `quality/` measures how far a map can be trusted.
A method file has literals, TITLE, KINDS (files of `inputs/`), USES (fields of `Settings`), where it is so IS_MAP (it
gives a map whose sanity can be checked) and EXPLAINS ("rows" or "model", and no single example), and one function,
`explain(subject, settings)`. A method that needs nothing but scores says ASKS_SCORES, has `questions` and `concluded`
in NumPy, and imports no PyTorch: a server asks them of an exported model.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

FOLDER = "explain/methods"


@dataclass(frozen=True)
class Settings:
    """What may be asked of a method.

    Attributes:
        samples: Of a method that draws: coalitions, neighbours, noisy copies. None takes the method's own number.
        seed: Of what is drawn; the same seed gives the same answer.
        count: Of examples that are shown, or of columns.
        column: Of the curve of a column; the most important ones where none is named.
        want: The class that a counterfactual shall reach; the next likely one where none is named.
        concept: A folder of pictures of a concept.
        against: Of concept vectors a folder of pictures of anything else; of others the method to compare with.
        base: What a hidden part becomes: mean, zeros, blur, row:N or a file; the kind of input's own where it is None.
        layer: By name, of the methods that look inside; the last one that suits where none is named.
    """

    samples: int | None = None
    seed: int = 0
    count: int = 5
    column: str | None = None
    want: str | None = None
    concept: str | None = None
    against: str | None = None
    layer: str | None = None
    base: str | None = None


@dataclass(frozen=True)
class Explanation:
    """What a method found.

    Attributes:
        method, title: Its file, and its name in words.
        kind: What the parts are, such as "columns", "squares" or "words".
        about: The class, label or value that is explained.
        unit: Of scores and contributions: "probability", "log-odds", or that of the value.
        contribution_unit: Of contributions that are something else.
        score: Of the example; None where a whole table is explained.
        base: With every part hidden; `base_is` says what that means.
        parts: Records with `name`, often `value` (the cell), `contribution`, and `low`, `high` of a 95 % interval.
        figures: What the method measured of itself: evaluations, steps, seconds, gap, r2, …
        map: (H, W) contributions of the pixels of a picture.
        picture: (H, W, C) as the network sees it, bytes.
        curves: Of columns: `column`, `values`, `mean`, `low`, `high`, `rows` (some single rows).
        examples: Of the training: records with `similarity` or `influence`, `target`, and the example itself.
        quality: How far the answer can be trusted, by name; see `quality/`.
        notes: Sentences that a reader must know.
    """

    method: str
    title: str
    kind: str
    about: str = ""
    unit: str = ""
    score: float | None = None
    base: float | None = None
    contribution_unit: str = ""
    base_is: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    map: np.ndarray | None = None
    picture: np.ndarray | None = None
    curves: list[dict[str, Any]] = field(default_factory=list)
    examples: list[dict[str, Any]] = field(default_factory=list)
    quality: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def contributions(self) -> np.ndarray:
        """(M,) of the parts, in their order."""
        return np.array([part.get("contribution", np.nan) for part in self.parts], dtype=np.float64)
