"""Reinforcement learning in tables: worlds so small that every value has a cell of its own.

Sutton and Barto (2018), Reinforcement Learning: An Introduction, http://incompleteideas.net/book/the-book-2nd.html
(chapters 2 to 6)
"""
