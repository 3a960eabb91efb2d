"""schemathesis reads /openapi.json and tries to break what it describes: all checks, no 5xx.

JSON Schema cannot say that a tensor's shape and the number of its values agree, or that a text is a picture: a body
that fits the document may be refused with 400 or 422. A deadline of a millisecond may pass: 504.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "10")  # for each operation; by hand with hundreds
EXPECTED = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "404", "409", "413", "415", "422", "504"]
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "504"]
"""


@pytest.mark.slow
def test_nothing_that_the_document_allows_or_forbids_breaks_the_server(server, tmp_path):
    program = shutil.which("schemathesis", path=Path(sys.executable).parent)
    if program is None:
        pytest.skip("schemathesis is not installed")
    (tmp_path / "schemathesis.toml").write_text(EXPECTED)
    command = [program, "run", f"{server.url}/openapi.json", "--checks", "all", "--max-examples", EXAMPLES]
    command += ["--exclude-path-regex", "/unload$", "--generation-deterministic", "--no-color"]  # or nothing is left
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:]
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated, done.stdout[-2000:]
    assert int(generated[1]) > 300
    assert server.post("/predict?model=mood", {"text": "good"})["predictions"][0]["label"] == "good"


def test_the_document_names_the_models_that_are_loaded(client):
    document = client.get("/openapi.json").json()
    parameter = document["paths"]["/v2/models/{name}/infer"]["post"]["parameters"][0]
    assert parameter["schema"]["enum"] == ["flowers", "half-plus-three", "mood", "shades"]
    assert "image/png" in document["paths"]["/predict"]["post"]["requestBody"]["content"]
