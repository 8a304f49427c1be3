"""``submit``, ``undo`` and ``run --submit``: money and deletions want a number, and every refusal is one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batcher.cli.payment import payment_of
from batcher.core.errors import ConfigError
from batcher.settings import Settings
from tests.acceptance.conftest import Shell

CARD = {
    "billingName": "A",
    "billingAddress1": "B",
    "billingCity": "C",
    "billingState": "IL",
    "billingZip": "62701",
    "billingNumber": "4111111111111111",
    "billingMonth": "01",
    "billingYear": "30",
    "billingCvv": "987",
    "billingCcType": "VI",
}
