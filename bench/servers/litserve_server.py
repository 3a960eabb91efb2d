"""LitServe over ONNX Runtime, with its dynamic batching: `python litserve_server.py MODEL.onnx PORT`."""

import sys

import litserve
import numpy as np
import onnxruntime


class Model(litserve.LitAPI):
    def setup(self, device):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0]
        self.dtype = {"tensor(uint8)": np.uint8, "tensor(int64)": np.int64}[self.input.type]

    def decode_request(self, request):
        return np.asarray(request["inputs"], self.dtype)

    def batch(self, inputs):
        return np.stack(inputs)

    def predict(self, inputs):
        return self.session.run(None, {self.input.name: inputs})[0]

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        return {"outputs": output.tolist()}


if __name__ == "__main__":
    api = Model(max_batch_size=32, batch_timeout=0.002)
    litserve.LitServer(api, accelerator="cpu").run(port=int(sys.argv[2]), log_level="error", generate_client_file=False)
