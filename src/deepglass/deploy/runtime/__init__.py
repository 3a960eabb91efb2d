"""The small runtime: an exported model answers with ONNX Runtime, NumPy, Pillow and tokenizers alone, without PyTorch.

    from deepglass.deploy.runtime.bundle import Bundle      # inside Deepglass
    from deepglass_runtime.bundle import Bundle             # inside a bundle, where this folder is copied whole

An island: no file here imports anything of Deepglass, and all imports among them are relative.
"""
