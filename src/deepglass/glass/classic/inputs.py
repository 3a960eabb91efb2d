"""What a table must look like before anything is learned from it."""

import numpy as np


def check_table(X, y=None, num_features=None):
    """X as a finite float64 array (n_samples, n_features) and, if given, y as an array (n_samples).

    Args:
        X: Rows of numbers.
        y: One value for each row.
        num_features: Columns that a fitted model expects.

    Raises:
        ValueError: If a shape does not fit, or X holds something that is not a finite number.
    """
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2:
        raise ValueError(f"Expected 2D array, got {X.ndim}D array instead: reshape X to (n_samples, n_features)")
    if not np.isfinite(X).all():
        rows = np.flatnonzero(~np.isfinite(X).all(1))[:5].tolist()
        raise ValueError(f"X: expected finite numbers, got NaN or infinity in rows {rows}: fill or drop them")
    if num_features is not None and X.shape[1] != num_features:
        raise ValueError(f"X has {X.shape[1]} features, but the model is expecting {num_features} features as input")
    if y is None:
        return X
    y = np.asarray(y)
    if y.shape != X.shape[:1]:
        raise ValueError(f"y: expected one value for each of the {len(X)} rows of X, got shape {y.shape}")
    return X, y


def check_classes(y):
    """The classes in y, sorted, and for each row the number of its class.

    Raises:
        ValueError: If there is only one class.
    """
    classes, numbers = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y: expected at least two classes, got only {classes.tolist()}: add rows of another class")
    return classes, numbers
