"""`deepglass enlarge RUN PICTURE…`: pictures with more pixels than they had."""

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.cli._made_pictures import DeviceOption, ForceOption, OutputOption, PicturesArgument, write

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    pictures: PicturesArgument,
    output: OutputOption = None,
    force: ForceOption = False,
    device: DeviceOption = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Enlarge pictures with a run of super-resolution: of any size, in tiles without seams, as NAME_x2.png."""
    set_mode(quiet, json)
    from deepglass.runs.enlarging import write_enlarged

    write(run, device, output, lambda trained: write_enlarged(trained, list(pictures), output, force))
