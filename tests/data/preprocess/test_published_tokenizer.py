"""Published tokenizers: the same ids as transformers gives, whatever the text; broken files are named."""

import json
from itertools import pairwise

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from deepglass.core.errors import DataError, OptionError
from deepglass.data.preprocess.published_tokenizer import find, load
from deepglass.data.preprocess.published_vocabulary import PublishedVocabulary, vocabulary_from_state
from deepglass.data.preprocess.text import Published, WordVocabulary, tokens_from_state

transformers = pytest.importorskip("transformers")

CORPUS = ["To be, or not to be: that is the question.", "Naïve cafés — déjà vu!", "世界 hello 🙂 don't PANIC 1984"] * 3
ODD = [
    "", " ", "  two  blanks ", "\n\ttab\r\n", "Don't PANIC!", "naïve café Ångström", "世界 你好", "東京tower",
    "🙂👩‍👩‍👧 ok",
    "a\u0301 combining", "\ufeffbom", "x\x00y", "…—“quotes”", "supercalifragilistic", "[MASK] [CLS] <|endoftext|>",
    "²½Ⅷ ٣", "to be " * 40,
]  # fmt: skip
BERT_MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory):
    """A folder with a small vocab.json and merges.txt, as GPT-2 was published."""
    folder = tmp_path_factory.mktemp("gpt2")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, show_progress=False)
    )
    ids = tokenizer.get_vocab()
    tokenizer.model.save(str(folder))
    (folder / "vocab.json").write_text(json.dumps({**ids, "<|endoftext|>": len(ids)}))
    return folder


@pytest.fixture(scope="module")
def roberta(gpt2, tmp_path_factory):
    """The same with marks around a text, as RoBERTa was published."""
    folder = tmp_path_factory.mktemp("roberta")
    ids = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    content = json.loads((gpt2 / "vocab.json").read_text())
    ids |= {token: i + 4 for token, i in content.items() if token != "<|endoftext|>"}
    (folder / "vocab.json").write_text(json.dumps({**ids, "<mask>": len(ids)}))
    (folder / "merges.txt").write_bytes((gpt2 / "merges.txt").read_bytes())
    (folder / "config.json").write_text('{"model_type": "roberta"}')
    return folder


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    """A folder with a small vocab.txt, as BERT was published."""
    folder = tmp_path_factory.mktemp("bert")
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=200, special_tokens=BERT_MARKS, show_progress=False)
    tokenizer.train_from_iterator([text.lower() for text in CORPUS], trainer)
    tokenizer.model.save(str(folder))
    return folder


def saved(tokenizer, folder):
    """The same as the tokenizer.json that transformers writes beside weights."""
    tokenizer.save_pretrained(folder)
    assert find(folder).name == "tokenizer.json"
    return folder


def theirs(folder):
    if find(folder).name == "vocab.txt":
        return transformers.BertTokenizerFast.from_pretrained(folder)
    is_roberta = "<s>" in json.loads((folder / "vocab.json").read_text())
    kind = transformers.RobertaTokenizerFast if is_roberta else transformers.GPT2TokenizerFast
    return kind.from_pretrained(folder)


@pytest.mark.parametrize("text", [*ODD, "a <mask> here</s>"])
@pytest.mark.parametrize("name", ["gpt2", "bert", "roberta"])
def test_ids_are_those_of_transformers(name, text, request, tmp_path):
    folder = request.getfixturevalue(name)
    judge = theirs(folder)
    assert load(folder).encode(text).ids == judge(text)["input_ids"]
    again = load(saved(judge, tmp_path))
    assert again.encode(text).ids == judge(text)["input_ids"]
    ids = judge(text, add_special_tokens=False)["input_ids"]
    assert Published.read(str(folder)).encode(text).tolist() == ids
    assert load(folder).decode(ids, skip_special_tokens=False) == judge.decode(ids)


