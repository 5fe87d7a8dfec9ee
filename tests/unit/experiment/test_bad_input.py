"""Bad protocols: one clear line each, that names the step and the remedy."""

import pytest

from ionstone.core.errors import InputError
from ionstone.experiment import Limit, Profile, Protocol, Step, check_against_cell, parse_protocol

BAD_TEXTS = {
    # ends
    "Rest": "may never end",
    "Rest until 3 V": "direction",
    "Rest until voltage < 3 V": "may never end",
    "Rest until 50 mA": "cannot end a step",
    "Hold at 4.2 V": "never ends",
    "Hold at 4.2 V until voltage > 4.1 V": "may never be met",
    "Hold at 4.2 V until 4.3 V": "direction",
    "Discharge at 1C until voltage > 4.3 V": "can never be met",
    "Charge at 1C until voltage < 2 V": "can never be met",
    "Charge at 1C until soc < 20%": "can never be met",
    "Discharge at 1C until C/20": "cannot end a step",
    "Discharge at 1C until abs_current < 1 A": "can never be met",
    "Discharge at 1C until current < 1 A": "abs_current",
    "Hold plating_potential at 0 V": "never ends",
    # numbers
    "Discharge at 0C until 2.5 V": "Rest for 1 hour",
    "Discharge at 0 A": "Rest for 1 hour",
    "Discharge at -1 A until 2.5 V": "drop the minus",
    "Charge at -1C until 4.2 V": "drop the minus",
    "Charge at 1C/0 until 4.2 V": "not allowed",
    "Discharge at 1e400 A": "not allowed",
    "Discharge at nan A": "cannot read the amount",
    "Rest for -1 hour": "not allowed",
    "Rest for 0 s": "not allowed",
    "Rest for 1e300 hours": "not allowed",
    "Rest for inf hours": "cannot read",
    "Discharge at 1C until 25 V": "-10 to 10 V",
    "Charge at 1C until 180%": "0 to 100 %",
    "Discharge at 1,5 A until 2.5 V": "comma",
    "Hold at 4.2 V until 0 A": "not allowed",
    # units
    "Discharge at 1X until 2.5 V": "unknown unit",
    "Discharge at 5 until 2.5 V": "has no unit",
    "Discharge at 1C until 2.5": "has no unit",
    "Discharge at 5 mw": "unknown unit",
    "Discharge at 5 Ah": "cannot be set by a charge",
    "Discharge at 3 V until 2.5 V": "not by a voltage",
    "Discharge at 20 min": "cannot be set by a time",
    "Hold at 1 A for 1 hour": "keeps a voltage",
    "Charge at 2 ohm until 4.2 V": "cannot charge",
    "Rest for 5 A": "unit of current, not of time",
    "Rest for 5": "no unit",
    "Rest for 5 fortnights": "unknown unit",
    "Discharge at 1C until 1 hour": "for 1 hour",
    "Discharge at 1C until 4 Ah": "cannot end at a charge",
    "Discharge at 1C until temperature > 45 V": "wrong kind",
    "Discharge at 1C until 45 degC": "until temperature > 45 degC",
    # wording
    "Dischage at 1C until 2.5 V": "did you mean 'discharge'",
    "Please discharge": "begin",
    "Discharge": "needs an amount",
    "Discharge 1C until 2.5 V": "not understood",
    "Discharge at 1C until": 'nothing follows "until"',
    "Discharge at 1C for": 'nothing follows "for"',
    "Charge at 1C for 1 hour or": 'nothing follows "or"',
    "Hold at 4.2 V or 50 mA": "or until",
    "Charge at 1C for 1 hour or 4.2 V": "or until",
    "Rest or for 1 hour": 'nothing follows "or"',
    "Charge at 1C for 1 hour for 2 hours": "two times",
    "Charge at 1C until 4.2 V and 1 A": '"or"',
    "Discharge at 1C until warmth > 3 K": "unknown output",
    "Hold soc at 50% for 1 hour": "cannot be held",
    "Discharge at 1C at 2C until 2.5 V": "one too many",
    "Rest (1 hour)": "unknown remark",
    "Rest for 1 hour (0 s period)": "not allowed",
    "Run": "cycle file",
    "Run (A)": "cycle file",
    "Run no-such-file.csv (A)": "no such file",
    # temperature of a step
    "Discharge at 1C until 2.5 V at 25 degC": "--temperature",
    "Discharge at 1C at 25oC until 2.5 V": "--temperature",
    "Rest for 1 hour at 298.15 K": "--temperature",
    "Rest for 1 hour (25oC temperature)": "--temperature",
    # repeats and brackets
    "": "no steps",
    "# only a comment": "no steps",
    "Repeat 3 times: Rest for 1 s": "no brackets",
    "Repeat 0 times: [Rest for 1 s]": "whole number from 1",
    "Repeat -2 times: [Rest for 1 s]": "whole number from 1",
    "Repeat 2.5 times: [Rest for 1 s]": "whole number from 1",
    "Repeat 1000000000 times: [Rest for 1 s]": "whole number from 1",
    f"Repeat {'9' * 5000} times: [Rest for 1 s]": "whole number from 1",
    "Repeat 1000 times: [Repeat 1000 times: [Rest for 1 s]]": "1000000 steps",
    "Repeat 3 times: []": "empty brackets",
    "Repeat 3 times: [Rest for 1 s": "not closed",
    "Rest for 1 s]": 'without its "["',
    "Again 3 times: [Rest for 1 s]": "not understood",
    "[Rest for 1 s] Rest for 1 s": 'follows a "]"',
    'Run "drive.csv (A)': "not closed",
    # hostile
    "[" * 100_000: "nested deeper",
    "Repeat 9 times: [" * 30 + "Rest for 1 s" + "]" * 30: "nested deeper",
    "Rest for 1 s" + " " * 400 + "x" * 1000: "characters",
    "R" * 2_000_000: "characters",
    "Rest for 1 \x00s": "unknown unit",
    "\x1b[31mRest for 1 s": "not understood",
    "no-such-protocol.yaml": "no such file",
    "Dischage at 1C; Run no-such-file.csv": "did you mean",
}


