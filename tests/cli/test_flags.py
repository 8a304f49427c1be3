"""Flags and settings are one list: every flag sets a setting, and says its default as it is."""

from __future__ import annotations

import re

import pytest

from batcher.cli import flags
from batcher.settings import CREDENTIALS, parse_duration
from batcher.settings.model import Settings, setting_names

FLAGS = {
    name: flag
    for group in vars(flags).values()
    if isinstance(group, dict)
    for name, flag in group.items()
    if isinstance(flag, flags.Flag)
}


def test_every_setting_but_the_secret_ones_has_a_flag() -> None:
    expected = set(setting_names()) - set(CREDENTIALS) - {"send_window"}

    assert set(FLAGS) == expected


@pytest.mark.parametrize("flag", [flag for flag in FLAGS.values() if flag.metavar == "DURATION" and flag.default])
def test_durations_are_shown_as_they_are(flag: flags.Flag) -> None:
    assert parse_duration(flag.default) == Settings.model_fields[flag.name].default


@pytest.mark.parametrize(
    "name", ["concurrency", "max_attempts", "duplicates", "lookup_path", "lookup_query", "timezone"]
)
def test_plain_defaults_are_shown_as_they_are(name: str) -> None:
    assert FLAGS[name].default == str(Settings.model_fields[name].default)


def test_every_flag_has_a_help_that_is_one_sentence() -> None:
    assert [flag.name for flag in FLAGS.values() if not re.fullmatch(r"\S.{8,100}\.", flag.help)] == []
