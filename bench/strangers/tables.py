"""Tables of the bench: twelve with classes, seven with numbers, seven that are generated, none tuned by hand.

The generated ones each have one property that separates methods: interactions, many idle columns, a rule that no single
column shows, many categories, cells whose absence tells, rare positives, effects that multiply.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from bench.strangers.set import DATA, Set

ADULT = [
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education_num",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital_gain",
    "capital_loss",
    "hours_per_week",
    "native_country",
    "income",
]


def tables() -> list[Set]:
    """Every table, in the order of the report."""
    return [Set(name, "table", "target", make) for name, make in MAKERS.items()]


# -- real, with classes ---------------------------------------------------------------------------------------------


def titanic() -> pd.DataFrame:
    """Who survived; with names, tickets, cabins and missing ages."""
    return _with_target(pd.read_csv(DATA / "titanic" / "titanic.csv"), "Survived")


def heart_cleveland() -> pd.DataFrame:
    """Any heart disease against none, 303 patients."""
    frame = pd.read_csv(DATA / "heart-cleveland" / "processed.cleveland.data", na_values="?")
    return frame.drop(columns="Target").assign(target=np.where(frame["Target"] > 0, "sick", "well"))


def telco_churn() -> pd.DataFrame:
    """Which customers leave."""
    return _with_target(pd.read_csv(DATA / "telco-churn" / "Telco-Customer-Churn.csv"), "Churn")


def adult() -> pd.DataFrame:
    """Income above 50,000 dollars; 8,000 rows drawn."""
    frame = pd.read_csv(DATA / "adult" / "adult-train.csv", names=ADULT, na_values="?", skipinitialspace=True)
    return _with_target(frame.sample(8000, random_state=0), "income")


def penguins() -> pd.DataFrame:
    """Three species."""
    return _with_target(pd.read_csv(DATA / "penguins" / "penguins.csv"), "species")


def compas() -> pd.DataFrame:
    """Charged again within two years, from what is known at screening."""
    columns = [
        "sex",
        "age",
        "race",
        "juv_fel_count",
        "juv_misd_count",
        "juv_other_count",
        "priors_count",
        "c_charge_degree",
    ]
    frame = pd.read_csv(DATA / "compas" / "compas-scores-two-years.csv")
    return frame[columns].assign(target=np.where(frame["two_year_recid"] == 1, "yes", "no"))


def breast_cancer() -> pd.DataFrame:
    """Malignant or benign, thirty measurements."""
    return _bundled("load_breast_cancer")


def wine() -> pd.DataFrame:
    """Three growers, thirteen measurements."""
    return _bundled("load_wine")


def iris() -> pd.DataFrame:
    """Three species, four measurements."""
    return _bundled("load_iris")


def anes96() -> pd.DataFrame:
    """Whom people say that they will vote for, 1996."""
    frame = _statsmodels("anes96").drop(columns="logpopul")
    return frame.drop(columns="vote").assign(target=np.where(frame["vote"] == 1, "Dole", "Clinton"))


def fair() -> pd.DataFrame:
    """Any affair against none, a survey of 1974."""
    frame = _statsmodels("fair")
    return frame.drop(columns="affairs").assign(target=np.where(frame["affairs"] > 0, "some", "none"))


def splice_junctions() -> pd.DataFrame:
    """Three kinds of places in DNA, sixty letters around each: a column per letter."""
    lines = (DATA / "splice-junctions" / "splice.data").read_text().splitlines()
    rows = [[part.strip() for part in line.split(",")] for line in lines if line.strip()]
    frame = pd.DataFrame([list(sequence) for _, _, sequence in rows], columns=[f"p{i}" for i in range(60)])
    return frame.assign(target=[kind for kind, _, _ in rows])


# -- real, with numbers ---------------------------------------------------------------------------------------------


def california_housing() -> pd.DataFrame:
    """The median value of houses in a block, in thousand dollars."""
    frame = pd.read_csv(DATA / "california-housing" / "housing.csv")
    return frame.drop(columns="median_house_value").assign(target=frame["median_house_value"] / 1000)


def white_wine() -> pd.DataFrame:
    """Tasters' score."""
    return _with_target(pd.read_csv(DATA / "wine-quality" / "winequality-white.csv", sep=";"), "quality", float)


def red_wine() -> pd.DataFrame:
    """Tasters' score."""
    return _with_target(pd.read_csv(DATA / "wine-quality" / "winequality-red.csv", sep=";"), "quality", float)


def diabetes() -> pd.DataFrame:
    """Progression in one year."""
    return _bundled("load_diabetes")


def randhie() -> pd.DataFrame:
    """Visits to a doctor in a year."""
    return _with_target(_statsmodels("randhie"), "mdvis", float)


