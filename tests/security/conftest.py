"""The shell of the command line tests, for all that is asked from outside."""

from tests.cli.conftest import shell as shell
