"""Who is raced by bench/speed.py: one file a contestant, each a `train(work, model, epochs, clock)`."""
