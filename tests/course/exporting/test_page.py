"""An exported page: controls that need no Python, formulas, tables, and states in little room."""

import base64
import gzip
import html
import json
import re

import marimo as mo
import pytest

from deepglass.course import catalogue, export, kit
from deepglass.course.exporting import page
from deepglass.course.exporting.formulas import formula
from deepglass.course.exporting.packing import Pieces, rounded
from deepglass.course.exporting.session import Session
from tests.course.exporting import small_lesson


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    export.write_assets(folder / "assets")
    page.write_page(Session(small_lesson), catalogue.lessons()[0], folder / "lessons" / "small")
    return folder / "lessons" / "small" / "index.html"


def told(site):
    return site.read_text(encoding="utf-8")


def states(site, number):
    packed = re.search(r'"(.*)"', (site.parent / f"states-{number}.js").read_text())[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def test_no_trace_of_marimo_is_left(site):
    assert "<marimo-" not in told(site)
    assert "||[" not in told(site)


def test_controls_have_their_labels_and_first_positions(site):
    (power,) = re.findall(r'data-control="power">.*?</label>', told(site), re.DOTALL)
    assert "Power η" in power
    assert 'max="2" value="1" aria-valuetext="2"' in power
    assert "positions; <code>deepglass see</code> has them all" in told(site)
    assert told(site).count("dg-asleep") == 1  # the text field, and nothing else


def test_an_option_that_is_not_offered_yet_is_not_on_the_page(site):
    (which,) = re.findall(r'data-control="which">.*?</fieldset>', told(site), re.DOTALL)
    assert "early" in which
    assert "late" not in which


def test_states_share_what_they_have_in_common(site):
    groups = json.loads(re.search(r'id="dg-controls">(.*?)</script>', told(site), re.DOTALL)[1])["groups"]
    number = next(i for i, group in enumerate(groups) if group["controls"] == ["kind", "power"])
    pieces, found = states(site, number)
    assert len(found) == 6
    used = [i for one in found.values() for cell in one["cells"].values() for i in cell["html"]["$"]]
    assert len(used) > 3 * len(pieces)
    ids = {match for piece in pieces for match in re.findall(r'id="(p\d+-\d+-)', piece)}
    assert len(ids) == 1  # the same picture has the same ids in every state


def test_pieces_are_joined_to_what_they_were():
    store = Pieces()
    long = "<b>" + "x" * 100 + "</b>" + "<i>y</i>"
    packed = store.packed({"a": [long, long, "short"], "n": 1.5, "none": None})
    pieces = list(store.number)
    assert "".join(pieces[i] for i in packed["a"][0]["$"]) == long
    assert packed["a"][0] == packed["a"][1]
    assert (packed["a"][2], packed["n"], packed["none"]) == ("short", 1.5, None)


def test_places_are_rounded_and_words_are_not():
    assert rounded('<path d="M 1.23456 -7.1L 3.999 2"/>0.12345') == '<path d="M 1.23 -7.1L 3.99 2"/>0.12345'


def test_a_slider_with_steps_shows_its_value_and_not_the_number_of_the_step():
    shown = page.plain(mo.ui.slider(steps=[10, 100, 1000], value=100, label="questions").text)
    assert "<b>100</b>" in shown
    assert "questions" in shown
    assert "disabled" in shown
    assert "<b>0.25</b>" in page.plain(mo.ui.slider(0, 1, 0.25, value=0.25).text)
    assert "<b>on</b>" in page.plain(mo.ui.switch(value=True).text)
    assert "<b>tanh</b>" in page.plain(mo.ui.dropdown(["relu", "tanh"], value="tanh").text)


@pytest.mark.parametrize(
    ("tex", "lines", "words"),
    [
        (r"\begin{aligned} a &= 1 \\ b &= 2 \end{aligned}", 2, "a=1b=2"),
        (r"\begin{gathered} a \\ b \\ c \end{gathered}", 3, "abc"),
        (r"a = 1 \\ b = 2", 2, "a=1b=2"),
        (r"\begin{pmatrix} a \\ b \end{pmatrix} = c", 2, "(ab)=c"),
        ("k = 5,\\\n s = 2", 0, "k=5,s=2"),
        (r"10{,}000 \cdot 5\,\%", 0, "10,000·5%"),
        (r"z = \arg\min_j a_j", 0, "z=argminjaj"),
    ],
)
def test_formulas_keep_their_lines_and_signs(tex, lines, words):
    shown = formula(f"||[{tex}||]")
    assert shown.count("<mtr>") == lines
    assert re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]+>", "", shown))) == words
    assert "<mi>&</mi>" not in shown


def test_a_formula_on_a_line_of_its_own_has_room_to_scroll():
    assert formula("||[a = b||]").startswith('<span class="dg-formula"><math')
    assert formula("||(a||)").startswith("<math")


def test_markdown_keeps_its_places():
    shown = page.plain(kit.text("First\n\n$$a$$\n\n- one\n- two").text)
    assert shown.index("First") < shown.index("<math") < shown.index("<li>")
    assert "$" not in shown


@pytest.mark.slow
def test_every_control_works_from_a_disk(site, browser):
    context = browser.new_context(offline=True, reduced_motion="reduce")
    shown, noise = context.new_page(), []
    shown.on("console", lambda message: noise.append(message.text))
    shown.on("pageerror", lambda error: noise.append(str(error)))
    shown.goto(site.as_uri())
    shown.get_by_label("Power η").press("ArrowRight")  # from 2 to 3
    shown.get_by_role("rowheader", name="sum").locator("..").get_by_text("100").wait_for()
    shown.locator(".dg-network [aria-label*='weight 3']").wait_for()
    shown.get_by_label("Kind").select_option("dashed")
    shown.locator(".dg-figure path[style*='dasharray'][style*='--c1']").first.wait_for()
    assert shown.get_by_label("Late").count() == 0
    shown.get_by_label("two").check()
    shown.get_by_role("button", name="That is my guess").click()
    shown.get_by_text("The answer is two.").wait_for()
    shown.get_by_text("The secret is 42.").wait_for()
    shown.get_by_label("late").check()
    shown.get_by_text("It is late.").wait_for()
    shown.get_by_label("Far").press("End")
    shown.get_by_text("Far is 1,000.").wait_for()
    shown.get_by_role("button", name="shear").click()
    shown.get_by_text("Its corner is 1.").wait_for()
    shown.get_by_label("first column").press("ArrowRight")  # no state was prepared for this
    shown.get_by_text("This is of the last prepared state").wait_for()
    shown.get_by_role("button", name="shear").click()
    shown.get_by_text("This is of the last prepared state").wait_for(state="detached")
    assert noise == []
    context.close()
