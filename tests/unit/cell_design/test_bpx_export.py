"""Cells written as BPX files, and read again."""

import json

import numpy as np
import pytest

from ionstone.cell_design import load_cell
from ionstone.cell_design.bpx_export import to_bpx
from ionstone.core.errors import InputError

POROUS = ("lg-m50", "lfp-graphite", "nmc532-pouch", "sodium-nvpf", "semi-solid-360", "solid-power-si")


def again(name, tmp_path):
    """The cell after BPX, and what was lost."""
    data, lost = to_bpx(load_cell(name))
    path = tmp_path / "cell.json"
    path.write_text(json.dumps(data))
    return load_cell(path), lost


@pytest.mark.parametrize("name", POROUS)
def test_the_bpx_package_reads_what_is_written(name, tmp_path):
    cell, _ = again(name, tmp_path)
    assert cell.capacity == pytest.approx(load_cell(name).capacity, rel=1e-3)


@pytest.mark.parametrize("name", ["lg-m50", "nmc532-pouch"])
def test_what_bpx_holds_comes_back(name, tmp_path):
    cell, before = again(name, tmp_path)[0].parameters(), load_cell(name).parameters()
    for key, value in before.scalars.items():
        lost = ("capacitance", "_B", "_T0", "permittivity", "share", "operating_temperature")
        if not key.endswith(lost):
            assert cell.scalars[key] == pytest.approx(value, rel=1e-6), key
    x = np.linspace(0.3, 0.85, 12)
    for electrode in ("negative", "positive"):
        for key in ("open_circuit_potential", "diffusivity", "exchange_current_prefactor"):
            path = f"{electrode}.{key}"
            assert cell.functions[path].evaluate(x) == pytest.approx(before.functions[path].evaluate(x)), path


def test_a_discharge_of_the_cell_that_comes_back_is_the_same(tmp_path):
    from ionstone.simulation import simulate

    runs = [
        simulate(cell, ["Discharge at 1C until 2.8 V"], soc=1.0, temperature=298.15)
        for cell in (load_cell("nmc532-pouch"), again("nmc532-pouch", tmp_path)[0])
    ]
    before, after = (run.summary["discharge_energy"] for run in runs)
    assert after == pytest.approx(before, rel=1e-4)


def test_what_is_lost_is_named(tmp_path):
    lost = " ".join(again("semi-solid-360", tmp_path)[1])
    assert "electrolyte of the negative electrode" in lost
    assert "film resistance of the negative electrode" in lost
    assert "interface resistance between separator and positive electrode" in lost
    assert "thermodynamic factor" in lost
    assert "source and evidence" in lost


def test_a_cell_without_such_things_does_not_claim_to_lose_them(tmp_path):
    lost = " ".join(again("nmc532-pouch", tmp_path)[1])
    assert "electrolyte" not in lost
    assert "film resistance" not in lost


def test_lithium_metal_is_refused_with_a_remedy():
    with pytest.raises(InputError, match="BPX holds no anode-free electrode: export a cell with two porous"):
        to_bpx(load_cell("qse5"))


def test_the_command_writes_the_file_and_prints_what_was_lost(tmp_path, capsys):
    from ionstone.cli.app import status

    file = tmp_path / "m50.json"
    assert status(["export", "lg-m50", "--format", "bpx", "--out", str(file)]) == 0
    assert json.loads(file.read_text())["Header"]["BPX"] == "1.1.0"
    printed = capsys.readouterr()
    assert "BPX does not hold" in printed.out + printed.err
    assert "VTF laws" in printed.out + printed.err
    assert status(["export", "lg-m50", "--format", "xml"]) == 2
    assert status(["export", "qse5"]) == 2
    assert status(["export", "lg-m50", "--out", str(tmp_path / "none" / "m50.json")]) == 2
