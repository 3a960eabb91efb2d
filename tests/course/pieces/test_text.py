"""Text with names in braces: what is filled, what is placed, what stays as it is."""

import re

import pytest

from deepglass.core.errors import OptionError
from deepglass.course import kit


def test_names_are_filled_with_numbers_as_a_person_writes_them():
    shown = kit.text("From {low} to {high:.1f}, {rows:,} rows, {far[8]} and {size.real}.", low=-0.12345, high=2.25,
                     rows=1797, far={8: 3}, size=4).text  # fmt: skip
    assert "From −0.123 to 2.2, 1,797 rows, 3 and 4." in shown


@pytest.mark.parametrize(
    ("words", "tex"),
    [
        (r"$\green{rate}\,g$", r"\textcolor{#0a0c03}{0.5}\,g"),
        (r"$\frac{1}{rate}$", r"\frac{1}{0.5}"),
        (r"$\sum_{i} x_{rate}$", r"\sum_{i} x_{0.5}"),
        ("$$w = {rate:.2f}$$", "w = {0.50}"),
    ],
)
def test_a_formula_keeps_its_braces(words, tex):
    assert tex in kit.text(words, rate=0.5).text


def test_a_number_below_zero_in_a_formula_has_the_minus_of_tex():
    assert "{-1{,}500}" in kit.text("$a = {rate:,}$", rate=-1500).text


def test_code_keeps_names_that_were_not_given_and_fills_others():
    shown = kit.text("`{a: 1}` and `--batch-size {size}`\n\n```\nf'{x}'\n```", size=8).text
    assert "{a: 1}" in shown
    assert "--batch-size 8" in shown
    assert "{x}" in re.sub(r"<[^>]+>", "", shown)


@pytest.mark.parametrize(("words", "values"), [("A {typo} here", {"type": 1}), ("{far[9]}", {"far": [1]})])
def test_a_name_that_was_not_given_is_told(words, values):
    with pytest.raises(OptionError, match=r"expected a value for \{.+\}; given were (type|far)"):
        kit.text(words, **values)


def test_a_format_that_does_not_suit_is_told():
    with pytest.raises(OptionError, match=r"\{name:\.2f\} cannot be written"):
        kit.text("{name:.2f}", name="iris")


def test_headings_have_ids_and_stand_outside_the_words():
    shown = kit.text("## Break it, mend it\n\nWords.\n\n## A mean {#see}\nMore.\n\n### Of {n} rows", n=5).text
    assert '<h2 id="break-it-mend-it">Break it, mend it</h2>' in shown
    assert '<h2 id="see">A mean</h2>' in shown
    assert '<h3 id="of-5-rows">Of 5 rows</h3>' in shown
    assert "Words." in shown
    assert "More." in shown
    assert "##" not in shown


def test_things_stand_in_their_places():
    rate, size = kit.slider("η", [0.1, 0.2]), kit.slider("B", [1, 2])
    picture, guess = kit.curves([1, 2]), kit.guess("Who?", ["a", "b"], "a")
    shown = kit.text("First.\n\n{rate} {size}\n\n{picture} {guess}\n\n{note}", rate=rate, size=size, picture=picture,
                     guess=guess, note=kit.text("*inner*")).text  # fmt: skip
    assert shown.index("First.") < shown.index("marimo-slider") < shown.index("dg-row") < shown.index("dg-figure")
    assert shown.index("marimo-anywidget") < shown.index("<em>inner</em>")
    assert shown.count("dg-row") == 1


def test_a_paragraph_of_one_number_is_a_number():
    assert "0.5" in kit.text("{n}", n=0.5).text


def test_lists_stay_together():
    shown = kit.text("One:\n\n- a\n- b\n\nEnd.").text
    assert shown.count("<li>") == 2
    assert shown.count('class="markdown') == 1
