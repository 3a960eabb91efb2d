"""Kind: what a picture shows, of kinds that shall be told apart from a few pictures of each.

As with identities, those of validation and test are others than those of the training: no network shall be praised for
kinds that it knows by heart.
"""

from deepglass.data.fields import identity


class Field(identity.Field):
    """Positions in `identities`, as there; a mirror image may show another kind (b and d), so nothing is flipped."""

    name = "kind"
    uncut_side = None
    suits = ("nudge",)
