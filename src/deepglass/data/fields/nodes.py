"""Nodes of a graph as inputs: what is known of all of them, who hears whom, and which are meant.

table of nodes ── graph, features ── features (1, N, F), adjacency (1, N, N), nodes (B,)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing
from deepglass.data import fingerprints, statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout, Table
from deepglass.data.examples import Examples
from deepglass.data.fields import AnswerField, InputField, Part
from deepglass.data.graphs import Graph, NodeExamples
from deepglass.data.node_reader import KIND, NodeReader, NodeTable
from deepglass.data.preprocess.node_features import NodeFeatures
from deepglass.data.reading.roles import guess_text_column
from deepglass.data.splits import Splits

Sparse = tuple[list[int], list[int], list[float]]  # rows, columns and values of what is not 0


@dataclass(frozen=True)
class Options:
    """Settings of nodes as inputs."""

    node_column: str | None = None  # what each node is called; guessed from its name, or as every value occurs once
    neighbours_column: str | None = None  # names of those that it is linked with, 2; 5; 17; guessed from its name


class Field(InputField):
    """Nodes of one graph, which every example brings along whole."""

    name = "nodes"
    SETTINGS = Options
    sizes_of_answer = ("num_classes",)
    options: Options
    graph: Graph
    preprocessor: NodeFeatures
    described: np.ndarray  # (N, F) of the nodes of the training

    def __init__(self, options: Any, data_config: DataConfig, seed: int = 0):
        super().__init__(options, data_config, seed)
        self.reader = NodeReader(data_config, self.options.node_column, self.options.neighbours_column)

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Two tables, or one; whether it names neighbours is seen when it is read."""
        return isinstance(data, Table) or (isinstance(data, Layout) and data.kind == KIND)

    # -- learning from the training data ------------------------------------------------------------------------

    def as_source(self, data: Data) -> NodeTable:
        """A table of nodes, and links.

        Raises:
            DataError: If the data are something else.
        """
        return data if isinstance(data, NodeTable) else self.reader.take(data)

    def keep_usable(self, data: NodeTable, answer: AnswerField) -> list[Guess]:
        """Nodes without a label stay in the graph, where others hear them; there must be links.

        Raises:
            DataError: If no two nodes are linked, or name and label are one column.
        """
        if self.reader.node in answer.columns:
            raise DataError(f"column {self.reader.node!r} is both name and target: name another with --target COLUMN")
        names = self.reader.names(data.whole)
        self.graph, absent = Graph.of(names, data.links)
        if not len(self.graph.edges):
            of = f"the neighbours {listing(map(repr, absent))} are no nodes" if absent else "no node names a neighbour"
            raise DataError(
                f"{data.name} has no link between two nodes: {of}; check --neighbours-column, --node-column"
            )
        unlabelled = len(names) - len(data.frame)
        size = f"{counted(len(names), 'node')}, {counted(len(self.graph.edges), 'link')}"
        why = f"links count in both directions; {unlabelled:,} nodes have no label and are heard all the same"
        return [Guess("graph", size, why, "--neighbours-column"), *_left_out(absent)]

    def count(self, data: NodeTable) -> int:
        return len(data.frame)

    def fit(self, data: NodeTable, splits: Splits, answer: AnswerField) -> list[Guess]:
        """What the columns of all nodes hold; labels play no part in it."""
        guesses: list[Guess] = []
        frame = self._described(data, answer)
        chosen = guess_text_column(Table(frame, data.name), self.data_config) if frame.shape[1] else None
        text, told = (chosen[0], [chosen[1]]) if chosen else ("", [])
        names = self.reader.names(data.whole)
        self.preprocessor = NodeFeatures.fit(frame, names, text, guesses)
        self.described = self.preprocessor.transform(frame, names)
        if self.reader.reading is not None:
            needed = [self.reader.node, *self.preprocessor.needed]
            of_table = self.reader.neighbours in [c.name for c in data.format.columns] if data.format else False
            needed += [self.reader.neighbours] if of_table else []
            self.reader.reading = self.reader.reading.used_by(needed, answer.columns[0])
        self.reading = self.reader.reading
        links = np.bincount(self.graph.edges.ravel(), minlength=len(names))
        self.statistics = {self.reader.neighbours: statistics.of_numbers(links.astype(np.float64))}
        return [*told, *guesses]

    def _described(self, data: NodeTable, answer: AnswerField) -> pd.DataFrame:
        return data.whole.drop(columns=[self.reader.node, *answer.columns])

    def examples(self, data: NodeTable, parts: Mapping[str, Part], answer: AnswerField) -> dict[str, Examples]:
        """The graph of the training, with the nodes that are new."""
        graph, _ = self.graph.joined(self.reader.names(data.whole), data.links)
        is_new = np.array([name not in self.graph.places for name in self.reader.names(data.whole)], bool)
        new = data.whole[is_new]
        more = self.preprocessor.transform(new, self.reader.names(new)) if len(new) else self.described[:0]
        features = torch.from_numpy(np.concatenate([self.described, more]))[None]  # (1, N, F)
        adjacency, names = graph.adjacency(), self.reader.names(data.frame)
        places = torch.tensor([graph.places[name] for name in names], dtype=torch.int64)
        return {
            name: NodeExamples(features, adjacency, places[torch.from_numpy(part.rows)], *part.targets)
            for name, part in parts.items()
        }

    # -- what a network must know -------------------------------------------------------------------------------

    @property
    def dims(self) -> dict[str, Any]:
        """Numbers of a node."""
        return {"num_features": self.preprocessor.num_features}

    def extremes(self) -> tuple[Tensor, ...]:
        """A graph of two nodes that hear themselves alone."""
        return torch.zeros(1, 2, self.preprocessor.num_features), torch.eye(2)[None], torch.arange(2)

    # -- data that come later -----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """How tables are read, the graph of the training, and what is known of its nodes."""
        rows, columns = np.nonzero(self.described)
        sparse = (rows.tolist(), columns.tolist(), self.described[rows, columns].tolist())
        return self.reader.state() | {
            "graph": self.graph.state(),
            "features": self.preprocessor.state(),
            "node_features": sparse,
            "statistics": self.statistics,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.reader.load_state(state)
        self.reading = self.reader.reading
        self.graph = Graph.from_state(read(state, "graph", dict[str, Any]))
        self.preprocessor = NodeFeatures.from_state(read(state, "features", dict[str, Any]))
        rows, columns, values = read(state, "node_features", Sparse)
        self.described = np.zeros((len(self.graph.names), self.preprocessor.num_features), np.float32)
        sizes = zip((rows, columns), self.described.shape, strict=True)
        require(all(max(places, default=0) < size for places, size in sizes), "numbers of nodes that there are")
        require(len(rows) == len(columns) == len(values), "as many values as places")
        self.described[rows, columns] = values
        self.statistics = statistics.read_back(state)

    def open(self, inputs: Any, *, with_target: bool) -> NodeTable:
        """Nodes from a folder, a file, a frame or records; their neighbours may be those of the training."""
        return self.reader.open(inputs, with_target=with_target)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[NodeTable, np.ndarray, dict[str, Any]]:
        """New nodes, linked with each other and with those of the training; known ones are answered as they stand."""
        table = self.open(inputs, with_target=with_target)
        graph, absent = self.graph.joined(self.reader.names(table.whole), table.links)
        table.guesses += [*_left_out(absent), *_alone(graph)]
        return table, np.arange(len(table.frame)), {"node": self.reader.names(table.frame)}

    def fingerprints(self, data: NodeTable) -> np.ndarray | None:
        """Of every row, its neighbours left out."""
        aside = self.reader.reading
        if aside is not None:
            aside = replace(aside, left_out=(*aside.left_out, self.reader.neighbours))
        return fingerprints.of_rows(data.frame, aside)

    def shown(self, data: NodeTable, row: int, answer: AnswerField) -> dict[str, Any]:
        """Its name, and how many neighbours it has."""
        name = self.reader.names(data.frame)[row]
        links = int((self.graph.edges == self.graph.places[name]).sum())
        return {"row": row, "text": f"{name}, with {counted(links, 'link')}"}


def _alone(graph: Graph) -> list[Guess]:
    """What is said of new nodes that hear nobody."""
    linked = set(graph.edges.ravel().tolist())
    alone = [name for place, name in enumerate(graph.names) if place >= graph.known and place not in linked]
    if not alone:
        return []
    why = f"{listing(alone)} {'has' if len(alone) == 1 else 'have'} no neighbour, and only what is known of them counts"
    return [Guess("without links", counted(len(alone), "node"), why, "neighbours in their column")]


def _left_out(absent: list[str]) -> list[Guess]:
    """What is said of names in links that are no nodes."""
    if not absent:
        return []
    why = f"{listing(map(repr, absent))} {'is' if len(absent) == 1 else 'are'} named as a neighbour and no node"
    return [Guess("links left out", f"those to {counted(len(absent), 'name')}", why, "a row for every node")]
