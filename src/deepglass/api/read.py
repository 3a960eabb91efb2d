"""`deepglass read`: where an idea is in the source, what it looks like there, and which test proves it.

    read("lstm")["pieces"][0]["code"]

The topics are the names of the classes and functions of the glass engine and of the model files, and the names of the
models. They are read off the files, which are parsed and not imported; everyday words lead there by a small table.
"""

import ast
import difflib
import re
from typing import Any

from deepglass.api.definitions import Definition, definitions, first_line, model_file, whole_file
from deepglass.core.catalogue import PACKAGE, tree_of
from deepglass.core.errors import OptionError
from deepglass.zoo import architectures

SYNONYMS = {  # everyday words, and the definitions, or the file, that they mean
    "additive-attention": ("Additive", "Seq2Seq"),
    "alignment": ("Seq2Seq",),
    "attention": ("scaled_dot_product_attention",),
    "autograd": ("Node", "run_backward"),
    "average-pooling": ("avg_pool2d",),
    "bahdanau": ("Additive", "Seq2Seq"),
    "backpropagation": ("run_backward",),
    "backward": ("run_backward",),
    "batch-norm": ("batch_norm",),
    "batch-normalization": ("batch_norm",),
    "beam": ("models/decoding/beam.py",),
    "beam-search": ("models/decoding/beam.py",),
    "binary-cross-entropy": ("binary_cross_entropy_with_logits",),
    "bpe": ("data/preprocess/byte_pair.py",),
    "broadcasting": ("unbroadcast",),
    "byte-pair": ("data/preprocess/byte_pair.py",),
    "byte-pair-encoding": ("data/preprocess/byte_pair.py",),
    "causal-attention": ("CausalSelfAttention",),
    "chain-rule": ("run_backward",),
    "convolution": ("conv2d",),
    "cosine-schedule": ("CosineAnnealingLR",),
    "cross-entropy": ("cross_entropy",),
    "dense": ("linear",),
    "encoder-decoder": ("Seq2Seq", "Encoder"),
    "ensemble": ("tabm",),
    "glorot": ("xavier_uniform_",),
    "gradient-clipping": ("clip_grad_norm_",),
    "gradient-descent": ("SGD",),
    "he": ("kaiming_normal_",),
    "hinge": ("hinge_embedding_loss",),
    "initialization": ("xavier_uniform_", "kaiming_normal_"),
    "layer-normalization": ("layer_norm",),
    "length-penalty": ("models/decoding/beam.py",),
    "learning-rate-schedule": ("LRScheduler",),
    "luong": ("General", "Dot", "Seq2Seq"),
    "max-pooling": ("max_pool2d",),
    "momentum": ("SGD",),
    "mse": ("mse_loss",),
    "multi-head-attention": ("MultiheadAttention",),
    "nesterov": ("SGD",),
    "one-cycle": ("OneCycleLR",),
    "plateau": ("ReduceLROnPlateau",),
    "pooling": ("max_pool2d",),
    "residual": ("BasicBlock",),
    "seed": ("Generator",),
    "self-attention": ("CausalSelfAttention",),
    "skip-connection": ("BasicBlock",),
    "sequence-to-sequence": ("Seq2Seq", "Encoder"),
    "squared-error": ("mse_loss",),
    "tape": ("Node", "run_backward"),
    "teacher-forcing": ("Seq2Seq",),
    "tokenization": ("data/preprocess/byte_pair.py",),
    "tokenizer": ("data/preprocess/byte_pair.py",),
    "transformer": ("TransformerEncoderLayer",),
    "weight-decay": ("AdamW",),
    "word-vectors": ("embedding",),
}
MATHEMATICS_FIRST = (  # of several places with one name, the one with the formulas is shown and the others are named
    "glass/nn/functional", "glass/ops", "glass/optim", "glass/classic", "glass/nn", "glass", "models",
)  # fmt: skip
PROOFS = {  # the test that holds everything in a folder against the outside
    "glass/ops": ("tests/glass/test_op_db.py", "test_operator_agrees_with_pytorch"),
    "glass/nn/functional": ("tests/glass/test_op_db.py", "test_operator_agrees_with_pytorch"),
    "glass/nn": ("tests/glass/test_module_db.py", "test_module_equals_pytorch"),
    "glass/optim/lr_scheduler": ("tests/glass/test_optim_db.py", "test_schedule_equals_pytorch"),
    "glass/optim": ("tests/glass/test_optim_db.py", "test_twenty_steps_equal_pytorch"),
    "glass": ("tests/glass/test_gradients.py", "test_gradient_equals_central_difference"),
    "models": ("tests/models/test_both_engines.py", "test_both_engines_agree"),
}
PROOFS |= {  # single files that have their own
    "glass/ops/random.py": ("tests/glass/test_tensor.py", "test_the_same_seed_draws_pytorchs_numbers"),
    "glass/nn/functional/recurrent.py": PROOFS["glass/nn"],
    "glass/nn/init.py": ("tests/glass/test_modules.py", "test_initialiser_draws_pytorchs_numbers"),
    "glass/nn/utils.py": ("tests/glass/test_optim_db.py", "test_clip_grad_norm_equals_pytorch"),
    "data/preprocess/byte_pair.py": (
        "tests/data/preprocess/test_byte_pair.py",
        "test_the_merges_are_those_of_the_library_tokenizers",
    ),
    "models/decoding/beam.py": (
        "tests/models/decoding/test_beam.py",
        "test_a_wide_beam_finds_what_exhaustive_search_finds",
    ),
    "models/seq2seq.py": ("tests/models/test_seq2seq.py", "test_it_reverses_unseen_sequences_exactly"),
    "glass/classic/perceptron.py": ("tests/glass/test_classic.py", "test_perceptron_makes_scikit_learns_updates"),
    "glass/classic/linear_regression.py": ("tests/glass/test_classic.py", "test_linear_regression_equals_scikit_learn"),
    "glass/classic/logistic_regression.py": (
        "tests/glass/test_classic.py",
        "test_logistic_regression_equals_scikit_learn",
    ),
}
CHECKOUT = PACKAGE.parents[1]
MOST_TESTS = 4  # named for one topic
PARTS = ("def ", "@op", "class _")  # functions, operations and private base classes
LEAST_LINES = 5  # of a part that is shown with what it belongs to; shorter ones are plumbing


