"""Texts, files, lists and objects become the same protocols."""

import subprocess
import sys

from ionstone.experiment import Limit, Profile, Protocol, Step, parse_protocol

CCCV = "Charge at C/3 until 4.2 V; Hold at 4.2 V until C/50"


def texts(protocol):
    return [step.text for step in protocol.steps]


def test_new_lines_semicolons_and_lists_part_steps_alike():
    parts = ["Charge at C/3 until 4.2 V", "Hold at 4.2 V until C/50", "Rest for 1 hour"]
    for source in (
        "; ".join(parts),
        "\n".join(parts),
        ", ".join(parts),
        parts,
        tuple(parts),
        [CCCV, parts[2]],
    ):
        assert texts(parse_protocol(source)) == parts


def test_repeats_nest_and_keep_order():
    protocol = parse_protocol("Repeat 2 times: [Rest for 1 s; Repeat 3 times: [Rest for 2 s]]; Rest for 3 s")
    assert [step.duration for step in protocol.steps] == [1, 2, 2, 2, 1, 2, 2, 2, 3]


def test_a_repeat_may_span_lines():
    text = "Repeat 2 times:\n[\n  Discharge at 1C until 2.5 V  # empty\n  Rest for 1 hour\n]\n"
    assert texts(parse_protocol(text)) == ["Discharge at 1C until 2.5 V", "Rest for 1 hour"] * 2


def test_a_python_list_pasted_as_text_is_read():
    assert texts(parse_protocol('["Rest for 1 s", "Rest for 2 s"]')) == ["Rest for 1 s", "Rest for 2 s"]


def test_the_text_of_a_protocol_reads_back_to_the_same_steps():
    for source in (f"{CCCV}; Repeat 3 times: [Rest for 1 h, Repeat 2 times: [Discharge at 2 W]]", [CCCV] * 2):
        protocol = parse_protocol(source)
        assert parse_protocol(protocol.text) == protocol


def test_texts_and_objects_mix():
    step = Step("current", 2.5, duration=600.0)
    protocol = parse_protocol([step, "Rest for 1 hour", parse_protocol(CCCV), {"Repeat 2 times": [step]}])
    assert [s.control for s in protocol.steps] == [
        "current",
        "rest",
        "c_rate",
        "voltage",
        "current",
        "current",
    ]
    assert "current = 2.5 A for 600 s" in protocol.text


def test_a_protocol_passes_through_unchanged():
    protocol = parse_protocol(CCCV)
    assert parse_protocol(protocol) == protocol


def test_a_jump_moves_with_its_protocol():
    ladder = Protocol(
        (Step("current", -5.0, until=(Limit("voltage", ">", 4.2, then=2),)), Step("rest", 0.0, 60.0))
    )
    protocol = parse_protocol(["Rest for 1 s", ladder, ladder])
    assert [step.until[0].then for step in protocol.steps if step.until] == [3, 5]


def test_text_file_with_comments(tmp_path):
    path = tmp_path / "protocol.txt"
    path.write_text("# formation\nRest for 1 s # don't hurry\n\nRest for 2 s\n", encoding="utf-8")
    for source in (path, str(path), [str(path)]):
        assert [step.duration for step in parse_protocol(source).steps] == [1, 2]


def test_yaml_file_with_a_repeat(tmp_path):
    path = tmp_path / "protocol.yaml"
    path.write_text(
        "- Rest for 1 s\n- Repeat 2 times:\n    - Rest for 2 s\n    - Rest for 3 s\n", encoding="utf-8"
    )
    assert [step.duration for step in parse_protocol(path).steps] == [1, 2, 3, 2, 3]


def test_several_files_and_texts_follow_each_other(tmp_path):
    (tmp_path / "a.txt").write_text("Rest for 1 s", encoding="utf-8")
    protocol = parse_protocol([str(tmp_path / "a.txt"), "Rest for 2 s", tmp_path / "a.txt"])
    assert [step.duration for step in protocol.steps] == [1, 2, 1]


def test_a_cycle_file_is_found_beside_the_protocol_file(tmp_path):
    (tmp_path / "drive.csv").write_text("time_s,current_A\n0,1\n1,-2\n3,0\n", encoding="utf-8")
    (tmp_path / "p.txt").write_text("Run drive.csv (A)\nRest for 1 s", encoding="utf-8")
    run, _ = parse_protocol(tmp_path / "p.txt").steps
    assert run.value == Profile((0, 1, 3), (1, -2, 0))
    assert (run.control, run.duration) == ("current", 3.0)


def test_reading_a_protocol_imports_neither_numpy_nor_pint():
    code = (
        "import sys; from ionstone.experiment import parse_protocol; parse_protocol('Charge at 1C');"
        "sys.exit('numpy' in sys.modules or 'pint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_text_is_read_once_but_a_cycle_file_each_time(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse_protocol("Rest for 3 minutes") is parse_protocol("Rest for 3 minutes")
    last = []
    for power in (5, 7):
        (tmp_path / "cycle.csv").write_text(f"time_s,power_W\n0,0\n10,{power}\n", encoding="utf-8")
        last.append(parse_protocol("Run cycle.csv (W)").steps[0].value.value[-1])
    assert last == [5, 7]
