"""The tensor: a NumPy array that remembers how it was computed.

`array` is the array itself, open to anyone who wants to look; `node` is the operation it came from (see `autograd`).
Methods that are operations (`x.exp()`, `x + y`) are attached in `methods.py` from the functions in `ops/`.
"""

import weakref

import numpy as np

from . import autograd
from .autograd import Handle, refuse, start_gradient
from .dtype import DTYPES, FLOAT, Size, as_numpy, device


class Tensor:
    """An n-dimensional array of numbers with reverse-mode differentiation.

    Args:
        data: Nested lists, an array or a tensor; or integers, the sizes of a new tensor of zeros.

    Raises:
        TypeError: If sizes and data are mixed.

    Example:
        >>> x = Tensor([1.0, 2.0]).requires_grad_()
        >>> (x * x).sum().backward()
        >>> x.grad
        tensor([2., 4.])

    Attributes:
        array: The values.
        node: The operation that gave them, None for a leaf.
        grad: ∂L/∂self after `backward`, for leaves that require it.
        version: A list with one count of in-place changes, common to all views of the same memory.
        origin: For a view: [operation, its arguments, its options, the version it has seen].
        hooks: Functions asked about the gradient of a leaf.
    """

    __slots__ = ("__weakref__", "_requires_grad", "array", "grad", "hooks", "node", "origin", "version")
    __array_priority__ = 1000  # NumPy leaves `array * tensor` to us

    def __init__(self, *data):
        if len(data) == 1 and not isinstance(data[0], int):
            self.array = np.array(getattr(data[0], "array", data[0]), dtype=FLOAT)
        elif all(isinstance(size, int) for size in data):
            self.array = np.zeros(data if data else 0, dtype=FLOAT)
        else:
            raise TypeError(f"Tensor: expected one list of data, or integer sizes, got {data!r}; see glass.tensor")
        self.grad = self.hooks = self.node = self.origin = None
        self._requires_grad, self.version = False, [0]

    @staticmethod
    def _make_subclass(cls, data, requires_grad=False):
        """A tensor of class `cls` that shares the memory of `data`: how parameters and buffers are made."""
        new = cls.__new__(cls)
        new.array, new.version = data.array, data.version
        new.grad = new.hooks = new.node = new.origin = None
        new._requires_grad = False
        new.requires_grad = requires_grad
        return new

    # What it is

    @property
    def shape(self):
        return Size(self.array.shape)

    def size(self, dim=None):
        return self.shape if dim is None else self.array.shape[dim]

    @property
    def ndim(self):
        return self.array.ndim

    def dim(self):
        return self.array.ndim

    def numel(self):
        return self.array.size

    nelement = numel

    def stride(self, dim=None):
        strides = tuple(step // self.array.itemsize for step in self.array.strides)
        return strides if dim is None else strides[dim]

    def is_contiguous(self):
        return self.array.flags.c_contiguous

    @property
    def dtype(self):
        return DTYPES[self.array.dtype]

    def is_floating_point(self):
        return self.array.dtype.kind == "f"

    @property
    def device(self):
        return device("cpu")

    is_cuda = False

    # Out of the engine and back

    def numpy(self):
        """The array, sharing memory.

        Raises:
            RuntimeError: If the tensor requires a gradient, which NumPy could not follow.
        """
        if self.requires_grad:
            raise RuntimeError(
                "numpy: expected a tensor outside the graph, got one that requires grad; use tensor.detach().numpy()"
            )
        return self.array

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def item(self):
        """The one number inside, as a Python number."""
        if self.array.size != 1:
            raise RuntimeError(
                f"item: expected a tensor with one element, got shape {list(self.array.shape)}; reduce it first, as in "
                "x.mean().item(), or use tolist()"
            )
        return self.array.item()

    def tolist(self):
        return self.array.tolist()

    def __bool__(self):
        if self.array.size != 1:
            raise RuntimeError(
                f"bool: the truth of a tensor with {self.array.size} values is ambiguous: expected one value; "
                "use any() or all()"
            )
        return bool(self.array.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        if self.array.dtype.kind == "f" or self.array.size != 1:
            raise TypeError(f"index: expected an integer tensor with one element, got {self!r}")
        return int(self.array.item())

    def __len__(self):
        if not self.array.ndim:
            raise TypeError("len() of a 0-d tensor: expected at least one dimension")
        return len(self.array)

    def __iter__(self):
        if not self.array.ndim:
            raise TypeError("iteration over a 0-d tensor: expected at least one dimension; use item()")
        return (self[i] for i in range(len(self.array)))

    def __hash__(self):
        return id(self)

    def __format__(self, spec):
        return format(self.item() if spec else self, spec) if spec else str(self)

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
        kind += f", grad_fn={self.grad_fn}" if self.node is not None else ", requires_grad=True" * self.requires_grad
        is_round = values.dtype.kind != "f" or np.array_equal(values, np.round(values), equal_nan=True)
        style = {} if is_round else {"floatmode": "fixed", "precision": 4}
        return f"tensor({np.array2string(values, separator=', ', prefix='tensor(', **style)}{kind})"

    # Gradients

    @property
    def requires_grad(self):
        return self.node is not None or self._requires_grad

    @requires_grad.setter
    def requires_grad(self, needed):
        if needed and self.array.dtype.kind != "f":
            raise RuntimeError(
                f"requires_grad: only tensors of floating point dtype can require gradients, got {self.dtype}; "
                "convert it first, as in x.float()"
            )
        if not needed and self.node is not None:
            raise RuntimeError("requires_grad: you can only change it on leaf tensors; use detach() for a result")
        self._requires_grad = bool(needed)

    def requires_grad_(self, requires_grad=True):
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self):
        return self.tape() is None

    @property
    def grad_fn(self):
        return self.tape()

    def tape(self):
        """The node to send gradients to, taken anew for a view whose memory has been changed since."""
        if self.origin is not None and self.origin[3] != self.version[0]:
            operation, args, options, _ = self.origin
            fresh = operation(*args, **options)
            self.node, self.origin[3] = fresh.node, self.version[0]
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
        target = self.tape() or self
        chosen = None if inputs is None else ([inputs] if isinstance(inputs, Tensor) else inputs)
        leaves = autograd.run_backward([target], [start_gradient(self, gradient)], retain_graph)
        for leaf, share in leaves.items():
            if chosen is None or any(leaf is one for one in chosen):
                leaf.accumulate(share)

    def accumulate(self, share):
        """Adds an array to `grad`."""
        if self.grad is None:
            self.grad = wrap(np.asarray(share))
        else:
            np.add(self.grad.array, share, out=self.grad.array)

    def register_hook(self, hook):
        """Calls `hook(gradient)` as the gradient passes; a tensor that it returns goes on in its place."""
        if not self.requires_grad:
            raise RuntimeError("register_hook: expected a tensor that requires grad; call requires_grad_() first")

        def through(gradient):
            answer = hook(wrap(np.asarray(gradient)))
            return gradient if answer is None else answer.array

        place = self.tape() or self
        place.hooks = place.hooks or {}
        return Handle(place.hooks, through)

    def retain_grad(self):
        """Keeps `grad` of a tensor that is not a leaf too."""
        if self.node is not None:
            me = weakref.ref(self)

            def keep(gradient):
                if me() is not None:
                    me().accumulate(gradient.array.copy())

            self.register_hook(keep)

    def around(self, array):
        """A tensor around an array, without history."""
        return wrap(np.asarray(array))

    def detach(self):
        """The same memory without its history."""
        new = wrap(self.array)
        new.version = self.version
        return new

    def detach_(self):
        self.node, self._requires_grad = None, False
        return self

    @property
    def data(self):
        return self.detach()

    @data.setter
    def data(self, value):
        self.array, self.version = value.array, value.version

    # Changing values in place

    def change(self, function, *args, **options):
        """self ← function(self, …). What the function saves is a copy, for the values themselves are overwritten."""
        before = self
        if autograd.mode.enabled:
            before = wrap(self.array.copy(), self.tape())
            before._requires_grad = self._requires_grad
        return self.overwrite(function(before, *args, **options))

    def overwrite(self, new):
        """Writes the values of `new` into our memory, and takes over its history: the heart of every `x.op_()`.

        Raises:
            RuntimeError: If self is a leaf that requires grad (its gradient would be lost), or the shape changes.
        """
        if autograd.mode.enabled and self._requires_grad and self.node is None:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation: expected a result or a "
                "tensor without requires_grad; wrap the change in glass.no_grad(), or clone() first"
            )
        if new.array.shape != self.array.shape:
            raise RuntimeError(
                f"in place: expected a result of our own shape {list(self.array.shape)}, got {list(new.array.shape)}; "
                "use the operation without trailing underscore"
            )
        if self.array.dtype.kind in "bui" and new.array.dtype.kind == "f":
            raise RuntimeError(f"in place: result type {new.dtype} can't be cast to the desired output {self.dtype}")
        np.copyto(self.array, new.array, casting="unsafe")
        self.version[0] += 1
        self._adopt(new)
        return self

    def _adopt(self, new):
        if not autograd.mode.enabled:
            if self.origin is not None:
                self.origin[3] = self.version[0]
            return
        if self.origin is not None:
            parent = self.origin[1][0]
            if new.requires_grad or parent.requires_grad:
                if parent._requires_grad and parent.node is None:
                    raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place op")
                parent._adopt(_paste(parent, new, self.origin))
            self.tape()
        else:
            self.node = new.node


