"""The ``ionstone`` command. Nothing heavy is imported before a command runs."""

from ionstone.cli.app import main as main

__all__ = ["main"]
