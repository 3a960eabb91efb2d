"""Nodes of a graph from where they lie: a table with a row for each and a column of neighbours, or two tables.

node, neighbours, …            a row is a node; its neighbours by name: 2; 5; 17
folder/nodes.csv, edges.csv    the links in a table of their own, whose first two columns are the ends
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core import files
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import listing, numbered
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout, Table, require_table
from deepglass.data.reading import source
from deepglass.data.reading.learnable import labels_of
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.table import require_column
from deepglass.data.reading.table_format import ColumnFormat, TableFormat

Link = tuple[str, str]
KIND = "graph"  # of a layout
NEIGHBOURS = "neighbours"  # the column of links that came in a table of their own
NODE_NAMES = ("node", "vertex", "id", "name", "person", "member", "paper", "page", "user", "account", "protein")
NEIGHBOUR_NAMES = ("neighbour", "neighbor", "link", "edge", "friend", "cite", "connect", "adjacent")
LIST = "\n"  # between the parts of a list, as tables hold it
IN_CELLS = (LIST, ";", "|", ",")  # what separates names in a cell, if it occurs; else blanks
EXPECTED = (
    "a folder with nodes.csv and edges.csv, or a table with a row for each node and a column of its neighbours such "
    "as 2; 5; 17"
)


@dataclass
class NodeTable(Table):
    """A table with a row for each node that is asked about.

    Attributes:
        whole: All rows, those without a target too.
        links: Names of the two ends of each link, as they were given.
    """

    whole: pd.DataFrame = field(default_factory=pd.DataFrame)
    links: list[Link] = field(default_factory=list)


class NodeReader:
    """What tables of nodes are read by; fitted with `take`, or read back with `load_state`.

    Args:
        config: How the source is read.
        node: Column of names that was asked for; None guesses it.
        neighbours: Column of neighbours that was asked for; None guesses it.
    """

    node: str
    neighbours: str
    separator: str = ""
    reading: TableFormat | None = None

    def __init__(self, config: DataConfig, node: str | None, neighbours: str | None):
        self.config, self.asked = config, (node, neighbours)

    def take(self, data: Any) -> NodeTable:
        """The nodes of the training; chooses the columns.

        Raises:
            DataError: If the data are no graph.
            OptionError: If a column that was asked for is absent.
        """
        links = _links(data) if _is_folder(data) else None
        table = require_table(_nodes_of(data, self.config), EXPECTED)
        guesses = [self._choose_node(table), *self._choose_neighbours(table, links is not None)]
        if self.neighbours in table.frame:
            self._require_names(table)
            cells = labels_of(table.frame[self.neighbours].dropna())
            self.separator = next((mark for mark in IN_CELLS if cells.str.contains(mark, regex=False).any()), "")
        self.reading = _as_words(table.format, (self.node, self.neighbours)) if table.format else None
        found = self._nodes(table, links)
        found.guesses = [*found.guesses, *guesses]
        return found

    def _require_names(self, table: Table) -> None:
        """Refuse neighbours that were read as numbers with decimals: of `2,5` with the names 2 and 5."""
        cells = table.frame[self.neighbours].dropna()
        if pd.api.types.is_float_dtype(cells) and (cells % 1 != 0).any():
            raise DataError(
                f"{table.name}: column {self.neighbours!r} was read as numbers ({cells[cells % 1 != 0].iloc[0]:g}): "
                f"expected names; write 2; 5 for two of them, or pass --categories {self.neighbours}"
            )

    def open(self, inputs: Any, *, with_target: bool) -> NodeTable:
        """New nodes, read as those of the training.

        Raises:
            DataError: If they do not fit.
        """
        if isinstance(inputs, NodeTable):
            return inputs
        if isinstance(inputs, str | Path) and files.is_folder(inputs):
            inputs = source.read(str(inputs), self.config.for_new_data())
        links = _links(inputs) if _is_folder(inputs) else None
        rows = inputs.files["nodes"][0] if links is not None else inputs
        found = read_new(rows, self.reading, self.config, with_target=with_target)
        return self._nodes(require_table(found, EXPECTED), links)

    def names(self, frame: pd.DataFrame) -> list[str]:
        """What each row is called."""
        return labels_of(frame[self.node]).tolist()

    def state(self) -> dict[str, Any]:
        """Columns, and how they are written."""
        return {
            "node_column": self.node,
            "neighbours_column": self.neighbours,
            "separator": self.separator,
            "reading": self.reading.state() if self.reading else None,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave.

        Raises:
            ValueError: If it does not fit.
        """
        self.node, self.neighbours = read(state, "node_column", str), read(state, "neighbours_column", str)
        self.separator = read(state, "separator", str)
        self.reading = TableFormat.from_state(state.get("reading"))

    def _choose_node(self, table: Table) -> Guess:
        frame, asked = table.frame, self.asked[0]
        if asked is not None:
            self.node = require_column(frame, asked, "--node-column")
            return Guess("node", asked, "as asked", "--node-column")
        different = [str(c) for c in frame if frame[c].notna().all() and frame[c].nunique() == len(frame)]
        named = [name for word in NODE_NAMES for name in different if word in name.lower()]
        if not different:
            raise DataError(
                f"{table.name}: no column names each node differently (there are {listing(frame, 8)}): expected "
                f"{EXPECTED}; name it with --node-column"
            )
        self.node = (named or different)[0]
        return Guess("node", self.node, "its name" if named else "no value occurs twice", "--node-column")

    def _choose_neighbours(self, table: Table, has_links: bool) -> list[Guess]:
        """The column, of a table alone; beside a table of links new nodes may have one of the usual name."""
        frame, asked = table.frame, self.asked[1]
        if asked is not None:
            self.neighbours = require_column(frame, asked, "--neighbours-column")
            return []
        columns = [str(name) for name in frame if str(name) != self.node]
        named = [name for word in NEIGHBOUR_NAMES for name in columns if word in name.lower()]
        if has_links or named:
            self.neighbours = NEIGHBOURS if has_links else named[0]
            return [] if has_links else [Guess("neighbours", self.neighbours, "its name", "--neighbours-column")]
        raise DataError(
            f"{table.name}: no column names the neighbours of a node (there are {listing(frame, 8)}): expected "
            f"{EXPECTED}; name it with --neighbours-column"
        )

    def _nodes(self, table: Table, links: list[Link] | None) -> NodeTable:
        """The table without the column of neighbours, which become links.

        Raises:
            DataError: If a node has no name, or two have one.
        """
        frame = table.frame.copy()
        if self.node not in frame:
            raise DataError(
                f"{table.name} has no column {self.node!r}: expected what each node is called, got the columns "
                f"{listing(map(repr, frame.columns), 8)}"
            )
        cells = frame.pop(self.neighbours) if self.neighbours in frame else None
        if (empty := frame[self.node].isna().to_numpy()).any():
            rows = numbered("row", (np.flatnonzero(empty) + 1).tolist())
            raise DataError(f"{table.name}: column {self.node!r} is empty in {rows}: expected a name for each node")
        names = pd.Series(self.names(frame))
        if len(twice := names[names.duplicated()].unique()):
            raise DataError(
                f"{table.name}: {listing(twice)} in several rows of {self.node!r}: expected one for each node; choose "
                "another --node-column, or put the rows of one together"
            )
        links = [*(links or [])]
        if cells is not None and cells.notna().any():
            written = labels_of(cells).where(cells.notna(), "")
            links += [(name, other) for name, cell in zip(names, written, strict=True) for other in self._split(cell)]
        more = {"splits": table.splits, "guesses": table.guesses, "target": table.target, "task": table.task}
        more |= {"licence": table.licence, "format": table.format}
        return NodeTable(frame, table.name, **more, whole=frame, links=links)  # type: ignore[arg-type]

    def _split(self, cell: str) -> list[str]:
        marks = LIST if LIST in cell else self.separator
        return [name for part in (cell.split(marks) if marks else cell.split()) if (name := part.strip())]


def _is_folder(data: Any) -> bool:
    return isinstance(data, Layout) and data.kind == KIND


def _nodes_of(data: Any, config: DataConfig) -> Any:
    return source.read(str(data.files["nodes"][0]), config) if _is_folder(data) else data


def _links(layout: Layout) -> list[Link]:
    """The first two columns of the table of links."""
    path = layout.files["edges"][0]
    frame = require_table(source.read(str(path)), "a table of links").frame
    if frame.shape[1] < 2:
        raise DataError(f"{path} has one column: expected two or more, the ends of each link in the first two")
    ends = frame.iloc[:, :2].dropna()
    return list(zip(labels_of(ends.iloc[:, 0]), labels_of(ends.iloc[:, 1]), strict=True))


def _as_words(format: TableFormat, names: tuple[str, ...]) -> TableFormat:
    """The format in which these columns hold words, whatever the first ones looked like."""
    kept = tuple(ColumnFormat(c.name, "words") if c.name in names else c for c in format.columns)
    more = tuple(ColumnFormat(name, "words") for name in names if name not in format.by_name)
    return replace(format, columns=kept + more)
