"""`python -m deepglass` is `deepglass`."""

from deepglass.cli.main import main

main()
