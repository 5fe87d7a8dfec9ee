"""``ionstone eis``: the impedance of a cell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ionstone.cli import console
from ionstone.cli.commands_run import write_chart
from ionstone.cli.options import (
    HEAT,
    MODELS,
    PLOT_KINDS,
    AllowLaws,
    CellName,
    Heat,
    Json,
    Laws,
    Model,
    Plot,
    choice,
    fraction,
    temperature,
)
from ionstone.core.errors import InputError
from ionstone.core.quantities import to_si

if TYPE_CHECKING:
    from ionstone.results import Spectrum

KINDS = (".csv", ".nc")
PLOTS = ("nyquist", "bode", "relaxation")
_SHOWN = 13
"""Lines of the table that is printed."""


def eis(
    cell: CellName,
    low: Annotated[
        str, typer.Option("--from", metavar="F", help='Lowest frequency, as in "1 mHz".')
    ] = "1 mHz",
    high: Annotated[
        str, typer.Option("--to", metavar="F", help='Highest frequency, as in "1 MHz".')
    ] = "1 MHz",
    points: Annotated[
        int, typer.Option("--points", metavar="N", help="Number of frequencies, even in their logarithm.")
    ] = 61,
    soc: Annotated[
        str | None, typer.Option("--soc", metavar="PART", help='State of charge, as in "50%".')
    ] = None,
    ambient: Annotated[
        str | None, typer.Option("--temperature", metavar="T", help='As in "25 degC", the default.')
    ] = None,
    model: Model = "P2D",
    heat: Heat = "isothermal",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write a .csv or .nc file.")
    ] = None,
    plot: Plot = None,
    kind: Annotated[
        str, typer.Option("--kind", metavar="NAME", help="What to draw: nyquist, bode or relaxation.")
    ] = "nyquist",
    laws: Laws = None,
    allow_laws: AllowLaws = False,
    as_json: Json = False,
) -> int:
    """Compute the impedance of a cell at rest, by linearising its model."""
    from ionstone.results.files import check_writable

    model, heat = choice(model, "--model", MODELS), choice(heat, "--heat", HEAT)
    kind = choice(kind, "--kind", PLOTS)
    frequencies = _frequencies(low, high, points)
    options: dict[str, Any] = {} if laws is None else {"laws": laws}
    if soc is not None:
        options["soc"] = fraction(soc, "--soc")
    if ambient is not None:
        options["temperature"] = temperature(ambient)
    if out is not None:
        check_writable(out, KINDS)
    if plot is not None:
        check_writable(plot, PLOT_KINDS, "--plot")
    from ionstone import impedance

    spectrum = impedance(cell, frequencies, model=model, heat=heat, allow_laws=allow_laws, **options)
    if out is not None:
        spectrum.write(out)
        console.message(f"wrote {out}: {len(spectrum)} frequencies")
    if plot is not None:
        write_chart(spectrum.chart(kind), plot)
        console.message(f"drew {plot}")
    if as_json:
        console.print_json(spectrum.to_json_dict())
    else:
        print_spectrum(spectrum)
    return 0


def _frequencies(low: str, high: str, points: int) -> Any:
    import numpy as np

    ends = [to_si(text, "Hz", name) for text, name in ((low, "--from"), (high, "--to"))]
    for text, value, name in ((low, ends[0], "--from"), (high, ends[1], "--to")):
        if not 1e-9 <= value <= 1e9:
            raise InputError(f'{name}: {text!r} is outside 1e-9 to 1e9 Hz; write it as in "1 mHz"')
    if ends[0] >= ends[1]:
        raise InputError(f"--from {low} is not below --to {high}: exchange or correct them")
    if not 2 <= points <= 10_000:
        raise InputError(f"--points: {points} is outside 2 to 10000; the default is 61")
    return np.geomspace(ends[0], ends[1], points)


def print_spectrum(spectrum: Spectrum) -> None:
    """Some of the frequencies, whole decades where there are any."""
    import numpy as np

    f, z = spectrum.frequencies, spectrum.impedance
    at = np.unique(np.round(np.linspace(0, len(f) - 1, min(_SHOWN, len(f)))).astype(int))
    per_area = spectrum.area_specific
    rows = [
        [
            f"{f[i]:.4g}",
            f"{1e3 * z[i].real:.5g}",
            f"{1e3 * z[i].imag:.5g}",
            f"{1e3 * abs(z[i]):.5g}",
            f"{np.degrees(np.angle(z[i])):.1f}",
            f"{1e4 * abs(per_area[i]):.5g}",
        ]
        for i in at
    ]
    headings = ("Frequency, Hz", "Re Z, mΩ", "Im Z, mΩ", "|Z|, mΩ", "Phase, °", "|Z| of area, Ω cm²")
    console.print_table(headings, rows, title=spectrum.title, right=range(6))
