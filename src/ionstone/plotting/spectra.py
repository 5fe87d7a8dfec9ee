"""Charts of impedances: Nyquist, Bode, and distributions of relaxation times."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ionstone.plotting.chart import Chart, Panel, Series
from ionstone.plotting.theme import series_colour

#: units of resistance, and the magnitude from which each is used
_OHM = (("Ω", 1.0), ("mΩ", 1e-3), ("µΩ", 0.0))


def _unit(values: np.ndarray, area: bool) -> tuple[str, float]:
    """The unit of an axis and its size in SI: ohm by magnitude, or ohm cm2."""
    if area:
        return "Ω cm²", 1e-4
    largest = float(np.max(np.abs(values)))
    return next((name, size or 1e-6) for name, size in _OHM if largest >= size)


def nyquist_chart(
    spectra: Mapping[str, tuple[np.ndarray, np.ndarray]], *, title: str = "", area: bool = False
) -> Chart:
    """Minus the imaginary part over the real part, one curve a name, equal axes, whole decades marked.

    spectra: name -> frequencies [Hz], impedance [ohm], or [ohm m2] where ``area``.
    """
    every = np.concatenate([z for _, z in spectra.values()])
    unit, size = _unit(every, area)
    series = []
    for i, (name, (frequency, z)) in enumerate(spectra.items()):
        x, y = z.real / size, -z.imag / size
        series.append(Series(name, x.tolist(), y.tolist(), colour=series_colour(i), in_legend=bool(name)))
        at, labels = _decades(frequency, x, y)
        text = labels if len(spectra) == 1 else ()
        points = Series(
            "",
            x[at].tolist(),
            y[at].tolist(),
            "points",
            series_colour(i),
            text=text,
            in_legend=False,
            group=name,
        )
        series.append(points)
    panel = Panel(tuple(series), x_title=f"Re Z / {unit}", y_title=f"−Im Z / {unit}", equal=True)
    flat = float(np.ptp(every.imag)) / max(
        float(np.ptp(every.real)), 1e-300
    )  # axes are equal: little is empty
    height = 170 + round(min(max(900 * flat, 160), 480))
    return Chart((panel,), title=title, legend=len(spectra) > 1, height=height)


def _decades(frequency: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[list[int], tuple[str, ...]]:
    """Points nearest to whole decades of frequency, labelled where they are apart from the last label."""
    low, high = np.ceil(np.log10(np.min(frequency)) - 1e-9), np.floor(np.log10(np.max(frequency)) + 1e-9)
    apart = 0.06 * max(float(np.ptp(x)), float(np.ptp(y)))
    at: list[int] = []
    labels: list[str] = []
    last: tuple[float, float] | None = None
    for power in np.arange(low, high + 1):
        i = int(np.argmin(np.abs(np.log10(frequency) - power)))
        far = last is None or np.hypot(x[i] - last[0], y[i] - last[1]) > apart
        at.append(i)
        labels.append(_hertz(10.0**power) if far else "")
        last = (float(x[i]), float(y[i])) if far else last
    return at, tuple(labels)


def _hertz(value: float) -> str:
    for unit, size in (("MHz", 1e6), ("kHz", 1e3), ("Hz", 1.0), ("mHz", 1e-3)):
        if value >= 0.999 * size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g} Hz"


def bode_chart(
    spectra: Mapping[str, tuple[np.ndarray, np.ndarray]], *, title: str = "", area: bool = False
) -> Chart:
    """Magnitude and phase over frequency, one curve a name; arguments as of ``nyquist_chart``."""
    unit, size = _unit(np.concatenate([z for _, z in spectra.values()]), area)
    magnitude, phase = [], []
    for i, (name, (frequency, z)) in enumerate(spectra.items()):
        f, colour = frequency.tolist(), series_colour(i)
        magnitude.append(Series(name, f, (np.abs(z) / size).tolist(), colour=colour, in_legend=bool(name)))
        angle = np.degrees(np.angle(z)).tolist()
        phase.append(Series(name, f, angle, colour=colour, in_legend=False, group=name))
    panels = (
        Panel(tuple(magnitude), y_title=f"|Z| / {unit}", x_log=True, y_log=True),
        Panel(tuple(phase), x_title="Frequency / Hz", y_title="Phase / °", x_log=True),
    )
    return Chart(panels, title=title, legend=len(spectra) > 1)


def relaxation_chart(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]], *, title: str = "", area: bool = False
) -> Chart:
    """Distributions of relaxation times: gamma [ohm, or ohm m2 where ``area``] over time constants [s]."""
    unit, size = _unit(np.concatenate([g for _, g in curves.values()]), area)
    series = tuple(
        Series(name, tau.tolist(), (gamma / size).tolist(), colour=series_colour(i), in_legend=bool(name))
        for i, (name, (tau, gamma)) in enumerate(curves.items())
    )
    panel = Panel(series, x_title="Time constant / s", y_title=f"γ / {unit}", x_log=True)
    return Chart((panel,), title=title, legend=len(curves) > 1, height=340)
