"""Several labels for one example: how they are written, and how many examples have each."""

from deepglass.core.errors import DataError
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Table
from deepglass.data.fields.labels import Field
from deepglass.data.findings import Findings
from deepglass.data.reading.columns import Column

IS_FOR_CHECK_ALONE = True  # a training says the same while it prepares


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Add the labels, and what is odd about them."""
    if not isinstance(data, Table | Images):
        return
    field = Field(config)
    try:
        guesses = field.take(data)
        findings.guesses += [str(guess) for guess in [*guesses, *field.require(data)]]
    except DataError as error:
        findings.warnings.append(str(error))
        return
    findings.target = listing(field.columns, 3)
    counts = field.encode(data).sum(axis=0, dtype=int).tolist()
    findings.classes = dict(zip(field.classes, counts, strict=True))
    findings.warnings += field.remarks
    if rare := [name for name, count in findings.classes.items() if 1 < count < FEW]:
        findings.warnings.append(
            f"{counted(len(rare), 'label')} with fewer than {FEW} examples ({listing(rare)}): their scores will be "
            "luck; judge by the F1 of all labels together"
        )


FEW = 10  # examples of a label, of which the test has two
