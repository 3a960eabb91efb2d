"""ViT: cut a picture into patches and read them as a Transformer reads words.

Dosovitskiy et al. (2021), An Image is Worth 16×16 Words: Transformers for Image Recognition at Scale,
https://arxiv.org/abs/2010.11929; the sizes tiny and small: Touvron et al. (2021), Training Data-Efficient Image
Transformers, https://arxiv.org/abs/2012.12877. Nothing tells it that neighbours belong together: it has to learn that
from many pictures, or from published weights. The names in the state dict are those of transformers.
"""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("image-classification",)
VARIANTS = {
    "vit": {},
    "vit-tiny": {"patch_size": 16, "embed_dim": 192, "num_heads": 3, "num_layers": 12, "dropout": 0.0},
    "vit-small": {"patch_size": 16, "embed_dim": 384, "num_heads": 6, "num_layers": 12, "dropout": 0.0},
    "vit-base": {"patch_size": 16, "embed_dim": 768, "num_heads": 12, "num_layers": 12, "dropout": 0.0},
}
PUBLISHED = {"vit-base": "hub:google/vit-base-patch16-224"}
INPUT = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "size": 224}  # of the published weights: -1 to 1
HEAD = "classifier"
PATCHES_PER_SIDE, LARGEST_PATCH = 8, 16  # what patch_size "auto" aims at; 16 pixels are the paper's


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    patch_size: int | Literal["auto"] = "auto"  # pixels per side; auto: 8 patches per side, of at most 16 pixels
    embed_dim: int = 128  # width C; without pretraining, small sets of pictures do not fill more
    num_heads: int = 4  # questions that a patch asks at once; each has width embed_dim / num_heads
    num_layers: int = 6  # blocks; half of the paper's, for the same reason
    dropout: float = 0.1  # of everything that is added to x
    mlp_dim: int | None = None  # width inside the MLP; 4 · embed_dim if not given, as in the paper
    norm_eps: float = 1e-12  # added to a variance before it divides; of the published weights
    is_distilled: bool = False  # whether a second token asks beside the class token, as in DeiT


class ViT(nn.Module):
    """x = [class, patches·W] + positions; blocks of attention and MLP; logits = W · norm(x)[class] + b.

    One more token comes before the patches. It holds nothing of the picture; it asks, and is judged in the end. DeiT
    has a second one, which was taught by another network; the classifier hears both.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey pictures, 3 for colour.
        image_size: Height and width in pixels; each patch of it has a position vector. Where a patch does not divide
            them, zeros are added at the right and at the bottom.
        config: Settings.

    Shape:
        - input: (B, in_channels, H, W)
        - output: (B, num_classes)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`, or a picture has another size.

    Example:
        >>> ViT(num_classes=10, image_size=(32, 32))(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        image_size: tuple[int, int] = (224, 224),
        config: Config = Config(),
    ):
        super().__init__()
        self.vit = Body(in_channels, image_size, config)
        self.num_asking = 2 if config.is_distilled else 1  # tokens that are judged in the end
        self.classifier = nn.Linear(self.num_asking * config.embed_dim, num_classes)
        self.apply(initialize)

    def forward(self, images: Tensor) -> Tensor:
        answers = self.vit(images)[:, : self.num_asking]  # (B, 1 or 2, C)
        return self.classifier(answers.flatten(1))  # (B, num_classes)


class Body(nn.Module):
    """All but the last layer: images (B, in_channels, H, W) → (B, 1 + num_patches, C), the class token first."""

    def __init__(self, in_channels: int, image_size: tuple[int, int], config: Config):
        super().__init__()
        self.embeddings = Embeddings(in_channels, image_size, config)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.layernorm = nn.LayerNorm(config.embed_dim, eps=config.norm_eps)

    def forward(self, images: Tensor) -> Tensor:
        x = self.embeddings(images)
        for block in self.layers:
            x = block(x)
        return self.layernorm(x)


class Embeddings(nn.Module):
    """One vector a patch, one for the class token, and to each that of its place.

    Shape:
        - input: (B, in_channels, H, W)
        - output: (B, 1 + num_patches, C)

    Raises:
        ValueError: If the pictures have another size than `image_size`.
    """

    def __init__(self, in_channels: int, image_size: tuple[int, int], config: Config):
        super().__init__()
        (H, W), C = image_size, config.embed_dim
        P = patch_size_for(image_size) if config.patch_size == "auto" else config.patch_size
        self.image_size, self.padding = (H, W), (0, -W % P, 0, -H % P)  # pixels at the right and at the bottom
        num_patches = -(-H // P) * -(-W // P)  # rounded up
        self.cls_token = nn.Parameter(torch.empty(1, 1, C).normal_(std=0.02))
        self.distillation_token = nn.Parameter(torch.empty(1, 1, C).normal_(std=0.02)) if config.is_distilled else None
        num_asking = 2 if config.is_distilled else 1
        self.position_embeddings = nn.Parameter(torch.empty(1, num_asking + num_patches, C).normal_(std=0.02))
        self.patch_embeddings = nn.ModuleDict({"projection": nn.Conv2d(in_channels, C, P, stride=P)})
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, images: Tensor) -> Tensor:
        B, _, H, W = images.shape
        if self.image_size != (H, W):
            raise ValueError(f"expected pictures of {self.image_size} pixels, got {(H, W)}: resize them")
        patches = self.patch_embeddings["projection"](F.pad(images, self.padding))  # (B, C, H/P, W/P)
        patches = patches.flatten(2).transpose(1, 2)  # (B, num_patches, C)
        asking = [token.expand(B, -1, -1) for token in (self.cls_token, self.distillation_token) if token is not None]
        x = torch.cat([*asking, patches], dim=1)  # (B, 1 + num_patches, C)
        return self.dropout(x + self.position_embeddings)


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)).

    Shape:
        - input, output: (B, T, C)
    """

    def __init__(self, config: Config):
        super().__init__()
        self.layernorm_before = nn.LayerNorm(config.embed_dim, eps=config.norm_eps)
        self.attention = SelfAttention(config)
        self.layernorm_after = nn.LayerNorm(config.embed_dim, eps=config.norm_eps)
        self.mlp = MLP(config)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.dropout(self.attention(self.layernorm_before(x)))
        return x + self.dropout(self.mlp(self.layernorm_after(x)))


