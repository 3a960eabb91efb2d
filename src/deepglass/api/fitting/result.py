"""What `dg.fit` gives back: how the training went, and answers for new data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.api.fitting.arrays import tensor_of
from deepglass.api.fitting.batching import Batcher
from deepglass.api.fitting.datasets import is_numbered
from deepglass.api.fitting.given import GivenDataset
from deepglass.api.fitting.given_batches import GivenBatches
from deepglass.api.fitting.layout import Layout, lay_out
from deepglass.api.fitting.learner import JUDGED_AT_ONCE, batches_of, joined_batches, on_cpu
from deepglass.api.fitting.metrics import answers_of
from deepglass.api.fitting.objective import Objective, answer_in
from deepglass.api.fitting.parts import Parts, arrange, whole
from deepglass.api.fitting.source import is_stream
from deepglass.api.fitting.structure import mapped
from deepglass.api.fitting.trial import refusal
from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.data.examples import Batch, InMemory
from deepglass.training.state import TrainResult


@dataclass(repr=False)
class FittedModule(TrainResult):
    """How a training ended, and answers of the module, which holds its best weights.

    classes: What the codes of the target mean, in their order, where it held classes.
    """

    classes: np.ndarray | None = None
    batcher: Batcher | None = None

    @property
    def objective(self) -> Objective:
        """What the training made smaller."""
        assert self.batcher is not None
        assert self.batcher.objective is not None
        return self.batcher.objective

    def __repr__(self) -> str:
        return f"FittedModule({len(self.history)} epochs, the best is {self.best_epoch}: {self.reason})"

    def outputs(self, X: Any) -> Any:
        """What the module says of new data, as tensors on the CPU.

        Args:
            X: Inputs as in training, without the target; or a Dataset or loader as in training.

        Raises:
            DataError: If they are not laid out as in training.
        """
        examples, layout = self._examples(X)
        self.model.eval()
        with torch.no_grad():
            batches = batches_of(examples, JUDGED_AT_ONCE, device_of(self.model))
            return joined_batches([on_cpu(self._said(layout, batch)) for batch in batches])

    def predict(self, X: Any) -> Any:
        """Answers for new data: the class of each example, or its value; of a loss of one's own the outputs.

        Args:
            X: As for `outputs`.
        """
        outputs, plan = self.outputs(X), self.objective.only
        if plan is None or not isinstance(answer_in(outputs), Tensor):
            return mapped(lambda part: part.numpy() if isinstance(part, Tensor) else part, outputs)
        answers = answers_of(outputs, plan)
        if plan.loss.kind == "values":
            return answers.squeeze(1).numpy() if plan.tail is not None and answers.dim() == 2 else answers.numpy()
        codes = answers.long()
        codes = codes.flatten() if codes.dim() == 2 and codes.shape[1] == 1 else codes
        if plan.signs and self.classes is None:
            return (2 * codes - 1).numpy()
        return codes.numpy() if self.classes is None else self.classes[codes.numpy()]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities of the classes (N, K).

        Raises:
            OptionError: If the module was not trained for classes.
        """
        outputs, plan = self.outputs(X), self.objective.only
        if plan is None or plan.loss.kind not in ("classes", "binary"):
            raise OptionError(f"predict_proba: trained with {self.objective.words}, the module tells no probabilities")
        said = answer_in(outputs)
        if plan.loss.kind == "classes":
            said = said.movedim(-1, 1) if plan.classes_last else said
            return (said.exp() if plan.loss.name in ("nll", "NLLLoss") else said.softmax(dim=1)).numpy()
        yes = said if plan.loss.is_of_probabilities else said.sigmoid()
        return torch.cat([1 - yes, yes], dim=1).numpy() if yes.dim() == 2 and yes.shape[1] == 1 else yes.numpy()

    def _said(self, layout: Layout, batch: Batch) -> Any:
        try:
            return layout.call(self.model, batch)
        except RuntimeError as error:
            raise refusal(error, layout, batch) from error

    def _examples(self, X: Any) -> tuple[Any, Layout]:
        own = self.batcher
        assert own is not None
        layout = own.layout
        assert layout is not None
        if is_stream(X) or is_numbered(X):
            batcher = replace(own, where="X", bad="")
            rows = torch.arange(0)
            kind = GivenBatches(X, batcher, is_judged=True) if is_stream(X) else GivenDataset(X, batcher, rows)
            return kind.examples(None, 0), layout
        args, kwargs, names = arrange(_as_in_training(X, layout), own.signature, "X")
        found, leaves = lay_out(whole(Parts(args, kwargs, None, names)))
        if (found.args, found.kwargs) != (layout.args, layout.kwargs):
            raise DataError(f"X has {found}, train had {layout}: expected the same inputs")
        tensors = tuple(tensor_of(leaf, name) for leaf, name in zip(leaves, found.names, strict=True))
        own.inputs(tuple(tensor[:1] for tensor in tensors))
        return InMemory(*tensors, transform=own.inputs), found


def _as_in_training(X: Any, layout: Layout) -> Any:
    """Inputs by name where the training had them so; a tuple of one is that one."""
    X = X[0] if isinstance(X, tuple) and len(X) == 1 else X
    if layout.kwargs and not layout.args and not isinstance(X, Mapping):
        parts = list(X) if isinstance(X, tuple) else [X]
        return dict(zip(layout.kwargs, parts)) if len(parts) == len(layout.kwargs) else X
    return X
