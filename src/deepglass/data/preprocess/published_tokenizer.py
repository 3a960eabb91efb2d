"""Tokenizers as they are published: byte pairs of GPT-2, WordPiece of BERT, or the tokenizer.json of any model.

    tokenizer = load("bert-base-uncased/")  # or the file itself
    tokenizer.encode("Don't panic!").tokens

Radford et al. (2019), Language Models are Unsupervised Multitask Learners (vocab.json with merges.txt);
Devlin et al. (2019), BERT, https://arxiv.org/abs/1810.04805 (vocab.txt). The files are read by the library
`tokenizers`; what is missing in the older ones, since it stood in the code of the model, is added here.
"""

import json
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from deepglass.core.errors import DataError

FILES = ("tokenizer.json", "vocab.txt", "vocab.json")  # in this order; vocab.json goes with a merges.txt
EXPECTED = "expected tokenizer.json, vocab.txt (BERT), or vocab.json with merges.txt (GPT-2)"
MARKS = (  # tokens that are not text
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<|endoftext|>", "<s>", "<pad>", "</s>", "<unk>", "<mask>",
)  # fmt: skip


def find(folder: Path | str) -> Path | None:
    """The tokenizer that lies in a folder, for instance beside published weights; None if there is none."""
    return next((Path(folder) / name for name in FILES if (Path(folder) / name).is_file()), None)


def load(path: Path | str) -> Tokenizer:
    """Read a published tokenizer; it neither cuts nor pads.

    Args:
        path: A file of one of the three kinds, or a folder that holds one.

    Raises:
        DataError: If there is none, or the file is broken or of another kind.
    """
    path = Path(path).expanduser()
    file = find(path) if path.is_dir() else path
    if file is None:
        raise DataError(f"{path} holds no tokenizer: {EXPECTED}")
    if not file.is_file():
        raise DataError(f"tokenizer {path} does not exist: {EXPECTED}, or a folder with one of them")
    tokenizer = _read(file)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return _with_frame(tokenizer)


def _read(file: Path) -> Tokenizer:
    """Tell the three kinds apart, by content where the name leaves it open."""
    if file.name == "merges.txt":
        file = file.with_name("vocab.json")
    if file.suffix == ".txt":
        return _word_pieces(file)
    content = _json(file)
    if "model" in content:
        try:
            return Tokenizer.from_str(json.dumps(content))
        except Exception as error:  # the library raises nothing narrower
            raise DataError(f"{file} is no tokenizer that the library tokenizers can read ({error})") from None
    if content and all(isinstance(i, int) for i in content.values()):
        return _byte_pairs(file, content)
    raise DataError(f"{file} holds no tokenizer, but an object with {', '.join(list(content)[:5])}: {EXPECTED}")


def _byte_pairs(file: Path, ids: dict[str, int]) -> Tokenizer:
    """GPT-2 and RoBERTa: vocab.json says which id a token has, merges.txt in which order neighbours are joined."""
    lines = _text(file.with_name("merges.txt"), f"{file.name} names the byte pairs, merges.txt how to join").split("\n")
    merges = [tuple(line.split(" ")) for line in lines if line.strip() and not line.startswith("#version")]
    try:
        tokenizer = Tokenizer(models.BPE(ids, merges))  # type: ignore[arg-type]
    except Exception as error:
        raise DataError(f"{file} and the merges.txt beside it do not belong together ({error})") from None
    prefix = bool(_config(file).get("add_prefix_space", False))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)  # type: ignore[assignment]
    tokenizer.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    return _with_frame(_with_marks(tokenizer), "<s>", "</s>")  # RoBERTa's; GPT-2 has none


def _word_pieces(file: Path) -> Tokenizer:
    """BERT: the pieces of words, a line each; ## begins those that go on with a word."""
    lines = _text(file).removesuffix("\n").split("\n")
    ids = {token: i for i, token in enumerate(lines)}
    if "[UNK]" not in ids:
        raise DataError(f"{file} has no [UNK]: expected the vocab.txt of a BERT, a token a line")
    config = _config(file)
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(  # type: ignore[assignment]
        handle_chinese_chars=config.get("tokenize_chinese_chars", True),
        strip_accents=config.get("strip_accents"),
        lowercase=config.get("do_lower_case", True),
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()  # type: ignore[assignment]
    tokenizer.decoder = decoders.WordPiece()  # type: ignore[assignment]
    return _with_marks(tokenizer)


def _with_marks(tokenizer: Tokenizer) -> Tokenizer:
    """Let "[MASK]" in a text be that token, and not three words."""
    known = [AddedToken(mark, special=True) for mark in MARKS if tokenizer.token_to_id(mark) is not None]
    tokenizer.add_special_tokens(known)
    return tokenizer


def _with_frame(tokenizer: Tokenizer, begin: str = "[CLS]", end: str = "[SEP]") -> Tokenizer:
    """[CLS] before a text and [SEP] after it, where they are known and nothing else was said."""
    frame = [(mark, tokenizer.token_to_id(mark)) for mark in (begin, end)]
    if tokenizer.post_processor is None and all(i is not None for _, i in frame):
        template = processors.TemplateProcessing(f"{begin} $A {end}", f"{begin} $A {end} $B:1 {end}:1", frame)
        tokenizer.post_processor = template  # type: ignore[assignment]
    return tokenizer


def _config(file: Path) -> dict[str, Any]:
    """What tokenizer_config.json beside a file says; such as whether capitals count."""
    beside = file.with_name("tokenizer_config.json")
    return _json(beside) if beside.is_file() else {}


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(_text(file))
    except json.JSONDecodeError as error:
        raise DataError(f"{file} is no JSON ({error}): copy it again") from None
    if not isinstance(content, dict):
        raise DataError(f"{file} holds a {type(content).__name__}, no object: {EXPECTED}")
    return content


def _text(file: Path, why: str = EXPECTED) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{file} is no UTF-8 text ({error}): copy it again") from None
    except OSError as error:
        raise DataError(f"{file} cannot be read ({error.strerror}): {why}") from None