def test_capitals_count_where_the_config_beside_says_so(bert, tmp_path):
    (tmp_path / "vocab.txt").write_bytes((bert / "vocab.txt").read_bytes())
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    text = "To be naïve"
    judge = transformers.BertTokenizerFast.from_pretrained(tmp_path)
    assert load(tmp_path).encode(text).ids == judge(text)["input_ids"] != load(bert).encode(text).ids


@pytest.mark.parametrize("name", ["gpt2", "bert", "roberta"])
def test_a_batch_for_classification_is_that_of_transformers(name, request):
    folder = request.getfixturevalue(name)
    vocabulary, judge = PublishedVocabulary.fit(str(folder), CORPUS, max_length=9), theirs(folder)
    shift = 0 if name == "bert" else 1  # GPT-2 has no padding and RoBERTa's is 1, so all moves up
    assert vocabulary.shift == shift
    expected = [[i + shift for i in judge(text, truncation=True, max_length=9)["input_ids"]] for text in ODD]
    rows = vocabulary.encode(ODD)
    assert rows.shape == (len(ODD), 9)
    assert rows.dtype == np.int32
    assert [row[: len(ids)].tolist() for row, ids in zip(rows, expected, strict=True)] == expected
    assert not any(row[len(ids) :].any() for row, ids in zip(rows, expected, strict=True))
    assert rows.max() < len(vocabulary) == len(judge) + shift


def test_the_length_is_what_the_training_texts_fit_into(bert):
    vocabulary = PublishedVocabulary.fit(str(bert), ["to be", "to be or not to be"])
    assert vocabulary.max_length == 8  # six words, [CLS] and [SEP]
    assert PublishedVocabulary.fit(str(bert), [""]).max_length == 3


def test_a_cut_text_still_ends_in_sep(bert):
    vocabulary = PublishedVocabulary.fit(str(bert), CORPUS, max_length=5)
    (row,) = vocabulary.encode(["to be or not to be"])
    assert [vocabulary.tokenizer.id_to_token(i) for i in row] == ["[CLS]", "to", "be", "or", "[SEP]"]
    with pytest.raises(OptionError, match="--max-length: expected more than 2"):
        PublishedVocabulary.fit(str(bert), CORPUS, max_length=2)


def test_a_hidden_word_becomes_a_mark_and_marks_are_never_hidden(bert, gpt2):
    words, pairs = (PublishedVocabulary.fit(str(folder), CORPUS) for folder in (bert, gpt2))
    assert words.tokenizer.id_to_token(words.unknown) == "[MASK]"
    assert set(words.marks) == {0, 1, 2, 3, 4}
    assert pairs.tokenizer.id_to_token(pairs.unknown - 1) == "<|endoftext|>"
    assert set(pairs.marks) == {0, pairs.unknown}


@pytest.mark.parametrize("name", ["gpt2", "bert"])
def test_the_state_holds_the_whole_tokenizer(name, request, tmp_path):
    (tmp_path / "moved").symlink_to(request.getfixturevalue(name))
    path = str(tmp_path / "moved")
    vocabulary, tokens = PublishedVocabulary.fit(path, CORPUS), Published.read(path)
    states = json.loads(json.dumps([vocabulary.state(), tokens.state()]))
    (tmp_path / "moved").unlink()
    again, tokens_again = vocabulary_from_state(states[0]), tokens_from_state(states[1])
    assert np.array_equal(again.encode(ODD), vocabulary.encode(ODD))
    assert (len(again), again.marks, again.unknown) == (len(vocabulary), vocabulary.marks, vocabulary.unknown)
    assert [tokens_again.encode(text).tolist() for text in ODD] == [tokens.encode(text).tolist() for text in ODD]
    assert len(tokens_again) == len(tokens)


def test_a_word_vocabulary_of_an_older_run_is_still_read():
    vocabulary = WordVocabulary.fit(["to be or not"])
    again = vocabulary_from_state(vocabulary.state())
    assert np.array_equal(again.encode(["to be"]), vocabulary.encode(["to be"]))


