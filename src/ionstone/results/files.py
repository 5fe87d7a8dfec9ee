"""Writing a file so that a reader never sees half of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from ionstone.core.errors import InputError, shown


def check_writable(
    path: str | Path, kinds: tuple[str, ...] = (), name: str = "--out", *, folder_with: str = ""
) -> Path:
    """Refuse, before any work is done, a path that cannot be written; InputError names the option and the
    remedy.

    ``kinds`` are the endings allowed (".csv"); empty: any. ``folder_with``: a file by whose name a folder is
    known that may be replaced.
    """
    target = Path(path).expanduser()
    if kinds and target.suffix.lower() not in kinds:
        found = f"ending {target.suffix!r}" if target.suffix else "no ending"
        raise InputError(f"{name}: {target.name!r} has {found}; use one of {', '.join(kinds)}")
    try:
        os.stat(target)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:  # too long, a loop of links, a file where a folder should be
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{name}: {shown(str(target))} cannot be written: {why}; name another") from None
    replaced = bool(folder_with) and (target / folder_with).is_file()
    if target.is_dir() and folder_with and not replaced:
        raise InputError(f"{name}: {str(target)!r} is a folder without {folder_with}; name another")
    if target.is_dir() and not replaced:
        raise InputError(f"{name}: {str(target)!r} is a folder; name a file in it")
    folder = target.parent
    if not folder.is_dir():
        raise InputError(f"{name}: the folder {str(folder)!r} does not exist; create it or name another")
    if target.exists() and not (target.is_file() or replaced):
        raise InputError(f"{name}: {str(target)!r} is not a regular file; name another")
    if not os.access(folder, os.W_OK) or (target.exists() and not os.access(target, os.W_OK)):
        raise InputError(f"{name}: {str(target)!r} is not writable; change its permissions or name another")
    return target


def write_atomically(
    path: str | Path, content: bytes | str | Callable[[Path], None], name: str = "--out"
) -> Path:
    """Write ``content`` (or let it write) to a temporary file beside ``path``, then rename it over
    ``path``.

    Returns the path. InputError where the path cannot be written; a failed write leaves what was there
    before.
    """
    target = check_writable(path, name=name)
    try:
        handle, temporary = tempfile.mkstemp(
            prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent
        )
        os.close(handle)
    except OSError as error:
        raise InputError(f"{name}: cannot write {str(target)!r}: {error.strerror or error}") from error
    draft = Path(temporary)
    try:
        if callable(content):
            content(draft)
        elif isinstance(content, str):
            draft.write_text(content, encoding="utf-8")
        else:
            draft.write_bytes(content)
        draft.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~umask())
        os.replace(draft, target)
    except OSError as error:
        raise InputError(f"{name}: cannot write {str(target)!r}: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return target


def umask() -> int:
    """The bits of permission that new files of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
