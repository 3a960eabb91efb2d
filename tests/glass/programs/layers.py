"""Lines of `nn.functional`: activations, convolutions, pooling, norms, losses, attention, with random settings."""

import torch

from .maker import words

ACTIVATIONS = words(
    "relu relu6 sigmoid tanh softsign tanhshrink logsigmoid hardsigmoid hardswish silu mish gelu elu selu celu "
    "softplus hardtanh leaky_relu softmax log_softmax softmin glu"
)
SETTINGS = {
    "gelu": ("", ', approximate="tanh"', ", approximate='none'"),
    "elu": ("", ", alpha=0.5", ", alpha=2.0", ", 1.5"),
    "celu": ("", ", alpha=0.5", ", alpha=2.0"),
    "softplus": ("", ", beta=2", ", beta=0.5, threshold=1", ", threshold=2"),
    "hardtanh": ("", ", -2, 2", ", min_val=0.0, max_val=1.0", ", -0.5, 0.5"),
    "leaky_relu": ("", ", 0.2", ", negative_slope=0.5", ", 0.0"),
    "glu": ("", ", 0", ", -1", ", 1"),
    "softmax": (", -1", ", 0", ", dim=1"), "log_softmax": (", -1", ", 0", ", dim=1"), "softmin": (", -1", ", 0"),
}  # fmt: skip
# PyTorch's loops over whole vectors and over the rest of a row send nan down different branches of these.
BRANCHING = words("relu6 hardtanh hardsigmoid hardswish elu selu celu softplus leaky_relu")
IN_PLACE = words("relu relu6 hardsigmoid hardswish silu mish elu selu celu hardtanh leaky_relu")


def activation(m):
    name = m.pick(ACTIVATIONS)
    x = m.any() if m.chance(0.2) else m.float()
    settings = m.pick(SETTINGS.get(name, ("",)))
    if name in BRANCHING:
        x = m.without_nan(x)
    if name == "hardsigmoid" and m.value(x).dtype == torch.float64:
        x = f"({x}).float()"  # in float64 PyTorch's slope is the sixth of float32 all the same
    if name == "gelu":
        x = m.without_extremes(x)
    if name in IN_PLACE and m.chance(0.15):
        settings += ", inplace=True"
    return f"{m.new()} = F.{name}({x}{settings})"


def prelu(m):
    x = m.float()
    shape = m.value(x).shape
    weight = m.leaf((shape[1] if len(shape) > 1 and m.chance(0.6) else 1,), kind(m, x))
    return f"{m.new()} = F.prelu({m.without_nan(x)}, {weight})"


def kind(m, x):
    """The type of x, and seldom another one, as text."""
    name = str(m.value(x).dtype).removeprefix("torch.")
    return name if m.chance(0.98) else m.dtype()


def image(m, n):
    """A tensor (B, C, …) with n inner dimensions, or (C, …) without a batch."""
    lead = [m.pick((1, 2, 3)), m.pick((1, 2, 2, 4))]
    if m.chance(0.15):
        lead.pop(0)
    elif m.chance(0.02):
        lead[0] = 0
    inner = [m.pick((1, 2, 3, 4, 5, 6)) for _ in range(n)]
    return m.find(lambda x: x.dtype.is_floating_point and x.ndim in (n + 1, n + 2) and 0 not in x.shape,
                  lambda: m.leaf((*lead, *inner), m.float_type()), 0.6)  # fmt: skip


def per_dim(m, n, *choices):
    """One number for all dimensions, or one for each, as text."""
    return str(tuple(m.pick(choices) for _ in range(n)) if m.chance(0.3) else m.pick(choices))


