"""Whatever is typed: a protocol or one line of InputError, soon."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ionstone.core.errors import InputError
from ionstone.experiment import Protocol, parse_protocol

WORDS = [
    *("Discharge", "Charge", "Hold", "Rest", "Run", "Repeat", "at", "for", "until", "or", "and", "times:"),
    *(
        "3",
        "1C",
        "C/3",
        "C",
        "/",
        "1",
        "0",
        "-2",
        "4.2",
        "2.5",
        "1e400",
        "V",
        "mV",
        "A",
        "mA",
        "W",
        "kW",
        "ohm",
        "%",
    ),
    *(
        "hour",
        "minutes",
        "s",
        "half",
        "an",
        "a",
        "soc",
        "voltage",
        "temperature",
        "plating_potential",
        "degC",
    ),
    *("<", ">", "<=", "(10 s period)", "(A)", "(", ")", "[", "]", ";", ",", "\n", "#", '"', "'"),
    *("drive.csv", "5X", "\u2126", "\x00", "\u2028"),
]

sentences = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
steps = st.builds(
    "{} at {}{} {} {} {}".format,
    st.sampled_from(["Discharge", "Charge", "Hold", "Rest"]),
    st.one_of(st.floats(), st.integers()),
    st.sampled_from(["C", " A", " V", " W", " ohm", " mA/cm2", ""]),
    st.sampled_from(["until", "for", "or", ""]),
    st.one_of(st.floats(), st.integers()),
    st.sampled_from(["V", "mA", "s", "hours", "%", "C", ""]),
)


def parses_or_refuses(text):
    message = ""
    try:
        protocol = parse_protocol(text)
    except InputError as error:
        message = str(error)
    else:
        assert isinstance(protocol, Protocol)
        assert len(protocol) <= 100_000
        assert parse_protocol(protocol.text) == protocol
    assert "\n" not in message
    assert len(message) <= 600


@given(st.text())
def test_arbitrary_text(text):
    parses_or_refuses(text)


@given(sentences)
@settings(max_examples=300)
def test_words_of_the_grammar_in_any_order(text):
    parses_or_refuses(text)


@given(steps)
def test_steps_with_arbitrary_numbers(text):
    parses_or_refuses(text)


@given(st.text(alphabet="[]\"'#;,\n:rReEpPaAtT 123", max_size=300), st.integers(0, 3000))
@settings(deadline=5000)
def test_long_runs_of_separators_take_linear_time(text, times):
    parses_or_refuses(text * times)
