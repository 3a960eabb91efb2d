"""Promise 6: `import deepglass` and `deepglass --help` load no large library."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "pandas", "sklearn", "numpy", "matplotlib", "scipy")
CALLS = {
    "import": "import deepglass",
    "help": (
        "import sys; sys.argv = ['deepglass', '--help']; from deepglass.cli.main import app; app(standalone_mode=False)"
    ),
    "train help": (
        "import sys; sys.argv = ['deepglass', 'train', '--help']; "
        "from deepglass.cli.main import app; app(standalone_mode=False)"
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_no_large_library_is_loaded(call):
    code = f"{CALLS[call]}\nimport sys\nprint('LOADED', [m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout


def test_the_package_lists_what_it_offers():
    import deepglass

    assert "train" in dir(deepglass)
    with pytest.raises(AttributeError, match="it offers Classifier"):
        deepglass.nothing  # noqa: B018
