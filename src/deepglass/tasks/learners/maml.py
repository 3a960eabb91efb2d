"""MAML: weights from which a few steps of gradient lead far.

The loss is that of the query rows *after* adapting to the support rows. Its gradient goes back through the steps: with
one step, ∇θ L(θ − α∇L(θ)) = (I − α·H)·∇L at the adapted weights, where H is the matrix of second derivatives.

Finn, Abbeel & Levine (2017), Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks,
https://arxiv.org/abs/1703.03400 (their inner loop is `adapted`, their outer one the loop of the training)
"""

from torch import Tensor, nn

from deepglass.training.adapting import Episodes, adapted, error, for_each, weights_of

VALIDATES = True  # validation measures the same


def loss(net: nn.Module, episodes: Episodes, steps: int, rate: float) -> Tensor:
    """() the mean error of the query rows after adapting; its gradient is that of the weights before."""

    def after_adapting(episode: Episodes) -> Tensor:
        return error(net, adapted(net, weights_of(net), episode, steps, rate), episode)

    return for_each(after_adapting, episodes).mean()
