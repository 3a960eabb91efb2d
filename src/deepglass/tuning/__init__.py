"""Search for settings: which learning rate, which width, how much noise make the best model on these data?

    space ── sampler proposes ──> settings ── a trial trains them a little ──> validation score ── halving ──> go on?

A trial is a training like any other, in a run folder of its own: it is paused and goes on from its checkpoint, to the
bit. The settings that nobody chose are the first trial, so that every other one has something to beat.
"""
