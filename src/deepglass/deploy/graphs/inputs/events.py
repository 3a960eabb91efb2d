"""Sessions to go on with: ids of events, padded with -1 at their end, as texts to continue are."""

from deepglass.deploy.graphs.inputs import prompt


class Part(prompt.Part):
    """tokens (B, T) → tokens (B, T); the context is `last` (B,), where each session ends."""

    COLUMN = "events"
