"""Runs a user's script under observation, asks the questions, and writes the answers as JSON.

    python -m deepglass.diagnosis.script_child ANSWERS SECONDS STEPS SCRIPT [ARGUMENTS …]

A process of its own: what the script does to it (exit, crash, threads, forks) stays there.
"""

import json
import os
import runpy
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

SHARE = 0.45  # of the time is the script's, the rest is for questions
AGAIN = 2.0  # seconds until a script that catches everything is stopped again


def main(answers: str, seconds: str, steps: str, script: str, *arguments: str) -> None:
    """Observe, ask, write."""
    content = diagnose_script(script, list(arguments), float(seconds), int(steps))
    draft = Path(answers + ".part")
    draft.write_text(json.dumps(content, default=str), encoding="utf-8")
    draft.replace(answers)


def diagnose_script(script: str, arguments: list[str], seconds: float, steps: int) -> dict[str, Any]:
    """The diagnosis of a script as plain data."""
    from deepglass.diagnosis.case import Case
    from deepglass.diagnosis.diagnosing import diagnose
    from deepglass.diagnosis.observing.observer import observing
    from deepglass.diagnosis.wording import record

    began = time.monotonic()
    with observing(_enough(began + SHARE * seconds, steps)) as observer:
        error = run(script, arguments, SHARE * seconds)
    observed = observer.observed
    observer.is_busy = True
    observed.ended = error or observed.ended
    case = Case(script, observed, began + seconds)
    case.examples = examples_of(observed.datasets, min(5.0, case.time_left / 5))
    found = record(diagnose(case))
    return found | {"error": error, "seconds": time.monotonic() - began}


def _enough(deadline: float, most: int) -> Callable[[Any], None]:
    """After every step: whether the time or the number of steps is used up."""
    from deepglass.diagnosis.observing.observer import Stopped

    taken = 0

    def look(observed: Any) -> None:
        nonlocal taken
        taken += 1
        if taken >= most or time.monotonic() > deadline:
            observed.ended = f"stopped after {taken:,} steps, which are enough"
            raise Stopped

    return look


def run(script: str, arguments: list[str], seconds: float) -> str:
    """Run it as `python SCRIPT` would; what went wrong, in words, or an empty string."""
    from deepglass.diagnosis.observing.observer import Stopped

    kept = sys.argv, list(sys.path), signal.getsignal(signal.SIGALRM) if hasattr(signal, "setitimer") else None
    sys.argv = [script, *arguments]
    sys.path.insert(0, str(Path(script).resolve().parent))
    process, exit_ = os.getpid(), os._exit

    def stop(*_: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
        raise Stopped

    def leave(status: int) -> None:
        if os.getpid() != process:
            exit_(status)
        raise Stopped

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, seconds + 1)
    os._exit = leave  # type: ignore[assignment]
    try:
        runpy.run_path(script, run_name="__main__")
    except Stopped:
        return ""
    except SystemExit as end:
        return f"sys.exit({end.code!r})" if end.code not in (None, 0) else ""
    except KeyboardInterrupt:
        return "interrupted"
    except BaseException as error:
        return _where(error, script)
    finally:
        os._exit = exit_
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, kept[2])
        sys.argv, sys.path[:] = kept[0], kept[1]
    return ""


def _where(error: BaseException, script: str) -> str:
    """The error with the line of the script that it came from; its traceback is the script's own, and is shown."""
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).name == Path(script).name]
    where = f"line {frames[-1].lineno}: " if frames else ""
    return f"{where}{type(error).__name__}: {error}"[:500]


def examples_of(datasets: list[Any], seconds: float) -> Any:
    """The first training examples in the order of the data, read within some seconds; None where that is not "
    "possible."""
    import torch

    if not datasets:
        return None
    data, began, pairs = datasets[0], time.monotonic(), []
    try:
        for i in range(min(len(data), 2000)):
            item = data[i]
            pairs.append((torch.as_tensor(item[0]), torch.as_tensor(item[1])))
            if len(item) != 2 or time.monotonic() - began > seconds:
                break
        if len(pairs) < 20 or len(data[0]) != 2:
            return None
        return torch.stack([x for x, _ in pairs]), torch.stack([y for _, y in pairs])
    except Exception:  # anything may be a dataset
        return None


if __name__ == "__main__":
    main(*sys.argv[1:])
