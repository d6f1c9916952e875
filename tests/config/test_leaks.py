"""A secret in a configuration file is refused, with its place, and never repeated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modtui.config.leaks import shape
from tests.cli.conftest import shell as shell
from tests.cli.shell import Shell
from tests.config.desk import problems

ACCOUNT = '[[account]]\nname = "forum"\nconnector = "demo"\n'
HIDDEN = "c4naryc4naryc4nary77"
SHAPES = [
    (f"syt_bW9k_{HIDDEN}_1a2b3c", "a Matrix access token"),
    (f"mat_{HIDDEN}", "a Matrix access token"),
    (f"ghp_{HIDDEN}", "a GitHub token"),
    (f"github_pat_11AB_{HIDDEN}", "a GitHub token"),
    (f"xoxb-1234-{HIDDEN}", "a Slack token"),
    (f"MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.{HIDDEN}-ZnCjm1XVW7v", "a Discord token"),
    (f"eyJhbGciOiJIUzI1NiJ9.{HIDDEN}.sig", "a JSON web token"),
    (f"Bearer {HIDDEN}", "a bearer token"),
    (f"-----BEGIN RSA PRIVATE KEY-----{HIDDEN}", "a private key"),
    (f"https://mod:{HIDDEN}@forum.example.org/x", "an address with a password in it"),
    (f"https://{HIDDEN}@forum.example.org/x", "an address with a password in it"),
    (f"https://forum.example.org/?access_token={HIDDEN}", "an address with a token in it"),
    (f"https://forum.example.org/?a=1&client_secret={HIDDEN}", "an address with a token in it"),
    (f"https://forum.example.org/#user_api_key={HIDDEN}", "an address with a token in it"),
    (f"--auth-token={HIDDEN}", "a word with a secret in it"),
    (f"BW_PASSWORD={HIDDEN}", "a word with a secret in it"),
    ("https://forum.example.org/?token=c4naryc4naryc4nary77", "an address with a token in it"),
    (f"https://forum.example.org/feed;pwd={HIDDEN}", "an address with a token in it"),
    (f"https://forum.example.org/?a=b&api_key={HIDDEN}#x", "an address with a token in it"),
    (f"https://forum.example.org/?key=AIzaSy{HIDDEN}", "an address with a key in it"),
    (f"https://forum.example.org/?sig=Q{HIDDEN}", "an address with a key in it"),
    ("https://c4naryc4naryc4nary77@forum.example.org", "an address with a password in it"),
    (f"Authorization: token {HIDDEN}", "a header with a secret in it"),
    (
        f"https://hooks.slack.com/services/T0000/B0000/{HIDDEN}",
        "the address of a webhook of Slack, which is a secret",
    ),
    (
        f"https://discord.com/api/webhooks/198622483471925248/{HIDDEN}",
        "the address of a webhook of Discord, which is a secret",
    ),
    (
        f"https://ours.webhook.office.com/webhookb2/{HIDDEN}@1/IncomingWebhook/2",
        "the address of a webhook of Teams, which is a secret",
    ),
    (f"Authorization: Basic {HIDDEN}", "a header with a secret in it"),
    (f"X-Api-Key: {HIDDEN}", "a header with a secret in it"),
    (f"PRIVATE-TOKEN:{HIDDEN}", "a header with a secret in it"),
]
KEYS = (
    "token", "password", "api_key", "api-key", "apikey", "user_api_key", "client_secret",
    "refresh_token", "access_token", "private_key", "passphrase", "Authorization", "credential",
)  # fmt: skip


@pytest.mark.parametrize(("value", "what"), SHAPES)
@pytest.mark.parametrize(
    ("text", "place"),
    [
        (ACCOUNT + 'rooms = ["!a:b", "{}"]\n', "config.toml:4: account.rooms"),
        (ACCOUNT + 'url = "{}"\n', "config.toml:4: account.url"),
        (ACCOUNT + 'poll = "{}"\n', "config.toml:4: account.poll"),
        ('theme = "{}"\n', "config.toml:1: theme"),
        ('[moderator]\nlanguages = ["{}"]\n', "config.toml:2: moderator.languages"),
        ('[handover]\naccount = "{}"\n', "config.toml:2: handover.account"),
        ('[unheard.of]\nx = {{ y = ["{}"] }}\n', "config.toml:2: unheard.of.x.y"),
        ('[[rule]]\nid = "a"\nen = """\nWrite\n{}"""\n', "config.toml:3: rule.en"),
    ],
)
def test_a_value_in_the_shape_of_a_secret_is_refused(
    tmp_path: Path, value: str, what: str, text: str, place: str
) -> None:
    found = problems(tmp_path, text.format(value))
    told = [line for line in found if what in line]
    assert len(told) == 1
    assert told[0].startswith(f"{place}: holds {what}, and secrets do not belong here: ")
    assert f"modtui login {'forum' if 'account' in place.split()[1][:8] else 'NAME'}" in told[0]
    assert HIDDEN not in "\n".join(found)


@pytest.mark.parametrize("head", ["# was ", 'theme = "night" # once ', "# token = "])
def test_a_comment_is_no_place_for_one_either(tmp_path: Path, head: str) -> None:
    (told,) = problems(tmp_path, f'{head}"ghp_{HIDDEN}"\n')
    assert told.startswith("config.toml:1: holds a GitHub token, and secrets do not belong here")
    assert HIDDEN not in told


@pytest.mark.parametrize("value", ["[{}]", "{{token = {}}}", "{}"])
def test_one_in_place_of_its_store_is_not_repeated(tmp_path: Path, value: str) -> None:
    (told,) = problems(tmp_path, f"{ACCOUNT}secret = {value.format(chr(34) + HIDDEN + chr(34))}\n")
    assert told.startswith("config.toml:4: account.secret: says where the secret is kept")
    assert HIDDEN not in told


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ['"s3cr3t-77"', '["s3cr3t-77"]', "7777"])
@pytest.mark.parametrize(
    ("head", "dotted"),
    [
        (ACCOUNT, "account."),
        ("", ""),
        ("[moderator]\n", "moderator."),
        ("[unheard]\n", "unheard."),
        ('[[team]]\nname = "t"\nreach.', "team.reach."),
    ],
)
def test_a_key_that_names_a_secret_is_refused_wherever_it_stands(
    tmp_path: Path, key: str, value: str, head: str, dotted: str
) -> None:
    found = problems(tmp_path, f"{head}{key} = {value}\n")
    place = f"config.toml:{head.count(chr(10)) + 1}: {dotted}{key}: secrets do not belong here"
    assert any(line.startswith(place) for line in found)
    assert "s3cr3t" not in "\n".join(found)
    assert "7777" not in "\n".join(found)


def test_it_is_refused_in_a_file_that_modtui_wrote_too(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "", forum=f'{ACCOUNT}token = "{HIDDEN}"\n')
    assert problem.startswith("config.d/forum.toml:4: account.token: secrets do not belong here")
    assert "modtui login forum" in problem


def test_a_secret_in_place_of_a_name_is_not_repeated_where_names_are_listed(
    tmp_path: Path,
) -> None:
    token = f"ghp_{HIDDEN}"
    text = f'[[account]]\nname = "{token}"\nconnector = "demo"\n[handover]\naccount = "x"\n'
    found = problems(tmp_path, f'{text}"{token}" = 1\n')
    assert len(found) == 3
    assert HIDDEN not in "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "Bearer of bad news",
        "see https://example.org/a:b@c",
        "mat_7",
        "a.b.c",
        "https://x.org?token=",
        "https://x.org/rules?key=harassment",
        "--password=~/.forum",
        "--token={field}",
        "-field=token",
        "set MODTUI_FORUM_TOKEN=in-the-environment",
        "git+ssh://moderator@example.org",
        "https://x.org/rules?key=section-12-harassment-of-others",
        "https://x.org/?key=2026-11-28T09:00",
        "https://x.org/?sig=moderators",
        "https://x.org/?token={field}",
        "https://x.org/@moderator",
        "Authorization: see rule 12",
        "Authorization: Bearer {token}",
        "X-Api-Key: $KEY77777777",
    ],
)
def test_plain_words_are_no_secret(text: str) -> None:
    assert shape(text) == ""


def test_the_command_line_says_it_once_and_ends_with_4(shell: Shell) -> None:
    shell.config(f'{ACCOUNT}staff = ["xoxb-1234-{HIDDEN}"]\n')
    for command in ("queue", "sync", "login forum", "doctor", "doctor --json", "keys"):
        done = shell(*command.split())
        assert done.code == 4, command
        assert "config.toml:4: account.staff: holds a Slack token" in done.out + done.err
        assert HIDDEN not in done.out + done.err


@pytest.mark.parametrize("value", ["https://mod77@x.org", "HTTP://mod77@x.org/a"])
def test_a_name_in_an_address_may_be_the_secret_itself(value: str) -> None:
    assert shape(value) == "an address with a name or a secret in it"


COMMAND = f'{ACCOUNT}secret = "command"\nsecret_command = '


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["sh", "-c", "echo {}"], "would have the secret in it"),
        (["bash", "-ec", "set -u; printf '%s' '{}'"], "would have the secret in it"),
        (["/bin/echo", "-n", "{}"], "would have the secret in it"),
        (["curl", "-H", "Authorization: Bearer {}"], "holds "),
        (["curl", "-H", "Authorization: token {}"], "holds a header with a secret in it"),
        (["curl", "https://x.org/?token={}"], "holds an address with a token in it"),
        (["curl", "-u", "mod:{}"], "gives a secret to a command"),
        (["vault", "login", "-token", "{}"], "gives a secret to a command"),
        (["bw", "unlock", "--password", "{}"], "gives a secret to a command"),
        (["sh", "-c", "bw unlock --password '{}' --raw"], "gives a secret to a command"),
    ],
)
def test_a_secret_among_the_words_of_a_command_is_refused(
    tmp_path: Path, words: list[str], what: str
) -> None:
    argv = json.dumps([word.format(HIDDEN) for word in words])
    (told,) = problems(tmp_path, f"{COMMAND}{argv}\n")
    assert told.startswith(f"config.toml:5: account.secret_command: {what}")
    assert told.endswith("modtui login forum keeps them; take it out")
    assert HIDDEN not in told


@pytest.mark.parametrize(
    "words",
    [
        ["pass", "show", "modtui/{account}/{field}"],
        ["bw", "get", "password", "99ee88d2-6046-4ea7-92c2-acac464b1412"],
        ["op", "item", "get", "nz4k6dq7xv3yhc2mkp5rw8stbe", "--fields", "password"],
        ["secret-tool", "lookup", "token", "forum2026"],
        ["vault", "kv", "get", "-field=token", "secret/forum"],
        ["gpg", "--passphrase-file", "/home/mod/.phrase7", "-d", "forum.gpg"],
        ["curl", "-u", "mod:$FORUM", "https://x.org"],
        ["bw", "unlock", "--password", "{field}"],
        ["sh", "-c", "cat ~/.secrets/{account}"],
        ["sh", "-c", 'echo "$(pass show forum)"'],
        ["sh", "-c", "printf '%s\\n' \"$FORUM_TOKEN\""],
        ["sh", "-c", "echo asking pass >&2; pass show forum"],
        ["sh", "-c", "echo get forum | nc -U /run/vault.sock"],
        ["sh", "-c", "it's \"torn"],
    ],
)
def test_a_command_that_asks_for_a_secret_is_none(tmp_path: Path, words: list[str]) -> None:
    assert problems(tmp_path, f"{COMMAND}{json.dumps(words)}\n") == []


def test_a_command_that_translates_may_print_and_is_given_no_secret(tmp_path: Path) -> None:
    head = "[translate]\ncommand = "
    assert problems(tmp_path, f'{head}["sh", "-c", "echo hello 7; cat"]\n') == []
    (told,) = problems(tmp_path, f'{head}["trans", "--api-key", "{HIDDEN}"]\n')
    assert told.startswith("config.toml:2: translate.command: gives a secret to a command")
