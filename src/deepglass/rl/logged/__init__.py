"""Decisions that were logged: who was seen, what was done, what came of it, and how likely it was to be done."""
