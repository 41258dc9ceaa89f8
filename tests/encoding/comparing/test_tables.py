"""Numbers in the tables of an evaluation."""

from encoding.comparing.report import interval


def test_numbers_in_tables():
    assert interval([0.7152, 0.6767, 0.756], 3) == "0.715 (0.677 to 0.756)"
    assert interval([0.5, 0.25, 1], "%") == "50.0 % (25.0 to 100.0)"
    assert interval([float("nan")] * 3, 2) == "none"