@pytest.mark.parametrize("text", BAD_TEXTS, ids=lambda text: text[:40])
def test_a_bad_text_is_refused_in_one_line_with_its_remedy(text):
    with pytest.raises(InputError) as error:
        parse_protocol(text)
    message = str(error.value)
    assert BAD_TEXTS[text] in message
    assert "\n" not in message
    assert "\x1b" not in message
    assert len(message) < 600
    assert ": " in message


BAD_OBJECTS = {
    "no steps": lambda: parse_protocol([]),
    "number": lambda: parse_protocol(5),
    "nothing": lambda: parse_protocol(None),
    "list of nothing": lambda: parse_protocol([None]),
    "two keys": lambda: parse_protocol({"Repeat 2 times": ["Rest for 1 s"], "x": []}),
    "empty repeat": lambda: parse_protocol({"Repeat 2 times": []}),
    "unknown key": lambda: parse_protocol({"cycles": ["Rest for 1 s"]}),
    "capacity": lambda: parse_protocol("Discharge at 1C", nominal_capacity=0.0),
    "direction": lambda: Limit("voltage", "below", 2.5),
    "limit without number": lambda: Limit("voltage", "<", float("nan")),
    "limit on nothing": lambda: Limit("", "<", 1.0),
    "value": lambda: Step("current", float("inf"), 1.0),
    "huge value": lambda: Step("current", 10**400, 1.0),
    "truth": lambda: Step("current", True, 1.0),
    "control": lambda: Step("a current", 1.0, 1.0),
    "negative duration": lambda: Step("current", 1.0, -1.0),
    "period": lambda: Step("current", 1.0, 1.0, period=0.0),
    "rest with current": lambda: Step("rest", 1.0, 1.0),
    "limits of words": lambda: Step("current", 1.0, 1.0, ("2.5 V",)),
    "rest without end": lambda: parse_protocol(Step("rest", 0.0)),
    "no current until voltage": lambda: parse_protocol(
        Step("current", 0.0, until=(Limit("voltage", "<", 3.0),))
    ),
    "hold without end": lambda: parse_protocol(Step("voltage", 4.2)),
    "wrong way": lambda: parse_protocol(Step("power", 5.0, until=(Limit("voltage", ">", 4.3),))),
    "jump back": lambda: parse_protocol(
        ["Rest for 1 s", Step("current", 1.0, until=(Limit("voltage", "<", 3.0, then=0),))]
    ),
    "jump out": lambda: parse_protocol(Step("current", 1.0, until=(Limit("voltage", "<", 3.0, then=2),))),
    "profile of one": lambda: Profile((0.0,), (1.0,)),
    "profile uneven": lambda: Profile((0.0, 1.0), (1.0,)),
    "profile back": lambda: Profile((0.0, 2.0, 1.0), (1.0, 1.0, 1.0)),
    "profile late": lambda: Profile((1.0, 2.0), (1.0, 1.0)),
    "profile of words": lambda: Profile(("a", "b"), (1.0, 1.0)),
    "profile not finite": lambda: Profile((0.0, 1.0), (1.0, float("nan"))),
    "longer than its profile": lambda: Step("current", Profile((0.0, 1.0), (1.0, 1.0)), 2.0),
    "protocol of texts": lambda: Protocol(("Rest for 1 s",)),
}


