"""The engine on one page: numbers that remember, the chain rule, and a neuron that learns.

Everything the glass engine does, it does in this way, with arrays in the place of numbers. Run it, or read on in
`op` (how an operation is written) and `autograd.run_backward` (the walk back along the tape).

    python -m deepglass.glass.tiny

Reverse-mode differentiation: Linnainmaa (1970); learning by its gradients: Rumelhart, Hinton and Williams (1986),
Learning representations by back-propagating errors, https://doi.org/10.1038/323533a0.
"""

import itertools
import math
import random

numbers = itertools.count()  # later operations have higher numbers: that is the tape


class Scalar:
    """A number that remembers what it was computed from.

    `edges` are pairs (input, ∂self/∂input); `grad` is ∂loss/∂self, once `loss.backward()` has run.
    """

    def __init__(self, value, edges=()):
        self.value, self.edges, self.grad, self.order = value, edges, 0.0, next(numbers)

    def __add__(self, other):
        a, b = self, scalar(other)
        return Scalar(a.value + b.value, [(a, 1.0), (b, 1.0)])  # y = a + b   ∂a = 1         ∂b = 1

    def __mul__(self, other):
        a, b = self, scalar(other)
        return Scalar(a.value * b.value, [(a, b.value), (b, a.value)])  # y = a·b     ∂a = b         ∂b = a

    def __pow__(self, n):
        return Scalar(self.value**n, [(self, n * self.value ** (n - 1))])  # y = aⁿ      ∂a = n·aⁿ⁻¹

    def exp(self):
        y = math.exp(self.value)
        return Scalar(y, [(self, y)])  # y = eᵃ      ∂a = y

    def tanh(self):
        y = math.tanh(self.value)
        return Scalar(y, [(self, 1 - y * y)])  # y = tanh a  ∂a = 1 − y²

    def __sub__(self, other):
        return self + scalar(other) * -1

    def __truediv__(self, other):
        return self * scalar(other) ** -1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        """Adds ∂self/∂x to the `grad` of every x that self was computed from: the chain rule, from the end.

        When the turn of a number comes, everything computed from it has passed its share on already.
        """
        pending = {self: 1.0}
        for x in tape(self):
            gradient = pending.pop(x)
            x.grad += gradient
            for input, slope in x.edges:
                pending[input] = pending.get(input, 0.0) + gradient * slope


def scalar(x):
    return x if isinstance(x, Scalar) else Scalar(x)


def tape(end):
    """Every number that `end` was computed from, the latest first."""
    found, walk = {end}, [end]
    for x in walk:  # grows while we walk
        new = {input for input, _ in x.edges} - found
        found |= new
        walk.extend(new)
    return sorted(walk, key=lambda x: x.order, reverse=True)


class Neuron:
    """y = tanh(w·x + b)"""

    def __init__(self, num_inputs, seed=0):
        draw = random.Random(seed)
        self.weights, self.bias = [Scalar(draw.uniform(-1, 1)) for _ in range(num_inputs)], Scalar(0.0)

    def __call__(self, x):
        return sum((w * value for w, value in zip(self.weights, x)), self.bias).tanh()


def train(neuron, examples, steps=100, learning_rate=0.5):
    """Gradient descent on the mean squared error; the loss at every step."""
    losses = []
    for _ in range(steps):
        loss = sum(((neuron(x) - y) ** 2 for x, y in examples), Scalar(0.0)) / len(examples)
        for parameter in (parameters := [*neuron.weights, neuron.bias]):
            parameter.grad = 0.0
        loss.backward()
        for parameter in parameters:
            parameter.value -= learning_rate * parameter.grad
        losses.append(loss.value)
    return losses


if __name__ == "__main__":
    BOTH = [((0, 0), -1), ((0, 1), -1), ((1, 0), -1), ((1, 1), 1)]  # are both inputs on?
    neuron = Neuron(2)
    print(f"loss before {train(neuron, BOTH)[0]:.3f}, after 100 steps {train(neuron, BOTH, 1)[0]:.3f}")
    for x, y in BOTH:
        print(f"{x}: wanted {y:2}, answers {neuron(x).value:+.2f}")
