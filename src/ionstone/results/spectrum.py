"""What an impedance is returned in: frequencies, values, plots, tables, relaxation times, derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionstone.core.errors import InputError, MissingExtraError, shown
from ionstone.results.files import check_writable, write_atomically

if TYPE_CHECKING:
    import plotly.graph_objects
    import xarray

    from ionstone.numerics.relaxation import RelaxationTimes

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
KINDS = (".csv", ".nc")
PLOTS = ("nyquist", "bode", "relaxation")
Gradient = Callable[[Sequence[str]], Mapping[str, ComplexArray]]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The impedance of a cell: ``frequencies`` [Hz] and complex ``impedance`` [ohm].

    The sign is that of a passive part: a resistance is positive, a capacitance has a negative imaginary part.
    ``area`` [m2] of electrode, ``soc``, ``temperature`` [K]: of the state that was linearised.
    """

    frequencies: FloatArray
    impedance: ComplexArray
    area: float
    cell: str = ""
    model: str = ""
    soc: float = float("nan")
    temperature: float = float("nan")
    differentiate: Gradient | None = field(default=None, repr=False)

    @property
    def area_specific(self) -> ComplexArray:
        """The impedance per area of electrode [ohm m2]."""
        return self.impedance * self.area

    @property
    def magnitude(self) -> FloatArray:
        """The magnitude of the impedance [ohm]."""
        return np.abs(self.impedance)

    @property
    def phase(self) -> FloatArray:
        """The phase of the impedance [rad]."""
        return np.angle(self.impedance)

    @property
    def title(self) -> str:
        """Cell, model and state in a line."""
        state = f"SOC {100 * self.soc:.3g} %" if self.soc == self.soc else ""
        warm = f"{self.temperature - 273.15:.3g} °C" if self.temperature == self.temperature else ""
        return ", ".join(part for part in (self.cell, self.model, state, warm) if part)

    def __len__(self) -> int:
        return len(self.frequencies)

    def __repr__(self) -> str:
        f = self.frequencies
        return f"Spectrum({self.title}: {len(f)} frequencies, {f.min():.3g} to {f.max():.3g} Hz)"

    def gradient(self, to: str | Sequence[str]) -> dict[str, ComplexArray]:
        """Derivatives of the impedance to parameters of the cell: path -> dZ/d(parameter), SI, by frequency.

        By implicit differentiation of (s M - J) x = b: dZ = l (s dM - dJ) x with the adjoint l; the
        derivatives of the matrices themselves, and of the state of rest, are differences of fourth order
        with steps of 1e-4 of the parameter. InputError for an unknown path.
        """
        if self.differentiate is None:
            raise InputError("this impedance has no model behind it: take the gradient of ion.impedance(...)")
        return dict(self.differentiate([to] if isinstance(to, str) else list(to)))

    def relaxation_times(self, *, smoothing: float = 1e-5, per_decade: int = 12) -> RelaxationTimes:
        """The distribution of relaxation times [ohm]: see ``ionstone.numerics.relaxation``.

        ``smoothing`` (1e-8 to 10): small resolves near processes. ``per_decade`` (3 to 50): time constants.
        """
        from ionstone.numerics.relaxation import relaxation_times

        if not 1e-8 <= smoothing <= 10:
            raise InputError(f"smoothing is {smoothing!r}: give 1e-8 to 10, for example 1e-5")
        if not 3 <= per_decade <= 50:
            raise InputError(f"per_decade is {per_decade!r}: give 3 to 50, for example 12")
        if len(self) < 5:
            raise InputError(f"{len(self)} frequencies hold no distribution: give at least 5")
        found = relaxation_times(self.frequencies, self.impedance, smoothing=smoothing, per_decade=per_decade)
        return found

    def chart(self, kind: str = "nyquist", *, area: bool = False) -> Any:
        """What ``plot`` draws, as a renderer-free ``ionstone.plotting.chart.Chart``."""
        from ionstone.plotting.spectra import bode_chart, nyquist_chart, relaxation_chart

        if kind not in PLOTS:
            raise InputError(f"plot: kind is {shown(kind)}: give one of {', '.join(PLOTS)}")
        if kind == "relaxation":
            found = self.relaxation_times()
            gamma = found.gamma * (self.area if area else 1.0)
            return relaxation_chart({"": (found.time_constants, gamma)}, title=self.title, area=area)
        draw = nyquist_chart if kind == "nyquist" else bode_chart
        values = self.area_specific if area else self.impedance
        return draw({"": (self.frequencies, values)}, title=self.title, area=area)

    def plot(self, kind: str = "nyquist", *, area: bool = False) -> plotly.graph_objects.Figure:
        """A plotly figure: "nyquist" (equal axes), "bode" or "relaxation" (distribution of relaxation times).

        ``area``: in ohm cm2 of electrode instead of ohm.
        """
        from ionstone.plotting.interactive import plotly_figure

        return plotly_figure(self.chart(kind, area=area))

    def to_xarray(self) -> xarray.Dataset:
        """An xarray Dataset over ``frequency``: real and imaginary part [ohm], magnitude, phase."""
        try:
            import xarray
        except ImportError as error:
            raise MissingExtraError("xarray", "io") from error
        about = {"cell": self.cell, "model": self.model, "electrode_area_m2": self.area}
        about |= {"soc": self.soc, "temperature_K": self.temperature}
        variables = {
            name: ("frequency", values, {"units": unit, "long_name": title})
            for name, values, unit, title in self._columns()[1:]
        }
        frequency = ("frequency", self.frequencies, {"units": "Hz", "long_name": "Frequency"})
        return xarray.Dataset(variables, coords={"frequency": frequency}, attrs=about)

    def write(self, path: str | Path) -> Path:
        """Write the impedance: ``.csv`` with names and units in its head, or ``.nc``."""
        target = check_writable(path, KINDS)
        if target.suffix.lower() == ".nc":
            try:
                import h5netcdf  # noqa: F401
            except ImportError as error:
                raise MissingExtraError("h5netcdf", "io") from error
            data = self.to_xarray()
            return write_atomically(target, lambda draft: data.to_netcdf(draft, engine="h5netcdf"))
        columns = self._columns()
        lines = [",".join(f"{name}_{unit}" for name, _, unit, _ in columns)]
        rows = zip(*(values.tolist() for _, values, _, _ in columns), strict=True)
        lines += [",".join(f"{v:.12g}" for v in row) for row in rows]
        return write_atomically(target, "\n".join(lines) + "\n")

    def _columns(self) -> list[tuple[str, FloatArray, str, str]]:
        z = self.impedance
        return [
            ("frequency", self.frequencies, "Hz", "Frequency"),
            ("z_real", z.real, "ohm", "Real part of the impedance"),
            ("z_imaginary", z.imag, "ohm", "Imaginary part of the impedance"),
            ("magnitude", self.magnitude, "ohm", "Magnitude of the impedance"),
            ("phase", self.phase, "rad", "Phase of the impedance"),
        ]

    def to_json_dict(self) -> dict[str, Any]:
        """The impedance as plain numbers, SI, for JSON."""
        data = {name: values.tolist() for name, values, _, _ in self._columns()}
        units = {name: unit for name, _, unit, _ in self._columns()}
        state = {
            k: (v if v == v else None) for k, v in (("soc", self.soc), ("temperature", self.temperature))
        }
        about = {"cell": self.cell, "model": self.model, **state, "electrode_area": self.area}
        return {**about, "units": units, **data}
