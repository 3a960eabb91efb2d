"""Checksums of the packages that a bundle needs, for `pip install --require-hashes` in its container.

`hashes.txt` beside this file holds them for the versions of constraints.txt, for Python 3.13 on Linux (x86-64 and ARM).
After a change of versions it is made anew, by asking the package index through pip:

    python -m deepglass.deploy.export._hashes constraints.txt
"""

import json
import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).with_name("hashes.txt")
PYTHON = "3.13"  # of the container
PLATFORMS = ("x86_64", "aarch64")
GLIBC = ("manylinux_2_28", "manylinux_2_27", "manylinux2014", "manylinux_2_17")  # what the container's system runs
PACKAGES = ("onnxruntime", "numpy", "pillow", "tokenizers", "flatbuffers", "packaging", "protobuf")
NEEDED_BY = {"onnxruntime": ("flatbuffers", "packaging", "protobuf")}  # besides what a bundle names itself


def locked(requirements: list[str]) -> list[str] | None:
    """The requirements with their checksums, and what they need in turn; None if one of them is not known.

    Args:
        requirements: Such as "numpy==2.4.6".
    """
    known = {line.split(" ")[0]: line for line in FILE.read_text(encoding="utf-8").splitlines() if "==" in line}
    versions = {requirement.partition("==")[0]: requirement for requirement in known}
    wanted = list(requirements)
    for requirement in requirements:
        wanted += [versions.get(name, name) for name in NEEDED_BY.get(requirement.partition("==")[0], ())]
    return [known[name] for name in wanted] if all(name in known for name in wanted) else None


def make(constraints: Path) -> None:
    """Write `hashes.txt` anew."""
    found: dict[str, list[str]] = {}
    for machine in PLATFORMS:
        for requirement, digest in _resolved(constraints, machine):
            found.setdefault(requirement, [])
            found[requirement] += [digest] if digest not in found[requirement] else []
    lines = [" ".join([name, *(f"--hash=sha256:{digest}" for digest in found[name])]) for name in sorted(found)]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _resolved(constraints: Path, machine: str) -> list[tuple[str, str]]:
    """Version and SHA-256 of the file that pip would install of each package, without installing any."""
    platforms = [word for glibc in GLIBC for word in ("--platform", f"{glibc}_{machine}")]
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet"]
    command += ["--only-binary=:all:", "--python-version", PYTHON, *platforms, "--target", "unused", "--report", "-"]
    done = subprocess.run([*command, "-c", str(constraints), *PACKAGES], capture_output=True, text=True, check=True)
    report = json.loads(done.stdout[done.stdout.index("{") :])
    found = []
    for item in report["install"]:
        name, version = item["metadata"]["name"].lower(), item["metadata"]["version"]
        found.append((f"{name}=={version}", item["download_info"]["archive_info"]["hashes"]["sha256"]))
    return found


if __name__ == "__main__":
    make(Path(sys.argv[1]))
