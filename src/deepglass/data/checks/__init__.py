"""What `deepglass check` looks at because of what is to be learnt: one file per look, named in the `CHECKS` of a task.

A file has a function `look(data, config, columns, findings)`, which adds what it finds. `IS_FOR_CHECK_ALONE` stands at
the top of those that a training does not repeat, because they warn of nothing that preparing the data leaves unsaid.
"""
