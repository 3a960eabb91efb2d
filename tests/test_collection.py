"""Every process of a run of the tests collects the same ones: nothing in their names depends on the time."""

import ast
from pathlib import Path

FILES = sorted(Path(__file__).parent.rglob("test_*.py"))
AT_COLLECTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)  # whose bodies run later


def undated(tree: ast.AST) -> list[int]:
    """Lines outside functions where bytes are packed with the time of packing in them."""
    found, left = [], list(ast.iter_child_nodes(tree))
    while left:
        node = left.pop()
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "gzip.compress":
            found += [node.lineno] if "mtime" not in {keyword.arg for keyword in node.keywords} else []
        left += node.decorator_list if isinstance(node, AT_COLLECTION[:2]) else ast.iter_child_nodes(node)
    return found


def test_what_is_packed_while_tests_are_collected_has_a_fixed_time():
    found = {path.name: undated(ast.parse(path.read_text(encoding="utf-8"))) for path in FILES}
    assert not {name: lines for name, lines in found.items() if lines}


def test_the_check_finds_a_time_in_the_name_of_a_test():
    wrong = "@pytest.mark.parametrize('body', [gzip.compress(b'')])\ndef test_it(body):\n    gzip.compress(body)"
    assert undated(ast.parse(wrong)) == [1]
