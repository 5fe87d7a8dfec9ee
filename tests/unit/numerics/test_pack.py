"""Packed models: a round trip through bytes, and damage that is refused."""

from __future__ import annotations

from array import array
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionstone.cell_model.levels import LEVELS
from ionstone.cell_model.parts import Options
from ionstone.numerics.kernel import Kernel
from ionstone.numerics.pack import ABI, Packed, expressions, pack

FORM = LEVELS["SPM"].form(Options())
PACKED = pack(FORM)


def test_bytes_are_read_back_as_written() -> None:
    again = Packed.from_bytes(PACKED.to_bytes())
    assert again.integers.tobytes() == PACKED.integers.tobytes()
    assert again.constants.tobytes() == PACKED.constants.tobytes()


def test_a_model_read_back_is_loaded() -> None:
    assert Kernel(FORM, Packed.from_bytes(PACKED.to_bytes())).handle


def test_packing_twice_gives_the_same_bytes() -> None:
    assert pack(LEVELS["SPM"].form(Options())).to_bytes() == PACKED.to_bytes()


@pytest.mark.parametrize("level", list(LEVELS))
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("thermal", [False, True])
def test_every_option_can_be_packed_and_loaded(level: str, planar: bool, thermal: bool) -> None:
    for flag in ("variable_transference", "variable_diffusivity", "variable_prefactor", "hybrid", "heat"):
        options = replace(Options(planar=planar, thermal=thermal, heat=thermal), **{flag: True})
        assert Kernel(LEVELS[level].form(options)).handle


@given(st.integers(0, len(PACKED.to_bytes()) - 1))
def test_a_cut_block_is_refused(length: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Packed.from_bytes(PACKED.to_bytes()[:length])


@given(st.binary(max_size=200))
def test_noise_is_refused(block: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Packed.from_bytes(block)


def test_a_longer_block_is_refused() -> None:
    with pytest.raises(ValueError, match="wrong length"):
        Packed.from_bytes(PACKED.to_bytes() + b"\0")


def test_another_version_is_refused_by_the_kernel() -> None:
    integers = array("i", PACKED.integers)
    assert integers[0] == ABI
    integers[0] = ABI + 1
    with pytest.raises(ValueError, match="damaged"):
        Kernel(FORM, Packed(integers, PACKED.constants))


@given(st.integers(0, len(PACKED.integers) - 1))
def test_a_cut_model_is_refused_by_the_kernel(length: int) -> None:
    with pytest.raises(ValueError, match="damaged"):
        Kernel(FORM, Packed(PACKED.integers[:length], PACKED.constants))


def test_missing_constants_are_refused_by_the_kernel() -> None:
    with pytest.raises(ValueError, match="damaged"):
        Kernel(FORM, Packed(PACKED.integers, PACKED.constants[: len(PACKED.constants) // 2]))


@given(st.integers(1, 17), st.sampled_from([-1, 1000, -(2**31), 2**31 - 1]))
def test_absurd_sizes_are_refused_by_the_kernel(at: int, value: int) -> None:
    integers = array("i", PACKED.integers)
    integers[at] = value
    with pytest.raises(ValueError, match="damaged"):
        Kernel(FORM, Packed(integers, PACKED.constants))


def test_rows_out_of_range_are_refused_by_the_kernel() -> None:
    """Any number made too large, but for flags, and for the spare and unused numbers of instructions."""
    whole = np.array(PACKED.integers, dtype=np.int32)
    refused = 0
    for at in range(len(whole)):
        damaged = whole.copy()
        damaged[at] = 60000
        try:
            Kernel(FORM, Packed(array("i", damaged.tolist()), PACKED.constants))
        except ValueError:
            refused += 1
    assert refused > 0.6 * len(whole)


def test_expressions_of_a_law_can_be_read() -> None:
    _, (total, number) = expressions(lambda a, b: (a[0] + b[1], 2), [("a", 1), ("b", 2)])
    assert total.op == "+"
    assert number == 2.0
