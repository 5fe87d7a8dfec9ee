"""ionstone: from battery material to kilometre.

The public names below load on first use, so that ``import ionstone`` and ``ionstone --help`` stay light
(no numpy, no plotting library until something is computed)::

    import ionstone as ion

    cell = ion.load_cell("lg-m50")
    run = ion.simulate(cell, "Discharge at 1C until 2.5 V")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ionstone.cell_design import Cell as Cell
    from ionstone.cell_design import load_cell as load_cell
    from ionstone.cell_model import check_law as check_law
    from ionstone.cell_model import parameter as parameter
    from ionstone.cell_model import state as state
    from ionstone.core.errors import InputError as InputError
    from ionstone.core.errors import MissingExtraError as MissingExtraError
    from ionstone.core.errors import SimulationError as SimulationError
    from ionstone.experiment import Limit as Limit
    from ionstone.experiment import Profile as Profile
    from ionstone.experiment import Protocol as Protocol
    from ionstone.experiment import Step as Step
    from ionstone.experiment import parse_protocol as parse_protocol
    from ionstone.pack.network import Pack as Pack
    from ionstone.results import Run as Run
    from ionstone.results import Spectrum as Spectrum
    from ionstone.simulation import Grid as Grid
    from ionstone.simulation import simulate as simulate
    from ionstone.simulation import simulate_batch as simulate_batch
    from ionstone.simulation import stepper as stepper
    from ionstone.simulation import vary as vary
    from ionstone.simulation.gradient import sensitivities as sensitivities
    from ionstone.simulation.impedance import impedance as impedance
    from ionstone.study.car.charger import Charger as Charger
    from ionstone.study.car.doors import charge as charge
    from ionstone.study.car.doors import drive as drive
    from ionstone.study.car.doors import range_over_temperature as range_over_temperature
    from ionstone.study.car.gradients import Charge as Charge
    from ionstone.study.car.gradients import Drive as Drive
    from ionstone.study.car.gradients import gradient as gradient
    from ionstone.study.car.stepper import car_stepper as car_stepper
    from ionstone.study.comparison.compare import compare as compare
    from ionstone.vehicle import load_cycle as load_cycle
    from ionstone.vehicle import load_vehicle as load_vehicle

__version__ = "0.1.0"

_HOME = {
    "Cell": "ionstone.cell_design",
    "load_cell": "ionstone.cell_design",
    "check_law": "ionstone.cell_model",
    "parameter": "ionstone.cell_model",
    "state": "ionstone.cell_model",
    "InputError": "ionstone.core.errors",
    "MissingExtraError": "ionstone.core.errors",
    "SimulationError": "ionstone.core.errors",
    "Limit": "ionstone.experiment",
    "Profile": "ionstone.experiment",
    "Protocol": "ionstone.experiment",
    "Step": "ionstone.experiment",
    "parse_protocol": "ionstone.experiment",
    "Pack": "ionstone.pack.network",
    "Run": "ionstone.results",
    "Spectrum": "ionstone.results",
    "Grid": "ionstone.simulation",
    "Charge": "ionstone.study.car.gradients",
    "Drive": "ionstone.study.car.gradients",
    "gradient": "ionstone.study.car.gradients",
    "impedance": "ionstone.simulation.impedance",
    "sensitivities": "ionstone.simulation.gradient",
    "simulate": "ionstone.simulation",
    "simulate_batch": "ionstone.simulation",
    "stepper": "ionstone.simulation",
    "vary": "ionstone.simulation",
    "Charger": "ionstone.study.car.charger",
    "car_stepper": "ionstone.study.car.stepper",
    "charge": "ionstone.study.car.doors",
    "compare": "ionstone.study.comparison.compare",
    "drive": "ionstone.study.car.doors",
    "load_cycle": "ionstone.vehicle",
    "load_vehicle": "ionstone.vehicle",
    "range_over_temperature": "ionstone.study.car.doors",
}

__all__ = [*sorted(_HOME), "__version__"]


def __getattr__(name: str) -> Any:
    """Load a public name from its room on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'ionstone' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
