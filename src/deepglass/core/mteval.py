"""Words and marks of a sentence as NIST's script mteval-v13a tells them apart: what scores of translations count.

References:
    Papineni, Roukos, Ward & Zhu (2002), BLEU: a Method for Automatic Evaluation of Machine Translation,
    https://aclanthology.org/P02-1040/
    Post (2018), A Call for Clarity in Reporting BLEU Scores, https://arxiv.org/abs/1804.08771 (its `13a`)
"""

import re

ENTITIES = (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"))
APART = (
    (re.compile(r"([\{-\~\[-\` -\&\(-\+\:-\@\/])"), r" \1 "),  # marks, but for . , - and '
    (re.compile(r"([^0-9])([\.,])"), r"\1 \2 "),  # point and comma, unless within a number
    (re.compile(r"([\.,])([^0-9])"), r" \1 \2"),
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
)


def words_of(text: str) -> list[str]:
    """Words and marks, told apart as mteval-v13a does it.

    Example:
        >>> words_of("It costs 3.50, doesn't it?")
        ['It', 'costs', '3.50', ',', "doesn't", 'it', '?']
    """
    text = text.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, character in ENTITIES:
        text = text.replace(entity, character)
    text = f" {text} "
    for pattern, replacement in APART:
        text = pattern.sub(replacement, text)
    return text.split()
