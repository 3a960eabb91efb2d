"""Nodes and links from one table or two: which columns are meant, and what is said of what is missing."""

import pandas as pd
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout, Table
from deepglass.data.node_reader import NodeReader
from deepglass.data.reading.source import read


def taken(frame, node=None, neighbours=None):
    reader = NodeReader(DataConfig(), node, neighbours)
    return reader, reader.take(read(frame, DataConfig()))


@pytest.mark.parametrize("cells", [["2; 3", "3", None], ["2|3", "3", ""], ["2,3,", "3,,", None], ["2 3", "3", None]])
def test_neighbours_are_written_in_several_ways(cells):
    reader, found = taken(pd.DataFrame({"id": [1, 2, 3], "friends": cells, "age": [3.5, 4.0, 5.0]}))
    assert (reader.node, reader.neighbours) == ("id", "friends")
    assert found.links == [("1", "2"), ("1", "3"), ("2", "3")]
    assert list(found.frame) == ["id", "age"]


def test_links_of_a_folder_are_those_of_its_second_table(tmp_path):
    (tmp_path / "my_nodes.csv").write_text("name,colour\na b,red\nc,blue\nd,red\n")
    (tmp_path / "links.csv").write_text("from,to,weight\na b,c,3\nd,c,4\n")
    layout = read(str(tmp_path), DataConfig())
    assert isinstance(layout, Layout)
    reader = NodeReader(DataConfig(), None, None)
    assert reader.take(layout).links == [("a b", "c"), ("d", "c")]
    again = NodeReader(DataConfig(), None, None)
    again.load_state(reader.state())
    assert again.open(str(tmp_path), with_target=False).links == [("a b", "c"), ("d", "c")]
    assert again.open([{"name": "e", "colour": "red", "neighbours": "c"}], with_target=False).links == [("e", "c")]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": ["a", "b"], "size": [1, 2]}, "--neighbours-column"),
        ({"kind": ["a", "a"], "links": ["a", "a"]}, "--node-column"),
    ],
)
def test_a_table_that_is_no_graph_is_told_what_it_lacks(columns, message):
    with pytest.raises(DataError, match=message):
        taken(pd.DataFrame(columns))


def test_pairs_that_were_read_as_numbers_are_not_taken_for_names():
    with pytest.raises(DataError, match="--categories friends"):
        taken(pd.DataFrame({"id": ["a", "b", "c"], "friends": ["2,5", "3,5", "1,5"], "age": [3.5, 4.0, 5.0]}))


def test_two_rows_of_one_node_are_refused():
    with pytest.raises(DataError, match="a in several rows"):
        taken(pd.DataFrame({"who": ["a", "a", "b"], "links": ["b", "b", "a"]}), node="who")


def test_edges_of_one_column_are_refused(tmp_path):
    (tmp_path / "nodes.csv").write_text("name,colour\na,red\nb,blue\n")
    (tmp_path / "edges.csv").write_text("from\na\nb\n")
    with pytest.raises(DataError, match=r"edges\.csv has one column"):
        NodeReader(DataConfig(), None, None).take(read(str(tmp_path), DataConfig()))


def test_names_of_numbers_stay_the_same_when_words_come_beside_them():
    reader, _ = taken(pd.DataFrame({"node": [1, 2], "neighbours": [2, None], "side": ["l", "r"]}))
    new = reader.open([{"node": "new", "neighbours": ["1", "2"], "side": None}], with_target=False)
    assert isinstance(new, Table)
    assert new.links == [("new", "1"), ("new", "2")]
