"""The page in a real browser: a form from the schema, the answer, its explanation, the request as code."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from deepglass.deploy.runtime import checksums
from tests.deploy.serve import bundles
from tests.deploy.serve.conftest import running

pytestmark = pytest.mark.slow("a page in a real browser")
SIZES = [(1100, "light"), (360, "dark")]


class Tab:
    """A page that notes what it complains of and whom it asks."""

    def __init__(self, browser, url: str, width: int = 1100, scheme: str = "light"):
        self.url, self.complaints, self.asked = url, [], []
        self.page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(url)

    def choose(self, model: str) -> None:
        self.page.get_by_label("Model", exact=True).select_option(label=f"{model}, version 1")

    def ask(self) -> str:
        """Press the button; the answer's headline once the explanation stands."""
        self.page.get_by_role("button", name="Predict").click()
        self.page.locator("#why:not([hidden])").wait_for()
        return self.page.locator(".said").inner_text()

    def is_clean(self) -> bool:
        outside = [url for url in self.asked if not url.startswith((self.url, "data:", "blob:"))]
        width = self.page.viewport_size["width"]
        return not self.complaints and not outside and self.page.evaluate("document.body.scrollWidth") <= width


@pytest.fixture
def tab(browser, server, request):
    """The page at the size that the test is given."""
    tab = Tab(browser, server.url + "/", *request.param)
    yield tab
    assert tab.is_clean(), (tab.complaints, tab.asked)
    assert tab.page.locator("img:not([alt])").count() == 0
    tab.page.close()


@pytest.mark.parametrize("tab", SIZES, indirect=True)
def test_a_row_is_asked_with_a_form(tab):
    tab.choose("flowers")
    tab.page.get_by_label("length").fill("6")
    tab.page.get_by_label("colour").select_option("red")
    assert tab.ask() == "iris"
    assert "length 6" in tab.page.locator("#explanation").inner_text()
    tab.page.get_by_label("Method").select_option("shapley")
    tab.page.locator("#explanation", has_text="exact Shapley values, compared with typical values").wait_for()
    assert "length 6" in tab.page.locator("#explanation").inner_text()
    assert tab.page.locator("#said .track").count() == 3
    tab.page.get_by_role("button", name="Python").click()
    code = tab.page.locator("#request").inner_text()
    compile(code, "request.py", "exec")
    assert '"length": 6' in code


@pytest.mark.parametrize("tab", SIZES[1:], indirect=True)
def test_a_set_is_asked_for_with_a_choice_that_the_model_can_keep(tab):
    tab.choose("flowers")
    choice = tab.page.get_by_label("Hold the truth")
    offered = choice.locator("option").all_inner_texts()
    assert offered == ["one answer alone", "in 80 % of cases", "in 90 % of cases", "in 95.0 % of cases"]
    choice.select_option("0.9")
    tab.ask()
    assert "In 90 % of cases like those of training the truth is one of: iris" in tab.page.locator("#said").inner_text()
    assert "coverage=0.9" in tab.page.locator("#request").inner_text()
    tab.choose("mood")
    assert not choice.is_visible()


@pytest.mark.parametrize("tab", SIZES, indirect=True)
def test_a_picture_is_dropped_and_a_text_is_typed(tab, tmp_path):
    Image.fromarray(np.hstack([np.full((8, 4), 20, np.uint8), np.full((8, 4), 120, np.uint8)])).save(tmp_path / "a.png")
    tab.choose("shades")
    tab.page.locator("#drop input").set_input_files(tmp_path / "a.png")  # asks by itself
    tab.page.locator("#why:not([hidden])").wait_for()
    assert tab.page.locator(".said").inner_text() == "dark"
    assert tab.page.locator(".occluded span").count() == 64
    tab.choose("mood")
    tab.page.get_by_label("text").fill("an awful film <img src=x onerror=alert(1)>")
    assert tab.ask() == "bad"
    assert tab.page.locator(".words span").count() == 6
    assert tab.page.locator(".words img").count() == 0


@pytest.mark.parametrize("tab", SIZES[:1], indirect=True)
def test_what_is_wrong_stands_on_the_page(tab):
    tab.choose("shades")
    tab.page.get_by_role("button", name="Predict").click()
    assert tab.page.get_by_role("alert").inner_text() == "Choose a picture first."


