"""Whatever happens to a results file's bytes is told, and what stands before it stays."""

from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.courses.results.lines import NOTHING, Flaw, front, line_of, mark_of, mark_place, read_lines

BODIES = [b'{"kind":"x","n":%d}' % n for n in range(7)]


def written(bodies=BODIES):
    """Return a file with these lines, and both its marks written on the way."""
    data, last = bytearray(front()), NOTHING
    for count, body in enumerate(bodies, 1):
        line, last = line_of(last, body)
        data += line
        data[mark_place(count) : mark_place(count) + len(mark_of(0, NOTHING))] = mark_of(count, last)
    return bytes(data)


WHOLE = written()
ENDS = [place for place, byte in enumerate(WHOLE) if byte == ord("\n")][2:]
"""Where the front and each line end."""


def bodies_of(data):
    return [entry.body for entry in read_lines(data).entries]


def test_what_is_written_is_read_and_nothing_is_wrong_with_it():
    found = read_lines(WHOLE)
    assert bodies_of(WHOLE) == BODIES
    assert (found.problems, found.count, found.marked, found.torn) == ((), 7, 7, 0)


def test_a_digest_is_blake2_over_what_stands_behind_it():
    own, before, body = WHOLE.split(b"\n")[4].split(b" ", 2)
    assert own.decode() == blake2b(before + b" " + body, digest_size=8, person=b"tui-backprop").hexdigest()


@given(st.integers(0, len(WHOLE) - 1))
def test_every_cut_is_found_and_the_lines_before_it_stay(length):
    found = read_lines(WHOLE[:length])
    assert found.problems
    whole = max(sum(end < length for end in ENDS) - 1, 0)
    assert [entry.body for entry in found.entries] == BODIES[:whole]


@given(st.integers(0, 8 * len(WHOLE) - 1))
def test_every_bit_that_flips_is_found_and_the_lines_before_it_stay(bit):
    data = bytearray(WHOLE)
    data[bit // 8] ^= 1 << bit % 8
    found = read_lines(bytes(data))
    assert found.problems
    bodies = [entry.body for entry in found.entries]
    before = max(sum(end < bit // 8 for end in ENDS) - 1, 0)
    assert bodies[:before] == BODIES[:before]
    assert set(bodies) <= set(BODIES)
    assert len(bodies) >= len(BODIES) - 2  # where an end of a line flips, two lines are one


@given(st.binary(max_size=300))
def test_bytes_that_are_no_results_hold_nothing(data):
    found = read_lines(data)
    assert not found.entries
    assert found.problems or not data


def test_a_line_taken_out_put_elsewhere_or_doubled_is_told():
    lines = WHOLE.splitlines(keepends=True)
    without = b"".join(lines[:5] + lines[6:])
    assert {Flaw.GAP, Flaw.SHORT} == {problem.flaw for problem in read_lines(without).problems}
    swapped = b"".join([*lines[:5], lines[6], lines[5], *lines[7:]])
    assert Flaw.GAP in {problem.flaw for problem in read_lines(swapped).problems}
    doubled = read_lines(WHOLE + lines[-1])
    assert [(problem.line, problem.flaw) for problem in doubled.problems] == [(11, Flaw.REPEATED)]
    assert len(doubled.entries) == 7


def test_lines_missing_at_the_end_are_missed_by_the_marks():
    lines = WHOLE.splitlines(keepends=True)
    assert [problem.flaw for problem in read_lines(b"".join(lines[:-1])).problems] == [Flaw.SHORT]
