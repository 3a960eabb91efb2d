"""The rows of `deepglass frameworks` that are kept: every script run, and what it said written into the package.

    python -m bench.frameworks                                  # all, in environments that uv or pip makes
    python -m bench.frameworks jax --python jax=/path/to/python    # with one that has it already

Kept in `src/deepglass/frameworks/measured.json` with versions, day, processor and the fingerprint of the script:
`tests/frameworks/test_measured.py` asks for a new measurement when a script has changed.
"""

import argparse

from deepglass.frameworks import environment, running, script


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="frameworks; all, if none is named")
    parser.add_argument("--python", nargs="*", default=[], metavar="NAME=PATH", help="interpreters that have them")
    asked = parser.parse_args()
    own = dict(pair.split("=", 1) for pair in asked.python)
    usual = environment.interpreter
    environment.interpreter = lambda path, may_install: (
        own.get(path.stem.removeprefix("in_")) or usual(path, may_install)
    )
    for name in [script.checked(name) for name in asked.names] or script.names():
        row = running.rows([name], may_install=True)[0]
        running.record([row])
        print(name, row.version, "agrees" if row.agrees else "differs", row.networks, row.note)


if __name__ == "__main__":
    main()
