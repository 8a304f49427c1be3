"""Settings: where a value comes from, what it may be, and what is said when it cannot be used."""

import re
import tomllib
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from batcher.core.errors import ConfigError
from batcher.manifest.reading import FORMATS
from batcher.settings import (
    CREDENTIALS,
    LIVE_URL,
    SANDBOX,
    STAGING_URL,
    Settings,
    load_settings,
    origins,
    parse_duration,
)

SHIPPED = Path(__file__).resolve().parent.parent / "config" / "batcher.toml"
CANARY = "canary-7f3a"
NO_LIMIT = "is no limit; write a number of rows like 100 (1 or more), or a percentage like 5%"

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads from an empty folder and an empty environment, plus what a test puts there."""
    monkeypatch.setattr("batcher.settings.credentials.DEFAULT_SECRETS_DIR", tmp_path / "run-secrets")

    def load(
        *,
        flags: Mapping[str, object] | None = None,
        env: Mapping[str, str] | None = None,
        dotenv: str | None = None,
        toml: str | None = None,
        config: Path | None = None,
    ) -> Settings:
        for name, text in ((".env", dotenv), ("batcher.toml", toml)):
            if text is not None:
                (tmp_path / name).write_text(text, encoding="utf-8")
        return load_settings(flags or {}, config, environ=env or {}, folder=tmp_path)

    return load


@pytest.fixture
def complaint(load: Load) -> Callable[..., str]:
    """The one line that loading fails with."""

    def complaint(**sources: Any) -> str:
        with pytest.raises(ConfigError) as caught:
            load(**sources)
        line = str(caught.value)
        assert "\n" not in line
        return line

    return complaint


def shown(settings: Settings) -> dict[str, tuple[str, str]]:
    return {name: (value, origin) for name, value, origin in origins(settings)}


# Precedence


def test_each_source_yields_to_the_one_above_it(load: Load):
    """Flags, environment, .env, file, default: the first that has a value gives it, and is named."""
    sources: dict[str, Any] = {
        "flags": {"concurrency": "1", "limit": None},
        "env": {"BATCHER_CONCURRENCY": "2", "BATCHER_LIMIT": "2"},
        "dotenv": "BATCHER_CONCURRENCY=3\nBATCHER_LIMIT=3\nBATCHER_MAX_ATTEMPTS=3\n",
        "toml": "concurrency = 4\nlimit = 4\nmax_attempts = 4\nsettle = 4\n",
    }

    table = shown(load(**sources))

    assert {name: table[name] for name in ("concurrency", "limit", "max_attempts", "settle", "backoff")} == {
        "concurrency": ("1", "flag --concurrency"),
        "limit": ("2", "environment BATCHER_LIMIT"),
        "max_attempts": ("3", ".env BATCHER_MAX_ATTEMPTS"),
        "settle": ("4", "file batcher.toml"),
        "backoff": ("0.5", "default"),
    }


def test_the_process_environment_and_current_folder_are_what_is_read_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Without arguments, ``os.environ`` and the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BATCHER_RATE", "7/s")
    (tmp_path / ".env").write_text("BATCHER_LIMIT=8")
    (tmp_path / "batcher.toml").write_text("max_attempts = 9")

    settings = load_settings({})

    assert (settings.rate, settings.limit, settings.max_attempts) == ("7/s", 8, 9)


def test_a_named_file_takes_the_place_of_the_folders_own(load: Load, tmp_path: Path):
    """--config FILE is read instead of ./batcher.toml, not on top of it."""
    named = tmp_path / "other.toml"
    named.write_text("\ufefflimit = 5", encoding="utf-8")

    settings = load(config=named, toml="max_attempts = 9")

    assert (settings.limit, settings.max_attempts) == (5, 5)
    assert shown(settings)["limit"] == ("5", f"file {named}")


def test_a_list_of_a_higher_source_replaces_the_lower_one(load: Load):
    """Lists and tables are not mixed over sources."""
    settings = load(env={"BATCHER_KEEP": "a"}, flags={"map": ["A=color"]}, toml='keep = ["b"]\nmap = {B = "envelope"}')

    assert (settings.keep, settings.map) == (("a",), {"A": "color"})


def test_flags_without_value_and_empty_variables_were_not_given(load: Load):
    """None, an empty list and an empty variable let the next source speak."""
    settings = load(flags={"keep": [], "limit": None}, env={"BATCHER_LIMIT": ""}, toml='keep = ["b"]\nlimit = 3')

    assert (settings.keep, settings.limit) == (("b",), 3)


def test_settings_made_by_hand_read_nothing(monkeypatch: pytest.MonkeyPatch):
    """``Settings()`` holds the defaults, whatever the environment says; and nobody changes it."""
    monkeypatch.setenv("BATCHER_CONCURRENCY", "99")

    settings = Settings()

    assert settings.concurrency == 16
    with pytest.raises(ValidationError):
        settings.concurrency = 3  # type: ignore[misc]


# Values


def test_texts_and_values_mean_the_same(load: Load):
    """What a flag or variable writes as text is what the file writes as a value."""
    by_text = load(
        env={
            "BATCHER_TIMEOUT": "1m30s",
            "BATCHER_KEEP": 'branch, "Doe, Jane"',
            "BATCHER_MAP": "Doc ID=documentId,a=b=addressId",
            "BATCHER_SET": "layout=A = B,color=",
            "BATCHER_JSON": "yes",
            "BATCHER_WAIT": "off",
            "BATCHER_MAX_FAILURES": " 5 % ",
            "BATCHER_RATE": "10",
            "BATCHER_LOG_LEVEL": "DEBUG",
        }
    )
    by_value = load(
        toml="""
            timeout = 90
            keep = ["branch", "Doe, Jane"]
            map = {"Doc ID" = "documentId", "a=b" = "addressId"}
            set = {layout = "A = B", color = ""}
            json = true
            wait = false
            max_failures = "5%"
            rate = 10
            log_level = "debug"
        """
    )

    assert by_text.model_dump() == by_value.model_dump()
    assert by_value.set == {"layout": "A = B", "color": ""}
    assert by_value.map == {"Doc ID": "documentId", "a=b": "addressId"}


def test_repeated_flags_are_taken_as_they_stand(load: Load):
    """A comma in one flag of several belongs to its value."""
    settings = load(flags={"set": ["rtnName=Doe, Jane", "color=Black"], "keep": ("a,b",)})

    assert (settings.set, settings.keep) == ({"rtnName": "Doe, Jane", "color": "Black"}, ("a,b",))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (0, 0.0),
        (2.5, 2.5),
        ("90", 90.0),
        ("0.5", 0.5),
        ("90s", 90.0),
        ("250ms", 0.25),
        ("15m", 900.0),
        ("1h30m", 5400.0),
        ("1H 30M", 5400.0),
        ("1d", 86400.0),
        ("1.5h", 5400.0),
    ],
)
def test_a_duration_is_a_number_of_seconds_or_has_units(text: object, seconds: float):
    """Seconds as float, whatever the spelling."""
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "-1", -1, "1h30", "30m1h", "5 min", "s", True, None, "inf", float("nan"), "1e3", 10**400, "9" * 400],
)
def test_what_is_no_duration_is_refused(text: object):
    """No guessing: an unknown unit, a sign, a number without end."""
    with pytest.raises(ValueError, match=r"^is no duration; write it like 90s, 15m or 1h30m$"):
        parse_duration(text)


def test_a_home_folder_is_found_in_paths(load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """No shell has replaced the tilde in a file or a variable."""
    monkeypatch.setenv("HOME", str(tmp_path))

    assert load(env={"BATCHER_LEDGER": "~/batcher.db"}).ledger == tmp_path / "batcher.db"


# Targets


@pytest.mark.parametrize(
    ("flags", "target"),
    [
        ({"staging": True}, STAGING_URL),
        ({"live": True}, LIVE_URL),
        ({"sandbox": True}, SANDBOX),
        ({"base_url": "http://localhost:8080/molpro/"}, "http://localhost:8080/molpro"),
    ],
)
def test_the_one_target_that_was_chosen(load: Load, flags: dict[str, object], target: str):
    """A target is a base URL, or the sandbox."""
    assert load(flags=flags).target == target


def test_a_target_by_flag_overrules_those_below(load: Load):
    """Who tries a command in the sandbox need not know what the file says."""
    settings = load(flags={"sandbox": True}, env={"BATCHER_LIVE": "1"}, toml="staging = true")

    assert settings.target == SANDBOX


def test_a_target_turned_off_above_stays_off(load: Load):
    """BATCHER_LIVE=false is heard, although it chooses nothing."""
    settings = load(env={"BATCHER_LIVE": "false"}, toml="live = true\nstaging = true")

    assert settings.target == STAGING_URL


def test_no_target_is_no_default_target(load: Load):
    """Nothing leads to a real account by itself; commands that send nothing never ask."""
    settings = load()

    with pytest.raises(ConfigError, match=r"^where to\? give one of --sandbox, --staging, --live or --base-url URL$"):
        _ = settings.target


def test_two_targets_in_one_place_are_named(load: Load):
    """Neither is picked."""
    settings = load(env={"BATCHER_LIVE": "1", "BATCHER_STAGING": "1"})

    with pytest.raises(ConfigError) as caught:
        _ = settings.target
    assert str(caught.value) == (
        "several targets are set: staging (environment BATCHER_STAGING) and live (environment BATCHER_LIVE);"
        " leave one, or name one by flag"
    )


def test_the_sandbox_has_defaults_of_its_own(load: Load):
    """Doubts are settled in seconds and any credentials will do; what is given is kept."""
    table = shown(load(flags={"sandbox": True}, env={"BATCHER_SETTLE": "9"}))

    assert {
        name: table[name] for name in ("connect_timeout", "timeout", "send_window", "settle", "username", "password")
    } == {
        "connect_timeout": ("2", "default in the sandbox"),
        "timeout": ("5", "default in the sandbox"),
        "send_window": ("2", "default in the sandbox"),
        "settle": ("9", "environment BATCHER_SETTLE"),
        "username": ("sandbox", "default in the sandbox"),
        "password": ("********", "default in the sandbox"),
    }


# Credentials


def password_of(settings: Settings) -> str | None:
    return None if settings.password is None else settings.password.get_secret_value()


def test_credentials_come_from_a_secrets_directory(load: Load, tmp_path: Path):
    """One line end behind a secret is the editor's; blanks are the password's own."""
    (tmp_path / "batcher_username").write_text("jane\n")
    (tmp_path / "batcher_password").write_bytes(b" p w \r\n")

    settings = load(env={"BATCHER_SECRETS_DIR": str(tmp_path)})

    assert (settings.username, password_of(settings)) == ("jane", " p w ")
    assert shown(settings)["password"] == ("********", f"secrets directory {tmp_path}")


def test_the_usual_secrets_directory_is_read_when_it_is_there(load: Load, tmp_path: Path):
    """As containers mount it, without any setting."""
    (tmp_path / "run-secrets").mkdir()
    (tmp_path / "run-secrets" / "batcher_password").write_text("pw")

    assert password_of(load()) == "pw"


def test_a_password_file_is_read_and_ranks_where_it_is_named(load: Load, tmp_path: Path):
    """A file that the environment names wins over a password in .env."""
    (tmp_path / "pw").write_text("from file\n")

    settings = load(env={"BATCHER_PASSWORD_FILE": str(tmp_path / "pw")}, dotenv="BATCHER_PASSWORD=other")

    assert password_of(settings) == "from file"
    assert shown(settings)["password"] == ("********", "environment BATCHER_PASSWORD_FILE")


def test_a_password_above_spares_the_file_below(load: Load):
    """A password file that is not needed may be missing."""
    settings = load(env={"BATCHER_PASSWORD": "pw"}, dotenv="BATCHER_PASSWORD_FILE=/nowhere")

    assert password_of(settings) == "pw"


def test_a_password_in_dotenv_keeps_its_dollar_signs(load: Load):
    """Nothing is filled in for ${…}."""
    assert password_of(load(dotenv="BATCHER_PASSWORD='a${HOME}$b'")) == "a${HOME}$b"


def test_credential_mistakes_are_named(complaint: Callable[..., str], tmp_path: Path):
    """Each line says where the mistake stands."""
    empty = tmp_path / "empty"
    empty.write_text("\n")
    two = tmp_path / "two"
    two.write_text(f"{CANARY}\n{CANARY}\n")

    assert complaint(flags={"password": CANARY}) == (
        "--password: credentials are no flags, which others can see; use BATCHER_PASSWORD or a secrets directory"
    )
    assert complaint(env={"BATCHER_PASSWORD": "a", "BATCHER_PASSWORD_FILE": "b"}) == (
        "environment BATCHER_PASSWORD and environment BATCHER_PASSWORD_FILE are both set; leave one of the two"
    )
    assert complaint(env={"BATCHER_PASSWORD_FILE": str(empty)}) == (
        f"environment BATCHER_PASSWORD_FILE: {empty} is empty"
    )
    assert complaint(env={"BATCHER_PASSWORD_FILE": str(two)}) == (
        f"environment BATCHER_PASSWORD_FILE: {two} must hold one line of text"
    )
    assert complaint(env={"BATCHER_PASSWORD_FILE": "/nowhere"}) == (
        "environment BATCHER_PASSWORD_FILE: /nowhere: No such file or directory"
    )
    assert complaint(env={"BATCHER_SECRETS_DIR": "/nowhere"}) == "BATCHER_SECRETS_DIR: /nowhere is no directory"
    assert complaint(toml=f'password = "{CANARY}"') == (
        "file batcher.toml: password: credentials do not belong there; use BATCHER_PASSWORD or a secrets directory"
    )


@pytest.mark.parametrize(
    "sources",
    [
        {"flags": {"password": CANARY}},
        {"env": {"BATCHER_BASE_URL": f"https://jane:{CANARY}@host/molpro"}},
        {"env": {"BATCHER_BASE_URL": f"jane:{CANARY}@host"}},
        {"env": {"BATCHER_LEDGER": f"postgresql://jane:{CANARY}@host/db"}},
        {"env": {"BATCHER_PASSWORD": CANARY, "BATCHER_CONCURRENCY": "many"}},
        {"dotenv": f"BATCHER_PASSWORD={CANARY}\nBATCHER_LIMIT=0"},
        {"toml": f'username = "{CANARY}"'},
        {"toml": f'password = "{CANARY}'},
        {"toml": f"set = {{rtnName = '{CANARY}', quantity = 1}}"},
        {"env": {"BATCHER_SET": CANARY}},
    ],
)
def test_no_secret_is_in_an_error(load: Load, sources: dict[str, Any]):
    """Neither in the line nor in anything that a traceback would print behind it."""
    with pytest.raises(ConfigError) as caught:
        load(**sources)

    assert CANARY not in "".join(traceback.format_exception(caught.value, chain=True))


def test_no_secret_is_in_what_is_shown(load: Load):
    """``repr`` and ``config show`` mask the password."""
    settings = load(env={"BATCHER_PASSWORD": CANARY})

    assert CANARY not in repr(settings) + str(settings) + str(origins(settings)) + str(settings.model_dump())


# Mistakes


@pytest.mark.parametrize(
    ("sources", "line"),
    [
        ({"flags": {"timeout": "soon"}}, 'flag --timeout: "soon" is no duration; write it like 90s, 15m or 1h30m'),
        ({"flags": {"timeout": "0"}}, 'flag --timeout: "0" must be more than 0'),
        ({"flags": {"rate": "fast"}}, 'flag --rate: "fast" is no rate; write it like 10/s, 100/min or 3000/h'),
        ({"env": {"BATCHER_CONCURRENCY": "x"}}, 'environment BATCHER_CONCURRENCY: "x" is no whole number'),
        ({"env": {"BATCHER_CONCURRENCY": "0"}}, 'environment BATCHER_CONCURRENCY: "0" is too small; 1 is the least'),
        (
            {"env": {"BATCHER_CONCURRENCY": "2001"}},
            'environment BATCHER_CONCURRENCY: "2001" is too large; 2000 is the most',
        ),
        ({"env": {"BATCHER_AMEND": "maybe"}}, 'environment BATCHER_AMEND: "maybe" is neither true nor false'),
        ({"env": {"BATCHER_LIVE": "maybe"}}, 'environment BATCHER_LIVE: "maybe" is neither true nor false'),
        ({"dotenv": "BATCHER_DUPLICATES=drop"}, ".env BATCHER_DUPLICATES: \"drop\" is none of 'error' or 'allow'"),
        (
            {"toml": 'max_failures = "0"'},
            f'file batcher.toml: max_failures: "0" {NO_LIMIT}',
        ),
        (
            {"toml": 'max_failures = "101%"'},
            f'file batcher.toml: max_failures: "101%" {NO_LIMIT}',
        ),
        ({"toml": "key = 5"}, 'file batcher.toml: key: "5" is no text; put it in quotes'),
        ({"toml": 'key = ""'}, 'file batcher.toml: key: "" is empty'),
        ({"toml": 'results = ""'}, 'file batcher.toml: results: "" is empty; name a file'),
        ({"toml": "set = {quantity = 1}"}, "file batcher.toml: set: the value is no text; put it in quotes"),
        (
            {"toml": 'timezone = "Mars/Olympus"'},
            'file batcher.toml: timezone: "Mars/Olympus" is no time zone; write it like UTC or America/New_York',
        ),
        (
            {"flags": {"map": ["documentId"]}},
            "flag --map: the value must be COLUMN=FIELD; several in one text are separated by commas",
        ),
        ({"flags": {"set": ["color=a", "color=b"]}}, "flag --set: the value names color twice"),
        ({"flags": {"base_url": "ftp://host"}}, "flag --base-url: the value is no address like https://host/molpro"),
        (
            {"flags": {"base_url": "https://a:b@host/molpro"}},
            "flag --base-url: the value must not hold credentials; use BATCHER_USERNAME and BATCHER_PASSWORD",
        ),
        (
            {"flags": {"base_url": "https://host/molpro?x=1"}},
            "flag --base-url: the value must end with the path, usually /molpro, without ? or #",
        ),
        (
            {"flags": {"ledger": "postgresql://host/db"}},
            "flag --ledger: the value names a PostgreSQL database, which this version does not use yet; name a file",
        ),
        (
            {"flags": {"limit": "x", "backoff": "y"}},
            'flag --backoff: "y" is no duration; write it like 90s, 15m or 1h30m (and 1 more)',
        ),
        ({"toml": "max-attempts = 5"}, "file batcher.toml: max-attempts is no setting; did you mean max_attempts?"),
        (
            {"toml": "[remote]\ntimeout = 5"},
            "file batcher.toml: remote is no setting; settings stand at the top, without sections",
        ),
        ({"toml": "limit = = 5"}, "file batcher.toml: it is no TOML: Invalid value (at line 1, column 9)"),
        ({"toml": "limit = " + "[" * 5000}, "file batcher.toml: it is nested too deeply"),
        ({"toml": "limit = " + "1" * 5000}, "file batcher.toml: it holds a number that is too long"),
        (
            {"toml": "concurrency = 0x" + "f" * 5000},
            "file batcher.toml: concurrency: the number is too large; 2000 is the most",
        ),
        (
            {"toml": "rate = 0x" + "f" * 5000},
            "file batcher.toml: rate: the number is no rate; write it like 10/s, 100/min or 3000/h",
        ),
        ({"toml": "max_failures = 0x" + "f" * 5000}, f"file batcher.toml: max_failures: the number {NO_LIMIT}"),
        ({"toml": "ledger = 0x" + "f" * 5000}, "file batcher.toml: ledger: the value is no text; put it in quotes"),
        ({"toml": 'ledger = "a\\u0000b"'}, "file batcher.toml: ledger: the value is no name that a file can have"),
        (
            {"env": {"BATCHER_KEEP": "a\nb"}},
            "environment BATCHER_KEEP: the value must be one line with items of at most 131,072 characters",
        ),
        (
            {"env": {"BATCHER_MAP": "a" * 131_073 + "=color"}},
            "environment BATCHER_MAP: the value must be one line with items of at most 131,072 characters",
        ),
        ({"env": {"BATCHER_PASSWORD": "\udcff"}}, "environment BATCHER_PASSWORD: the value is not UTF-8"),
        ({"env": {"BATCHER_CAMPAIGN": "a\udcff"}}, 'environment BATCHER_CAMPAIGN: "a\\udcff" is not UTF-8'),
        (
            {"env": {"BATCHER_SECRETS_DIR": "~nobody-here/x"}},
            "BATCHER_SECRETS_DIR: ~nobody-here/x is no directory",
        ),
        (
            {"env": {"BATCHER_PASSWORD_FILE": "a\nb"}},
            r"environment BATCHER_PASSWORD_FILE: a\nb: No such file or directory",
        ),
        ({"dotenv": "BATCHER_PASSWORD_FILE=a\0b"}, r".env BATCHER_PASSWORD_FILE: a\x00b: cannot be read"),
        ({"flags": {"timeouts": "5"}}, "--timeouts is no setting; did you mean timeout?"),
        ({"config": Path("/nowhere.toml")}, "file /nowhere.toml: No such file or directory"),
    ],
)
def test_a_mistake_is_one_line_with_its_place_and_the_way_out(
    complaint: Callable[..., str], sources: dict[str, Any], line: str
):
    """Which setting, where it stands, what is wrong, what is expected."""
    assert complaint(**sources) == line


def test_a_file_that_is_no_text_is_named(complaint: Callable[..., str], tmp_path: Path):
    """Bytes that are not UTF-8 are no puzzle."""
    (tmp_path / "batcher.toml").write_bytes(b"key = '\xff'")

    assert complaint() == "file batcher.toml: it is not UTF-8; save it as UTF-8"


def test_variables_that_are_no_setting_are_warned_of_by_name(load: Load):
    """A container may hold others, so they stop nothing; those that Kubernetes makes are not even mentioned."""
    settings = load(
        env={
            "BATCHER_TIMOUT": CANARY,
            "BATCHER_PORT": "tcp://10.0.0.1:80",
            "BATCHER_SERVICE_HOST": "10.0.0.1",
            "BATCHER_TIMEOUT": "5",
            "OTHER": "x",
        },
        dotenv="BATCHER_NO_WAIT=1\nOTHER=1",
    )

    assert settings.warnings == (
        "environment BATCHER_TIMOUT is no setting; did you mean BATCHER_TIMEOUT?",
        ".env BATCHER_NO_WAIT is no setting; did you mean BATCHER_WAIT?",
    )


def test_no_wait_is_shown_as_the_flag_that_was_typed(load: Load):
    """There is no flag --wait that sets false."""
    assert shown(load(flags={"wait": False}))["wait"] == ("false", "flag --no-wait")


# The file that is shipped


def names() -> list[str]:
    return [field.alias or name for name, field in Settings.model_fields.items()]


def test_the_shipped_file_says_what_the_defaults_are(load: Load):
    """Loadable as is, and nothing changes by it."""
    assert load(config=SHIPPED).model_dump() == load().model_dump()


def test_the_shipped_file_has_every_setting_with_a_line_on_it():
    """Set, or commented out where there is no default; a comment stands above each."""
    text = SHIPPED.read_text(encoding="utf-8")
    lines = text.splitlines()
    found = {
        match[1]: lines[number - 1]
        for number, line in enumerate(lines)
        if (match := re.match(r"(?:# )?(\w+) = ", line))
    }

    assert sorted(found) == sorted(set(names()) - set(CREDENTIALS))
    assert [name for name, above in found.items() if not above.startswith("# ")] == []
    assert [name for name in CREDENTIALS if name not in text] == []


def test_the_examples_in_the_shipped_file_are_valid(load: Load):
    """Whoever takes the comment sign away gets a value that works."""
    text = re.sub(r"(?m)^# (\w+ = )", r"\1", SHIPPED.read_text(encoding="utf-8"))

    settings = load(toml=text)

    assert len(tomllib.loads(text)) == len(names()) - len(CREDENTIALS)
    assert settings.target == "https://rest.example.com/molpro"


def test_formats_are_those_that_the_manifest_reads():
    """Two lists of one thing stay the same."""
    assert get_args(get_args(Settings.model_fields["format"].annotation)[0]) == FORMATS
