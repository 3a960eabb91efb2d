"""The mathematics that comes first, each idea in one file: to read, and to compare with NumPy, SciPy, scikit-learn."""
