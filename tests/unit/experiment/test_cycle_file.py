"""Cycle files: what is read, and what is refused with the line that is at fault."""

import pytest

from ionstone.core.errors import InputError
from ionstone.experiment import parse_protocol, read_cycle


@pytest.fixture
def write(tmp_path):
    def write(text, name="drive.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def test_power_column_is_chosen_by_header_and_others_are_left_alone(write):
    unit, profile = read_cycle(write("# pack test\ntime_s,note,power_W\n0,start,10\n0.5,,-20\n"))
    assert unit == "W"
    assert profile.value == (10.0, -20.0)
    assert profile.duration == 0.5


def test_a_file_with_both_columns_needs_the_unit(write):
    path = write("time_s,current_A,power_W\n0,1,4\n1,2,8\n")
    assert read_cycle(path, "A")[1].value == (1.0, 2.0)
    assert read_cycle(path, "W")[1].value == (4.0, 8.0)
    with pytest.raises(InputError, match="say which"):
        read_cycle(path)


def test_a_cycle_file_is_itself_a_protocol_and_its_name_may_hold_spaces(write):
    path = write("time_s,power_W\n0,1\n9,2\n", "my drive.csv")
    (step,) = parse_protocol(path).steps
    assert step.control == "power"
    again = parse_protocol(f'Run "{path}" (W) for 4 s or until voltage < 2.5 V').steps[0]
    assert (again.duration, again.value) == (4.0, step.value)


def test_a_constant_load_may_span_a_long_spacing(write):
    rows = [f"{t},{t % 3}" for t in range(30)] + ["500,2", *(f"{t},1" for t in range(501, 520))]
    assert read_cycle(write("time_s,current_A\n" + "\n".join(rows)))[1].duration == 519


def test_sparse_samples_are_a_load_not_a_gap(write):
    assert read_cycle(write("time_s,current_A\n0,0\n10,5\n10.001,0\n3600,1\n"))[1].duration == 3600


BAD = {
    "empty": ("", "empty"),
    "comments only": ("# nothing\n", "empty"),
    "no header": ("0,1\n1,2\n", "first line must be"),
    "misspelt header": ("time_s,curent_A\n0,1\n1,2\n", "time_s,current_A"),
    "semicolons": ("time_s;current_A\n0;1\n1;2\n", "first line must be"),
    "speed": ("time_s,speed_m_s\n0,1\n1,2\n", "speed"),
    "same column twice": ("time_s,current_A,current_A\n0,1,1\n1,2,2\n", "same name"),
    "one sample": ("time_s,current_A\n0,1\n", "two or more"),
    "word": ("time_s,current_A\n0,1\n1,many\n", "line 3: current_A 'many' is not a number"),
    "not a number": ("time_s,current_A\n0,1\n1,nan\n", "line 3: current_A 'nan' is not finite"),
    "infinite": ("time_s,current_A\n0,1\n1,inf\n", "not finite"),
    "missing cell": ("time_s,current_A\n0,1\n1,\n2,3\n", "line 3: current_A is missing"),
    "short line": ("time_s,current_A\n0,1\n1\n2,3\n", "line 3: current_A is missing"),
    "time back": ("time_s,current_A\n0,1\n2,1\n1,1\n", "line 4: time_s 1 follows 2"),
    "time twice": ("time_s,current_A\n0,1\n0,1\n", "times must rise"),
    "late start": ("time_s,current_A\n5,1\n6,1\n", "starts at 5 s"),
    "gap": (
        "time_s,current_A\n" + "".join(f"{t},{t}\n" for t in [*range(50), *range(90, 140)]),
        "gap between 49 s",
    ),
    "open quote": ('time_s,current_A\n0,"1\n1,2\n', "no CSV table"),
    "huge": ("time_s,current_A\n" + "0,0\n" * 2_500_001, "10 MB"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_cycle_file_is_refused_with_its_name_and_fault(write, case):
    text, said = BAD[case]
    with pytest.raises(InputError) as error:
        parse_protocol(f"Run {write(text)} (A)")
    assert said in str(error.value)
    assert "drive.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)))
    for name in ("binary.csv", "absent.csv", "."):
        with pytest.raises(InputError):
            read_cycle(tmp_path / name)
    with pytest.raises(InputError, match="regular file"):
        parse_protocol("Run /dev/zero (A)")
