"""Cover some words of a text and ask for them: how BERT learns from texts that nobody has labelled.

Of the chosen words most become the mark of a gap, some become any other word, and some stay as they are. The network
is not told which is which: it has to say what stands at every chosen place, and so must understand every place.

References:
    Devlin, Chang, Lee & Toutanova (2019), BERT, https://arxiv.org/abs/1810.04805 (15 % are chosen; of these 80 % become
    [MASK], 10 % another word, 10 % stay; section 3.1)
    Liu et al. (2019), RoBERTa, https://arxiv.org/abs/1907.11692 (chosen anew each time that a text is read)
"""

import torch
from torch import Tensor

CHOSEN = 0.15  # of the words
GAP, OTHER = 0.8, 0.1  # of the chosen ones; the rest stays
IGNORED = -100  # the target of words that are not asked for, as `cross_entropy` leaves it out


def covered(
    tokens: Tensor, gap: int, vocab_size: int, marks: tuple[int, ...] = (0,), share: float = CHOSEN
) -> tuple[Tensor, Tensor]:
    """What is shown and what is asked; drawn from torch's generator.

    Args:
        tokens: (B, T) ids.
        gap: Id of the mark that covers a word.
        vocab_size: Number of tokens; another word is any of them that is no mark.
        marks: Ids that are neither covered nor put in the place of a word: padding and the like.
        share: Of the words that are chosen.

    Shape:
        - output: shown (B, T), and targets (B, T), which are `IGNORED` where nothing is asked
    """
    kept = torch.tensor([*marks, gap], device=tokens.device)
    is_chosen = (torch.rand(tokens.shape, device=tokens.device) < share) & ~torch.isin(tokens, kept)
    fate = torch.rand(tokens.shape, device=tokens.device)
    words = torch.arange(vocab_size, device=tokens.device)
    words = words[~torch.isin(words, kept)]
    others = words[torch.randint(len(words), tokens.shape, device=tokens.device)]
    shown = tokens.where(~is_chosen | (fate >= GAP + OTHER), others)
    shown = shown.masked_fill(is_chosen & (fate < GAP), gap)
    return shown, tokens.masked_fill(~is_chosen, IGNORED)


def with_gaps(tokens: Tensor, gap: int, marks: tuple[int, ...] = (0,), share: float = CHOSEN) -> tuple[Tensor, Tensor]:
    """Texts to be judged by: gaps alone, nothing replaced, and the same of a text every time. Nothing is drawn.

    Every k-th word of a text becomes a gap, k = 1 / share, from one that its words decide, and at least one word does.

    Args:
        tokens, gap, marks, share: As for `covered`.

    Shape:
        - output: shown (B, T), and targets (B, T), which are `IGNORED` where nothing is asked

    Example:
        >>> with_gaps(torch.tensor([[5, 6, 7, 8, 0]]), gap=1, share=0.25)[0]
        tensor([[5, 6, 1, 8, 0]])
    """
    is_word = ~torch.isin(tokens, torch.tensor([*marks, gap], device=tokens.device))
    rank = is_word.cumsum(dim=1) - 1  # (B, T) which word of its text
    words = is_word.sum(dim=1, keepdim=True)  # (B, 1)
    step = words.clamp(min=1, max=max(1, round(1 / share)))
    is_chosen = is_word & (rank % step == (tokens * is_word).sum(dim=1, keepdim=True) % step)
    return tokens.masked_fill(is_chosen, gap), tokens.masked_fill(~is_chosen, IGNORED)
