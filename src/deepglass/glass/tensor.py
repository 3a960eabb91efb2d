"""The tensor: a NumPy array that remembers how it was computed.

`array` is the array itself, open to anyone who wants to look; `node` is the operation it came from (see `autograd`).
Methods that are operations (`x.exp()`, `x + y`) are attached in `methods.py` from the functions in `ops/`.
Left out: gradients through changes of a view (`x[0].add_(y)`); `x[0] = x[0] + y` does the same.
"""

import weakref

import numpy as np

from . import autograd
from .autograd import Handle, start_gradient
from .dtype import DTYPES, FLOAT, RANK, Size, as_numpy, device
from .layout import is_contiguous, order
from .left_out import left_out, refuse


class Tensor:
    """An n-dimensional array of numbers with reverse-mode differentiation.

    Args:
        data: Nested lists, an array or a tensor; or integers, the sizes of a new tensor of zeros.

    Example:
        >>> x = Tensor([1.0, 2.0]).requires_grad_()
        >>> (x * x).sum().backward()
        >>> x.grad
        tensor([2., 4.])

    Attributes:
        array: The values.
        node: The operation that gave them, None for a leaf.
        grad: ∂L/∂self after `backward`, for leaves that require it.
        version: Common to all views of the same memory: two counts of changes in place, all, and recorded ones.
        seen: For a view: how many recorded changes there had been when it was taken.
        hooks: Functions asked about the gradient of a leaf.
        has_own_layout: Whether `array` lies in memory in an order that is ours alone (see `layout`).
    """

    __slots__ = ("__weakref__", "_requires_grad", "array", "grad", "has_own_layout", "hooks", "node", "seen", "version")
    __array_priority__ = 1000  # NumPy leaves `array * tensor` to us
    __getattr__ = left_out("Tensor")
    is_cuda, device = False, device("cpu")

    def __init__(self, *data):
        is_size = all(isinstance(size, int) for size in data)
        array = np.zeros(data or 0) if is_size else np.array(getattr(data[0], "array", data[0]))
        self.array, self.version, self._requires_grad = array.astype(FLOAT), [0, 0], False
        self.grad = self.hooks = self.node = self.seen = None
        self.has_own_layout = False

    # What it is

    shape = property(lambda self: Size(self.array.shape))
    ndim = property(lambda self: self.array.ndim)
    dtype = property(lambda self: DTYPES[self.array.dtype])
    is_leaf = property(lambda self: not self.is_stale() and (self.node is None or self.node.edges == ()))
    grad_fn = property(lambda self: self.tape())

    def size(self, dim=None):
        if dim is not None and not -self.array.ndim <= dim < self.array.ndim:
            raise IndexError(f"size: expected one of {self.array.ndim} dimensions, got {dim}")
        return self.shape if dim is None else self.array.shape[dim]

    def dim(self):
        return self.array.ndim

    def numel(self):
        return self.array.size

    def stride(self, dim=None):
        strides = tuple(step // self.array.itemsize for step in order(self).array.strides)
        return strides if dim is None else strides[dim]

    def is_contiguous(self):
        return is_contiguous(self)

    def is_floating_point(self):
        return self.array.dtype.kind == "f"

    # Out of the engine and back

    def numpy(self):
        """The array, sharing memory.

        Raises:
            RuntimeError: If a gradient is required, which NumPy could not follow.
        """
        if self.requires_grad:
            raise RuntimeError(
                "numpy: expected a tensor outside the graph, got one that requires grad; use tensor.detach().numpy()"
            )
        return order(self).array

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def item(self, error=RuntimeError):
        """The one number inside, as a Python number.

        Raises:
            RuntimeError: If there is not exactly one element.
        """
        if self.array.size != 1:
            raise error(
                f"item: expected a tensor with one element, got shape {list(self.shape)}; reduce it first, as in "
                "x.mean().item(), or use tolist(), any() or all()"
            )
        return self.array.item()

    def tolist(self):
        return self.array.tolist()

    def __bool__(self):
        return bool(self.item())

    def __float__(self):
        return float(self.item(ValueError))

    def __int__(self):
        return int(self.item(ValueError))

    def __index__(self):
        if self.array.dtype.kind == "f" or self.array.size != 1:
            raise TypeError(f"index: expected an integer tensor with one element, got {self!r}")
        return int(self.array.item())

    def __len__(self):
        if not self.array.ndim:
            raise TypeError("len() or iteration over a 0-d tensor: expected at least one dimension; use item()")
        return len(self.array)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __hash__(self):
        return id(self)

    def __format__(self, spec):
        return format(self.item(), spec) if spec else str(self)

    def __reduce__(self):
        return _restore, (type(self), self.array, self._requires_grad)

    def __deepcopy__(self, memo):
        if self.node is not None:
            raise RuntimeError("deepcopy: expected a leaf tensor, got the result of an operation; detach() it first")
        twin = memo[id(self)] = _restore(type(self), self.array.copy(), self._requires_grad)
        twin.grad = None if self.grad is None else self.grad.clone()
        return twin

    def __repr__(self):
        values = self.array
        kind = "" if values.dtype in (FLOAT, np.int64, bool) else f", dtype={self.dtype}"
        kind += f", grad_fn={self.node}" if self.node is not None else ", requires_grad=True" * self.requires_grad
        is_round = values.dtype.kind != "f" or np.array_equal(values, np.round(values), equal_nan=True)
        style = {} if is_round else {"floatmode": "fixed", "precision": 4}
        return f"tensor({np.array2string(values, separator=', ', prefix='tensor(', **style)}{kind})"

    # Gradients

    @property
    def requires_grad(self):
        return self.node is not None or self._requires_grad or self.is_stale()

    @requires_grad.setter
    def requires_grad(self, needed):
        if needed and self.array.dtype.kind != "f":
            raise RuntimeError(
                f"requires_grad: only tensors of floating point dtype can require gradients, got {self.dtype}; "
                "convert it first, as in x.float()"
            )
        if not self.is_leaf:
            raise RuntimeError("requires_grad: you can only change it on leaf tensors; use detach() for a result")
        self._requires_grad = bool(needed)

    def requires_grad_(self, requires_grad=True):
        if not requires_grad or not self.requires_grad:
            self.requires_grad = requires_grad
        return self

    def is_stale(self):
        """Whether self is a view of memory that a recorded operation has overwritten since."""
        return self.seen is not None and self.seen != self.version[1]

    def tape(self):
        """The node to send gradients to, None for a leaf.

        Raises:
            NotImplementedError: If self is stale, or is a view whose hook PyTorch would drop without a word.
        """
        if self.seen is not None and self.is_stale():
            raise NotImplementedError(
                "gradients of a view whose tensor has been changed in place are left out of the glass engine: "
                "take the view again, or use the operation without trailing underscore"
            )
        if self.seen is not None and self.version[0] and autograd.has_stale_hook(self):
            raise NotImplementedError(
                "a hook on a view whose values have been changed in place since is left out of the glass engine, and "
                "PyTorch forgets it: call register_hook after the change, or on the tensor that was viewed"
            )
        return self.node

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        """Adds ∂self/∂leaf to the `grad` of every leaf that self was computed from.

        Args:
            gradient: ∂L/∂self where self is not a scalar, of the same shape.
            retain_graph: Keep the graph for another pass.
            create_graph: Left out; must be False.
            inputs: Only these leaves receive a gradient.

        Raises:
            RuntimeError: If self has no graph, is not a scalar, or the graph has been freed.
        """
        refuse("backward", create_graph=create_graph)
        chosen = None if inputs is None else set(map(id, [inputs] if isinstance(inputs, Tensor) else inputs))
        leaves = autograd.run_backward([self.tape() or self], [start_gradient(self, gradient)], retain_graph)
        for leaf, share in leaves.items():
            if leaf._requires_grad and (chosen is None or id(leaf) in chosen):
                leaf.accumulate(share)

    def accumulate(self, share):
        """Adds an array to `grad`."""
        if self.grad is None:
            self.grad = self.around(share)
        else:
            np.add(self.grad.array, share, out=self.grad.array)

    def register_hook(self, hook):
        """Calls `hook(gradient)` as the gradient passes; a tensor that it returns goes on in its place.

        Raises:
            RuntimeError: If the tensor does not require a gradient.
        """
        if not self.requires_grad:
            raise RuntimeError("register_hook: expected a tensor that requires grad; call requires_grad_() first")

        def through(gradient):
            answer = hook(wrap(np.asarray(gradient)))
            return gradient if answer is None else answer.array

        place = self.tape() or self
        place.hooks = place.hooks or {}
        return Handle(place.hooks, through, None if self.seen is None else self.version[0])

    def retain_grad(self):
        """Keeps `grad` of a tensor that is not a leaf too, as it is after all hooks.

        Raises:
            RuntimeError: If the tensor does not require a gradient.
        """
        if not self.requires_grad:
            raise RuntimeError("retain_grad: can't retain_grad on Tensor that has requires_grad=False")
        me, node = weakref.ref(self), self.tape()

        def keep(gradient):
            if me() is not None:
                me().accumulate(gradient.copy())  # pyright: ignore[reportOptionalMemberAccess]

        if node is not None and node.edges != ():
            node.keep = keep

    def around(self, array):
        """A tensor around an array, without history: a gradient of ours."""
        new = wrap(np.asarray(array))
        new.has_own_layout = not new.array.flags.c_contiguous and is_contiguous(self)
        return new

    def detach(self):
        """The same memory without its history."""
        new = wrap(order(self).array)
        new.version = self.version
        return new

    @property
    def data(self):
        return wrap(order(self).array)

    @data.setter
    def data(self, value):
        self.array, self.version, self.has_own_layout = order(value).array, value.version, False

    # Changing values in place

    def change(self, function, *args, **options):
        """self ← function(self, …). What the function saves is a copy, for the values themselves are overwritten."""
        for other in args:
            self.check_apart(other)
        before = self
        if autograd.mode.enabled:
            before = wrap(self.array.copy(), self.tape())
            before._requires_grad = self._requires_grad
        return self.overwrite(function(before, *args, **options))

    def check_writable(self, part=None):
        """Refuses to change a leaf whose gradient would be lost, and what shows the same memory several times.

        Args:
            part: The part of `array` that is to change; all of it if None.

        Raises:
            RuntimeError: If self is a leaf that requires grad.
            NotImplementedError: If self repeats elements, as `expand` leaves it, or is a part of such a tensor.
        """
        if autograd.mode.enabled and self._requires_grad:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation: expected a result or a "
                "tensor without requires_grad; wrap the change in glass.no_grad(), or clone() first"
            )
        part = self.array if part is None else part
        if part.size and not part.flags.writeable:
            raise NotImplementedError("in place: elements may share memory, as after expand(); clone() it first")

    def check_apart(self, other):
        """Refuses to write into memory that is, in another arrangement, read from too.

        Raises:
            RuntimeError: If other is another view of our memory and overlaps.
        """
        if isinstance(other, Tensor) and other.version is self.version and other is not self:
            a, b = self.array, other.array
            is_same = a.shape == b.shape and a.strides == b.strides and a.ctypes.data == b.ctypes.data
            if not is_same and a.flags.forc and b.flags.forc and np.shares_memory(a, b):
                raise RuntimeError("in place: reads from and writes to a single memory location; clone() one of them")

    def overwrite(self, new):
        """Writes the values of `new` into our memory, and takes over its history: the heart of every `x.op_()`.

        Raises:
            RuntimeError: If self must not be changed (see `check_writable`), or shape or type change.
            NotImplementedError: If self is a view and gradients would have to go through the change.
        """
        kinds = self.array.dtype.kind, new.array.dtype.kind
        if self.requires_grad and kinds[1] != "f":
            raise NotImplementedError("in place: a comparison written into a tensor that requires grad is left out")
        self.check_writable()
        if autograd.mode.enabled and self.seen is not None and (new.requires_grad or self.node is not None):
            raise NotImplementedError(
                "gradients through an in-place operation on a view are left out of the glass engine: "
                "assign instead, as in x[0] = x[0] + y, or clone() first"
            )
        if new.array.shape != self.array.shape:
            raise RuntimeError(
                f"in place: expected a result of our own shape {list(self.shape)}, got {list(new.shape)}; "
                "use the operation without trailing underscore"
            )
        if RANK[kinds[0]] < RANK[kinds[1]]:
            raise RuntimeError(f"in place: result type {new.dtype} can't be cast to the desired output {self.dtype}")
        np.copyto(self.array, new.array, casting="unsafe")
        self.version[0] += 1
        if autograd.mode.enabled and new.node is not None and self.node is not None:
            new.node.keep, self.node.keep = self.node.keep, None  # who retains our gradient means that of our new value
        if new.node is not None and new.node.saved:  # what the function kept of its result, is ours now
            new.node.saved[-1] = (self.version, self.version[0], new.node.saved[-1][2])
            new.node.saves *= len(new.node.saved)  # whatever it saves, it saves its result too
        if autograd.mode.enabled:
            self.version[1] += new.node is not None or self.node is not None
            self.node = new.node
        return self


