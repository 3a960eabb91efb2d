"""Small checkpoints as other people publish them, made on the spot with random weights."""

import json

import torch

WORDS = ["good", "fine", "great", "bad", "poor", "awful", "film", "story", "a", "the", "was", "is", "very", "so"]


def bert_folder(path, classes=None, words=WORDS, **sizes):
    """A BERT for texts with its WordPiece vocabulary, as `save_pretrained` writes it."""
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 24} | sizes
    labels = dict(enumerate(classes)) if classes else {i: f"LABEL_{i}" for i in range(2)}
    config = BertConfig(
        vocab_size=len(vocabulary), intermediate_size=4 * sizes["hidden_size"], id2label=labels,
        label2id={name: i for i, name in labels.items()}, **sizes,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(path)
    (path / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    (path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}))
    return path


def distilbert_folder(path, classes):
    """A DistilBERT for texts with the vocabulary of `bert_folder`."""
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    bert_folder(path, classes)
    torch.manual_seed(1)
    labels = {"id2label": dict(enumerate(classes)), "label2id": {name: i for i, name in enumerate(classes)}}
    config = DistilBertConfig(
        vocab_size=len(WORDS) + 5, dim=32, n_heads=2, n_layers=2, hidden_dim=48, max_position_embeddings=24, **labels
    )
    DistilBertForSequenceClassification(config).save_pretrained(path)
    return path


def roberta_folder(path, classes, texts):
    """A RoBERTa for texts with byte pairs that were learnt from them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import RobertaConfig, RobertaForSequenceClassification

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    marks = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=330, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=marks, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    torch.manual_seed(0)
    labels = {"id2label": dict(enumerate(classes)), "label2id": {name: i for i, name in enumerate(classes)}}
    config = RobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=32, num_attention_heads=2, num_hidden_layers=2,
        intermediate_size=48, max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5, **labels,
    )  # fmt: skip
    RobertaForSequenceClassification(config).save_pretrained(path)
    tokenizer.save(str(path / "tokenizer.json"))
    return path


def vit_folder(path, classes, is_distilled=False):
    """A ViT, or a DeiT with two heads, for pictures of 20 pixels; and the model itself."""
    import transformers

    kind, model = ("DeiT", "WithTeacher") if is_distilled else ("ViT", "")
    labels = {"id2label": dict(enumerate(classes)), "label2id": {name: i for i, name in enumerate(classes)}}
    sizes = {"hidden_size": 32, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 48}
    config = getattr(transformers, f"{kind}Config")(image_size=20, patch_size=5, **sizes, **labels)
    torch.manual_seed(0)
    judge = getattr(transformers, f"{kind}ForImageClassification{model}")(config).eval()
    with torch.no_grad():
        for parameter in judge.parameters():
            parameter.normal_(std=0.3)
    judge.save_pretrained(path)
    processor = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": {"height": 20, "width": 20}}
    (path / "preprocessor_config.json").write_text(json.dumps(processor))
    return path, judge


def gpt2_folder(path, text):
    """A GPT-2 with byte pairs that were learnt from a text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GPT2Config, GPT2LMHeadModel

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        [text], trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    )
    torch.manual_seed(0)
    size = tokenizer.get_vocab_size()
    GPT2LMHeadModel(GPT2Config(vocab_size=size, n_embd=32, n_head=2, n_layer=2, n_positions=64)).save_pretrained(path)
    tokenizer.save(str(path / "tokenizer.json"))
    return path


def reviews_csv(path, count=60):
    """A table of texts whose class a word decides."""
    import random

    draw = random.Random(0)
    lines = ["text,label"]
    for i in range(count):
        kind = ("good", "fine", "great") if i % 2 else ("bad", "poor", "awful")
        filler = " ".join(draw.choices(["a", "the", "film", "story", "is", "was", "so", "very"], k=12))
        lines.append(f"{filler} {draw.choice(kind)} {draw.choice(kind)},{'pos' if i % 2 else 'neg'}")
    path.write_text("\n".join(lines) + "\n")
    return path
