from dataclasses import replace
from pathlib import Path

import pytest

from modtui.cli.compose import build_connector
from modtui.cli.schema import account_problems, check_accounts
from modtui.config import Config, ConfigError, find_paths, load
from modtui.connectors import Environment, Kind, Schema, SecretField, Setting
from modtui.connectors.registry import KINDS
from tests.config.desk import DEFAULT, read

SETTINGS = (
    Setting("rooms", "list"),
    Setting("size", "number", default=3),
    Setting("every", "duration"),
    Setting("mode", "choice", choices=("fast", "slow"), default="fast"),
    Setting("hook", "url"),
    Setting("owner", "text", required=True, help="who owns it"),
)
SCHEMA = Schema(
    "x", SETTINGS, (SecretField("token"), SecretField("extra", required=False)), needs_url=False
)


def kind(schema: Schema) -> Kind:
    def load() -> None:
        raise AssertionError("nothing is loaded for a check")

    return Kind(schema, load)  # type: ignore[arg-type]


def config(folder: Path, *lines: str) -> Config:
    head = '[[account]]\nname = "hub"\nconnector = "x"\n'
    return read(folder, head + "".join(f"{line}\n" for line in lines))


def test_settings_are_converted_and_defaults_filled_in(tmp_path: Path) -> None:
    tables = config(
        tmp_path, 'owner = "me"', 'rooms = ["a"]', 'every = "2m"', "size = 1.5"
    ).accounts
    (account,) = check_accounts(tables, {"x": kind(SCHEMA)})
    assert account.settings["rooms"] == ("a",)
    assert account.settings["every"].total_seconds() == 120
    assert (account.settings["size"], account.settings["mode"]) == (1.5, "fast")
    assert account.settings["hook"] is None
    assert (account.wanted.required, account.wanted.optional) == (("token",), ("extra",))


def test_secrets_are_bound_to_every_address_that_the_account_names(tmp_path: Path) -> None:
    def bound(*lines: str) -> str:
        tables = config(tmp_path, 'owner = "me"', *lines).accounts
        hook = replace(SETTINGS[4], default="https://id.example.org/token")
        schema = replace(SCHEMA, settings=(*SETTINGS[:4], hook, SETTINGS[5]))
        (account,) = check_accounts(tables, {"x": kind(schema)})
        return account.wanted.origin

    assert bound() == bound('hook = "https://id.example.org/token"') == "x://:"
    assert bound('hook = "https://else.test/token"') == "x://: https://else.test:443"
    both = ('url = "https://api.test/v1"', 'hook = "https://api.test/token"')
    assert bound(*both) == "https://api.test:443"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('rooms = "a"', '4: account.rooms: "a" is not a list'),
        ("size = -1", "4: account.size: -1 is not a number from 0 up"),
        ('every = "5 days"', "4: account.every: "),
        ('mode = "fats"', '(did you mean "fast"?)'),
        ('hook = "x.example.org"', "4: account.hook: "),
        ("owner = 5", "4: account.owner: 5 is not a text"),
        ('romms = ["a"]', '4: account.romms: unknown key (did you mean "rooms"?)'),
    ],
)
def test_each_wrong_setting_is_told_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_accounts(config(tmp_path, line).accounts, {"x": kind(SCHEMA)})
    told = [str(problem) for problem in caught.value.problems]
    assert any(words in problem for problem in told)
    missing = [problem for problem in told if "account.owner: is missing: who owns it" in problem]
    assert bool(missing) == (not line.startswith("owner"))


