r"""Formulas as MathML, which browsers draw themselves: TeX as marimo shows it with KaTeX, and no script.

What the converter does not know is said in what it knows: lines below each other (`aligned`, `gathered`, `\\`) become
arrays, a comma within a number stays one, `arg` is a word, and a percent sign is no comment.
"""

import re

from latex2mathml.converter import convert as mathml

COLUMNS = {"gathered": "c", "gather": "c", "aligned": "rlrlrl", "align": "rlrlrl", "split": "rlrlrl"}
LINES = re.compile(rf"\\(begin|end)\{{({'|'.join(COLUMNS)})\*?\}}")
MTABLE = '<mtable displaystyle="true">'
INNER = re.compile(r"\\begin\{.*?\\end\{\w+\*?\}", re.DOTALL)


def formula(text: str) -> str:
    """A formula between marimo's marks as MathML."""
    text = text.strip()
    is_block = text.startswith("||[")
    tex = text.removeprefix("||[").removeprefix("||(").removesuffix("||]").removesuffix("||)").strip()
    shown = mathml(known(tex), display="block" if is_block else "inline").replace("％", "%")
    if not is_block:
        return shown
    return f'<span class="dg-formula">{shown.replace("<mtable>", MTABLE)}</span>'  # which scrolls, where it is wider


def known(tex: str) -> str:
    r"""TeX in the words of the converter."""
    tex = re.sub(r"(?<!\\)\\[ \t]*\n", r"\\; ", tex)  # the end of a line after a backslash is a blank
    tex = re.sub(r"(?<!\\)\\%", r"\\text{％}", tex)
    tex = re.sub(r"\\arg(?![a-zA-Z])", r"\\operatorname{arg}", tex)
    tex = re.sub(r"(\d)\{,\}(?=\d)", r"\1\\text{,}", tex)
    tex = LINES.sub(lambda found: as_array(found[1], COLUMNS[found[2]]), tex)
    if r"\\" in INNER.sub("", tex):
        tex = rf"\begin{{array}}{{c}} {tex} \end{{array}}"
    return tex


def as_array(edge: str, columns: str) -> str:
    r"""The beginning or the end of lines below each other."""
    return rf"\begin{{array}}{{{columns}}}" if edge == "begin" else r"\end{array}"
