"""The error family of ionstone: each message is one line that names the field, the value and the remedy."""

from __future__ import annotations

from typing import Any


class InputError(ValueError):
    """Bad input of a user: one line with the field, the value, the allowed range and the remedy (exit
    status 2).
    """

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class MissingExtraError(InputError):
    """An optional dependency is absent; the message holds the command that installs it."""

    def __init__(self, package: str, extra: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f"{package} is not installed: run  pip install 'ionstone[{extra}]'")


class SimulationError(RuntimeError):
    """A single run that failed (exit status 1); `run` carries the part that was computed."""

    def __init__(self, message: str, run: Any = None) -> None:
        super().__init__(one_line(message))
        self.run = run


def one_line(text: str, limit: int = 600) -> str:
    """Return text on one line: control characters and runs of white space become one space, long text is
    cut.
    """
    printable = "".join(ch if ch.isprintable() else " " for ch in str(text))
    flat = " ".join(printable.split())
    return flat if len(flat) <= limit else flat[: limit - 3] + "..."


def shown(value: object, limit: int = 60) -> str:
    """Return a short one-line form of a user's value for an error message."""
    if isinstance(value, dict):
        text = "a mapping with keys " + ", ".join(map(str, list(value)[:5]))
    elif isinstance(value, (list, tuple)):
        text = f"a list of {len(value)} items"
    else:
        text = repr(value[: 2 * limit] if isinstance(value, str) else value)
    return one_line(text, limit)


def nearest(word: str, known: Any, start: str = "did you mean", otherwise: str = "known") -> str:
    """Return a hint `did you mean 'thickness'?`, or the list of the known words where none is near."""
    from difflib import get_close_matches

    words = sorted(map(str, known))
    close = get_close_matches(str(word), words, n=1, cutoff=0.6)
    if close:
        return f"{start} '{close[0]}'?"
    return (
        f"{otherwise}: "
        + ", ".join(words[:12] if len(words) > 15 else words)
        + (", ..." if len(words) > 15 else "")
    )