def convolution(m):
    n = m.pick((1, 2))
    x = image(m, n)
    channels, groups = m.value(x).shape[-n - 1], 1
    if channels % 2 == 0 and m.chance(0.4):
        groups = m.pick((2, channels))
    kernel = [m.pick((1, 2, 3)) for _ in range(n)]
    stride, dilation = per_dim(m, n, 1, 1, 2, 3), per_dim(m, n, 1, 1, 2)
    if m.chance(0.35):
        out = m.pick((1, 2))
        weight = m.leaf((channels, out, *kernel), kind(m, x), style="plain")
        x = m.without_extremes(x)  # whether nan meets the zeros of the frame is the library's choice
        bias = m.leaf((out * groups,), kind(m, x)) if m.chance(0.6) else "None"
        options = f"{stride}, {per_dim(m, n, 0, 0, 1)}, {per_dim(m, n, 0, 0, 1)}, {groups}, {dilation}"
        return f"{m.new()} = F.conv_transpose{n}d({x}, {weight}, {bias}, {options})"
    out = groups * m.pick((1, 2))
    weight = m.leaf((out, channels // groups + m.chance(0.02), *kernel), kind(m, x), style="round")
    bias = m.leaf((out,), kind(m, x)) if m.chance(0.6) else "None"
    padding = m.pick(('"same"', '"valid"')) if m.chance(0.15) else per_dim(m, n, 0, 0, 1, 2)
    return f"{m.new()} = F.conv{n}d({m.without_huge(x)}, {weight}, {bias}, {stride}, {padding}, {dilation}, {groups})"


def pooling(m):
    n = m.pick((1, 2))
    x = m.without_huge(image(m, n))
    if m.chance(0.35):
        size = m.pick((str(m.integer(1, 5)), str(tuple(m.pick((1, 2, 3, None)) for _ in range(n)) if n == 2 else 2)))
        return f"{m.new()} = F.adaptive_avg_pool{n}d({x}, {size})" + (" + 0" if n == 1 else "")  # else a view of 2d
    kernel, stride = per_dim(m, n, 1, 2, 3), m.pick(("None", per_dim(m, n, 1, 2, 3)))
    padding, ceil = per_dim(m, n, 0, 0, 1), m.pick((True, False, False))
    if m.chance(0.5):
        dilation = per_dim(m, n, 1, 1, 2) if padding == "0" else 1  # a window of nothing but frame has no largest value
        return f"{m.new()} = F.max_pool{n}d({x}, {kernel}, {stride}, {padding}, {dilation}, {ceil})"
    more = f", count_include_pad={m.pick((True, False))}"
    if n == 2 and m.chance(0.2):
        more += ", divisor_override=3"
    return f"{m.new()} = F.avg_pool{n}d({x}, {kernel}, {stride}, {padding}, {ceil}{more})"


def norm(m):
    x = m.find(lambda x: x.is_floating_point() and x.ndim > 1 and x.numel(), lambda: m.leaf((2, 3), m.float_type()))
    shape = m.value(x).shape
    name = m.pick(("layer_norm", "rms_norm", "group_norm", "batch_norm", "normalize"))
    x = x if name == "normalize" else m.without_extremes(x)  # how a variance overflows is PyTorch's own affair
    if name == "normalize":
        return f"{m.new()} = F.normalize({x}, {m.pick(('2', '1', '3.0', 'inf'))}, {m.dim(x)})"
    eps = ", eps=0.1" if m.value(x).dtype.itemsize == 4 or m.chance(0.3) else ""  # what is constant stays near 0
    last = tuple(shape[m.integer(-len(shape), -1) :]) if name in ("layer_norm", "rms_norm") else (shape[1],)
    weight, bias = (m.leaf(last, kind(m, x), style="plain") if m.chance(0.6) else "None" for _ in range(2))
    if name == "layer_norm":
        return f"{m.new()} = F.layer_norm({x}, {last}, {weight}, {bias}{eps})"
    if name == "rms_norm":
        return f"{m.new()} = F.rms_norm({x}, {last}, {weight}{eps})"
    if name == "group_norm":
        groups = m.pick([g for g in (1, 2, 3, 4) if shape[1] % g == 0] or [1])
        return f"{m.new()} = F.group_norm({x}, {groups}, {weight}, {bias}{eps})"
    mean = m.leaf((shape[1],), kind(m, x), False, low=-1, high=1)
    var = m.leaf((shape[1],), kind(m, x), False, low=0.5, high=2)
    training = m.chance(0.6)
    running = "None, None" if training and m.chance(0.5) else f"{mean}, {var}"
    options = m.pick(("", ", momentum=0.5")) + eps
    return f"{m.new()} = F.batch_norm({x}, {running}, {weight}, {bias}, training={training}{options})"


def linear(m):
    x = m.float(low=1)
    width, out = m.value(x).shape[-1], m.pick((1, 2, 3))
    weight = m.leaf((out, width + m.chance(0.03)), kind(m, x))
    bias = m.leaf((out,), kind(m, x)) if m.chance(0.6) else "None"
    return f"{m.new()} = F.linear({m.without_huge(x)}, {m.without_huge(weight)}, {bias})"


def lookup(m):
    rows, width = m.integer(1, 4), m.pick((1, 2, 3))
    index = m.leaf(
        m.sizes(m.integer(0, 2)), m.pick(("int64", "int64", "int64", "int32")), low=0, high=rows - 1 + m.chance(0.03)
    )
    if m.chance(0.25):
        return f"{m.new()} = F.one_hot({index}{m.pick(('', f', {rows}', ', 2'))})"
    weight = m.leaf((rows, width), m.float_type())
    return f"{m.new()} = F.embedding({index}, {weight}{m.pick(('', ', padding_idx=0', ', padding_idx=-1'))})"


def attention(m):
    B, nh, L, S, d, e = m.pick((1, 2)), m.pick((1, 2)), *(m.pick((1, 2, 3)) for _ in range(4))
    lead = m.pick(((B, nh), (B,), ()))
    q, k = m.leaf((*lead, L, d), m.favourite, style="plain"), m.leaf((*lead, S, d), m.favourite, style="round")
    v, options = m.without_extremes(m.leaf((*lead, S, e), m.favourite)), ""
    choice = m.integer(0, 3)
    if choice == 1:
        options = ", is_causal=True"
    elif choice == 2:
        options = f", attn_mask={m.leaf(m.pick(((L, S), (1, S))), m.pick(('bool', m.favourite)))}"
    options += m.pick(("", ", scale=0.5"))
    return f"{m.new()} = F.scaled_dot_product_attention({q}.clone(), {k}.clone(), {v}.clone(){options}) + 0"


def resize(m):
    n = m.pick((1, 2))
    x = image(m, n)
    if m.chance(0.5):
        widths = tuple(m.pick((0, 1, 2, 0, -1)) for _ in range(2 * m.integer(1, n)))
        mode = m.pick(
            ("", ', "reflect"', ', "replicate"', ', "circular"', ", value=1.5", ', "constant", 2', ", value=-inf")
        )
        return f"{m.new()} = F.pad({x}, {widths}{mode})"
    if m.chance(0.15):
        return f"{m.new()} = F.pixel_shuffle({m.float(low=3)}, {m.pick((1, 2))})"
    line = "linear" if n == 1 else "bilinear"
    by = m.pick((f"size={per_dim(m, n, 1, 2, 3, 5)}", f"scale_factor={m.pick((0.5, 1, 1.5, 2, 3))}"))
    options = m.pick(
        ("", f', mode="{line}"', f', mode="{line}", align_corners=True', f', mode="{line}", align_corners=False')
    )
    x = m.without_extremes(x) if options else x  # whether a weight is 0 or 1e-17 depends on the processor
    return f"{m.new()} = F.interpolate({x}, {by}{options})"


# Losses


def reduction(m):
    return m.pick(("", ', reduction="none"', ', reduction="sum"', ', reduction="mean"'))


def distance_loss(m):
    x = m.float()
    y = m.same(x) if m.chance(0.7) else m.partner(x)
    name = m.pick(("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div"))
    options = reduction(m)
    if name == "smooth_l1_loss":
        options += m.pick(("", ", beta=0.5", ", beta=0.0"))
    if name == "huber_loss":
        options += m.pick(("", ", delta=0.5"))
    if name == "kl_div":
        options = m.pick((options, ', reduction="batchmean"')) + m.pick(("", ", log_target=True"))
    return f"{m.new()} = F.{name}({x}, {y}{options})"


def yes_or_no_loss(m):
    x = m.float()
    y = m.leaf(tuple(m.value(x).shape), kind(m, x), low=0, high=1, style="plain")
    options = reduction(m)
    if m.chance(0.3):
        options += f", weight={m.leaf(m.beside(m.value(x).shape), kind(m, x), low=0, high=2)}"
    if m.chance(0.5):
        if m.chance(0.3):
            options += f", pos_weight={m.leaf(m.beside(m.value(x).shape), kind(m, x), low=0, high=2)}"
        return f"{m.new()} = F.binary_cross_entropy_with_logits({x}, {y}{options})"
    p = x if m.chance(0.1) else m.pick((f"T.sigmoid({x})", f"{x}.clamp(0, 1)", f"({x} > 0).to({x}.dtype)"))
    return f"{m.new()} = F.binary_cross_entropy({p}, {y}{options})"


def class_loss(m):
    x = m.float(low=1)
    x = f"({m.without_huge(x)})"
    shape = tuple(m.value(x).shape)
    classes = shape[0] if len(shape) == 1 else shape[1]
    rest = () if len(shape) == 1 else (shape[0], *shape[2:])
    options = reduction(m)
    if m.chance(0.3):
        options += f", weight={m.leaf((classes,), kind(m, x), False, low=0, high=2)}"
    if m.chance(0.2):
        options += ", ignore_index=1"
    if m.chance(0.3):
        target = m.leaf(rest, "int64", low=0, high=max(classes - 1 + m.chance(0.03), 0))
        return (
            f"{m.new()} = F.nll_loss({m.pick((x, f'F.log_softmax({x}, {min(1, len(shape) - 1)})'))}, {target}{options})"
        )
    if m.chance(0.3):
        options += f", label_smoothing={m.pick((0.1, 0.5, 1.0))}"
    if m.chance(0.3):
        target = m.leaf(shape, kind(m, x), low=0, high=1)
        options = options.replace(", ignore_index=1", "")
    else:
        target = m.leaf(rest, "int64", low=0, high=max(classes - 1 + m.chance(0.03), 0))
    return f"{m.new()} = F.cross_entropy({x}, {target}{options})"


def margin_loss(m):
    x = m.float(low=1)
    x, y, z = (m.without_huge(t) for t in (x, m.same(x), m.same(x)))
    shape = tuple(m.value(x).shape)
    sign = f"({m.leaf(shape, kind(m, x), False, style='plain')}.sign())"
    row = f"({m.leaf(shape[:-1], kind(m, x), False, style='plain')}.sign())"
    options = m.pick(("", ", margin=0.55", ", margin=0.1")) + reduction(m)
    return f"{m.new()} = " + m.pick((
        f"F.hinge_embedding_loss({x}, {sign}{options})", f"F.margin_ranking_loss({x}, {y}, {sign}{options})",
        f"F.triplet_margin_loss({x}, {y}, {z}{options}{m.pick(('', ', swap=True', ', p=1'))})",
        f"F.cosine_embedding_loss({x}, {y}, {row}{options})", f"F.cosine_similarity({x}, {y}, {m.dim(x)})",
        f"F.pairwise_distance({x}, {y}{m.pick(('', ', p=1', ', keepdim=True', ', p=inf'))})",
    ))  # fmt: skip


def ctc(m):
    B, C, S = m.integer(1, 2), m.integer(2, 4), m.integer(1, 3)
    T = m.integer(2 * S, 2 * S + 3)
    logp = f"F.log_softmax({m.leaf((T, B, C), m.favourite, style='plain')}, -1)"
    text = m.leaf((B, S), "int64", low=1, high=C - 1)
    steps, letters = tuple(m.integer(2 * S, T) for _ in range(B)), tuple(m.integer(1, S) for _ in range(B))
    options = reduction(m) + m.pick(("", ", zero_infinity=True"))
    return f"{m.new()} = F.ctc_loss({logp}, {text}, {steps}, {letters}{options})"


def quiet(m):
    """Dropout where it does nothing, or everything."""
    x = m.float()
    return f"{m.new()} = F.dropout({x}, {m.pick(('0.5, training=False', '0.0', '1.0'))})"


OPERATIONS = {activation: 5, prelu: 0.5, convolution: 2, pooling: 2.5, norm: 2, linear: 1, lookup: 1, attention: 1,
              resize: 1.5, distance_loss: 1.5, yes_or_no_loss: 1.2, class_loss: 2, margin_loss: 1.2, ctc: 0.4,
              quiet: 0.2}  # fmt: skip
