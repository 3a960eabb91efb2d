"""The C library's memory, shown once how much we shall need.

It keeps freed memory for the next request, up to twice the largest block it has seen freed; beyond that every training
step would fetch its arrays from the operating system anew. So it sees a large block come and go, once.
"""

import numpy as np

np.empty(31 << 20, np.uint8)
