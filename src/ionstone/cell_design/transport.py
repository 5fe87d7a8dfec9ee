"""The choice of a law of effective transport in a cell file, and the door to the laws in ``composite``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import model_validator

from ionstone.cell_design import quantities as q
from ionstone.cell_design.composite import (
    bielefeld2020,
    bruggeman,
    measured_tortuosity,
    no_structure,
    percolation,
    sized_percolation,
)
from ionstone.cell_design.composite.base import Composition, Values
from ionstone.core.config import FrozenConfig, Number, quantity_field
from ionstone.core.errors import InputError

Law = Literal["bruggeman", "percolation", "sized_percolation", "bielefeld2020", "tortuosity", "effective"]
SHARES: dict[str, Callable[[Composition, Values, str], float]] = {
    "bruggeman": bruggeman.share,
    "percolation": percolation.share,
    "sized_percolation": sized_percolation.share,
    "bielefeld2020": bielefeld2020.share,
    "tortuosity": measured_tortuosity.share,
    "effective": no_structure.share,
}
KEYS: dict[str, tuple[str, ...]] = {
    "bruggeman": ("exponent",),
    "percolation": ("threshold", "exponent", "prefactor"),
    "sized_percolation": tuple(sized_percolation.DEFAULTS["ionic"]),
    "bielefeld2020": (),
    "tortuosity": ("factor",),
    "effective": (),
}
ALL_KEYS = tuple(dict.fromkeys(key for keys in KEYS.values() for key in keys))


class Transport(FrozenConfig):
    r"""The law of effective transport of one region, with phi the volume fraction of the conductor.

    - bruggeman: $\sigma_\mathrm{eff} = \sigma \varphi^b$, b = 1.5 unless given;
    - percolation: $\sigma_\mathrm{eff} = \sigma p [(\varphi - \varphi_c) / (1 - \varphi_c)]^t$; threshold
      0.221 and exponent 1.91 fit Minnmann et al. 2021 (doi:10.1149/1945-7111/abf8d7) within 15 %, where
      Bruggeman 1.5 is too high by 2 to 65 times;
    - sized_percolation: percolation in the solids with a term for particle sizes and one for voids; the
      default of a single-ion conductor in a porous electrode (`composite/sized_percolation.py`);
    - bielefeld2020: simulated tortuosity by size of the active particles, ions only;
    - tortuosity: $\sigma_\mathrm{eff} = \varphi \sigma / \tau^2$ with a measured factor;
    - effective: the conductivity given is the effective one already.
    """

    law: Law
    exponent: Number | None = quantity_field(q.EXPONENT, None)
    threshold: Number | None = quantity_field(q.THRESHOLD, None)
    prefactor: Number | None = quantity_field(q.PREFACTOR, None)
    factor: Number | None = quantity_field(q.TORTUOSITY, None)
    size_slope: Number | None = quantity_field(q.SIZE_SLOPE, None)
    size_ratio: Number | None = quantity_field(q.SIZE_RATIO, None)
    reference_void_fraction: Number | None = quantity_field(q.REFERENCE_VOIDS, None)

    @model_validator(mode="after")
    def _keys_of_the_law(self) -> Transport:
        allowed = KEYS[self.law]
        for key in ALL_KEYS:
            if getattr(self, key) is not None and key not in allowed:
                raise InputError(f"{key} does not belong to law: {self.law}: remove it")
        for key in {"percolation": ("threshold", "exponent"), "tortuosity": ("factor",)}.get(self.law, ()):
            if getattr(self, key) is None:
                raise InputError(f"law: {self.law} needs {key}: add it")
        return self


def with_defaults(transport: Transport, path: str) -> Transport:
    """The law with the numbers that it has by default, each with its source; path: of the law."""
    if transport.law == "bruggeman" and transport.exponent is None:
        return transport.model_copy(update={"exponent": BRUGGEMAN})
    if transport.law != "sized_percolation":
        return transport
    kind = "electronic" if path.endswith("electronic_transport") else "ionic"
    given = {key for key in KEYS[transport.law] if getattr(transport, key) is not None}
    missing = {
        key: Number(value=value, low=low, high=high, evidence=evidence, known_by=known_by, source=source)
        for key, (value, low, high, evidence, known_by, source) in sized_percolation.DEFAULTS[kind].items()
        if key not in given
    }
    return transport.model_copy(update=missing)


BRUGGEMAN = Number(value=1.5, source="default of ionstone (Bruggeman 1935)", evidence="estimated")
COMPOSITE = Transport(law="sized_percolation")


def transport_factor(
    law: str,
    fraction: float,
    values: Mapping[str, float],
    path: str,
    composition: Composition | None = None,
) -> float:
    """Return sigma_eff / sigma of a region; `values` holds the law's numbers, `composition` what laws with
    voids and sizes read beside the volume fraction. InputError below percolation.
    """
    return SHARES[law](composition or Composition(fraction), values, path)
