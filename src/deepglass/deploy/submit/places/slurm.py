"""SLURM: a batch script for `sbatch`, whose directives are comments to the shell.

References:
    SchedMD, sbatch, https://slurm.schedmd.com/sbatch.html
"""

import re

from deepglass.deploy.submit.job import PORT, Job

SUFFIX = ".sh"
START = "sbatch {path}"
WARNING_SECONDS = 120  # before the end: the step is finished and everything kept
FILE = """#!/bin/bash
# {name}: hand it over with `sbatch {name}.sh`, look with `squeue`, read {name}-NUMBER.log.
# A job that was taken away comes back by itself and goes on from its last checkpoint; one whose time was
# over goes on when this file is handed over again. Never two at once (singleton): both would write to one run.
#SBATCH --job-name={name}
#SBATCH --dependency=singleton
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task={cpus}
#SBATCH --mem={memory_gb}G
{gpus}#SBATCH --time={days}-{hours:02}:{minutes:02}:00
#SBATCH --requeue
#SBATCH --signal=TERM@{warning}
#SBATCH --open-mode=append
#SBATCH --output={name}-%j.log

set -euo pipefail
export OMP_NUM_THREADS={threads}
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
srun {launch}
"""
DIRECTIVE = re.compile(r"#SBATCH --[a-z-]+(=\S+)?")
NEEDED = ("job-name", "nodes", "ntasks-per-node", "cpus-per-task", "mem", "time", "requeue", "signal")


def write(job: Job) -> str:
    """The script."""
    needs, left = job.needs, job.needs.minutes
    return FILE.format(
        name=job.name,
        nodes=needs.nodes,
        cpus=needs.cpus,
        memory_gb=needs.memory_gb,
        gpus=f"#SBATCH --gpus-per-node={needs.gpus}\n" if needs.gpu_count else "",
        days=left // 1440,
        hours=left % 1440 // 60,
        minutes=left % 60,
        warning=WARNING_SECONDS,
        threads=needs.threads,
        launch=job.launch(f'"$first:{PORT}"'),
    )


def script(text: str) -> str:
    """What a shell runs there."""
    return text


def problems(text: str) -> list[str]:
    """What is wrong with the directives."""
    lines = [line for line in text.splitlines() if line.startswith("#SBATCH")]
    odd = [f"not a directive: {line}" for line in lines if not DIRECTIVE.fullmatch(line)]
    named = {line.removeprefix("#SBATCH --").partition("=")[0] for line in lines}
    first = next((i for i, line in enumerate(text.splitlines()) if line and not line.startswith("#")), len(text))
    late = [line for line in text.splitlines()[first:] if line.startswith("#SBATCH")]
    missing = [f"--{name} is missing" for name in NEEDED if name not in named]
    return odd + missing + [f"sbatch reads no directive behind the first command: {line}" for line in late]
