"""What is said of written sentences beside their scores."""

from deepglass.evaluate.judges.sentences import always_the_same
from deepglass.evaluate.metrics import sentences


def said_of(written, true):
    return always_the_same(sentences.evaluate(written, true), {})


def test_one_sentence_for_everything_is_told_and_few_that_are_true_are_not():
    true = [f"the cat has {i} kittens" for i in range(60)]
    assert "1 different sentence for 60 inputs, where 60 are true" in said_of(["the cat"] * 60, true)
    assert said_of(true, true) is None
    six = [f"a {shape} moves left" for shape in ("red square", "blue disc", "red disc")] * 20
    assert said_of(six, six) is None
    assert "1 different sentence" in said_of(["a red square moves left"] * 60, six)
    assert said_of(["it rains"] * 60, ["it rains"] * 60) is None
