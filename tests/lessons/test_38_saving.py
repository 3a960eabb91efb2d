"""What lesson 38 claims about saving, loading and graphs as data (P01, P02)."""

import io
import pickle
import pickletools

import numpy as np
import pytest
import safetensors.numpy

from deepglass.core.errors import WeightsError
from deepglass.glass.foundations import weight_file
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("38_saving").module


def test_the_file_of_the_film_is_one_that_safetensors_reads_to_the_bit(lesson):
    read = safetensors.numpy.load(weight_file.write(lesson.NET))
    assert read.keys() == lesson.NET.keys()
    assert all(read[name].tobytes() == lesson.NET[name].tobytes() for name in read)


def test_every_bit_of_a_weight_turned_over_is_some_number_and_the_worst_drowns_all_others(lesson):
    turned = np.array([lesson.flipped(0.8, bit) for bit in range(32)])
    assert np.isfinite(turned).all()
    assert (turned != np.float32(0.8)).all()
    assert turned[31] == -np.float32(0.8)
    assert abs(turned[0] - 0.8) < 1e-6
    assert turned.argmax() == 30
    assert turned[30] > 1e38
    assert all(lesson.flipped(value, bit) == np.float32(0.8) for bit, value in enumerate(turned))


def test_a_pickle_is_a_program_and_its_functions_are_told_without_running_it(lesson):
    assert lesson.asks_for(lesson.TRAP) == ["subprocess.getoutput"]
    pickletools.dis(lesson.TRAP, out=io.StringIO())  # a whole pickle, by the book
    honest = set(lesson.asks_for(pickle.dumps(lesson.NET, protocol=2)))
    assert len(honest) == 4
    assert any(name.endswith("_reconstruct") for name in honest)


def test_pickle_would_run_it_and_our_reader_does_not(lesson, tmp_path):
    from deepglass.zoo.weight_files import read_tensors

    (tmp_path / "model.pt").write_bytes(lesson.TRAP)
    with pytest.raises(WeightsError, match=r"asks for subprocess.getoutput. Nothing of it was run"):
        read_tensors([tmp_path / "model.pt"])
    assert pickle.loads(lesson.TRAP) == "This line was run by the file"  # ours; it echoes


def test_answers_survive_the_file_to_the_bit_and_programs_differ_by_rounding_only(lesson):
    apart = lesson.differences()
    assert apart["read back from its file"] == 0
    assert 0 < apart["sums in another order"] < 1e-5
    assert 0 < apart["computed in float64"] < 1e-5
    assert 1e-5 < apart["stored in float16"] < 1e-2


def test_three_accidents_are_refused_and_the_fourth_is_quietly_wrong(lesson):
    said = {kind: lesson.opening(lesson.damaged(kind)) for kind in lesson_kinds()}
    assert said.pop("one bit of a weight").startswith("opens, and answers")
    assert all(text.startswith("refused") for text in said.values())
    assert lesson.opening(weight_file.write(lesson.NET)).count(f"{lesson.answer(lesson.NET)[0]:.4f}") == 2


def test_a_checksum_sees_all_four_and_lets_the_right_file_pass(lesson):
    import hashlib

    whole = weight_file.write(lesson.NET)
    checksum = hashlib.sha256(whole).hexdigest()
    assert all(lesson.opening(lesson.damaged(kind), checksum).startswith("refused: SHA-256") for kind in lesson_kinds())
    assert lesson.opening(whole, checksum).startswith("opens")


def lesson_kinds():
    return opened("38_saving").defs["KINDS"]


def test_each_accident_is_another_one(lesson):
    assert len({lesson.damaged(kind) for kind in lesson_kinds()}) == 4
    assert lesson.damaged("one bit of a weight") != weight_file.write(lesson.NET)


def test_what_answers_the_guess_is_covered():
    from tests.lessons.test_guesses import words_of

    seen, covered = words_of("38_saving")
    assert "share of class 0" in covered
    assert "share of class 0" not in seen


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("return [(0, 4 * math.prod(shape)) for shape in shapes]", "ends, not at 0"),
        ("return [(0, 0) for shape in shapes]", "expected"),
    ],
)
def test_places_that_overlap_are_told_why(code, said):
    assert said in tried("places", f"def places(shapes):\n    {code}").message
