"""From all sources to one frozen ``Settings``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from .complaint import complaint
from .credentials import secrets_layer, with_password_read
from .model import TARGETS, Settings
from .sources import Layer, dotenv_variables, file_layer, flag_layer, variable_layer

SANDBOX_DEFAULTS: Final[Mapping[str, object]] = {
    "username": "sandbox",
    "password": "sandbox",
    # It answers at once or not at all, and it is on this machine: doubts are settled in seconds.
    "connect_timeout": 2.0,
    "timeout": 5.0,
    "send_window": 2.0,
    "settle": 2.0,
}


def load_settings(
    flags: Mapping[str, object],
    config: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """
    Reads every source once.

    Args:
        flags: By setting's name, as typed or as values; None means not given.
        config: The TOML file; without one ``batcher.toml`` of the folder, where there is one.
        environ: The environment; the process's own if None.
        folder: Where ``.env`` and ``batcher.toml`` are looked for; the current one if None.

    Raises:
        ConfigError: In one line: which setting, where it stands, what is wrong, what is expected.
    """
    environ, folder = os.environ if environ is None else environ, folder or Path()
    dotenv = dotenv_variables(folder)
    layers = [
        flag_layer(flags),
        variable_layer(environ, "environment"),
        variable_layer(dotenv, ".env"),
        file_layer(config, folder),
        secrets_layer({**dotenv, **environ}),
    ]
    values, origins = _merge(_with_one_target(layers))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        # Not chained: pydantic's error carries the values, secrets too.
        raise complaint(error, values, origins) from None
    return settings.knowing(origins, tuple(line for layer in layers for line in layer.warnings))


def _merge(layers: Sequence[Layer]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        source = layer if "password" in values else with_password_read(layer)
        for name in source.values.keys() - values.keys():
            values[name], origins[name] = source.values[name], source.origin(name)
    if _is_on(values.get("sandbox")):
        for name in SANDBOX_DEFAULTS.keys() - values.keys():
            values[name], origins[name] = SANDBOX_DEFAULTS[name], "default in the sandbox"
    return values, origins


def _with_one_target(layers: Sequence[Layer]) -> list[Layer]:
    """
    The layers, with targets in the highest only that chooses one: a flag overrules whatever the file says.

    A target that a higher layer turns off chooses nothing further down.
    """
    kept: list[Layer] = []
    settled: set[str] = set()
    for layer in layers:
        values = {name: value for name, value in layer.values.items() if name not in settled}
        kept.append(Layer(values=values, origin=layer.origin, warnings=layer.warnings))
        if any(_is_on(values.get(name)) for name in TARGETS):
            settled.update(TARGETS)
        settled.update(name for name in TARGETS if name in values)
    return kept


def _is_on(value: object) -> bool:
    """Whether a target's unchecked value chooses it; rubbish does, so that it is reported."""
    try:
        return value is not None and TypeAdapter(bool).validate_python(value)
    except ValidationError:
        return True
