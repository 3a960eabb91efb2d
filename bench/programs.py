"""Random programs on PyTorch and on the glass engine: do both say the same, to the last gradient and refusal?

    python -m bench.programs                          # 20,000 programs of seeds 1,000,000 and up; some minutes
    python -m bench.programs --programs 500 --seed 7

What differs is printed in its smallest form, as a file to run. Kept: how many programs and lines ran, how many differ,
and what the engine left out by name, with how often. The tests run three thousand other programs of the same generator.
"""

import argparse
import time
from pathlib import Path

from tests.glass.programs.fuzz import fuzz

from bench.made_with import made_with
from deepglass.core import files

RESULTS = Path(__file__).resolve().parent / "results" / "programs.json"


def main() -> None:
    asked = arguments()
    started = time.process_time()
    outcome = fuzz(range(asked.seed, asked.seed + asked.programs))
    seconds = time.process_time() - started
    print(outcome.report())
    print(f"{outcome.programs} programs, {outcome.lines} lines, {len(outcome.different)} differ, "
          f"{sum(outcome.left_out.values())} lines left out by name, {seconds:.0f} s of one processor")  # fmt: skip
    result = {
        "seed": asked.seed, "programs": outcome.programs, "lines": outcome.lines, "differ": len(outcome.different),
        "seeds_that_differ": [program.seed for program in outcome.different],
        "lines_left_out": sum(outcome.left_out.values()), "left_out": dict(outcome.left_out.most_common(20)),
        "processor_seconds": round(seconds, 1), "environment": made_with(),
    }  # fmt: skip
    files.write_json(asked.json, result)
    if outcome.different:
        raise SystemExit(1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1_000_000, help="of the first program; the others follow")
    parser.add_argument("--json", type=Path, default=RESULTS, help=f"where the result goes (default {RESULTS})")
    return parser.parse_args()


if __name__ == "__main__":
    main()
