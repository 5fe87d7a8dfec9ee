"""Solution container, summary metrics, and the file formats a run is written to."""

from ionstone.results.run import Run as Run

__all__ = ["Run"]
