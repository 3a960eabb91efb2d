"""Other people's servers for bench/serve.py, each written as its documentation shows it, over the same ONNX file."""
