"""Conversations: how surprised a model is by the answers that were given."""

from deepglass.evaluate.judges import language


class Judge(language.Judge):
    """Judges the losses of answers."""

    counted = "windows of conversations that training never saw"
    lead_sentence = "It foresees answers as if among {value} equally likely tokens{within}"
    intended_use = "Answers in the manner of the conversations that it was trained on, within its context."
    unintended_use = "It knows no facts and means nothing by what it says: nobody may rely on its answers."
    if_in_vain = "Give more conversations, train longer, or begin with --pretrained RUN of a language model."
    if_memorised = "Try a larger --dropout or --weight-decay, fewer --epochs, a smaller --model, or more conversations."

    def next_command(self, run: str) -> tuple[str, str]:
        """Somebody talks to it."""
        return "Talk to it", f"deepglass chat {run}"