def star98() -> pd.DataFrame:
    """Share of pupils above the national median, by school district."""
    frame = _statsmodels("star98")
    share = 100 * frame["NABOVE"] / (frame["NABOVE"] + frame["NBELOW"])
    return frame.drop(columns=["NABOVE", "NBELOW"]).assign(target=share)


def grunfeld() -> pd.DataFrame:
    """Investment of eleven firms."""
    return _with_target(_statsmodels("grunfeld"), "invest")


# -- generated ------------------------------------------------------------------------------------------------------


def friedman() -> pd.DataFrame:
    """A known smooth function with an interaction, five idle columns (Friedman 1991)."""
    from sklearn.datasets import make_friedman1

    return _columns(*make_friedman1(600, noise=1.0, random_state=0))


def sparse_linear() -> pd.DataFrame:
    """Five of sixty columns count, in a straight line; 300 rows."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 60))
    return _columns(X, X[:, :5] @ [3, -2, 2, 1, 1] + rng.normal(size=300))


def parity() -> pd.DataFrame:
    """Which side of a curve that two columns make together; eight idle columns, a tenth of the labels flipped."""
    rng = np.random.default_rng(2)
    X = rng.uniform(-1, 1, (1200, 10))
    inside = (X[:, 0] * X[:, 1] > 0) ^ (rng.random(1200) < 0.1)
    return _columns(X, np.where(inside, "in", "out"))


def shops() -> pd.DataFrame:
    """Two hundred shops with levels of their own, seen ten times each, beside two numbers."""
    rng = np.random.default_rng(3)
    shop, numbers = rng.integers(0, 200, 2000), rng.normal(size=(2000, 2))
    target = rng.normal(0, 2, 200)[shop] + numbers[:, 0] + np.abs(numbers[:, 1]) + rng.normal(size=2000)
    frame = pd.DataFrame(numbers, columns=["size", "offer"]).round(3)
    return frame.assign(shop=[f"shop {i}" for i in shop], target=target)


def telling_gaps() -> pd.DataFrame:
    """Numbers a third of which are missing, more often where the answer is yes."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(1500, 6))
    yes = X[:, 0] + X[:, 1] ** 2 - 1 + 0.5 * rng.normal(size=1500) > 0
    X[rng.random(X.shape) < np.where(yes, 0.45, 0.2)[:, None]] = np.nan
    return _columns(X, np.where(yes, "yes", "no"))


def rare() -> pd.DataFrame:
    """Three in a hundred are positive, in a corner of the space."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(4000, 8))
    logit = 1.5 * X[:, 0] + 1.5 * X[:, 1] + X[:, 2] * X[:, 3] - 6.5
    return _columns(X, np.where(rng.random(4000) < 1 / (1 + np.exp(-logit)), "alarm", "quiet"))


def multiplied() -> pd.DataFrame:
    """Effects that multiply: a skewed positive target."""
    rng = np.random.default_rng(6)
    X, kind = rng.uniform(0, 2, (900, 4)), rng.integers(0, 5, 900)
    target = np.exp(X[:, 0] + 0.5 * np.sin(3 * X[:, 1]) + 0.3 * kind + 0.2 * rng.normal(size=900))
    return _columns(X, target).assign(kind=[f"kind {k}" for k in kind])


# -- helpers --------------------------------------------------------------------------------------------------------


def _with_target(frame: pd.DataFrame, column: str, kind: type = object) -> pd.DataFrame:
    """The column to predict, renamed to target; `float` where whole numbers are quantities."""
    values = frame[column].astype(float) + 0.0 if kind is float else frame[column]
    return frame.drop(columns=column).assign(target=values).dropna(subset="target")


def _columns(X: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(X.round(4), columns=[f"x{i}" for i in range(X.shape[1])]).assign(target=y)


def _bundled(name: str) -> pd.DataFrame:
    from sklearn import datasets

    data = getattr(datasets, name)(as_frame=True)
    target = (
        data.target if not hasattr(data, "target_names") or name == "load_diabetes" else data.target_names[data.target]
    )
    return data.data.assign(target=target)


def _statsmodels(name: str) -> pd.DataFrame:
    import statsmodels.datasets

    return getattr(statsmodels.datasets, name).load_pandas().data


MAKERS: dict[str, Callable[[], pd.DataFrame]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        titanic, heart_cleveland, telco_churn, adult, penguins, compas, breast_cancer, wine, iris, anes96, fair,
        splice_junctions, california_housing, white_wine, red_wine, diabetes, randhie, star98, grunfeld, friedman,
        sparse_linear, parity, shops, telling_gaps, rare, multiplied,
    )
}  # fmt: skip
