"""Commands at the end of a lesson: those that need the run of another one are run in its folder."""

from deepglass.course.pieces.ending import chains


def test_a_command_goes_with_the_run_that_it_names():
    train, export = "deepglass train iris --run runs/a", "deepglass export runs/a --to onnx"
    other, compare = "deepglass train iris --run runs/b", "deepglass compare runs/a runs/b"
    assert chains([train, export]) == [[train, export]]
    assert chains([train, other]) == [[train], [other]]
    assert chains(["deepglass check iris", train, export, "deepglass check wine"]) == [
        ["deepglass check iris"], [train, export], ["deepglass check wine"],
    ]  # fmt: skip
    assert chains([]) == []
    assert chains([train, export, other]) == [[train, export], [other]]
    assert chains([other, compare]) == [[other, compare]]
