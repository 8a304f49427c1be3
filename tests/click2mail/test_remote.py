"""Addresses and credentials, before anything is sent."""

from base64 import b64decode

import pytest

from batcher.click2mail.remote import Addresses, authorization
from batcher.core.errors import ConfigError

from .builders import remote


@pytest.mark.parametrize(
    "base_url",
    [
        "https://rest.click2mail.com/molpro",
        "https://rest.click2mail.com/molpro/",
        " https://rest.click2mail.com/molpro ",
    ],
)
def test_addresses_hang_on_the_base_url(base_url: str) -> None:
    addresses = Addresses.of(remote(base_url))

    assert str(addresses.jobs) == "https://rest.click2mail.com/molpro/jobs"
    assert str(addresses.credit) == "https://rest.click2mail.com/molpro/credit"
    assert str(addresses.lookup_of("k3f9a2bq7x-17")) == (
        "https://rest.click2mail.com/molpro/jobs/appSignature?appSignature=k3f9a2bq7x-17&offset=0&numberOfJobs=100"
    )


def test_the_look_up_can_be_set() -> None:
    settings = remote("http://remote.test/m", lookup_path="jobs/appSignature2", lookup_query="appid")

    expected = "http://remote.test/m/jobs/appSignature2?appid=a&offset=0&numberOfJobs=100"
    assert str(Addresses.of(settings).lookup_of("a")) == expected


def test_any_signature_is_quoted() -> None:
    url = Addresses.of(remote("http://remote.test/m")).lookup_of("Python SDK+é/&=%20")

    assert url.raw_query_string == "appSignature=Python%20SDK%2B%C3%A9%2F%26%3D%2520&offset=0&numberOfJobs=100"


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "rest.click2mail.com/molpro",
        "ftp://rest.click2mail.com/molpro",
        "https:///molpro",
        "https://rest.click2mail.com:99999/molpro",
        "https://rest.click2mail.com/molpro?x=1",
        "https://rest.click2mail.com/molpro#x",
        "https://me:pa55@rest.click2mail.com/molpro",
        "https://[::1/molpro",
    ],
)
def test_another_base_url_is_refused_without_repeating_it(base_url: str) -> None:
    with pytest.raises(ConfigError, match="base URL: ") as refusal:
        Addresses.of(remote(base_url))

    assert "pa55" not in str(refusal.value)


def test_credentials_go_as_utf_8() -> None:
    header = authorization(remote("http://remote.test", username="Jörg", password="pä:ß✓"))

    assert b64decode(header.removeprefix("Basic ")) == "Jörg:pä:ß✓".encode()


def test_a_user_name_with_a_colon_cannot_be_sent() -> None:
    with pytest.raises(ConfigError, match="colon"):
        authorization(remote("http://remote.test", username="a:b"))


def test_the_password_is_not_shown() -> None:
    assert "pa55" not in repr(remote("http://remote.test"))
