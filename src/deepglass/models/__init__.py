"""The zoo: one architecture a file, ordinary PyTorch, the same file on both engines."""


def load(name: str, engine: str = "torch", **values):
    """Build a model by name; see `deepglass.models._build.load`."""
    from deepglass.models import _build

    return _build.load(name, engine, **values)  # type: ignore[arg-type]