def wrap(array, node=None):
    """A tensor around an array, without a copy."""
    new = Tensor.__new__(Tensor)
    new.array = array
    new.node = node
    new._requires_grad = False
    new.grad = new.hooks = new.origin = None
    new.version = [0]
    return new


def _paste(parent, new, view):
    """The parent after one of its views was overwritten by `new`: gradients inside the view go to `new`."""
    operation, args, options, _ = view

    def inside(gradient):  # the same view, of the gradient
        return operation(wrap(gradient), *args[1:], **options).array

    def outside(gradient):
        gradient = np.array(gradient)
        inside(gradient)[...] = 0
        return gradient

    edges = [(t.tape() or t, vjp) for t, vjp in ((parent, outside), (new, inside)) if t.requires_grad]
    return wrap(parent.array, autograd.Node("copy_slices", parent.array, tuple(edges)))


def _restore(kind, array, requires_grad):
    return Tensor._make_subclass(kind, wrap(array), requires_grad)


def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """A new leaf tensor with a copy of the data; Python floats become float32, arrays keep their type."""
    refuse("tensor", pin_memory=pin_memory)
    if isinstance(data, Tensor):
        array = data.array.copy()
    elif isinstance(data, (np.ndarray, np.generic)):
        array = np.array(data)
    else:
        array = np.array(_plain(data))
        array = array.astype(FLOAT) if array.dtype.kind == "f" or not array.size else array
    kind = as_numpy(dtype) or array.dtype
    if kind not in DTYPES:
        raise TypeError(f"tensor: expected numbers or booleans, got an array of {kind}; convert it first")
    return wrap(array.astype(kind, copy=False)).requires_grad_(requires_grad)


def _plain(data):
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    return data.array if isinstance(data, Tensor) else data
