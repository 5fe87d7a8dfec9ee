"""Real cells in real cars: published ranges, and the limits of charging."""

from __future__ import annotations

import pytest

from ionstone.cell_design import load_cell
from ionstone.simulation import COARSE
from ionstone.study.car.charge import charge
from ionstone.study.car.drive import drive, pack_of_car
from ionstone.vehicle import load_vehicle

pytestmark = pytest.mark.slow
QUICK = {"grid": COARSE, "resolution": 2.0}


@pytest.mark.parametrize(
    ("car", "cell", "allowed"),
    [
        ("tesla-model-3-lr", "lg-m50", 0.07),
        ("nio-et7-100", "lg-m50", 0.10),
        ("tesla-model-3-rwd", "lfp-graphite", 0.07),
    ],
)
def test_a_car_with_its_own_usable_energy_meets_its_published_range(
    car: str, cell: str, allowed: float
) -> None:
    """The pack is scaled until the energy that the drive takes is the usable energy of the car's own pack."""
    vehicle = load_vehicle(car)
    pack = pack_of_car(load_cell(cell), vehicle)
    full = drive(load_cell(cell), vehicle, "wltc_3b", 293.15, pack=pack, **QUICK)
    share = vehicle.pack.usable_energy.value / full.energy
    same_mass = pack.scaled_to_energy(share * pack.nominal_energy).with_mass(pack.mass)
    result = drive(load_cell(cell), vehicle, "wltc_3b", 293.15, pack=same_mass, **QUICK)
    assert result.energy == pytest.approx(vehicle.pack.usable_energy.value, rel=0.01)
    published = next(entry.range.value for entry in vehicle.published if entry.cycle == "wltc_3b")
    assert result.range == pytest.approx(published, rel=allowed)


@pytest.mark.parametrize("cell", ["lg-m50", "lfp-graphite", "sulfide-li", "qse5", "polymer-lfp"])
def test_no_limit_is_broken_while_charging(cell: str) -> None:
    result = charge(load_cell(cell))
    points, outputs = result.points, result.run.outputs
    assert result.reached
    assert sum(result.shares.values()) == pytest.approx(1.0)
    assert result.run.voltage[points].max() < load_cell(cell)["voltage.upper_cutoff"] + 2e-3
    assert result.power.max() < 250e3 * 1.002
    if "plating_potential" in outputs:
        assert outputs["plating_potential"][points].min() > -2e-3
    if "critical_current_ratio" in outputs:
        assert outputs["critical_current_ratio"][points].max() < 1.01
