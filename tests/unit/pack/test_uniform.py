"""A pack closes in mass, volume and energy, and its cells share its power."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.core.errors import InputError
from ionstone.pack import PackDesign, build_pack
from ionstone.pack.hardware import pressure_hardware
from ionstone.pack.network import Pack


def test_a_pack_has_the_energy_of_its_cells(stub_cell) -> None:
    pack = build_pack(stub_cell(), mass=478.0)
    assert pack.nominal_energy == pytest.approx(pack.n_cells * 5 * 3600 * 3.6)
    assert build_pack(stub_cell(), mass=478.0, cell_energy=1.0).nominal_energy == pytest.approx(pack.n_cells)


@pytest.mark.parametrize("kind", ["cylindrical", "pouch", "prismatic"])
@pytest.mark.parametrize("pressure", [0.0, 1e6])
def test_a_pack_of_a_given_mass_has_exactly_that_mass(stub_cell, kind: str, pressure: float) -> None:
    pack = build_pack(stub_cell(pressure, kind), mass=478.0)
    assert pack.mass == pytest.approx(478.0, rel=1e-12)
    assert pack.n_cells * 0.07 == pytest.approx(pack.cells_mass, rel=1e-12)


def test_a_pack_of_a_given_volume_has_exactly_that_volume(stub_cell) -> None:
    pack = build_pack(stub_cell(2e6, "pouch"), volume=0.4)
    assert pack.volume == pytest.approx(0.4, rel=1e-12)


def test_mass_of_parts_adds_up(stub_cell) -> None:
    pack = build_pack(stub_cell(1e6), mass=500.0)
    assert pack.cells_mass / 0.625 + pack.pressure_mass == pytest.approx(500.0, rel=1e-12)


def test_series_number_is_an_integer_near_the_voltage_class(stub_cell) -> None:
    pack = build_pack(stub_cell(), PackDesign(voltage="800 V"), mass=478.0)
    assert isinstance(pack.series, int)
    assert abs(pack.voltage - 800) <= 3.6 / 2


def test_cells_share_power_and_current(stub_cell) -> None:
    pack = build_pack(stub_cell(), mass=478.0)
    assert pack.cell_power(100e3) * pack.n_cells == pytest.approx(100e3)
    cell_voltage = pack.voltage / pack.series
    assert pack.cell_current(300.0) * cell_voltage == pytest.approx(pack.cell_power(300.0 * pack.voltage))


def test_scaling_to_an_energy_keeps_the_kind_of_pack(stub_cell) -> None:
    pack = build_pack(stub_cell(), mass=478.0)
    half = pack.scaled_to_energy(pack.nominal_energy / 2)
    assert half.mass == pytest.approx(239.0)
    assert half.specific_energy == pytest.approx(pack.specific_energy)
    assert half.series == pack.series


@pytest.mark.parametrize("cell", ["sulfide-li", "qse5", "lg-m50"])
def test_both_packs_have_the_same_mass_and_volume_per_cell(cell: str) -> None:
    network = Pack(cell, series=100, parallel=2)
    uniform = build_pack(load_cell(cell), mass=network.mass)
    assert uniform.n_cells == pytest.approx(200, rel=1e-9)
    assert uniform.volume == pytest.approx(network.volume, rel=1e-9)
    assert uniform.pressure_mass == pytest.approx(network.figures()["pressure_mass"], abs=1e-9)


def test_hardware_does_not_jump_where_one_more_cell_fits_the_row() -> None:
    cell = load_cell("sulfide-li")
    thickness = float(cell["separator.thickness"])
    shares = np.array(
        [
            pressure_hardware(cell.replace({"separator.thickness": thickness * (1 + 1e-3 * k)})).mass_fraction
            for k in range(60)
        ]
    )
    steps = np.diff(shares)
    assert np.ptp(steps) < 0.2 * abs(float(np.mean(steps)))


def test_a_cell_under_pressure_leaves_less_mass_for_cells(stub_cell) -> None:
    assert build_pack(stub_cell(5e6), mass=478.0).cells_mass < build_pack(stub_cell(), mass=478.0).cells_mass


def test_a_heated_pack_is_insulated(stub_cell) -> None:
    plain, heated = (build_pack(stub_cell(), mass=478.0, heated=heated) for heated in (False, True))
    assert heated.conductance < plain.conductance


@pytest.mark.parametrize("given", [{}, {"mass": 1.0, "volume": 1.0}, {"mass": -1.0}, {"volume": 0.0}])
def test_mass_or_volume_must_be_given_and_positive(stub_cell, given: dict[str, float]) -> None:
    with pytest.raises(InputError, match="pack"):
        build_pack(stub_cell(), **given)


def test_prismatic_packs_meet_the_two_that_are_known(stub_cell) -> None:
    for specific, share in ((160, 0.875), (360, 0.722), (500, 0.722), (100, 0.875)):
        energy = specific * 3600 * 0.07
        pack = build_pack(stub_cell(kind="prismatic"), mass=478.0, cell_energy=energy)
        assert pack.cell_mass_fraction == pytest.approx(share)


def test_a_cell_without_energy_makes_no_pack() -> None:
    with pytest.raises(InputError, match="li-cu stores no energy"):
        build_pack(load_cell("li-cu"), mass=478.0)


def test_an_unknown_format_is_named(stub_cell) -> None:
    with pytest.raises(InputError, match=r"format\.kind"):
        build_pack(stub_cell(kind="ring"), mass=478.0)


def test_an_impossible_fraction_is_refused() -> None:
    from ionstone.core.config import load

    with pytest.raises(InputError, match="cell_mass_fraction"):
        load(PackDesign, {"cell_mass_fraction": 1.2})
