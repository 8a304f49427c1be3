"""The shim in tests/conftest.py, and when it may go."""

import aiohttp
import pytest
from aioresponses import aioresponses


async def test_the_shim_is_still_needed() -> None:
    """When this fails, aioresponses builds replies by itself again: remove the shim from tests/conftest.py."""
    async with aiohttp.ClientSession() as session:
        with aioresponses() as mocked:
            mocked.get("http://remote.test/", response_class=aiohttp.ClientResponse)
            with pytest.raises(TypeError, match="stream_writer"):
                await session.get("http://remote.test/")


async def test_the_shim_works() -> None:
    async with aiohttp.ClientSession() as session:
        with aioresponses() as mocked:
            mocked.get("http://remote.test/", body=b"hello")
            response = await session.get("http://remote.test/")

            assert await response.read() == b"hello"
