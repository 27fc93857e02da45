"""Whose results they are: a name that was asked for, or the login's; and a file of their own."""

import os
import pwd

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_backprop.courses.results.place import results_path, student_name
from tui_backprop.engine.core.errors import BackpropError


def test_an_option_goes_before_the_variable_and_that_before_the_login():
    login = pwd.getpwuid(os.getuid()).pw_name
    assert student_name("  Kim   Lee ", {"TUI_BACKPROP_STUDENT": "other"}) == "Kim Lee"
    assert student_name(None, {"TUI_BACKPROP_STUDENT": "other"}) == "other"
    assert student_name(None, {"USER": "forged"}) == login


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_no_name_and_a_long_one_are_refused(name):
    with pytest.raises(BackpropError, match="--student: found"):
        student_name(name, {})


@settings(max_examples=25)
@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_any_name_is_safe_and_has_a_plain_file_of_its_own(one, other):
    try:
        name = student_name(one, {})
        another = student_name(other, {})
    except BackpropError:
        return
    assert all(character.isprintable() for character in name)
    path = results_path("A course / with signs", name)
    assert path.parent.name == "results"
    assert len(path.name.encode()) < 255
    assert (path == results_path("A course / with signs", another)) == (name == another)
