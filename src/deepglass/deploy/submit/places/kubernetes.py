"""Kubernetes: a Job for `kubectl apply`, whose container is started again wherever there is room.

References:
    Kubernetes, Jobs, https://kubernetes.io/docs/concepts/workloads/controllers/job/
"""

from typing import Any

from deepglass.core.errors import OptionError
from deepglass.deploy.submit.job import PORT, Job, require_lasting
from deepglass.deploy.submit.yaml import indented, parsed, required

SUFFIX = ".yaml"
START = "kubectl apply -f {path}"
FILE = """# {name}: hand it over with `kubectl apply -f {name}.yaml`, look with `kubectl logs -f job/{name}`.
# A container that dies is started again, on another machine if its own is gone, and goes on from the last checkpoint,
# which lies in the claim {storage}.
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
spec:
  backoffLimit: 20
  activeDeadlineSeconds: {seconds}
  template:
    spec:
      restartPolicy: OnFailure
      terminationGracePeriodSeconds: 120
      containers:
        - name: train
          image: {image}
          command: ["bash", "-c"]
          args:
            - |
              set -euo pipefail
{launch}
          env:
            - name: OMP_NUM_THREADS
              value: "{threads}"
          resources:
            requests:
              cpu: "{cpus}"
              memory: {memory_gb}Gi
            limits:
              memory: {memory_gb}Gi
{gpus}          volumeMounts:
            - name: lasting
              mountPath: {mount}
            - name: between-processes
              mountPath: /dev/shm
      volumes:
        - name: lasting
          persistentVolumeClaim:
            claimName: {storage}
        - name: between-processes
          emptyDir:
            medium: Memory
"""


def write(job: Job) -> str:
    """The Job.

    Raises:
        OptionError: If it needs several machines, an image is missing, or checkpoints would be lost.
    """
    needs = job.needs
    require_lasting(job, "kubernetes")
    if needs.nodes > 1:
        raise OptionError("--nodes: a Job is one machine here; leave it at 1, or take --to slurm or --to sky")
    if needs.image is None:
        raise OptionError("--to kubernetes: name the image with --image (--image-file writes how to make one)")
    return FILE.format(
        name=job.name,
        seconds=60 * needs.minutes,
        image=needs.image,
        launch=indented(job.launch(f"localhost:{PORT}"), 14),
        threads=needs.threads,
        cpus=needs.cpus,
        memory_gb=needs.memory_gb,
        gpus=f"              nvidia.com/gpu: {needs.gpu_count}\n" if needs.gpu_count else "",
        mount=needs.mount,
        storage=needs.storage,
    )


def script(text: str) -> str:
    """What a shell runs there."""
    return str(_container(parsed(text))["args"][0])


def problems(text: str) -> list[str]:
    """Fields that are missing or of another type."""
    job: Any = parsed(text)
    found = required(job, {"apiVersion": str, "kind": str, "metadata": dict, "spec": dict})
    found = found or required(job["spec"], {"backoffLimit": int, "activeDeadlineSeconds": int, "template": dict})
    if found:
        return found
    pod = job["spec"]["template"]["spec"]
    found = required(pod, {"restartPolicy": str, "containers": list, "volumes": list})
    fields = {"name": str, "image": str, "command": list, "args": list, "resources": dict, "volumeMounts": list}
    return found or required(_container(job), fields)


def _container(job: Any) -> Any:
    return job["spec"]["template"]["spec"]["containers"][0]
