"""Every trap costs something, and every cure gives PyTorch's numbers."""

import pytest

from deepglass.frameworks.page import page
from deepglass.frameworks.running import recorded
from deepglass.frameworks.traps import TRAPS


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.title)
def test_a_trap_is_deep_and_its_cure_whole(trap):
    assert trap.off() > 1e-4
    assert trap.left() < 1e-12


def test_the_page_has_the_rows_the_traps_and_the_scripts():
    rows = list(recorded().values())
    written = page(rows)
    assert all(trap.title.split("'")[0] in written for trap in TRAPS)
    assert all(f"{row.version}</td>" in written for row in rows)
    assert written.count("<pre>") == len(rows)
    assert "lax.conv_general_dilated" in written
    assert "http" not in written.replace("https://", "").partition("<h2>The scripts")[0]
