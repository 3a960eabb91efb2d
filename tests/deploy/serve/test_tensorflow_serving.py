"""TensorFlow Serving's requests, as its documentation prints them."""

import base64
import io

import numpy as np
import pytest
from PIL import Image


def test_the_documentations_own_example(client):
    status = client.get("/v1/models/half-plus-three").json()["model_version_status"]
    assert status == [{"version": "123", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}]
    answer = client.post("/v1/models/half-plus-three:predict", content=b'{"instances": [1.0,2.0,5.0]}')
    assert answer.json() == {"predictions": [3.5, 4.0, 5.5]}
    asked = b'{"signature_name": "tensorflow/serving/regress", "examples": [{"x": 1.0}, {"x": 2.0}]}'
    assert client.post("/v1/models/half-plus-three:regress", content=asked).json() == {"results": [3.5, 4.0]}
    unknown = client.post("/v1/models/half:predict", content=b'{"instances": [1.0,5.0]}')
    assert unknown.status_code == 404
    assert list(unknown.json()) == ["error", "field"]


def test_rows_columns_and_records_agree(client):
    url = "/v1/models/flowers/versions/1:predict"
    rows = [{"length": [5.0], "width": [1.0], "colour": ["red"]}, {"length": [2.0], "width": [2.0], "colour": ["blue"]}]
    by_row = client.post(url, json={"instances": rows}).json()["predictions"]
    columns = {"length": [[5.0], [2.0]], "width": [[1.0], [2.0]], "colour": [["red"], ["blue"]]}
    assert client.post(url, json={"inputs": columns}).json()["outputs"] == by_row
    flat = {name: [cell[0] for cell in column] for name, column in columns.items()}
    assert client.post(url, json={"inputs": flat}).json()["outputs"] == by_row
    records = [{name: cell[0] for name, cell in row.items()} for row in rows]
    assert client.post(url, json={"instances": records}).json()["predictions"] == by_row


def test_binary_values_and_texts(client):
    file = io.BytesIO()
    Image.fromarray(np.full((8, 8), 250, np.uint8)).save(file, "PNG")
    content = base64.b64encode(file.getvalue()).decode()
    for instance in ({"b64": content}, {"image": {"b64": content}}, np.full((8, 8, 1), 250).tolist()):
        answer = client.post("/v1/models/shades:predict", json={"instances": [instance]}).json()
        assert answer["predictions"][0][1] > 0.9
    answer = client.post("/v1/models/mood:predict", json={"instances": ["a great film", "awful"]}).json()
    assert [row[0] > 0.5 for row in answer["predictions"]] == [True, False]


def test_classify_pairs_labels_with_scores_and_shares_the_context(client):
    asked = {"context": {"colour": "red"}, "examples": [{"length": 5, "width": 1}, {"length": 1, "width": 3}]}
    results = client.post("/v1/models/flowers:classify", json=asked).json()["results"]
    assert [label for label, _ in results[0]] == ["iris", "poppy", "daisy"]
    assert sum(score for _, score in results[1]) == pytest.approx(1, abs=1e-6)


def test_metadata_are_a_signature(client):
    metadata = client.get("/v1/models/flowers/versions/1/metadata").json()
    signature = metadata["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["inputs"]["colour"]["dtype"] == "DT_STRING"
    assert signature["method_name"] == "tensorflow/serving/predict"


@pytest.mark.parametrize(("verb", "content", "field"), [
    ("predict", {}, "instances"),
    ("predict", {"instances": [1], "inputs": [1]}, "instances"),
    ("predict", {"instances": []}, "instances"),
    ("predict", {"inputs": {"length": [1.0]}}, "width"),
    ("predict", {"instances": [{"length": "5", "width": 1, "colour": "red"}]}, "length"),
    ("predict", {"instances": [{"length": 5, "colour": "red"}]}, "width"),
    ("classify", {"examples": [1]}, "examples"),
    ("regress", {"examples": [{"length": 5, "width": 1, "colour": "red"}]}, "name"),
])  # fmt: skip
def test_what_is_wrong_is_named(client, verb, content, field):
    answer = client.post(f"/v1/models/flowers:{verb}", json=content)
    assert answer.status_code in (400, 422)
    assert answer.json()["field"] == field
