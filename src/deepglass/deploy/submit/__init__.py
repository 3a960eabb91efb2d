"""A training for somebody else's machines: a plain file that the user reads, proves here and hands over there."""
