"""Shared by all tests: aioresponses 0.7.9 builds replies as aiohttp did before 3.14, without its ``stream_writer``."""

from typing import Any
from unittest.mock import Mock

import aiohttp
import aioresponses.core


class _ReplyWithWriter(aiohttp.ClientResponse):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **kwargs)


aioresponses.core.ClientResponse = _ReplyWithWriter
