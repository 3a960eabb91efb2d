"""Every model of the folder is asked the same questions; a new file is asked the day it lies there (see zoo.py)."""

import pytest
import torch
from torch import nn

from deepglass.training.weights import load_weights, save_weights
from deepglass.zoo import architectures
from deepglass.zoo.example_inputs import kind_of
from deepglass.zoo.summary import build
from tests.models import zoo
from tests.models.zoo import SIZES, B, each_case

# Of the default settings and the sizes that `deepglass models` shows. Those of AlexNet, BERT, GoogLeNet, GPT-2,
# Inception v3, MobileNet, ResNet, VGG and ViT are the published numbers.
PARAMETERS = {
    "alexnet": {"alexnet": 61_100_840},
    "autoencoder": {"autoencoder": 143_382, "linear-autoencoder": 246},
    "bag_of_ngrams": {"bag-of-ngrams": 3_073_922},
    "bert": {
        "bert": 4_386_178,
        "bert-mini": 11_171_074,
        "bert-small": 28_764_674,
        "bert-base": 109_483_778,
        "bert-large": 335_143_938,
    },
    "captioner": {"captioner": 564_600},
    "cnn": {"cnn": 406_600},
    "clip": {"clip": 4_913_432},
    "conv_autoencoder": {"conv-autoencoder": 286_825},
    "deeplab": {"deeplab": 612_821},
    "dlinear": {"dlinear": 64_704},
    "dual_encoder": {"dual-encoder": 23_811_718},
    "edsr": {"edsr": 32_356, "edsr-baseline": 1_184_644},
    "stylizer": {"stylizer": 156_987, "stylizer-johnson": 1_677_635},
    "espcn": {"espcn": 21_284},
    "fasttext": {"fasttext": 15_051_400},
    "glove": {"glove": 10_151_914},
    "gcn": {"gcn": 23_063},
    "googlenet": {"googlenet": 6_624_904},
    "flow": {"flow": 1_023_267},
    "gan": {"gan": 17_219},
    "gpt": {
        "gpt": 7_357_312,
        "gpt2": 124_439_808,
        "gpt2-medium": 354_823_168,
        "gpt2-large": 774_030_080,
        "gpt2-xl": 1_557_611_200,
    },
    "grid_detector": {"grid-detector": 873_236},
    "inception": {"inception-v3": 23_834_568},
    "item_autoencoder": {
        "item-autoencoder": 25_782_041,
        "matrix-factorisation": 6_483_153,
        "mult-dae": 25_847_633,
    },
    "layout_cnn": {"layout-cnn": 600_408},
    "lenet5": {"lenet5": 60_850},
    "linear": {"linear": 30},
    "llama": {
        "llama": 13_587_328,
        "smollm2-135m": 135_151_488,
        "tinyllama": 1_174_829_056,
        "llama2-7b": 6_887_976_960,
    },
    "mlp": {"mlp": 70_146},
    "mobilenet": {
        "mobilenet-v1": 4_231_976,
        "mobilenet-v1-0.75": 2_585_560,
        "mobilenet-v1-0.5": 1_331_592,
        "mobilenet-v1-0.25": 470_072,
    },
    "patch_transformer": {"patch-transformer": 81_760},
    "perceptron": {"perceptron": 15},
    "motif_cnn": {"motif-cnn": 1_002_530},
    "recurrent_classifier": {"lstm": 2_052_994, "gru": 2_028_162, "rnn": 1_978_498},
    "recurrent_forecaster": {"lstm": 62_368, "gru": 57_696, "rnn": 48_352},
    "sasrec": {"sasrec": 3_324_224},
    "recurrent_language_model": {"lstm": 16_462_225, "gru": 16_379_793, "rnn": 16_214_929},
    "resnet": {
        "resnet18": 11_689_512,
        "resnet34": 21_797_672,
        "resnet50": 25_557_032,
        "resnet101": 44_549_160,
        "resnet152": 60_192_808,
    },
    "seq2seq": {"seq2seq-bahdanau": 9_756_552, "seq2seq-luong": 9_740_040},
    "sound_cnn": {"sound-cnn": 59_274},
    "speech_gru": {"speech-gru": 313_628},
    "svm": {"svm": 15},
    "tabm": {"tabm": 61_648},
    "transformer": {"transformer": 10_861_056, "transformer-base": 82_028_544, "transformer-big": 252_137_472},
    "transformer_encoder": {"transformer-encoder": 2_053_378},
    "unet": {"unet": 31_030_658},
    "vae": {"vae": 134_664},
    "vgg": {
        "vgg11": 132_863_336,
        "vgg13": 133_047_848,
        "vgg16": 138_357_544,
        "vgg19": 143_667_240,
        "vgg11-bn": 132_868_840,
        "vgg13-bn": 133_053_736,
        "vgg16-bn": 138_365_992,
        "vgg19-bn": 143_678_248,
    },
    "video_cnn": {"video-cnn": 65_896, "video-cnn-2plus1d": 66_030, "frame-cnn": 30_904},
    "word2vec": {"word2vec": 10_051_400},
    "vit": {"vit": 1_442_664, "vit-tiny": 5_717_416, "vit-small": 22_050_664, "vit-base": 86_567_656},
}
RATES = (3e-3, 1e-3, 3e-2)  # learning rates: most networks, those without normalisation, those of one layer
STEPS = 150
WITH_PADDING = 8  # tokens, so that the last one of a shorter text is none
CODE = 8  # numbers of a code, as autoencoders have them by default
SHAPES = {  # of the answer to a batch
    "image-classification": (B, zoo.CLASSES),
    "video-classification": (B, zoo.CLASSES),
    "captioning": (B, SIZES["length"], SIZES["vocab_size"]),
    "tabular-classification": (B, zoo.CLASSES),
    "text-classification": (B, zoo.CLASSES),
    "object-detection": (B, 4 + zoo.CLASSES, zoo.SIDE // 4, zoo.SIDE // 4),
    "segmentation": (B, zoo.CLASSES, zoo.SIDE, zoo.SIDE),
    "super-resolution": (B, 1, 2 * zoo.SIDE, 2 * zoo.SIDE),
    "style-transfer": (B, SIZES["in_channels"], zoo.SIDE, zoo.SIDE),
    "forecasting": (B, SIZES["horizon"], SIZES["num_series"]),
    "masked-language-modelling": (B, SIZES["length"], SIZES["vocab_size"]),
    "language-modelling": (B, SIZES["length"], SIZES["vocab_size"]),
    "text-to-image": (B, SIZES["in_channels"], zoo.SIDE, zoo.SIDE),
    "next-event": (B, SIZES["length"], SIZES["vocab_size"]),
    "translation": (B, SIZES["length"], SIZES["vocab_size"]),
    "generation": (B, SIZES["num_features"]),
    "sound-classification": (B, zoo.CLASSES),
    "speech-recognition": (B, -(-SIZES["length"] // 8) * 8 // 4, SIZES["vocab_size"]),
    "recommendation": (B, SIZES["vocab_size"]),
    "node-classification": (B, SIZES["num_nodes"], zoo.CLASSES),
    "image-text": (B, B),
    "retrieval": (B, B),
    "word-vectors": (B, zoo.LARGEST["embed_dim"]),
    ("embedding", 2): (B, CODE + SIZES["num_features"] + sum(SIZES["cardinalities"])),  # of rows
    ("embedding", 4): (B, CODE + SIZES["in_channels"] * zoo.SIDE**2),  # of pictures
}


@pytest.mark.parametrize("entry", architectures.all_models(), ids=lambda entry: f"{entry.file}-{entry.name}")
def test_the_number_of_parameters_is_pinned(entry):
    with torch.device("meta"):
        model, _ = build(entry, None, {})
    count = sum(parameter.numel() for parameter in model.parameters())
    pinned = PARAMETERS.get(entry.file, {}).get(entry.name)
    assert pinned is not None, f'add "{entry.name}": {count:_} under "{entry.file}" once the paper or a judge agrees'
    assert count == pinned


def test_no_pin_is_left_behind():
    there = {(entry.file, entry.name) for entry in architectures.all_models()}
    assert {(file, name) for file, names in PARAMETERS.items() for name in names} == there


@each_case
def test_the_answer_has_the_shape_that_the_task_reads(case):
    inputs = zoo.example(case).inputs
    output = zoo.build(case).eval()(*inputs)
    shape = tuple(output.shape)
    if case.entry.name == "tabm":  # an ensemble: (B, members, classes)
        shape = (shape[0], shape[2])
    if case.task is not None:
        assert shape == (SHAPES.get((case.task, inputs[0].dim())) or SHAPES[case.task])
    elif kind_of(case.entry).draw.__name__ == "draw_pairs":
        assert shape == (*inputs[1].shape, SIZES["vocab_size"])
    else:
        assert shape == (B, zoo.CLASSES, *inputs[0].shape[2:])
    assert output.isfinite().all()


@each_case
def test_a_gradient_reaches_every_parameter(case):
    model = zoo.build(case)
    zoo.fill_zeros(model)
    zoo.loss_of(case, model(*zoo.example(case).inputs)).backward()
    parameters = zoo.answering(case, model.named_parameters())
    without = [name for name, p in parameters if p.grad is None or not p.grad.abs().sum() > 0]
    assert without == []


@each_case
def test_one_batch_can_be_learnt_by_heart(case):
    assert any(learns(case, rate) for rate in RATES)


def learns(case: zoo.Case, rate: float) -> bool:
    """Whether the loss of one batch falls to a tenth."""
    model, inputs = zoo.build(case), zoo.example(case).inputs
    optimizer = torch.optim.Adam(model.parameters(), rate)
    first = None
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = zoo.loss_of(case, model(*inputs))
        first = first or loss.item()
        if loss.item() < first / 10:
            return True
        loss.backward()
        optimizer.step()
    return False


@each_case
def test_weights_survive_the_file(case, tmp_path):
    model, inputs = zoo.build(case).eval(), zoo.example(case).inputs
    with torch.no_grad():
        for tensor in model.state_dict().values():  # running statistics too
            if tensor.is_floating_point():
                tensor.mul_(0.9).add_(torch.randn_like(tensor) / 100)
    save_weights(tmp_path / "w.safetensors", model.state_dict())
    other = zoo.build(case).eval()
    assert not torch.equal(other(*inputs), model(*inputs))
    load_weights(tmp_path / "w.safetensors", other)
    assert torch.equal(other(*inputs), model(*inputs))


def few_steps(case: zoo.Case, model: nn.Module) -> list[torch.Tensor]:
    """A batch; of what is gone through step by step the beginning: in a graph every further step is the same again."""
    inputs = zoo.example(case).inputs
    is_pair = kind_of(case.entry, case.task).draw.__name__ == "draw_pairs"
    is_recurrent = any(isinstance(layer, nn.RNNBase) for layer in model.modules())
    if not (is_pair or is_recurrent) or inputs[-1].dim() < 2:  # sounds come with their lengths
        return [*inputs]
    return [sequence[:, : 5 if is_pair else WITH_PADDING] for sequence in inputs]


@pytest.mark.slow("PyTorch captures a graph of every model")
@each_case
def test_it_compiles_as_one_graph(case):
    """The "eager" backend runs the graph as it was captured: what is asked is whether it is whole."""
    model = zoo.build(case).eval()
    inputs = few_steps(case, model)
    torch._dynamo.reset()
    with torch._dynamo.config.patch(allow_rnn=True):  # off by default, since inductor has no fast recurrent layers
        compiled = torch.compile(model, backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(*inputs), model(*inputs))


@pytest.mark.slow("PyTorch captures a graph of every model")
@each_case
def test_onnx_gives_the_same_answers_for_any_batch(case, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra `export` is not installed")
    pytest.importorskip("onnxscript", reason="the extra `export` is not installed")
    model = zoo.build(case).eval()
    inputs = few_steps(case, model)
    free_batch = tuple({0: torch.export.Dim("batch")} for _ in inputs)
    torch.onnx.export(model, tuple(inputs), tmp_path / "m.onnx", dynamo=True, dynamic_shapes=free_batch, verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    names = [node.name for node in session.get_inputs()]
    for count in (B, 3):
        some = [x[:count] for x in inputs]
        (answer,) = session.run(None, {name: x.numpy() for name, x in zip(names, some)})
        torch.testing.assert_close(torch.from_numpy(answer), model(*some).detach(), atol=1e-4, rtol=1e-4)
