"""Laws of effective transport: limits, monotony, sizes, and the composites that they were fitted to."""

import numpy as np
import pytest

import ionstone as ion
from ionstone.cell_design.composite import bielefeld2020, bruggeman, sized_percolation
from ionstone.cell_design.composite.base import Composition
from ionstone.cell_design.composite.effective_medium import no_structure, thermal_conductivity
from ionstone.cell_design.composite.utilisation import connected_share, utilisation
from ionstone.cell_design.transport import COMPOSITE, SHARES, Transport, with_defaults

IONS = {key: row[0] for key, row in sized_percolation.DEFAULTS["ionic"].items()}
ELECTRONS = {key: row[0] for key, row in sized_percolation.DEFAULTS["electronic"].items()}
PERFECT = {**IONS, "prefactor": 1.0, "reference_void_fraction": 0.0}
LAWS = {
    "bruggeman": {},
    "percolation": {"threshold": 0.221, "exponent": 1.91},
    "sized_percolation": PERFECT,
    "bielefeld2020": {},
    "effective": {},
}


@pytest.mark.parametrize("law", LAWS)
def test_one_phase_without_voids_conducts_as_bulk(law):
    assert SHARES[law](Composition(1.0, 0.0, 2e-6, 3e-6), LAWS[law], "p") == pytest.approx(1.0, abs=1e-12)


def test_a_pellet_with_the_voids_of_the_reference_conducts_as_it_was_measured():
    pellet = Composition(1.0 - 0.133, 0.133)
    assert sized_percolation.share(pellet, IONS, "p") == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("law", [law for law in LAWS if law != "effective"])
@pytest.mark.parametrize("void", [0.0, 0.15])
def test_more_of_the_conductor_conducts_better(law, void):
    fractions = np.linspace(0.25, 1 - void, 40)
    shares = [SHARES[law](Composition(f, void, 2e-6, 3e-6), LAWS[law], "p") for f in fractions]
    assert np.all(np.diff(shares) > 0)
    assert 0 < shares[0] < 0.2
    assert shares[-1] <= 1


def test_voids_among_the_same_solids_conduct_worse():
    shares = [sized_percolation.share(Composition(0.5 * (1 - v), v), IONS, "p") for v in (0, 0.1, 0.2)]
    assert shares[0] > shares[1] > shares[2]


def test_only_the_ratio_of_the_sizes_counts():
    one = sized_percolation.share(Composition(0.4, 0.1, 1e-6, 3e-6), IONS, "p")
    assert sized_percolation.share(Composition(0.4, 0.1, 7e-6, 21e-6), IONS, "p") == pytest.approx(one)
    assert sized_percolation.share(Composition(0.4, 0.1, 2e-6, 3e-6), IONS, "p") < one


def test_without_sizes_the_threshold_is_that_of_the_reference():
    sizes = Composition(0.4, 0.1, sized_percolation.SULFIDE_RADIUS, sized_percolation.NCM_RADIUS)
    assert sized_percolation.threshold(sizes, IONS, "p") == pytest.approx(IONS["threshold"])
    assert sized_percolation.threshold(Composition(0.4, 0.1), IONS, "p") == IONS["threshold"]


@pytest.mark.parametrize(
    ("ncm", "sulfide", "void", "electronic", "ionic"),
    [
        (0.25, 0.61, 0.076, 2.06e-5, 4.08e-4),
        (0.33, 0.53, 0.13, 2.36e-4, 2.66e-4),
        (0.42, 0.44, 0.17, 5.56e-4, 1.66e-4),
        (0.53, 0.33, 0.17, 1.11e-3, 3.45e-5),
        (0.61, 0.25, 0.15, 1.43e-3, 3.06e-6),
    ],
)
def test_the_fit_meets_its_composites_within_15_percent(ncm, sulfide, void, electronic, ionic):
    # Minnmann et al. 2021, doi:10.1149/1945-7111/abf8d7: bulk 1.6 mS/cm and 10 mS/cm
    ions = sized_percolation.share(Composition(sulfide, void), IONS, "p")
    electrons = sized_percolation.share(Composition(ncm, void), ELECTRONS, "p")
    assert 1.6e-3 * ions == pytest.approx(ionic, rel=0.15)
    assert 1e-2 * electrons == pytest.approx(electronic, rel=0.15)
    assert bruggeman.share(Composition(sulfide), {}, "p") > 1.7 * ionic / 1.6e-3


