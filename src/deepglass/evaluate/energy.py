"""What a training took of electricity: an estimate from time and hardware, and how it was made.

    energy = seconds · (watts of a core · threads + watts of the GPUs) · what the rest of the machine adds

Nobody measured it: sensors of the processor are closed to programs on most machines. It is right within a factor of
two or three, which tells a model that cost a light bulb an hour from one that cost a household a month.

References:
    Strubell et al. (2019), Energy and Policy Considerations for Deep Learning in NLP, https://arxiv.org/abs/1906.02243
"""

from typing import Any

CORE_WATTS = 10.0  # of a busy core: server processors have 100 to 350 W for 10 to 64 cores
GPU_WATTS = 300.0  # of a busy GPU of a server; a laptop's takes a third
OVERHEAD = 1.5  # memory, power supply, cooling


def estimate(environment: dict[str, Any]) -> dict[str, Any]:
    """`kilowatt_hours` and the `method` in a sentence; {} where the time is not known."""
    seconds = (environment.get("seconds") or {}).get("total")
    if not isinstance(seconds, int | float):
        return {}
    threads, processes = (int(environment.get(name) or 1) for name in ("training threads", "processes"))
    has_gpu = str(environment.get("device", "cpu")).startswith("cuda")
    watts = OVERHEAD * processes * (CORE_WATTS * threads + GPU_WATTS * has_gpu)
    parts = f"{CORE_WATTS:g} W for each of {threads} threads" + (f" and {GPU_WATTS:g} W for the GPU" if has_gpu else "")
    several = f", in {processes} processes" if processes > 1 else ""
    return {
        "kilowatt_hours": float(f"{seconds * watts / 3.6e6:.3g}"),
        "is_measured": False,
        "method": f"estimated, not measured: {parts}{several}, times {OVERHEAD:g} for the rest of the machine",
    }
