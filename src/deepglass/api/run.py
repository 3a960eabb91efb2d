"""`dg.load`: a run with all its verbs, those included that look inside it or carry it elsewhere.

run = dg.load("runs/iris")
run.predict("new.csv")
run.export("model.onnx")
"""

from pathlib import Path
from typing import Any

from deepglass.runs import run as runs


class Run(runs.Run):
    """A trained model with everything that belongs to it, and every verb that can be asked of it.

    Args:
        path: The run folder.
        device: Where to predict; "auto" takes a GPU where there is one.

    Raises:
        RunError: If the folder is not a run.
    """

    def trace(self, inputs: Any, backward: bool = False) -> dict[str, Any]:
        """One input on its way through the network, layer by layer and operation by operation (on the glass engine).

        Args:
            inputs: As for `predict`; the first row, picture, text or window is taken.
            backward: Also the gradients of the loss.

        Returns:
            Plain data: `trace["steps"]` holds one record per layer and operation, in the order of the computation.
        """
        from deepglass.api.trace import trace

        with self.folder.explaining():
            return trace(self, inputs, backward)

    def export(self, path: str | Path | None = None, to: str | None = None, force: bool = False) -> Path:
        """Write the model, preprocessing included, in a format that needs no Deepglass; returns its path.

        Args:
            path: Such as "model.onnx"; a file or folder below the run by default.
            to: onnx, torch, safetensors, bundle, tflite, executorch or savedmodel; told from the ending of `path`.
            force: Replace what is there.

        Raises:
            ExportError: If the model cannot be brought into the format, or would answer differently in it.
        """
        from deepglass.deploy.exporting import export

        return export(self, path, to=to, force=force)[0]

    def shrink(self, by: str = "int8", output: str | Path | None = None, **options: Any) -> Any:
        """Make the model smaller and measure what it costs.

        Args:
            by: int8, float16, prune or distil.
            output: Folder to write; `shrunk/METHOD` below the run by default.
            options: most_lost (points of accuracy and other shares, percent of any other score; 1 by default), data,
                force, and the settings of the method: calibration, sparsity, student, temperature, epochs, budget, …

        Returns:
            `path`, `before` and `after` with score, bytes and latency_ms, what was `lost`, and `is_good`; what lost
            more than is allowed lies at a path that ends in "-rejected".

        Raises:
            DataError: If the data of the training have gone or changed.
            ExportError: If the model cannot be exported, or has nothing to shrink.
        """
        from deepglass.deploy.shrinking import shrink

        return shrink(self, by, output, **options)


def load(path: str | Path, device: str = "auto") -> Run:
    """Open a run folder.

    Raises:
        RunError: If it is not one.
    """
    return Run(path, device)