@pytest.mark.parametrize("case", BAD_OBJECTS)
def test_bad_objects_are_refused_in_one_line(case):
    with pytest.raises(InputError) as error:
        BAD_OBJECTS[case]()
    assert "\n" not in str(error.value)


def test_a_list_that_holds_itself_is_refused():
    endless = ["Rest for 1 s"]
    endless.append(endless)
    with pytest.raises(InputError, match="nested deeper"):
        parse_protocol(endless)


BAD_YAML = {
    "text": ("Rest for 1 s", "not a list"),
    "mapping": ("protocol: [Rest for 1 s]", "not a list"),
    "empty": ("", "not a list"),
    "alias": ("- &a [Rest for 1 s]\n- *a", "alias"),
    "deep": ("[" * 30, "nested deeper"),
    "broken": ("- [Rest for 1 s\n- x", "not valid YAML"),
    "tag": ("- !!python/object/apply:os.system [echo]", "cannot begin"),
    "two documents": ("- Rest for 1 s\n---\n- Rest for 1 s", "not valid YAML"),
    "null": ("-\n", "no steps"),
    "number": ("- 5", "cannot begin"),
    "key twice": ("- Repeat 2 times: [Rest for 1 s]\n  Repeat 2 times: [Rest for 2 s]", "line 1"),
    "file in a file": ("- protocol.yaml", "cannot begin"),
}


@pytest.mark.parametrize("case", BAD_YAML)
def test_bad_yaml_files_are_refused(tmp_path, case):
    text, said = BAD_YAML[case]
    path = tmp_path / "protocol.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        parse_protocol(path)


def test_voltages_outside_the_range_of_the_cell_are_refused():
    for text in ("Discharge at 1C until 2.4 V", "Charge at 1C until 4.3 V", "Hold at 4.3 V for 1 hour"):
        with pytest.raises(InputError, match=r"outside the range of lg-m50, 2\.5 to 4\.2 V"):
            check_against_cell(parse_protocol(["Rest for 1 s", text]), 2.5, 4.2, cell="lg-m50")


def test_voltages_at_the_limits_of_the_cell_are_allowed():
    protocol = parse_protocol(
        "Discharge at 1C until 2.5 V; Charge at 1C until 4200 mV; Hold at 4.2 V until C/20"
    )
    assert check_against_cell(protocol, 2.5, 4.2) is protocol
