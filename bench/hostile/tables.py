"""Tables as people, programs and disks spoil them: cells, rows and columns of a CSV that no reader expects."""

import random
from collections.abc import Callable
from pathlib import Path

CELLS = (
    "", " ", "x", "NaN", "inf", "-inf", "1e400", "9" * 400, "1,5", "1.5.2", "0x1F", "\x00", "\ufeff", "🦊", "=1+1",
    '"', "'", '""', "\u202e", "2024-02-30", "0000-00-00", "99999-01-01", "true", "None", "[1, 2]", '{"a": 1}',
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-8-sig", "utf-7")
Spoiling = Callable[[list[str], random.Random], list[str] | str | bytes]


def odd_cells(lines: list[str], rng: random.Random) -> list[str]:
    for _ in range(rng.randint(1, 5)):
        i = rng.randrange(len(lines))
        cells = lines[i].split(",")
        cells[rng.randrange(len(cells))] = rng.choice(CELLS)
        lines[i] = ",".join(cells)
    return lines


def a_column_of_one_odd_cell(lines: list[str], rng: random.Random) -> list[str]:
    place, cell = rng.randrange(lines[0].count(",") + 1), rng.choice(CELLS)
    rows = [line.split(",") for line in lines]
    for row in rows[1:]:
        row[place % len(row)] = cell
    return [",".join(row) for row in rows]


def rows_of_other_lengths(lines: list[str], rng: random.Random) -> list[str]:
    for _ in range(rng.randint(1, 20)):
        i = rng.randrange(len(lines))
        lines[i] = rng.choice((lines[i] + ",1,2,3", lines[i].partition(",")[0], "", "," * 200, lines[i] * 2))
    return lines


def an_open_quotation_mark(lines: list[str], rng: random.Random) -> list[str]:
    i = rng.randrange(len(lines))
    lines[i] = rng.choice(('"', "'")) + lines[i]
    return lines


def twice_the_same_name(lines: list[str], rng: random.Random) -> list[str]:
    names = lines[0].split(",")
    names[rng.randrange(len(names))] = rng.choice(names)
    return [",".join(names), *lines[1:]]


def odd_names(lines: list[str], rng: random.Random) -> list[str]:
    return [",".join(rng.choice((*CELLS, "time", "x" * 10_000)) for _ in lines[0].split(",")), *lines[1:]]


def a_header_alone(lines: list[str], rng: random.Random) -> list[str]:
    return lines[: rng.randint(1, 3)]


def one_column(lines: list[str], rng: random.Random) -> list[str]:
    return [line.partition(",")[0] for line in lines]


def ten_thousand_columns(lines: list[str], rng: random.Random) -> list[str]:
    return [line + ",1" * 10_000 for line in lines[:20]]


def a_huge_cell(lines: list[str], rng: random.Random) -> list[str]:
    return [*lines, "x" * 300_000 + lines[-1]]


def another_encoding(lines: list[str], rng: random.Random) -> bytes:
    return ("\n".join(lines) + "\nä,ö,ü\n").encode(rng.choice(ENCODINGS), "replace")


def nothing_but_ends_of_lines(lines: list[str], rng: random.Random) -> str:
    return rng.choice(("\n", "\r\n", "\r", ",", ";\n", "\x00", "\t\n \n")) * rng.randint(1, 500)


def one_line(lines: list[str], rng: random.Random) -> str:
    return rng.choice((" ", ",", ";", "\t")).join(lines)


SPOILINGS: dict[str, Spoiling] = {
    function.__name__.replace("_", " "): function
    for function in (
        odd_cells, a_column_of_one_odd_cell, rows_of_other_lengths, an_open_quotation_mark, twice_the_same_name,
        odd_names, a_header_alone, one_column, ten_thousand_columns, a_huge_cell, another_encoding,
        nothing_but_ends_of_lines, one_line,
    )
}  # fmt: skip


def spoil(path: Path, name: str, rng: random.Random) -> None:
    """Spoil a text file in the way of a name."""
    found = SPOILINGS[name](path.read_text().splitlines(), rng)
    text = found if isinstance(found, str | bytes) else "\n".join(found) + "\n"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
