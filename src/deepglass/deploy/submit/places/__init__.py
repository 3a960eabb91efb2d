"""Where a training can be sent: a file for each place, with `write`, `script`, `problems` and `START`."""