class SelfAttention(nn.Module):
    """softmax(QKᵀ/√hd)·V over several heads: every patch sees every other, near or far.

    Shape:
        - input, output: (B, T, C)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`.
    """

    def __init__(self, config: Config):
        super().__init__()
        C = config.embed_dim
        if C % config.num_heads:
            raise ValueError(f"embed_dim {C} is not divisible by num_heads {config.num_heads}: change one of them")
        self.num_heads = config.num_heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(C, C) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        nh, hd = self.num_heads, C // self.num_heads
        q = self.q_proj(x).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        k = self.k_proj(x).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        v = self.v_proj(x).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        scores = q @ k.transpose(2, 3) * hd**-0.5  # (B, nh, T, T)
        y = F.softmax(scores, dim=3) @ v  # (B, nh, T, hd)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))


class MLP(nn.Module):
    """Each token by itself: C → 4C, GELU, 4C → C."""

    def __init__(self, config: Config):
        super().__init__()
        C, hidden = config.embed_dim, config.mlp_dim or 4 * config.embed_dim
        self.fc1 = nn.Linear(C, hidden)
        self.fc2 = nn.Linear(hidden, C)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


def patch_size_for(image_size: tuple[int, int]) -> int:
    """Pixels per side: 4 for pictures of 28 or 32 pixels, 16 from 113 on."""
    return min(-(-max(image_size) // PATCHES_PER_SIDE), LARGEST_PATCH)


def initialize(module: nn.Module) -> None:
    """N(0, 0.02²) as in the paper's code for weights, zeros for offsets."""
    if isinstance(module, nn.Linear | nn.Conv2d):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)


RENAMED = {  # in published files → here and in transformers 5; the longer first, for the shorter are parts of them
    "encoder.layer.": "layers.",
    "attention.attention.query": "attention.q_proj",
    "attention.attention.key": "attention.k_proj",
    "attention.attention.value": "attention.v_proj",
    "attention.output.dense": "attention.o_proj",
    "intermediate.dense": "mlp.fc1",
    "output.dense": "mlp.fc2",
}


def from_published(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a published file under our names; a bare body has no prefix, and its pooler is not used here."""
    renamed = {}
    for name, tensor in weights.items():
        for theirs, ours in RENAMED.items():
            name = name.replace(theirs, ours)
        is_body = name.startswith(("embeddings.", "layers.", "layernorm.", "pooler."))
        renamed["vit." + name if is_body else name] = tensor
    return {name: tensor for name, tensor in renamed.items() if not name.startswith("vit.pooler.")}


Model = ViT
