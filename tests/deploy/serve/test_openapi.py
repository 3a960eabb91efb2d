"""The OpenAPI document: complete, true, and nothing that it allows or forbids breaks the server."""

import pytest

from tests.deploy.serve import fuzzing

EXAMPLES = 10  # of each kind for an operation: a minute at most; `python -m bench.fuzz` tries thousands


@pytest.mark.slow("thousands of made-up requests")
def test_nothing_that_the_document_allows_or_forbids_breaks_the_server(server, tmp_path):
    if fuzzing.program() is None:
        pytest.skip("schemathesis is not installed")
    outcome = fuzzing.fuzz(server.url, tmp_path, EXAMPLES)
    assert outcome.failures == 0, outcome.report
    assert outcome.cases > 300
    assert server.post("/predict?model=mood", {"text": "good"})["predictions"][0]["label"] == "good"


def test_the_document_names_the_models_that_are_loaded(client):
    document = client.get("/openapi.json").json()
    parameter = document["paths"]["/v2/models/{name}/infer"]["post"]["parameters"][0]
    assert parameter["schema"]["enum"] == ["flowers", "half-plus-three", "mood", "shades"]
    assert "image/png" in document["paths"]["/predict"]["post"]["requestBody"]["content"]
