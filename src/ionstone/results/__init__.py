"""Solution container, summary metrics, and the file formats a run is written to."""

from ionstone.results.run import Run as Run
from ionstone.results.spectrum import Spectrum as Spectrum

__all__ = ["Run", "Spectrum"]