def test_pieces_are_written_one_by_one_as_they_would_be_together(bert, gpt2):
    for folder in (bert, gpt2):
        tokens = Published.read(str(folder))
        ids = tokens.encode("to be naïve or not supercalifragilistic").tolist()
        pieces = [tokens.decode_after(before, [i]) for before, i in pairwise(ids)]
        if folder is bert:
            assert tokens.decode(ids[:1]) + "".join(pieces) == tokens.decode(ids)
        assert tokens.decode_after(ids[0], ids[1:]) == tokens.decode(ids)[len(tokens.decode(ids[:1])) :]


def test_words_that_cannot_be_written_are_named(bert, gpt2):
    assert Published.read(str(bert)).odd_parts("to be ☃ or ☃ Ω") == ["☃", "Ω"]
    assert Published.read(str(gpt2)).odd_parts("to be ☃") == []


def test_padding_must_be_the_first_word_piece(bert, tmp_path):
    pieces = (bert / "vocab.txt").read_text().split("\n")
    (tmp_path / "vocab.txt").write_text("\n".join([*pieces[1:6], "[PAD]", *pieces[6:]]))
    with pytest.raises(DataError, match=r"\[PAD\] has the id 5: expected id 0"):
        PublishedVocabulary.fit(str(tmp_path), CORPUS)
    (tmp_path / "vocab.txt").write_text("\n".join(pieces[1:]))
    with pytest.raises(DataError, match=r"\[PAD\] is not in it: expected id 0"):
        PublishedVocabulary.fit(str(tmp_path), CORPUS)


def test_a_tokenizer_json_is_preferred_and_an_empty_folder_has_none(bert, tmp_path):
    assert find(tmp_path) is None
    with pytest.raises(DataError, match=r"holds no tokenizer: expected tokenizer.json, vocab.txt"):
        load(tmp_path)
    saved(theirs(bert), tmp_path)
    (tmp_path / "vocab.txt").write_text("broken")
    assert load(tmp_path).encode("to be").ids == load(bert).encode("to be").ids


def test_cls_and_sep_are_set_where_the_file_is_silent(bert, tmp_path):
    content = json.loads(theirs(bert).backend_tokenizer.to_str())
    content["post_processor"], content["truncation"] = None, None
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    assert load(tmp_path).encode("to be").tokens == ["[CLS]", "to", "be", "[SEP]"]


@pytest.mark.parametrize(
    ("files", "name", "message"),
    [
        ({}, "tokenizer.json", "does not exist: expected tokenizer.json"),
        ({"tokenizer.json": "{"}, "", "is no JSON"),
        ({"tokenizer.json": "[1]"}, "", "holds a list, no object"),
        ({"tokenizer.json": "{}"}, "", "holds no tokenizer, but an object with"),
        ({"tokenizer.json": '{"hidden_size": 3, "vocab": {}}'}, "", "an object with hidden_size, vocab"),
        ({"tokenizer.json": '{"model": {"type": "Unheard"}}'}, "", "is no tokenizer that the library"),
        ({"vocab.json": '{"a": 0}'}, "", r"merges.txt cannot be read .*how to join"),
        ({"vocab.json": '{"a": 0}', "merges.txt": "a b\n"}, "", "do not belong together"),
        ({"vocab.json": '{"a": 0}', "merges.txt": "abc\n"}, "merges.txt", "do not belong together"),
        ({"vocab.txt": "to\nbe\n"}, "", r"has no \[UNK\]"),
        ({"vocab.txt": b"\xff\xfe"}, "vocab.txt", "is no UTF-8 text"),
        ({"vocab.txt": ""}, "", r"has no \[UNK\]"),
    ],
)
def test_broken_files_are_named(files, name, message, tmp_path):
    for file, content in files.items():
        (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=message):
        load(tmp_path / name)