@pytest.mark.parametrize(
    ("connector", "line", "words"),
    [
        ("reddit", 'sources = ["modqeue"]', '"modqeue" is not one of modqueue, reports, spam'),
        ("reddit", 'subreddits = ["two words"]', '"two words" is not the name of a subreddit'),
        ("reddit", "subreddits = []", "is empty: the subreddits to follow"),
        ("reddit", 'removal_reasons = ["spam"]', '"spam" is not a rule and an id, as "spam=1a2b"'),
        ("reddit", 'removal_message = "publik"', '(did you mean "public"?)'),
        ("github", 'repositories = ["app"]', '"app" is not "owner/name"'),
        ("mastodon", 'warning_presets = ["spam=x"]', '"spam=x" is not a rule and a number'),
        ("discord", 'guild = "ours"', '"ours" is not an id, a long number'),
        ("discord", 'guild = ""', "is empty: id of the server"),
        ("discord", 'staff_roles = ["mods"]', '"mods" is not an id, a long number'),
        ("reddit", 'subreddits = ["r/"]', '"r/" is not the name of a subreddit'),
        ("reddit", 'token_url = "http://id.test/token"', "http:// would let others on the way"),
        ("reddit", 'client_id = " "', "is empty: the id under the name of the app"),
        ("ozone", 'templates = ["spam"]', '"spam" is not a rule and the name of a template'),
        ("ozone", 'labels = ["=nudity"]', '"=nudity" is not a rule and a label'),
        ("ozone", 'tags = ["spam= "]', '"spam= " is not a rule and a tag, as "spam=spam-wave"'),
        ("twitch", 'broadcaster = "two words"', "is not the channel's login, as in twitch.tv/"),
        ("twitch", 'client_id = "app-1"', '"app-1" is not a Client ID: letters and digits'),
        ("twitch", 'eventsub_url = "https://x.test"', "is not an address: write wss://"),
        ("twitch", 'eventsub_url = "ws://x.test/ws"', "ws:// would let others on the way read"),
        ("discourse", 'api_username = "ünï"', "use a user API key"),
        ("matrix", 'rooms = ["help"]', '"help" is not a room id or an alias'),
        ("smtp", "port = 65536", "65536 is not a number from 0 to 65535"),
        ("webhook", "dedupe_hours = inf", "inf is not a number from 0 to 8760"),
    ],
)
def test_what_a_connector_declares_is_checked_with_its_line(
    tmp_path: Path, connector: str, line: str, words: str
) -> None:
    head = f'[[account]]\nname = "a"\nconnector = "{connector}"\nurl = "https://ours.test"\n'
    with pytest.raises(ConfigError) as caught:
        check_accounts(read(tmp_path, head + line + "\n").accounts, KINDS)
    key = line.partition(" ")[0]
    told = [str(problem) for problem in caught.value.problems]
    assert [one for one in told if f"5: account.{key}: " in one and words in one]


@pytest.mark.parametrize(
    ("connector", "lines", "origin"),
    [
        ("discord", 'guild = "1"\n', "https://discord.com:443"),
        ("discord", 'guild = "1"\nurl = "https://ours.test/api"\n', "https://ours.test:443"),
        ("smtp", 'host = "mail.test"\nport = 587\nfrom = "m@x.org"\n', "smtp://mail.test:587"),
    ],
)
def test_a_secret_is_bound_to_where_it_is_sent(
    tmp_path: Path, connector: str, lines: str, origin: str
) -> None:
    head = f'[[account]]\nname = "a"\nconnector = "{connector}"\n'
    (account,) = check_accounts(read(tmp_path, head + lines).accounts, KINDS)
    assert account.wanted.origin == origin


def test_two_accounts_may_not_read_one_variable(tmp_path: Path) -> None:
    loose = replace(SCHEMA, settings=())
    other = replace(loose, connector="y", secrets=(SecretField("a_token"),))
    tables = read(
        tmp_path,
        '[[account]]\nname = "hub-a"\nconnector = "x"\n'
        '[[account]]\nname = "hub"\nconnector = "y"\n',
    ).accounts
    with pytest.raises(ConfigError, match="hub-a and hub would both read MODTUI_HUB_A_TOKEN"):
        check_accounts(tables, {"x": kind(loose), "y": kind(other)})


def test_what_connectors_find_stands_among_all_other_problems(tmp_path: Path) -> None:
    text = """undo_windo = "5s"

[[account]]
name = "Hub"
connector = "x"
url = "ftp://x"
token = "abc"
onwer = "me"

[[account]]
name = "other"
connector = "y"

[help_routes]
resons = []
"""
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    kinds = {"x": kind(replace(SCHEMA, needs_url=True))}
    with pytest.raises(ConfigError) as caught:
        load(
            find_paths({"MODTUI_HOME": str(tmp_path)}),
            DEFAULT,
            lambda tables: account_problems(tables, kinds),
        )
    found = [(problem.where.line, problem.key) for problem in caught.value.problems]
    assert found == [
        (1, "undo_windo"),
        (3, "account.owner"),
        (4, "account.name"),
        (6, "account.url"),
        (7, "account.token"),
        (8, "account.onwer"),
        (12, "account.connector"),
        (15, "help_routes.resons"),
    ]


def test_the_staff_of_an_account_reaches_its_connector(tmp_path: Path) -> None:
    handed: list[Environment] = []
    watched = Kind(SCHEMA, lambda: handed.append)  # type: ignore[arg-type, return-value]
    tables = config(tmp_path, 'owner = "me"', 'staff = ["@lead:ours.test"]').accounts
    (account,) = check_accounts(tables, {"x": watched})
    build_connector(account, {})
    assert [env.staff for env in handed] == [frozenset({"@lead:ours.test"})]
