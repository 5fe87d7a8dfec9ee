"""Ranges of cars with their own packs against what is published: the jobs of the group ``range``."""

from __future__ import annotations

from collections.abc import Callable

from ionstone.study.verification.check import Check

GROUP = "range"
#: what a range at 20 degC does not depend on
_IDLE = ("cabin.", "charging.", "published.", "pack.volume", "pack.gross_energy", "pack.design.")


def jobs() -> list[tuple[str, Callable[[], list[Check]]]]:
    """The checks as (name, function that runs it)."""
    return [("ranges of cars with their own packs", _ranges)]


def _ranges() -> list[Check]:
    from ionstone.vehicle.validation import range_checks

    return [
        Check(
            name=f"{found.vehicle} on {found.cycle}",
            group=GROUP,
            value=100 * found.error,
            limit=100 * found.allowed,
            unit="%",
            passed=found.passed,
            detail=f"{found.computed / 1e3:.0f} km computed, {found.published / 1e3:.0f} km published; "
            f"{found.consumption / 36:.2f} kWh/100 km out of the battery",
            required=found.required,
            inputs=tuple(line for line in found.inputs if not line.startswith(_IDLE)),
        )
        for found in range_checks()
    ]
