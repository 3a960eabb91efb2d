"""A run of one's own in a real browser: begun from the page, watched, finished; another one followed and stopped."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from deepglass.core import run_log
from tests.conftest import PATIENCE

FAKE = Path(__file__).with_name("fake_training.py")


@pytest.mark.slow("trains in a process of its own, and opens pages in a browser")
def test_a_file_is_chosen_trained_watched_and_another_training_is_followed_and_stopped(course, browser):
    page = browser.new_page(color_scheme="dark")
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{course}/see/")
    folder = Path(page.locator("body").get_attribute("data-folder"))
    rows = "\n".join(f"{i % 10},{i % 7},{'yes' if i % 10 > 4 else 'no'}" for i in range(90))
    (folder / "tiny.csv").write_text(f"a,b,answer\n{rows}\n")

    page.get_by_label("A file, a folder or a run on this machine").fill("tiny.csv")
    page.keyboard.press("Enter")
    page.wait_for_selector("#training:not([hidden])")
    assert "task: tabular-classification" in page.locator("#looking").text_content()
    assert page.locator("#found svg[aria-label^='a: from 0 to 9']").count() == 1
    page.get_by_label("Target").select_option("answer")
    page.get_by_label("Model").fill("linear")
    page.get_by_label("Epochs").fill("3")
    command = page.locator("#command").text_content()
    assert command == f"deepglass train {folder}/tiny.csv --target answer --model linear --epochs 3"
    page.get_by_role("button", name="Train").press("Enter")

    page.wait_for_url("**/runs/tiny")
    page.wait_for_function(
        "document.getElementById('words').textContent.startsWith('It is finished')", timeout=5 * PATIENCE
    )
    page.wait_for_selector("#panel-curves svg[role=img]")
    page.wait_for_selector("#panel-result table")
    assert "--run=runs/tiny" in page.locator("#command").text_content()
    assert page.locator("#stop").is_hidden()
    page.get_by_role("button", name="Show: Attention").press("Enter")
    page.wait_for_selector("#panel-attention .dg-none:has-text('does not attend')", timeout=5 * PATIENCE)

    run = folder / "runs" / "followed"
    with subprocess.Popen([sys.executable, str(FAKE), "train", "x", f"--run={run}"]) as training:
        try:
            until = time.monotonic() + PATIENCE / 1000
            while not run_log.read(run).epochs and time.monotonic() < until:
                time.sleep(0.05)
            page.goto(f"{course}/see/at{run}")
            page.wait_for_selector("#words:has-text('It is learning')")
            page.wait_for_selector("#panel-curves:has-text('After epoch 1')")
            with (run / run_log.NAME).open("ab") as log:  # as the training would
                log.write(b'{"event": "epoch", "epoch": 2, "step": 2, "loss": 0.5, "val_loss": 0.9}\n')
            page.wait_for_selector("#panel-curves:has-text('After epoch 2')")
            page.get_by_role("button", name="Stop").press("Enter")
            page.wait_for_selector("#words:has-text('It was stopped')")
            assert page.get_by_role("button", name="Go on").is_visible()
            assert training.wait(PATIENCE / 1000) == 0
        finally:
            training.kill()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not problems
    page.close()