def test_the_request_as_curl_is_answered(browser, server):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    tab = Tab(browser, server.url + "/")
    tab.choose("flowers")
    said = tab.page.locator("#request").inner_text()
    done = subprocess.run(said, shell=True, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["predictions"][0]["label"] == "iris"
    tab.page.close()


def test_the_paths_are_listed_without_outside_help(browser, server):
    tab = Tab(browser, server.url + "/docs", 360, "dark")
    tab.page.locator("summary").nth(20).wait_for()  # one after the other is drawn
    tab.page.locator("summary", has_text="/predict").first.click()
    tab.page.locator("details[open]", has_text="Body").wait_for()  # drawn a moment after it opens
    tab.url = server.url
    assert tab.is_clean(), (tab.complaints, tab.asked)
    tab.page.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_forecast_shows_the_past_its_dates_and_its_interval(browser, tmp_path, size):
    with running(tmp_path, bundles.tides(tmp_path / "tides")) as server:
        tab = Tab(browser, server.url + "/", *size)
        past = tab.page.get_by_label("The past, oldest").input_value()
        assert past.splitlines()[:2] == ['day,"level, m"', "2024-02-14,1"]
        tab.page.get_by_role("button", name="Predict").click()
        tab.page.locator("figure svg").wait_for()
        labels = tab.page.locator("figure svg text").evaluate_all("labels => labels.map(label => label.textContent)")
        assert labels[-1] == "2024-03-04"  # over the leap day
        assert "2" in labels
        lines = tab.page.locator("figure svg polyline")
        seen, said = (len(lines.nth(place).get_attribute("points").split()) for place in range(2))
        assert (seen, said) == (12, 5)  # three horizons of the past, and the forecast from its last value on
        assert tab.page.locator("figure svg path").count() == 0
        tab.page.get_by_label("The past, oldest").fill("\n".join(past.splitlines()[:15]))
        with_interval(tab.page)
        tab.page.get_by_role("button", name="Predict").click()
        tab.page.locator("figure svg path").wait_for()
        assert "where the truth is expected" in tab.page.locator("#said").inner_text()
        assert "2024-03-02" in tab.page.locator("figure svg text").last.text_content()
        assert tab.is_clean(), (tab.complaints, tab.asked)
        tab.page.close()


def with_interval(page) -> None:
    """Answers carry an interval from now on, as those of a model that knows its errors."""

    def answer(route):
        response = route.fetch()
        content = response.json()
        forecast = content["predictions"][0]["forecast"]
        content["predictions"][0] |= {
            side: {name: [value + change for value in values] for name, values in forecast.items()}
            for side, change in (("lower", -1), ("upper", 1))
        }
        route.fulfill(response=response, json=content)

    page.route("**/predict*", answer)


def test_without_a_past_of_training_the_page_asks_for_one(browser, tmp_path):
    with running(tmp_path, bundles.tides(tmp_path / "tides", is_recent=False)) as server:
        tab = Tab(browser, server.url + "/")
        assert tab.page.get_by_label("The past, oldest").input_value() == ""
        assert "at least 12 rows" in tab.page.locator("#inputs").inner_text()
        tab.page.get_by_role("button", name="Predict").click()
        assert tab.page.get_by_role("alert").inner_text() == "Give a past first."
        tab.page.close()


def test_names_of_users_are_text_wherever_they_stand(browser, tmp_path):
    name = "<img src=x onerror=alert(1)>"
    folder = bundles.flowers(tmp_path / "flowers")
    labels, schema = json.loads((folder / "labels.json").read_text()), json.loads((folder / "schema.json").read_text())
    schema["name"] = schema["inputs"][2]["name"] = name
    schema["inputs"][2]["categories"] = [name, "red", "white"]
    (folder / "labels.json").write_text(json.dumps([name, *labels[1:]]))
    (folder / "schema.json").write_text(json.dumps(schema))
    checksums.write(folder)
    with running(tmp_path, folder) as server:
        for path in ("/", "/docs"):
            tab = Tab(browser, server.url + path)
            tab.page.get_by_text("Every path").first.wait_for()
            if path == "/":
                tab.page.get_by_label("length").fill("6")
                tab.page.locator("select.cell").select_option("(not known)")
                assert tab.ask() == name
            assert tab.page.locator("img").count() == 0
            assert not tab.complaints
            tab.page.close()


def test_a_server_with_tokens_asks_for_one(browser, shelf, tmp_path):
    (tmp_path / "tokens").write_text("0123456789abcdef0123\n")
    with running(tmp_path, shelf / "mood", "--token-file", tmp_path / "tokens") as server:
        tab = Tab(browser, server.url + "/")
        tab.page.get_by_label("Token").fill("0123456789abcdef0123")
        tab.page.get_by_role("button", name="Open").click()
        tab.page.get_by_label("text").fill("great")
        assert tab.ask() == "good"
        assert "Authorization: Bearer $TOKEN" in tab.page.locator("#request").inner_text()
        tab.page.close()
