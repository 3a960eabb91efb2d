"""The models for tables: shapes, and what is known of the simple ones."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from deepglass.models.linear import Linear
from deepglass.models.mlp import MLP
from deepglass.models.perceptron import Perceptron
from deepglass.models.svm import SupportVectorMachine
from deepglass.models.tabm import Config as TabMConfig
from deepglass.models.tabm import PiecewiseLinearEmbedding, TabM
from deepglass.zoo import architectures

NAMES = ("tabm", "mlp", "linear", "perceptron", "svm")
EDGES = (-2.0, -1.0, 0.0, 1.0, 2.0)


def build(name: str, num_features: int = 5, cardinalities: tuple[int, ...] = (4, 3), num_outputs: int = 3):
    torch.manual_seed(0)
    small = {"members": 4, "hidden_dim": 32} if name == "tabm" else {}
    return architectures.load(
        name,
        **small,
        num_features=num_features,
        cardinalities=cardinalities,
        bin_edges=(EDGES,) * num_features,
        num_outputs=num_outputs,
    )


def batch(count: int = 32) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    numeric = torch.randn(count, 5, generator=generator).clamp(-2, 2)
    categories = torch.stack([torch.randint(n, (count,), generator=generator) for n in (4, 3)], dim=1)
    return numeric, categories, torch.randint(3, (count,), generator=generator)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("num_features", "cardinalities"), [(5, (4, 3)), (5, ()), (1, (2,))])
def test_logits_have_one_column_a_class(name, num_features, cardinalities):
    model = build(name, num_features, cardinalities)
    logits = model(torch.zeros(7, num_features), torch.zeros(7, len(cardinalities), dtype=torch.int64))
    assert logits.shape == ((7, 4, 3) if name == "tabm" else (7, 3))


@pytest.mark.parametrize("name", ["tabm", "mlp", "linear"])
def test_a_table_of_categories_alone_is_enough(name):
    logits = build(name, 0, (4, 3))(torch.zeros(7, 0), torch.ones(7, 2, dtype=torch.int64))
    assert logits.shape[0] == 7
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (Linear(4, 3), 4 * 3 + 3),
        (Linear(4, 3, (5,)), 4 * 3 + 3 + 5 * 3),
        (MLP(4, 3), 4 * 256 + 256 + 256 * 256 + 256 + 256 * 3 + 3),
        (Perceptron(4, 2), 5),
        (Perceptron(4, 3), 15),
    ],
)
def test_parameters_are_counted(model, count):
    assert sum(p.numel() for p in model.parameters()) == count


def test_linear_learns_the_weights_of_linear_regression():
    from sklearn.linear_model import LinearRegression

    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    y = X @ [1.5, -2.0, 0.5] + 3 + rng.normal(size=200)
    model = Linear(3, 1)
    fit_to_the_end(model, lambda: F.mse_loss(model(as_tensor(X))[:, 0], as_tensor(y)))
    expected = LinearRegression().fit(X, y)
    np.testing.assert_allclose(model.numbers.weight.detach()[0], expected.coef_, atol=1e-4)
    np.testing.assert_allclose(model.numbers.bias.item(), expected.intercept_, atol=1e-4)


def test_linear_gives_the_probabilities_of_logistic_regression():
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    penalty = 0.01  # on the squared weights, averaged over rows; scikit-learn's C is its inverse over 2·N
    model = Linear(4, 3)

    def loss():
        fitted = F.cross_entropy(model(as_tensor(X)), torch.tensor(y))
        return fitted + penalty * model.numbers.weight.square().sum()

    fit_to_the_end(model, loss)
    expected = LogisticRegression(C=1 / (2 * penalty * len(X)), tol=1e-8, max_iter=1000).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(model(as_tensor(X)).softmax(1).detach(), expected, atol=1e-3)


def as_tensor(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array, dtype=torch.float32)


def fit_to_the_end(model, loss) -> None:
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    optimizer.step(closure)


def test_a_step_on_the_perceptron_criterion_is_rosenblatts_rule():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(60, 2)), rng.integers(0, 2, 60)
    model = Perceptron(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    weight, bias = np.zeros(2), 0.0
    weight += X[0] * (2 * y[0] - 1)  # at zero the two classes tie: begin both from one example
    with torch.no_grad():
        model.numbers.weight.copy_(as_tensor(weight[None]))
    for x, label in zip(X[1:], y[1:], strict=True):
        sign = 2 * label - 1
        if sign * (weight @ x + bias) < 0:
            weight, bias = weight + sign * x, bias + sign
        optimizer.zero_grad()
        model.criterion(model(as_tensor(x[None])), torch.tensor([label])).backward()
        optimizer.step()
    np.testing.assert_allclose(model.numbers.weight.detach()[0], weight, atol=1e-4)
    np.testing.assert_allclose(model.numbers.bias.item(), bias, atol=1e-4)


def test_the_perceptron_answers_distances_in_evaluation():
    model = Perceptron(2, 2).eval()
    with torch.no_grad():
        model.numbers.weight.copy_(torch.tensor([[3.0, 4.0]]))
        model.numbers.bias.fill_(5.0)
    assert model(torch.tensor([[1.0, 3.0]])).tolist() == [[-2.0, 2.0]]  # (3 + 12 + 5) / 5 / 2


def test_piecewise_linear_embedding_fills_bin_after_bin():
    embedding = PiecewiseLinearEmbedding(((0.0, 1.0, 3.0), (0.0, 1.0)), embed_dim=1)
    with torch.no_grad():
        embedding.slope.zero_()
        embedding.bias.zero_()
        embedding.weight.copy_(torch.tensor([[[1.0], [10.0]], [[1.0], [10.0]]]))
    x = torch.tensor([[-1.0, 0.0], [0.5, 1.0], [2.0, 5.0], [9.0, 0.25]])
    assert embedding(x).tolist() == [[0.0, 0.0], [0.5, 1.0], [6.0, 1.0], [11.0, 0.25]]


def test_the_members_of_tabm_differ_from_the_start():
    torch.manual_seed(0)
    model = TabM(5, 3, (4, 3), (EDGES,) * 5, TabMConfig(members=6)).eval()
    numeric, categories, _ = batch()
    logits = model(numeric, categories)
    assert logits.shape[1] == 6
    assert logits.std(dim=1).min() > 1e-3


def test_tabm_members_share_nearly_all_weights():
    one, many = (TabM(5, 3, (4, 3), (EDGES,) * 5, TabMConfig(members=m, hidden_dim=256)) for m in (1, 8))
    sizes = [sum(p.numel() for p in model.parameters()) for model in (one, many)]
    assert sizes[1] < 1.3 * sizes[0]


@pytest.mark.parametrize("classes", [2, 3])
def test_the_svm_criterion_is_the_hinge_of_the_lead(classes):
    rng = np.random.default_rng(4)
    logits, targets = rng.normal(size=(50, classes)) * 2, rng.integers(0, classes, 50)
    leads = [row[true] - np.delete(row, true).max() for row, true in zip(logits, targets, strict=True)]
    found = SupportVectorMachine(3, classes).criterion(as_tensor(logits), torch.tensor(targets))
    assert float(found) == pytest.approx(np.maximum(0, 1 - np.array(leads)).mean(), abs=1e-6)


def test_the_svm_decides_as_scikit_learns_does():
    from sklearn.svm import SVC

    rng, penalty = np.random.default_rng(5), 0.02
    y = rng.integers(0, 2, 120)
    X = rng.normal(size=(120, 2)) + 1.3 * (2 * y[:, None] - 1)
    model, grid = SupportVectorMachine(2, 2), np.stack(np.meshgrid(*[np.linspace(-4, 4, 41)] * 2), -1).reshape(-1, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for step in range(600):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 600)  # the hinge has no curvature: steps have to shrink
        optimizer.zero_grad()
        loss = model.criterion(model(as_tensor(X)), torch.tensor(y)) + penalty / 2 * model.numbers.weight.square().sum()
        loss.backward()
        optimizer.step()
    theirs = SVC(kernel="linear", C=1 / (penalty * len(X))).fit(X, y)
    ours = model(as_tensor(grid)).argmax(1).numpy()
    assert (ours == theirs.predict(grid)).mean() > 0.99