def read(topic: str) -> dict[str, Any]:
    """What there is to read about a topic.

    Args:
        topic: An everyday word ("batch-norm"), a name ("LSTMCell", "F.softmax"), a model ("gpt") or a file of the
            package ("glass/autograd.py").

    Returns:
        topic; pieces of code, each with name, place, line, formula and code; also, the other places where the topic
        stands; tests, each with place, name and whether it is installed.

    Raises:
        OptionError: If nothing of that name is known; suggests near ones.
    """
    found = find(topic)
    shown = [piece for definition in meant(topic, found) for piece in with_its_parts(definition)]
    others = [definition for definition in found if definition not in shown]
    pieces = [
        {"name": d.name, "place": d.place, "line": d.first, "formula": d.summary, "code": d.code}
        for d in dict.fromkeys(shown)
    ]
    also = [{"name": d.name, "place": d.place, "formula": d.summary} for d in others]
    return {"topic": topic, "pieces": pieces, "also": also, "tests": tests_of(shown[0])}


def contents() -> dict[str, dict[str, Any]]:
    """Every file with its first line and the names in it."""
    by_file: dict[str, dict[str, Any]] = {}
    for definition in definitions():
        if not definition.name.startswith("_"):
            entry = by_file.setdefault(definition.file, {"about": first_line(definition.path), "names": []})
            entry["names"].append(definition.name)
    return by_file


# -- from a word to places ------------------------------------------------------------------------------------------


