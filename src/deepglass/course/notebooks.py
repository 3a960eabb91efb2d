"""`python -m deepglass.course.notebooks FOLDER LESSON...`: lessons as Jupyter notebooks, all of them in one process.

marimo's own command takes one lesson, and spends seconds on imports before it looks at it.
"""

import sys
from importlib.metadata import entry_points
from pathlib import Path


def main(folder: Path, lessons: list[Path]) -> None:
    """Write each lesson as FOLDER/NAME.ipynb.

    Raises:
        SystemExit: If marimo cannot write one; its name and why are said on standard error.
    """
    (marimo,) = entry_points(group="console_scripts", name="marimo")
    command = marimo.load()
    for lesson in lessons:
        words = ["export", "ipynb", str(lesson), "-o", str(folder / f"{lesson.stem}.ipynb"), "-f"]
        try:
            command(words, standalone_mode=False)
        except (Exception, SystemExit) as error:
            raise SystemExit(f"{lesson.stem}: {error}") from None


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
