"""What most tests of the remote start from."""

from typing import Any

from batcher.click2mail.client import Click2MailClient, Clocks, Deadline, RemoteSettings

LETTER = {
    "documentClass": "Letter 8.5 x 11",
    "layout": "Address on Separate Page",
    "productionTime": "Next Day",
    "envelope": "#10 Double Window",
    "color": "Full Color",
    "paperType": "White 24#",
    "printOption": "Printing One side",
    "documentId": "31337",
    "addressId": "00123",
}
SIGNATURE = "k3f9a2bq7x-17"
LETTER_FORM = (
    b"documentClass=Letter+8.5+x+11&layout=Address+on+Separate+Page&productionTime=Next+Day"
    b"&envelope=%2310+Double+Window&color=Full+Color&paperType=White+24%23&printOption=Printing+One+side"
    b"&documentId=31337&addressId=00123&appSignature=k3f9a2bq7x-17"
)
"""Written out by hand, not by the code under test."""


class HandClock:
    """Clocks that stand still until a test moves them."""

    def __init__(self) -> None:
        self.monotonic_s = 1_000.0
        self.boot_s = 5_000.0

    def clocks(self) -> Clocks:
        return Clocks(monotonic=lambda: self.monotonic_s, boot=lambda: self.boot_s)


COMMON: dict[str, Any] = {"username": "mailer", "password": "pa55", "connect_timeout_s": 60.0, "timeout_s": 60.0}
"""What ``remote`` starts from; the fixture ``lane`` adds to it."""


def remote(base_url: str, **changes: Any) -> RemoteSettings:
    return RemoteSettings(base_url=base_url, **{**COMMON, **changes})


def client_of(base_url: str, **changes: Any) -> Click2MailClient:
    return Click2MailClient(remote(base_url, **changes))


def in_time() -> Deadline:
    return Clocks().deadline(60.0)