def find(topic: str) -> list[Definition]:
    """All places of a topic: the engine's mathematics first, then models of that name, then the rest.

    Raises:
        OptionError: If nothing goes by that name; names what is near.
    """
    names = SYNONYMS.get(word(topic), (topic,))
    if whole := whole_file(names[0]):
        return [whole]
    names = [re.sub(r"^(\w+\.)+", "", name) for name in names]  # nn.LSTM → LSTM, but not mobilenet-v1-0.25
    keys, stems = [key(name) for name in names], [stem(name) for name in names]
    exact = sorted((d for d in definitions() if key(d.name) in keys), key=rank)
    family = sorted((d for d in definitions() if stem(d.name) in stems and d not in exact), key=rank)
    models = [model_file(model) for model in architectures.all_models() if key(model.name) in keys]
    in_engine = [d for d in exact if d.file.startswith("glass/")]
    others = [d for d in [*exact, *family] if d.path not in [model.path for model in models]]
    found = list(dict.fromkeys([*in_engine, *models, *others]))
    if not found:
        raise OptionError(unknown(topic))
    return found


def meant(topic: str, found: list[Definition]) -> list[Definition]:
    """What is shown of it: for a synonym each definition that it names, otherwise the first place."""
    names = SYNONYMS.get(word(topic), ())
    return [next(d for d in found if name in (d.name, d.file)) for name in names] or found[:1]


def with_its_parts(definition: Definition) -> list[Definition]:
    """A definition, and the functions of its file that it is made of: `batch_norm` rests on `_standardise`."""
    shown = [definition]
    for piece in shown:  # grows while we walk
        for other in definitions():
            is_part = other.path == piece.path and other.name in piece.uses and other.code.startswith(PARTS)
            is_plumbing = other.last - other.first + 1 < LEAST_LINES or other.name.startswith("_check")
            if is_part and not is_plumbing and other not in shown:
                shown.append(other)
    return shown


def word(topic: str) -> str:
    """As the table of synonyms spells it."""
    return topic.lower().replace("_", "-").replace(" ", "-")


def key(name: str) -> str:
    """ "batch-norm", "batch_norm" and "_BatchNorm" are the same word."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def stem(name: str) -> str:
    """The word without what only tells a form of it: "LSTMCell", "lstm_layer" and "LSTM" are one family."""
    return re.sub(r"(loss|layer|cell|[123]d)$", "", key(name))


def rank(definition: Definition) -> tuple[int, bool, str, int]:
    """Order among places of one name: the mathematics, then what is public."""
    folder = next(i for i, folder in enumerate(MATHEMATICS_FIRST) if definition.file.startswith(folder + "/"))
    return folder, definition.name.startswith("_"), definition.file, definition.first


def unknown(topic: str) -> str:
    """The message for a topic that there is not."""
    words = {key(name): name for name in [*SYNONYMS, *(d.name for d in definitions() if not d.name.startswith("_"))]}
    words |= {key(model.name): model.name for model in architectures.all_models()}
    near = [words[found] for found in difflib.get_close_matches(key(topic), words, n=4)]
    hint = f"; did you mean {', '.join(near)}?" if near else "."
    return f"unknown topic {topic!r}{hint} `deepglass read` lists everything there is to read"


# -- from definitions to tests --------------------------------------------------------------------------------------


def tests_of(definition: Definition) -> list[dict[str, Any]]:
    """The test that judges its file or folder, then those that speak of it."""
    judged = [place for place in PROOFS if f"{definition.file}/".startswith(f"{place}/")]
    named = [PROOFS[max(judged, key=len)]] if judged else []
    name = re.compile(rf"(?<![A-Za-z0-9]){re.escape(definition.name.strip('_'))}(?![A-Za-z0-9])")
    for path in sorted((CHECKOUT / "tests" / definition.file.split("/")[0]).glob("test_*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in tree_of(path).body:
            is_test = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            if is_test and name.search("\n".join(lines[node.lineno - 1 : node.end_lineno])):
                named.append((path.relative_to(CHECKOUT).as_posix(), node.name))
    return [_test(file, test) for file, test in list(dict.fromkeys(named))[:MOST_TESTS]]


def _test(file: str, name: str) -> dict[str, Any]:
    path = CHECKOUT / file
    if not path.is_file():
        return {"place": file, "name": name, "installed": False}
    line = next(node.lineno for node in tree_of(path).body if getattr(node, "name", None) == name)
    return {"place": f"{file}:{line}", "name": name, "installed": True}
