"""The settings as one frozen model. ``config/batcher.toml`` explains each; a flag and a setting share their name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Self

from pydantic import Field, PrivateAttr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from batcher.core.errors import ConfigError

from .values import (
    BaseUrl,
    Columns,
    ColumnToField,
    Failures,
    FieldToValue,
    LedgerPath,
    LogLevel,
    Money,
    Rate,
    Seconds,
    Secret,
    SomeSeconds,
    Text,
    UserPath,
    Zone,
)

STAGING_URL: Final = "https://stage-rest.click2mail.com/molpro"
LIVE_URL: Final = "https://rest.click2mail.com/molpro"
SANDBOX: Final = "sandbox"

TARGETS: Final = ("base_url", "staging", "live", "sandbox")
CREDENTIALS: Final = ("username", "password", "password_file", "payment", "payment_file")
BillingType = Literal["Credit Card", "Invoice", "ACH", "User Credit", "Apple Pay", "Google Pay"]
"""The ways to pay that the vendor allows. API reference, "Submit a job"."""


class Settings(BaseSettings):
    """
    One command's settings. Durations are seconds.

    ``load_settings`` makes them; made by hand they hold what they are given and the defaults, and read nothing.
    ``rate``, ``max_failures`` and costs are texts that were checked; ``timezone`` is a name that this machine knows.
    ``as_json`` is called ``json`` everywhere else: pydantic has a method of that name.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="BATCHER_", hide_input_in_errors=True)

    ledger: LedgerPath | None = None
    campaign: Text | None = None
    timezone: Zone = "UTC"
    amend: bool = False
    keep_gone: bool = False
    again: bool = False

    base_url: BaseUrl | None = None
    staging: bool = False
    live: bool = False
    sandbox: bool = False
    username: Text | None = None
    password: Secret | None = None
    password_file: UserPath | None = None

    format: Literal["csv", "tsv", "json", "jsonl", "xlsx"] | None = None
    encoding: Text | None = None
    delimiter: Text | None = None
    key: Text | None = None
    map: ColumnToField = {}
    set: FieldToValue = {}
    keep: Columns = ()
    keep_app_signature: bool = False
    duplicates: Literal["error", "allow"] = "error"

    concurrency: int = Field(16, ge=1, le=2000)
    adaptive: bool = True
    rate: Rate | None = None
    max_attempts: int = Field(5, ge=1)
    backoff: Seconds = 0.5
    max_backoff: Seconds = 30.0

    connect_timeout: SomeSeconds = 10.0
    timeout: SomeSeconds = 120.0
    send_window: SomeSeconds = 10.0
    trust_env: bool = False
    ca_file: UserPath | None = None
    lookup_path: Text = "/jobs/appSignature"
    lookup_query: Text = "appSignature"

    preflight: bool = True
    list_wait: Seconds = 60.0

    settle: Seconds = 300.0
    wait: bool = True
    on_doubt: Literal["check", "hold", "resend"] = "check"
    strict_500: bool = False

    max_failures: Failures | None = None
    max_outage: SomeSeconds = 900.0
    max_duration: SomeSeconds | None = None
    limit: int | None = Field(None, ge=1)
    drain_timeout: Seconds = 25.0

    submit: bool = False
    billing_type: BillingType | None = None
    payment: Secret | None = None
    payment_file: UserPath | None = None
    max_cost: Money | None = None
    max_cost_per_job: Money | None = None

    dry_run: bool = False
    results: UserPath | None = None
    as_json: bool = Field(False, alias="json")
    log_format: Literal["auto", "json", "console"] = "auto"
    log_level: LogLevel = "info"

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given and nothing else: ``load_settings`` asks the sources, to know what came from where."""
        return (init_settings,)

    def knowing(self, origins: Mapping[str, str], warnings: tuple[str, ...]) -> Self:
        """The same settings; from now on they can tell where their values came from."""
        self._origins, self._warnings = dict(origins), warnings
        return self

    @property
    def warnings(self) -> tuple[str, ...]:
        """What looked wrong and stops nothing, one line each: variables that are no setting, by name."""
        return self._warnings

    def origin_of(self, name: str) -> str:
        """Where the setting's value came from, in words."""
        return self._origins.get(name, "default")

    @property
    def target(self) -> str:
        """
        Where jobs go: a base URL up to and with ``/molpro``, or ``SANDBOX``.

        Raises:
            ConfigError: none was chosen, or several. There is no default that could reach a real account.
        """
        chosen = [name for name in TARGETS if getattr(self, name)]
        if len(chosen) == 1:
            return {"staging": STAGING_URL, "live": LIVE_URL, "sandbox": SANDBOX}.get(chosen[0], str(self.base_url))
        if not chosen:
            raise ConfigError("where to? give one of --sandbox, --staging, --live or --base-url URL")
        where = " and ".join(f"{name.replace('_', '-')} ({self.origin_of(name)})" for name in chosen)
        raise ConfigError(f"several targets are set: {where}; leave one, or name one by flag")


def setting_names() -> tuple[str, ...]:
    """Every setting by the name that flags, variables and files use, in the order of the model."""
    return tuple(field.alias or name for name, field in Settings.model_fields.items())
