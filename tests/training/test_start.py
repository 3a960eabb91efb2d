"""A training starts without the compiler, which takes seconds to import and is not used."""

import subprocess
import sys

CODE = """
import sys
from tests.training.helpers import DigitsLearner, digits, network
from tests.training.test_loop import CONFIG
from deepglass.training.loop import fit
fit(network(), DigitsLearner(), *digits(), CONFIG)
print("torch._dynamo" in sys.modules)
"""


def test_the_compiler_is_not_imported():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
