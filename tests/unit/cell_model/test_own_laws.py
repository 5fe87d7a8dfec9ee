"""What a user may write as a law; everything else is told in one line with place and remedy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ionstone import load_cell, simulate, simulate_batch
from ionstone.cell_design.library import LIBRARY
from ionstone.cell_model import check_law, parameter, state
from ionstone.cell_model.law_files import read_laws
from ionstone.core.errors import InputError
from ionstone.core.ops import tanh

SHORT = "Discharge at 1C for 10 s"
NUMBER, SCALE = parameter("1 A/m^2", "A/m^2"), parameter("50 mV", "V")
BOUNDED = parameter(2.0, "A/m^2", upper=5.0)

BODIES = {
    "if overpotential > 0:\n        return 1.0\n    return 2.0": "where(condition, a, b)",
    "return math.exp(overpotential)": "ionstone.core.ops",
    "return numpy.exp(overpotential)": "ionstone.core.ops",
    "return overpotential[0]": "scalars",
    "return sum(x for x in overpotential)": "scalars",
    "return float(overpotential)": "ionstone.core.ops",
    "return max(overpotential, 0.0)": "maximum(a, b)",
    "return overpotential > 0": "where(condition, a, b)",
    "return overpotential == 0": "inside where",
    "return overpotential and 1.0": "where(condition, a, b)",
    "while overpotential < 1: pass": "where(condition, a, b)",
    "pass": "add `return value`",
    "return overpotential, 1.0": "one number",
    "return exp(overpotential)": "import what the law uses from ionstone.core.ops",
    "return overpotential / 0": "constant 0",
    "return overpotential + 'a'": "str cannot be used",
    "return numpy.linalg.norm(overpotential)": "ionstone.core.ops",
}


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """The path of a law file with a given body of its kinetics."""

    def write(body: str, name: str = "mylaws.py") -> Path:
        text = f"import math\nimport numpy\n\ndef kinetics(overpotential, temperature):\n    {body}\n"
        path = tmp_path / name
        path.write_text(f"{text}\nlaws = {{'positive.kinetics': kinetics}}\n")
        return path

    return write


@pytest.mark.parametrize("body", BODIES)
def test_unsupported_python_shows_the_line_and_what_to_write(body: str, written: Any) -> None:
    with pytest.raises(InputError) as caught:
        simulate("lg-m50", SHORT, laws=written(body))
    text = str(caught.value)
    assert BODIES[body] in text
    assert "mylaws.py, line" in text
    assert "positive.kinetics" in text
    assert "\n" not in text


def test_the_line_is_that_of_the_mistake(tmp_path: Path) -> None:
    path = tmp_path / "deep.py"
    path.write_text(
        "import math\n\ndef helper(x):\n    y = 2 * x\n    return math.tanh(y)\n\n"
        "def kinetics(overpotential):\n    return helper(overpotential)\n\n"
        "laws = {'positive.kinetics': kinetics}\n"
    )
    with pytest.raises(InputError, match=r"deep\.py, line 5: `return math\.tanh\(y\)`"):
        simulate("lg-m50", SHORT, laws=path)


MISTAKES: list[tuple[Any, str]] = [
    ({"positive.kinetic": lambda overpotential: 1.0}, "did you mean 'kinetics'"),
    ({"middle.kinetics": lambda overpotential: 1.0}, "'middle.kinetics' is no place of a law"),
    ({"positive.kinetics": lambda overpotental: 1.0}, "did you mean 'overpotential'"),
    ({"positive.kinetics": lambda speed: 1.0}, r"speed=parameter\(value, unit\)"),
    ({"positive.kinetics": lambda *a: 1.0}, "name each argument"),
    ({"positive.kinetics": 3.0}, "is no parameter of the laws given"),
    ({"positive.kinetics": "butler"}, "add `file: mylaws.py`"),
    ({"positive.diffusivity": lambda diffusivity, film: 1.0}, "asks for film"),
    ({"positive.kinetics": lambda temperature=NUMBER: 1.0}, "rename the parameter"),
    ({"positive.film": lambda temperature: 1.0}, "a state is marked with @state"),
    ({"positive.kinetics": state("1 nm", "m")(lambda temperature: 0.0)}, "a state needs a new name"),
    ({f"positive.{n}": state(1.0)(lambda temperature: 0.0) for n in ("a", "b")}, "room for one local state"),
    ("nowhere.py", "no such file"),
    ("laws.txt", "give the path of a .py file"),
]


@pytest.mark.parametrize(("laws", "message"), MISTAKES)
def test_a_mistake_is_told_in_one_line(laws: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate("lg-m50", SHORT, laws=laws)


def test_a_parameter_has_bounds() -> None:
    law = {"positive.kinetics": lambda overpotential, i=BOUNDED: i * overpotential}
    with pytest.raises(InputError, match=r"laws: positive\.i: 9 .* allowed range"):
        simulate("lg-m50", SHORT, laws={**law, "positive.i": 9.0})
    with pytest.raises(InputError, match=r"positive\.i"):
        simulate("lg-m50", SHORT, laws={**law, "positive.i": "3 V"})
    with pytest.raises(InputError, match=r"2 values of positive\.i for 3 cells"):
        simulate_batch([load_cell("lg-m50")] * 3, SHORT, laws={**law, "positive.i": [1.0, 2.0]})
    with pytest.raises(InputError, match="allowed range"):
        parameter("2 V", "V", upper=1.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("laws = {", "line 1: .*: correct it"),
        ("x = 1\ny = x / 0\n", "line 2: `y = x / 0`: ZeroDivisionError"),
        ("x = 1\n", "has no mapping `laws`"),
        ("import no_such_module_here\n", "line 1: .*ModuleNotFoundError"),
    ],
)
def test_a_broken_file_is_told_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"broken\.py.*{message}"):
        simulate("lg-m50", SHORT, laws=path)


def test_a_changed_file_is_read_again(written: Any) -> None:
    first = simulate("lg-m50", SHORT, laws=written("return 20.0 * overpotential")).voltage[-1]
    second = simulate("lg-m50", SHORT, laws=written("return 40.0 * overpotential")).voltage[-1]
    assert first == simulate("lg-m50", SHORT, laws=written("return 20.0 * overpotential")).voltage[-1]
    assert second > first


# ---- cell files ----
@pytest.fixture
def cell_file(tmp_path: Path, written: Any) -> Any:
    """A copy of a library cell whose file names laws."""

    def write(line: str) -> Path:
        written("return 20.0 * overpotential")
        text = (LIBRARY / "lg-m50.yaml").read_text(encoding="utf-8")
        path = tmp_path / "mine.yaml"
        path.write_text(f"{text}\n{line}\n", encoding="utf-8")
        return path

    return write


def test_code_of_a_cell_file_runs_only_where_it_is_allowed(cell_file: Any, monkeypatch: Any) -> None:
    path = cell_file("laws: {file: mylaws.py, positive.kinetics: kinetics}")
    monkeypatch.chdir("/")
    with pytest.raises(InputError, match=r"runs code, .*mylaws\.py.*--allow-laws.*allow_laws=True"):
        simulate(path, SHORT)
    own = simulate(path, SHORT, allow_laws=True)
    laws = {"file": path.parent / "mylaws.py", "positive.kinetics": "kinetics"}
    assert own.voltage[-1] == simulate("lg-m50", SHORT, laws=laws).voltage[-1]
    assert own.voltage[-1] != simulate("lg-m50", SHORT).voltage[-1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("laws: {file: mylaws.py, positive.kinetics: kinetic}", "has no function kinetic: did you mean"),
        ("laws: {positive.kinetics: kinetics}", "give the path of a .py file"),
        ("laws: {file: other.py}", r"other\.py.*no such file"),
    ],
)
def test_a_wrong_entry_of_a_cell_file_is_told(line: str, message: str, cell_file: Any) -> None:
    with pytest.raises(InputError, match=message):
        simulate(cell_file(line), SHORT, allow_laws=True)


def test_cells_with_different_laws_are_two_batches(cell_file: Any) -> None:
    mine = load_cell(cell_file("laws: {file: mylaws.py}"))
    with pytest.raises(InputError, match="run them as several batches"):
        simulate_batch([mine, load_cell("lg-m50")], SHORT, allow_laws=True)


# ---- units ----
def test_units_of_a_law_are_checked() -> None:
    def good(overpotential: Any, exchange_current_density: Any, scale: Any = SCALE) -> Any:
        return exchange_current_density * tanh(overpotential / scale)

    def bad(overpotential: Any, exchange_current_density: Any) -> Any:
        return exchange_current_density * tanh(overpotential)

    def wrong(overpotential: Any, exchange_current_density: Any) -> Any:
        return exchange_current_density * overpotential

    check_law({"positive.kinetics": good})
    with pytest.raises(InputError, match=r"line \d+: `return .*tanh.* the argument of tanh has the unit"):
        check_law({"positive.kinetics": bad})
    with pytest.raises(InputError, match=r"gives .*kg s\^-3.*its unit is A/m\^2"):
        check_law({"positive.kinetics": wrong})


def test_a_form_is_traced_once_for_all_values_of_parameters(written: Any) -> None:
    path = written("return 20.0 * overpotential")
    assert read_laws(path).laws == read_laws(path).laws
    assert hash(read_laws(path).laws) == hash(read_laws(path).laws)


def test_numbers_of_numpy_are_numbers() -> None:
    plain = simulate("lg-m50", SHORT, laws={"positive.kinetics": lambda overpotential: 20.0 * overpotential})
    ours = {"positive.kinetics": lambda overpotential: np.float64(20.0) * overpotential}
    assert simulate("lg-m50", SHORT, laws=ours).voltage[-1] == plain.voltage[-1]


def test_laws_work_on_numbers_and_arrays() -> None:
    law = read_laws({"positive.kinetics": lambda overpotential: tanh(overpotential)}).laws.laws[0]
    assert law({"overpotential": 0.5}) == math.tanh(0.5)
    assert law({"overpotential": np.array([0.5])})[0] == np.tanh(0.5)
