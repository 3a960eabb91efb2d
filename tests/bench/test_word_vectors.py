"""The bench of word vectors: counted vectors are judged as the task judges them, and means stand beside their goals."""

from bench import word_vectors as bench
from tests.tasks.small import word_vectors as small

RUN = {"model": "glove", "seed": 0, "known": {"wordsim": 9, "men": 8}, "cpu_seconds": 3.0}


def test_means_of_the_seeds_of_a_model_stand_beside_the_goal():
    runs = [{**RUN, "seed": seed, "wordsim": 0.2 + 0.2 * seed, "men": 0.5} for seed in (0, 1)]
    runs.append({**RUN, "model": "glove --window 9", "wordsim": 0.9, "men": 0.9})
    lines = bench.table({"runs": runs}).splitlines()
    assert len(lines) == 5
    assert lines[3] == "glove     mean of 2: wordsim 0.300 of 0.40, men 0.500 of 0.45"
    assert lines[4].startswith("glove --window 9 mean of 1: wordsim 0.900")


def test_counting_tells_rated_pairs_apart(tmp_path, monkeypatch):
    kinds = (small.SEA, small.LAND)
    pairs = [(kinds[0][0], word, 9 - i) for i, word in enumerate(kinds[0][1:4])]
    pairs += [(kinds[0][0], word, 1 + i / 9) for i, word in enumerate(kinds[1][:4])]
    folder = tmp_path / "word-similarity"
    folder.mkdir()
    for file in bench.PAIRS.values():
        (folder / file).write_text("\n".join("\t".join(map(str, pair)) for pair in pairs))
    monkeypatch.setattr(bench, "DATA", tmp_path)
    found = bench.counted(small.data(tmp_path), 0)
    assert found["known"] == {"wordsim": len(pairs), "men": len(pairs)}
    assert found["wordsim"] == found["men"] > 0.5