def wrap(array, node=None):
    """A tensor around an array, without a copy."""
    new = Tensor.__new__(Tensor)
    new.array = array
    new.node = node
    new._requires_grad = new.has_own_layout = False
    new.grad = new.hooks = new.seen = None
    new.version = [0, 0]
    return new


def _restore(kind, array, requires_grad):
    new = kind()
    new.array, new._requires_grad = array, requires_grad
    return new


def tensor(data, *, dtype=None, device=None, requires_grad=False):
    """A new leaf tensor with a copy of the data; Python floats become float32, arrays keep their type.

    Raises:
        TypeError: If the data are not numbers or booleans.
    """
    data = data.array if isinstance(data, Tensor) else data
    array = np.array(data if isinstance(data, (np.ndarray, np.generic)) else _plain(data))
    if dtype is None and not isinstance(data, np.ndarray | np.generic) and (array.dtype.kind == "f" or not array.size):
        array = array.astype(FLOAT)
    kind = as_numpy(dtype) or array.dtype
    if kind not in DTYPES:
        raise TypeError(f"tensor: expected numbers or booleans, got an array of {kind}; convert it first")
    return wrap(array.astype(kind, copy=False)).requires_grad_(requires_grad)


def _plain(data):
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    return data.array if isinstance(data, Tensor) else data
