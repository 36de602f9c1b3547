"""`python -m resonance.agents.cli` is the command `resonance`."""

from resonance.agents.cli.main import main

main()
