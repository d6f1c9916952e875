"""`python -m modtui` is the `modtui` command."""

from modtui.cli import main

main()
