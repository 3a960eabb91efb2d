"""Pooling: many neighbours become one, their maximum or their mean.

Left out: pooling by a p-norm, fractional and adaptive maximum pooling, unpooling, indices of maxima.
"""

from . import functional as F
from .layer import NEEDED, FunctionModule, layer


class _Pool(FunctionModule):
    """Windows lie side by side if no stride is given."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stride = self.kernel_size if self.stride is None else self.stride


WINDOW = {"kernel_size": NEEDED, "stride": None, "padding": 0}
MAX = {**WINDOW, "dilation": 1, "return_indices": False, "ceil_mode": False}
AVG = {**WINDOW, "ceil_mode": False, "count_include_pad": True}
MAX_SHOWN = (*WINDOW, "dilation", "ceil_mode")

MaxPool1d = layer("MaxPool1d", F.max_pool1d, base=_Pool, shown=MAX_SHOWN, **MAX)
MaxPool2d = layer("MaxPool2d", F.max_pool2d, base=_Pool, shown=MAX_SHOWN, **MAX)
AvgPool1d = layer("AvgPool1d", F.avg_pool1d, base=_Pool, shown=tuple(WINDOW), **AVG)
AvgPool2d = layer("AvgPool2d", F.avg_pool2d, base=_Pool, shown=tuple(WINDOW), **AVG, divisor_override=None)
AdaptiveAvgPool1d = layer("AdaptiveAvgPool1d", F.adaptive_avg_pool1d, output_size=NEEDED)
AdaptiveAvgPool2d = layer("AdaptiveAvgPool2d", F.adaptive_avg_pool2d, output_size=NEEDED)
