"""
Everything that can be set: read once, frozen, handed down.

A value comes from a flag, else ``BATCHER_*`` in the environment, else ``.env``, else the TOML file, else the secrets
directory, else its default. A list or table of a higher source replaces that of a lower one as a whole.
"""

from .duration import parse_duration
from .loading import load_settings
from .model import CREDENTIALS, LIVE_URL, SANDBOX, STAGING_URL, Settings
from .origins import Shown, origins

__all__ = [
    "CREDENTIALS",
    "LIVE_URL",
    "SANDBOX",
    "STAGING_URL",
    "Settings",
    "Shown",
    "load_settings",
    "origins",
    "parse_duration",
]
