"""Laws of nature and the kernel's reference within the limits of `ionstone verify`; and checks can fail."""

from __future__ import annotations

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.core.errors import InputError
from ionstone.simulation import Grid
from ionstone.study.verification import kernel as verify_kernel
from ionstone.study.verification import laws
from ionstone.study.verification import run as verify
from ionstone.study.verification.check import Check
from ionstone.study.verification.ours import prepare

JOBS = [*laws.jobs(), *verify_kernel.jobs()]


@pytest.mark.parametrize("run", [run for _, run in JOBS], ids=[name for name, _ in JOBS])
def test_the_check_passes(run: verify_kernel.Runner) -> None:
    checks = run()
    assert checks
    missed = [
        f"{c.name}: {c.value:.4g} {c.unit}, limit {c.limit:g} ({c.detail})" for c in checks if not c.passed
    ]
    assert not missed, "\n".join(missed)


def test_lithium_that_appears_from_nowhere_is_noticed() -> None:
    cell = load_cell("lg-m50")
    prepared = prepare(cell, "Discharge at 1C for 60 s", grid=Grid(3, 2, 3, 4))
    state = prepared.lanes.state[0]
    wrong = state.copy()
    wrong[0] *= 1.0 + 1e-6
    before, after = (laws.inventory(cell, prepared, y) for y in (state, wrong))
    assert after / before - 1.0 > laws.INVENTORY_LIMIT


def test_the_inventory_is_what_the_cell_holds() -> None:
    cell = load_cell("lg-m50")
    prepared = prepare(cell, "Discharge at 1C for 60 s", grid=Grid(3, 2, 3, 4))
    particles = 85.2e-6 * 0.75 * 29866.0 + 75.6e-6 * 0.665 * 17038.0
    salt = 1000.0 * (85.2e-6 * 0.25 + 12e-6 * 0.47 + 75.6e-6 * 0.335)
    found = laws.inventory(cell, prepared, prepared.lanes.state[0])
    assert found == pytest.approx(particles + salt, rel=1e-9)


def test_the_enthalpy_of_a_charge_is_that_of_the_potentials() -> None:
    cell = load_cell("lg-m50")
    charge = np.linspace(0.0, 15000.0, 3)
    steps = [laws.enthalpy_of_charge(cell, float(q)) for q in charge]
    assert steps[0] == 0.0
    assert 3.0 * 7500.0 < steps[1] < 4.2 * 7500.0
    changed = cell.replace({"positive.entropic_change": 1e-4})
    shift = laws.enthalpy_of_charge(changed, 15000.0) - steps[2]
    assert shift == pytest.approx(-298.15 * 1e-4 * 15000.0, rel=1e-6)


def test_another_diffusivity_in_the_reference_is_noticed() -> None:
    cell = load_cell("lg-m50")
    prepared = prepare(cell, "Discharge at 1C for 60 s", grid=Grid(3, 2, 3, 4))
    other = prepare(
        cell.replace({"positive.particle_radius": 5.2201e-6}),
        "Discharge at 1C for 60 s",
        grid=Grid(3, 2, 3, 4),
    )
    assert verify_kernel.replay_prepared(prepared)[0] < verify_kernel.LIMIT
    prepared.reference = other.reference  # type: ignore[method-assign]
    assert verify_kernel.replay_prepared(prepared)[0] > 1e-7


def test_checks_are_chosen_by_group_and_by_name() -> None:
    seen: list[str] = []
    checks = verify.run_checks(lambda done, total, name: seen.append(name), only="order of the grid")
    assert [check.name for check in checks] == ["order of the grid along x"]
    assert seen == ["order of the grid along x", "done"]
    with pytest.raises(InputError, match="fits no check"):
        verify.run_checks(only="nonsense")


def test_a_check_that_breaks_down_counts_as_failed() -> None:
    def broken() -> list[Check]:
        raise ZeroDivisionError("nothing there")

    (check,) = verify._attempt("laws", "broken", broken)
    assert check.passed is False
    assert "nothing there" in check.detail
