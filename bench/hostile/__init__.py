"""Hostile requests, made up from a grammar, and those who watch what they do: for bench/fuzz.py and the server's tests.

values.py    what stands in the place of a value: odd numbers, dates, texts, kinds, depths
bodies.py    requests of every protocol with such values, forms, CSV, sizes that are stated and not kept
pictures.py  bombs, truncated files, formats that start other programs
heads.py     heads as no client sends them, byte by byte
attack.py    who sends them
watch.py     a well-behaved client beside them, the health of the server, its memory
"""