def test_bielefelds_tortuosity_has_its_published_values_at_both_sizes():
    assert bielefeld2020.tortuosity_factor(0.44, 3e-6) == pytest.approx(0.325 * 0.44**-2.018)
    assert bielefeld2020.tortuosity_factor(0.44, 15e-6) == pytest.approx(0.668 * 0.44**-1.213)
    assert bielefeld2020.tortuosity_factor(0.44, 1e-3) == bielefeld2020.tortuosity_factor(0.44, 15e-6)
    small, middle, large = (bielefeld2020.tortuosity_factor(0.3, d) for d in (3e-6, 7e-6, 15e-6))
    assert small > middle > large


def test_bielefelds_law_asks_for_the_size_of_the_active_material():
    with pytest.raises(ion.InputError, match="particle_radius"):
        bielefeld2020.share(Composition(0.4), {}, "positive.transport")


def test_below_the_threshold_nothing_conducts():
    with pytest.raises(ion.InputError, match=r"positive.transport: volume fraction 0.2\d* lies below"):
        sized_percolation.share(Composition(0.18, 0.1), IONS, "positive.transport")


def test_heat_flows_as_in_bulk_in_one_phase_and_between_the_bounds_in_two():
    assert thermal_conductivity([1.0, 0.0], [0.32, 0.71]) == pytest.approx(0.32)
    kappa = thermal_conductivity([0.5, 0.5], [0.32, 0.71])
    assert 2 / (1 / 0.32 + 1 / 0.71) < kappa < no_structure([0.5, 0.5], [0.32, 0.71])
    assert thermal_conductivity([0.5, 0.5], [0.32, 0.71], [10e-6, 3e-6], 2e-6) < kappa
    assert thermal_conductivity([0.45, 0.45, 0.1], [0.32, 0.71, 0.026]) < kappa


def test_nothing_is_connected_below_the_threshold_and_all_far_above_it():
    assert connected_share(0.9) == connected_share(1.0) == 0.0
    assert connected_share(1.1) == pytest.approx(0.66, abs=0.04)  # lattices of 80^3: 0.664
    assert connected_share(1.6) == pytest.approx(0.975, abs=0.01)
    assert connected_share(4.0) > 0.9999
    assert utilisation(0.9, 0.0001, 0.25, 0.24) == 0.0
    shares = [utilisation(s, 0.4, 0.25, 0.1) for s in np.linspace(0.26, 0.6, 20)]
    assert np.all(np.diff(shares) > 0)
    mixed = [utilisation(s, 1 - s, 0.25, 0.25) for s in np.linspace(0.26, 0.74, 25)]
    assert 0 < np.argmax(mixed) < 24  # between the thresholds of electrons and of ions


def test_a_single_ion_conductor_in_an_electrode_percolates_by_default():
    record = with_defaults(COMPOSITE, "positive.transport")
    assert record.threshold is not None
    assert "Minnmann" in record.threshold.source
    assert with_defaults(Transport(law="bruggeman"), "p").exponent.value == 1.5


def test_isolated_active_material_gives_no_charge_but_weighs_the_same():
    cell = ion.load_cell("sulfide-li")
    half = cell.replace({"positive.utilisation": 0.5})
    assert half.areal_capacity == pytest.approx(0.5 * cell.areal_capacity)
    assert half.stack.mass == pytest.approx(cell.stack.mass)
    assert half.parameters().scalars["positive.active_fraction"] == pytest.approx(0.5 * 0.45)
