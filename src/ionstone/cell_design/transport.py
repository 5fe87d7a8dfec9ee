"""Closures of effective transport: what share of the bulk conductivity a composite keeps."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from ionstone.cell_design import quantities as q
from ionstone.core.config import FrozenConfig, Number, quantity_field
from ionstone.core.errors import InputError

Law = Literal["bruggeman", "percolation", "tortuosity", "effective"]
KEYS: dict[str, tuple[str, ...]] = {
    "bruggeman": ("exponent",),
    "percolation": ("threshold", "exponent", "prefactor"),
    "tortuosity": ("factor",),
    "effective": (),
}


class Transport(FrozenConfig):
    r"""The law of effective transport of one region, with phi the volume fraction of the conductor.

    - bruggeman: $\sigma_\mathrm{eff} = \sigma \varphi^b$, b = 1.5 unless given;
    - percolation: $\sigma_\mathrm{eff} = \sigma p [(\varphi - \varphi_c) / (1 - \varphi_c)]^t$; threshold
      0.221 and exponent 1.91 fit Minnmann et al. 2021 (doi:10.1149/1945-7111/abf8d7) within 8 %, where
      Bruggeman 1.5 is too high by 2 to 65 times;
    - tortuosity: $\sigma_\mathrm{eff} = \varphi \sigma / \tau^2$ with a measured factor;
    - effective: the conductivity given is the effective one already.
    """

    law: Law
    exponent: Number | None = quantity_field(q.EXPONENT, None)
    threshold: Number | None = quantity_field(q.THRESHOLD, None)
    prefactor: Number | None = quantity_field(q.PREFACTOR, None)
    factor: Number | None = quantity_field(q.TORTUOSITY, None)

    @model_validator(mode="after")
    def _keys_of_the_law(self) -> Transport:
        allowed = KEYS[self.law]
        for key in ("exponent", "threshold", "prefactor", "factor"):
            if getattr(self, key) is not None and key not in allowed:
                raise InputError(f"{key} does not belong to law: {self.law}: remove it")
        for key in {"percolation": ("threshold", "exponent"), "tortuosity": ("factor",)}.get(self.law, ()):
            if getattr(self, key) is None:
                raise InputError(f"law: {self.law} needs {key}: add it")
        return self


def transport_factor(law: str, fraction: float, values: dict[str, float], path: str) -> float:
    """Return sigma_eff / sigma of a region; `values` holds the law's numbers. InputError below
    percolation.
    """
    if law == "effective":
        return 1.0
    if law == "bruggeman":
        return float(fraction ** values.get("exponent", 1.5))
    if law == "tortuosity":
        return fraction / values["factor"]
    threshold = values["threshold"]
    if fraction <= threshold:
        raise InputError(
            f"{path}: volume fraction {fraction:g} lies below the percolation threshold {threshold:g}, so "
            "that"
            " nothing conducts: raise the fraction or lower the threshold"
        )
    reduced = (fraction - threshold) / (1 - threshold)
    return float(values.get("prefactor", 1.0) * reduced ** values["exponent"])
