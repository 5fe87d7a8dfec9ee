"""The config base: friendly numbers with provenance, and one clear line per mistake."""

from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from ionstone.core.config import FrozenConfig, Number, load, quantity_field, read_number
from ionstone.core.errors import InputError, SimulationError, nearest, one_line
from ionstone.core.quantities import Quantity

THICKNESS = Quantity("thickness", "m", 1e-9, 5e-3, "thickness of a layer")


class Porous(FrozenConfig):
    kind: Literal["porous"]
    thickness: Number = quantity_field(THICKNESS)
    coating: Number | None = quantity_field(THICKNESS, None)


class Metal(FrozenConfig):
    kind: Literal["lithium"]
    thickness: Number = quantity_field(THICKNESS, 2e-6)


class Design(FrozenConfig):
    negative: Annotated[Porous | Metal, Field(discriminator="kind")]


def test_a_field_reads_text_number_and_record():
    for given in ("85 um", 85e-6, {"value": "85 um", "low": "80 um", "high": 90e-6, "source": "lab"}):
        design = load(Design, {"negative": {"kind": "porous", "thickness": given}})
        assert design.negative.thickness.value == pytest.approx(85e-6)


def test_a_config_cannot_be_changed():
    design = load(Design, {"negative": {"kind": "lithium"}})
    with pytest.raises(ValidationError):
        design.negative.thickness = Number(value=1.0)


def test_a_default_says_that_it_is_ours():
    assert load(Design, {"negative": {"kind": "lithium"}}).negative.thickness.source == "default of ionstone"


@pytest.mark.parametrize(
    ("negative", "says"),
    [
        (
            {"kind": "porous", "thicknes": "85 um"},
            "negative.thicknes: unknown key 'thicknes': did you mean 'thickness'?",
        ),
        ({"kind": "porous"}, "negative.thickness is missing: add the line `thickness: ...`"),
        (
            {"kind": "porous", "thickness": "-85 um"},
            "negative.thickness: -85 um is outside the allowed range 1 nm to 5 mm",
        ),
        (
            {"kind": "porus", "thickness": 1e-5},
            "negative: kind 'porus' is unknown: use one of porous, lithium",
        ),
        ({"thickness": 1e-5}, "negative: kind is missing"),
        (3, "negative: 3 is not a mapping"),
        ({"kind": "porous", "thickness": {"low": 1e-6}}, "a record needs `value`"),
        ({"kind": "porous", "thickness": {"value": 1e-5, "hi": 1}}, "did you mean 'high'?"),
        (
            {"kind": "porous", "thickness": {"value": 1e-5, "evidence": "guess"}},
            "evidence 'guess' is unknown",
        ),
        ({"kind": "porous", "thickness": {"value": 1e-5, "low": 2e-5}}, "lies below low"),
        ({"kind": "porous", "thickness": {"value": 1e-5, "known_by": "recalled"}}, "needs a range"),
    ],
)
def test_a_mistake_is_one_line_with_file_field_and_remedy(negative, says):
    with pytest.raises(InputError) as caught:
        load(Design, {"negative": negative}, "my.yaml")
    assert str(caught.value).startswith("my.yaml: negative")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_recalled_is_an_estimate():
    record = {"value": 1e-5, "low": 5e-6, "high": 2e-5, "known_by": "recalled"}
    assert read_number(record, THICKNESS).evidence == "estimated"
    with pytest.raises(InputError, match="estimated"):
        read_number({**record, "evidence": "measured"}, THICKNESS)


def test_errors_are_one_line_and_carry_the_run():
    assert str(InputError("two\nlines")) == "two lines"
    assert len(one_line("x" * 5000)) <= 600
    assert SimulationError("stopped", run=3).run == 3
    assert nearest("thicknes", ["thickness", "porosity"]) == "did you mean 'thickness'?"
    assert "porosity" in nearest("zzz", ["thickness", "porosity"])


def test_the_schema_says_unit_and_range_of_each_number():
    schema = Design.model_json_schema()["$defs"]["Porous"]["properties"]["thickness"]
    assert schema["unit"] == "m"
    assert schema["allowed"] == "1 nm to 5 mm"
