"""The Open Inference Protocol: foreign clients work unchanged, and what is wrong is named."""

import json

import numpy as np
import pytest

FLOWER = {"length": [[5.0]], "width": [[1.0]], "colour": [["red"]]}


def tensor(name: str, data: list, datatype: str = "FP64", **more) -> dict:
    return {"name": name, "datatype": datatype, "shape": list(np.shape(data)), "data": data, **more}


def flower(**changes) -> dict:
    given = FLOWER | changes
    kinds = {"colour": "BYTES"}
    return {"inputs": [tensor(name, data, kinds.get(name, "FP64")) for name, data in given.items()]}


def test_metadata_describe_server_and_model(client):
    assert "binary_tensor_data" in client.get("/v2").json()["extensions"]
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    metadata = client.get("/v2/models/shades").json()
    assert metadata["inputs"] == [{"name": "images", "datatype": "UINT8", "shape": [-1, -1, -1, 1]}]
    assert client.get("/v2/models/shades/versions/1/ready").status_code == 200
    assert client.get("/v2/models/nobody").status_code == 404


def test_json_tensors_flat_or_nested_give_the_same_answer(client):
    nested = client.post("/v2/models/flowers/infer", json=flower() | {"id": "mine"}).json()
    flat = flower()
    for given in flat["inputs"]:
        given["data"] = given["data"][0]
    assert client.post("/v2/models/flowers/versions/1/infer", json=flat).json()["outputs"] == nested["outputs"]
    assert nested["id"] == "mine"
    assert nested["model_version"] == "1"
    assert sum(nested["outputs"][0]["data"]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("is_binary", [True, False])
def test_tritonclient_works_unchanged(server, is_binary):
    triton = pytest.importorskip("tritonclient.http")
    with triton.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("flowers")
        assert client.get_model_metadata("flowers")["platform"] == "onnxruntime_onnx"
        assert {row["name"] for row in client.get_model_repository_index()} >= {"flowers", "mood"}
        given = {
            "length": np.array([[5.0], [1.0]]),
            "width": np.array([[1.0], [2.0]]),
            "colour": np.array([["red"], ["blue"]], object),
        }
        inputs = []
        for name, array in given.items():
            kind = "BYTES" if array.dtype == object else "FP64"
            inputs.append(triton.InferInput(name, array.shape, kind).set_data_from_numpy(array, is_binary))
        outputs = [triton.InferRequestedOutput("probabilities", binary_data=is_binary)]
        answer = client.infer("flowers", inputs, outputs=outputs, request_id="7", timeout=5_000_000)
        plain = server.post("/predict?model=flowers", {"length": 5, "width": 1, "colour": "red"})
        row = answer.as_numpy("probabilities")[0]
        assert row.tolist() == pytest.approx([*plain["predictions"][0]["probabilities"].values()])
        assert answer.get_response()["id"] == "7"
        compressed = client.infer("flowers", inputs, request_compression_algorithm="gzip")  # all outputs, as bytes
        assert compressed.as_numpy("probabilities") == pytest.approx(answer.as_numpy("probabilities"))
        with pytest.raises(triton.InferenceServerException, match="nobody"):
            client.infer("nobody", inputs)


WRONG = {  # what is sent, and what the answer names
    "datatype": (lambda r: r["inputs"][0].update(datatype="FP32"), "length"),
    "shape": (lambda r: r["inputs"][0].update(shape=[1, 2], data=[1.0, 2.0]), "length"),
    "number of values": (lambda r: r["inputs"][0].update(data=[1.0, 2.0]), "length"),
    "negative size": (lambda r: r["inputs"][0].update(shape=[-1, 1]), "length"),
    "text for number": (lambda r: r["inputs"][0].update(data=["5"]), "length"),
    "boolean for number": (lambda r: r["inputs"][0].update(data=[True]), "length"),
    "so many dimensions": (lambda r: r["inputs"][0].update(shape=[1] * 600), "length"),
    "so large dimensions": (lambda r: r["inputs"][0].update(shape=[2**31 - 1, 1]), "length"),
    "dimension of nothing": (lambda r: r["inputs"][0].update(shape=[0, 1], data=[]), "length"),
    "boolean for a dimension": (lambda r: r["inputs"][0].update(shape=[True, 1]), "length"),
    "deep values": (lambda r: r["inputs"][0].update(data=[[[[[[[[[1.0]]]]]]]]]), "length"),
    "an object for values": (lambda r: r["inputs"][0].update(data={"a": 1}), "length"),
    "an object among values": (lambda r: r["inputs"][0].update(data=[{"a": 1}]), "length"),
    "number for text": (lambda r: r["inputs"][2].update(data=[5]), "colour"),
    "name no text": (lambda r: r["inputs"][0].update(name=["length"]), "name"),
    "id no text": (lambda r: r.update(id=7), "id"),
    "long id": (lambda r: r.update(id="x" * 600), "id"),
    "parameters no object": (lambda r: r.update(parameters=[]), "parameters"),
    "outputs no list": (lambda r: r.update(outputs="probabilities"), "outputs"),
    "flag no boolean": (lambda r: r.update(parameters={"binary_data_output": "yes"}), "binary_data_output"),
    "too large": (lambda r: r["inputs"][0].update(data=[10**400]), "length"),
    "ragged": (lambda r: r["inputs"][0].update(data=[[1.0], [2.0, 3.0]], shape=[2, 1]), "length"),
    "missing": (lambda r: r["inputs"].pop(0), "length"),
    "twice": (lambda r: r["inputs"].append(r["inputs"][0]), "inputs"),
    "unknown input": (lambda r: r["inputs"][0].update(name="height"), "name"),
    "unknown output": (lambda r: r.update(outputs=[{"name": "logits"}]), "outputs"),
    "other number of rows": (lambda r: r["inputs"][0].update(data=[1.0, 2.0], shape=[2, 1]), "width"),
    "inputs no list": (lambda r: r.update(inputs={"length": 1}), "inputs"),
    "timeout": (lambda r: r.update(parameters={"timeout": -5}), "timeout"),
    "unsupported": (lambda r: r.update(parameters={"classification": 3}), "classification"),
    "binary that did not come": (lambda r: r["inputs"][0].update(parameters={"binary_data_size": 8}), "length"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_and_the_next_request_is_answered(client, case):
    spoil, field = WRONG[case]
    request = flower()
    spoil(request)
    refused = client.post("/v2/models/flowers/infer", content=json.dumps(request))
    assert refused.status_code in (400, 422), refused.text
    assert refused.json()["field"] == field
    assert client.post("/v2/models/flowers/infer", json=flower()).status_code == 200


def binary(length: float, width: float) -> dict:
    """A request whose numbers come behind the JSON."""
    inputs = [
        {"name": name, "datatype": "FP64", "shape": [1, 1], "parameters": {"binary_data_size": 8}}
        for name in ("length", "width")
    ]
    header = json.dumps({"inputs": [*inputs, tensor("colour", [["red"]], "BYTES")]}).encode()
    content = header + np.array([length, width]).tobytes()
    return {"content": content, "headers": {"Inference-Header-Content-Length": str(len(header))}}


def test_a_missing_number_is_said_as_null_or_nan(client):
    url = "/v2/models/flowers/infer"
    expected = client.post("/predict?model=flowers", json={"length": None, "width": 1, "colour": "red"}).json()
    probabilities = [*expected["predictions"][0]["probabilities"].values()]
    literal = json.dumps(flower()).replace("5.0", "NaN")
    ways = [{"json": flower(length=[[None]])}, {"content": literal}, binary(np.nan, 1.0)]
    for way in ways:
        assert client.post(url, **way).json()["outputs"][0]["data"] == pytest.approx(probabilities)
    missing_word = client.post(url, json=flower(colour=[[None]])).json()
    assert missing_word == client.post(url, json=flower(colour=[[""]])).json()
    assert "parameters" not in missing_word


def test_infinity_is_refused_and_a_missing_token_too(client):
    for way in ({"content": json.dumps(flower()).replace("5.0", "-Infinity")}, binary(np.inf, 1.0)):
        assert client.post("/v2/models/flowers/infer", **way).status_code in (400, 422)
    refused = client.post("/v2/models/mood/infer", json={"inputs": [tensor("tokens", [[2, None]], "INT64")]})
    assert (refused.status_code, refused.json()["field"]) == (422, "tokens")


def test_an_unknown_word_is_answered_and_said(client):
    answer = client.post("/v2/models/flowers/infer", json=flower(colour=[["green"]])).json()
    assert "'green'" in answer["parameters"]["warnings"]
    assert answer["outputs"][0]["data"]


def test_a_header_length_of_a_thousand_digits_is_refused(client):
    for length in ("9" * 5000, "-1", "1e3", "٣"):
        headers = {"Inference-Header-Content-Length": length.encode()}
        assert client.post("/v2/models/flowers/infer", content=b"{}", headers=headers).status_code == 400


def test_ids_and_lengths_are_those_of_the_model(client):
    url = "/v2/models/mood/infer"
    for tokens in ([[2, 999]], [[-1, 2]], [[2] * 51], [[2**63 - 1]]):
        refused = client.post(url, json={"inputs": [tensor("tokens", tokens, "INT64")]})
        assert (refused.status_code, refused.json()["field"]) == (422, "tokens")
    assert client.post(url, json={"inputs": [tensor("tokens", [[2] * 50], "INT64")]}).status_code == 200
    many = {"name": "tokens", "datatype": "INT64", "shape": [1, 1_000_000], "data": []}
    assert client.post(url, json={"inputs": [many]}).status_code == 422


def test_pictures_of_any_size_are_scaled_before_the_graph(client):
    pictures = np.full((2, 300, 500, 1), 250, np.uint8)
    answer = client.post("/v2/models/shades/infer", json={"inputs": [tensor("images", pictures.tolist(), "UINT8")]})
    assert answer.status_code == 413  # as JSON it holds too many values; in binary it is welcome
    header = json.dumps({"inputs": [
        {"name": "images", "datatype": "UINT8", "shape": [2, 300, 500, 1], "parameters": {"binary_data_size": 300_000}}
    ]}).encode()  # fmt: skip
    headers = {"Inference-Header-Content-Length": str(len(header))}
    answer = client.post("/v2/models/shades/infer", content=header + pictures.tobytes(), headers=headers).json()
    assert answer["outputs"][0]["data"][1::2] == pytest.approx([0.9933, 0.9933], abs=1e-3)


def test_tritons_configuration_and_statistics_answer(client):
    config = client.get("/v2/models/shades/config").json()
    assert config["input"] == [{"name": "images", "data_type": "TYPE_UINT8", "dims": [-1, -1, 1]}]
    assert client.get("/v2/models/shades/versions/1/config").json() == config
    for _ in range(3):
        client.post("/v2/models/flowers/infer", json=flower())
    client.post("/v2/models/flowers/infer", json=flower(length=[[1e308]]))
    (stats,) = client.get("/v2/models/flowers/stats").json()["model_stats"]
    assert (stats["inference_count"], stats["execution_count"]) == (4, 4)
    assert stats["inference_stats"]["success"]["count"] == 4
    assert len(client.get("/v2/models/stats").json()["model_stats"]) == 4
    assert client.get("/v2/models/nobody/stats").status_code == 404


def test_values_that_the_graph_refuses_harm_nobody_else(client):
    model = client.app.state.registry.choose("mood")
    model.bounds.bundle.encoder.vocab_size = 1000  # so that the graph itself has to refuse
    ids = {"inputs": [tensor("tokens", [[2, 999]], "INT64")]}  # no such word
    assert client.post("/v2/models/mood/infer", json=ids).status_code == 422
    assert client.get("/v2/models/mood/ready").status_code == 200


def test_an_answer_that_overflows_is_no_defect_of_the_server(client):
    answer = client.post("/v2/models/flowers/infer", json=flower(length=[[1e308]]))
    assert answer.status_code == 422
    assert "not finite" in answer.json()["error"]
