"""``python -m ionstone`` is the ``ionstone`` command."""

from ionstone.cli import main

if __name__ == "__main__":
    main()
