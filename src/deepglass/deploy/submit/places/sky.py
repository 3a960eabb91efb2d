"""SkyPilot: a task for `sky jobs launch`, which rents a machine, and another one when that is taken away.

References:
    Yang et al. (2023), SkyPilot: An Intercloud Broker for Sky Computing,
    https://www.usenix.org/conference/nsdi23/presentation/yang-zongheng
    SkyPilot, Task YAML, https://docs.skypilot.co/en/latest/reference/yaml-spec.html
"""

from typing import Any

from deepglass.core.errors import OptionError
from deepglass.deploy.submit.job import PORT, Job, require_lasting
from deepglass.deploy.submit.yaml import indented, parsed, required

SUFFIX = ".yaml"
START = "sky jobs launch {path}"
FILE = """# {name}: hand it over with `sky jobs launch {name}.yaml`, look with `sky jobs queue`.
# Cheap machines are taken away at any moment (use_spot); SkyPilot then rents another one and runs the same lines, which
# go on from the last checkpoint. Checkpoints lie in the bucket {storage}, which outlives them all.
name: {name}

num_nodes: {nodes}

resources:
  cpus: {cpus}+
  memory: {memory_gb}+
{gpus}  use_spot: true
{image}
file_mounts:
  {mount}:
    name: {storage}
    mode: MOUNT

envs:
  OMP_NUM_THREADS: "{threads}"

run: |
  set -euo pipefail
  first=$(echo "$SKYPILOT_NODE_IPS" | head -n 1)
{launch}
"""


def write(job: Job) -> str:
    """The task.

    Raises:
        OptionError: If GPUs have no kind, an image is missing, or checkpoints would be lost.
    """
    needs = job.needs
    require_lasting(job, "sky")
    if needs.gpu_count and needs.gpu_kind is None:
        raise OptionError(f"--gpus {needs.gpus}: SkyPilot rents by kind: expected one such as H100:{needs.gpus}")
    if needs.image is None:
        raise OptionError("--to sky: name the image in which deepglass is installed with --image (see --image-file)")
    return FILE.format(
        name=job.name,
        nodes=needs.nodes,
        cpus=needs.cpus,
        memory_gb=needs.memory_gb,
        gpus=f"  accelerators: {needs.gpus}\n" if needs.gpu_count else "",
        image=f"  image_id: docker:{needs.image}\n",
        mount=needs.mount,
        storage=needs.storage,
        threads=needs.threads,
        launch=indented(job.launch(f'"$first:{PORT}"'), 2),
    )


def script(text: str) -> str:
    """What a shell runs there."""
    return str(parsed(text)["run"])


def problems(text: str) -> list[str]:
    """Fields that are missing or of another type."""
    task: Any = parsed(text)
    found = required(task, {"name": str, "num_nodes": int, "resources": dict, "file_mounts": dict, "run": str})
    return found or required(task["resources"], {"cpus": str, "memory": str, "use_spot": bool, "image_id": str})
