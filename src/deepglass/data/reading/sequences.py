"""Sequences of letters: DNA, RNA and proteins, of which a letter is what a word is to a text."""

from collections.abc import Iterable

LEAST, MOST_LETTERS = 20, 25  # letters of a sequence, and of its alphabet: twenty amino acids, and some that are unsure


def are_sequences(cells: Iterable[str]) -> bool:
    """Whether every cell is one long word of letters, and all of them share a small alphabet.

    Example:
        >>> are_sequences(["ACGTACGTACGTACGTACGTAC", "TTGACATTGACATTGACATTGA"]), are_sequences(["a text", "ACGT"])
        (True, False)
    """
    alphabet: set[str] = set()
    for cell in cells:
        word = cell.strip()
        if len(word) < LEAST or not word.isalpha():
            return False
        alphabet |= set(word.lower())
    return 0 < len(alphabet) <= MOST_LETTERS
