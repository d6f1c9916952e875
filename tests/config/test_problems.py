import errno
from pathlib import Path
from typing import NoReturn

import pytest

from modtui.config import private_folder, write_private
from tests.config.desk import problems

ACCOUNT = '[[account]]\nname = "forum"\nconnector = "demo"\n'
COMMAND = ACCOUNT + 'secret = "command"\nsecret_command = '
CALENDAR = '[[calendar]]\nname = "c"\ntimezone = "UTC"\n'
SLA = '[[sla]]\nname = "s"\nfirst_response = "2h"\n'

CASES = [
    ('moderatr = "x"\n', 'config.toml:1: moderatr: unknown key (did you mean "moderator"?)'),
    ('[moderator]\nzone = "UTC"\n', "config.toml:2: moderator.zone: unknown key"),
    ('[moderator]\ntimezone = "Asia/Almatty"\n', '2: moderator.timezone: "Asia/Almatty" is not'),
    ('[moderator]\ntimezone = "Asia/Almatty"\n', '(did you mean "Asia/Almaty"?)'),
    ('[moderator]\nlanguages = ["russian"]\n', '(did you mean "ru"?)'),
    ('[moderator]\nname = 5\n', "config.toml:2: moderator.name: 5 is not a text"),
    ('moderator = "me"\n', "config.toml:1: moderator: is not a table: write [moderator]"),
    ('[account]\nname = "x"\n', "config.toml:1: account: is not a list of tables"),
    ('undo_window = "10"\n', 'undo_window: "10" is not a duration: write "15s", "30m", "2h"'),
    ('undo_window = "1h"\n', "config.toml:1: undo_window: is too long"),
    ('theme = "a"\nnotify = "bel"\n', 'config.toml:2: notify: "bel" is not one of none, bell'),
    ('notify = ["bell", "osc7"]\n', 'notify: "osc7" is not one of none, bell'),
    ('theme = "a"\nglyphs = "asci"\n', 'config.toml:2: glyphs: "asci" is not one of auto'),
    ("[translate]\ncommand = []\n", "config.toml:2: translate.command: names no program"),
    ('[translate]\ncommand = "trans"\n', 'command: "trans" is not a list of texts'),
    ('[translate]\ncommand = ["t", "{lang}"]\n', "command: knows {from} and {to}, not {lang}"),
    ("[translate]\nprogram = 1\n", "program"),
    ('notify = 5\n', "config.toml:1: notify: 5 is not a list of texts"),
    ('notify = ["none", "bell"]\n', 'config.toml:1: notify: "none" stands alone'),
    ('notify = ["bell", "tmux"]\n', 'config.toml:1: notify: "tmux" passes on what is beside it'),
    ('[[account]]\nconnector = "demo"\n', "config.toml:1: account.name: is missing"),
    ('[[account]]\nname = "forum"\n', "config.toml:1: account.connector: is missing"),
    ('[[account]]\nname = "Forum"\nconnector = "demo"\n', '2: account.name: "Forum" is not a name'),
    (ACCOUNT + ACCOUNT, 'config.toml:5: account.name: "forum" is there twice'),
    (ACCOUNT + 'poll = "5x"\n', 'config.toml:4: account.poll: "5x" is not a duration'),
    (ACCOUNT + 'backlog = "a week"\n', 'config.toml:4: account.backlog: "a week" is not a durat'),
    (ACCOUNT + 'secret = "volt"\n', "config.toml:4: account.secret: says where the secret is kept"),
    (ACCOUNT + 'secret = "command"\n', '4: account.secret: needs a secret_command, such as'),
    (COMMAND + '"pass show"\n', "5: account.secret_command: is a list of words, as no shell"),
    (COMMAND + "[]\n", "5: account.secret_command: names no program"),
    (COMMAND + '["pass", 1]\n', "5: account.secret_command: is a list of words"),
    (COMMAND + '["pass", "{user}"]\n', "knows {account} and {field}, not {user}"),
    (COMMAND + '["/bin/echo", "t0ken"]\n', "secret_command: would have the secret in it"),
    (ACCOUNT + 'poll = "0s"\n', 'config.toml:4: account.poll: "0s" is no time at all'),
    (ACCOUNT + 'url = "forum.example.org"\n', "config.toml:4: account.url: "),
    (ACCOUNT + 'url = "http://[::1"\n', "config.toml:4: account.url: is not an address"),
    (ACCOUNT + 'url = "http://a.org"\n', "4: account.url: http:// would let others on the way"),
    (ACCOUNT + 'token = "x"\n', "4: account.token: secrets do not belong here: modtui login forum"),
    ('api_key = "x"\n', "config.toml:1: api_key: secrets do not belong here"),
    (CALENDAR + "mon-fri = []\n", 'config.toml:1: calendar: calendar "c" is never open'),
    (CALENDAR + 'mon = ["9-17"]\n', 'config.toml:4: calendar.mon: "9-17" is not an interval'),
    (CALENDAR + 'mon = ["09:00-24:30"]\n', "config.toml:4: calendar.mon: "),
    (CALENDAR + 'mon = ["09:00-09:00"]\n', "config.toml:4: calendar.mon: "),
    (CALENDAR + 'mon-wed = []\nwed-fri = ["09:00-10:00"]\n', "5: calendar.wed-fri: wed is also in"),
    (CALENDAR + 'monday = ["09:00-10:00"]\n', "calendar.monday: unknown key"),
    (CALENDAR + 'mon = ["09:00-10:00"]\nclosed = ["25.12.2026"]\n', "5: calendar.closed: "),
    (CALENDAR.replace("UTC", "Mars/Base"), 'calendar.timezone: "Mars/Base" is not a known time'),
    (SLA.replace("2h", "2 days"), 'config.toml:3: sla.first_response: "2 days": days are refused'),
    (SLA.replace("2h", "2d"), "in hours"),
    (SLA.replace('"2h"', "120"), "config.toml:3: sla.first_response: 120 is not a duration"),
    (SLA + 'calendar = "offce"\n' + CALENDAR.replace('"c"', '"office"') + 'mon = ["09:00-10:00"]\n',
     'config.toml:4: sla.calendar: there is no calendar "offce" (did you mean "office"?)'),
    (ACCOUNT + SLA + 'accounts = ["form"]\n', '7: sla.accounts: there is no account "form"'),
    (SLA + 'severities = ["urgnt"]\n', '(did you mean "urgent"?)'),
    (SLA + "warn_at = [50]\n", "config.toml:4: sla.warn_at: takes fractions between 0 and 1"),
    ('[[sla]]\nname = "s"\n', "config.toml:1: sla: promises nothing"),
    ('[[severity]]\nreasons = ["x"]\n', "config.toml:1: severity.level: is missing"),
    ('[[severity]]\nlevel = "high"\n', "config.toml:1: severity: matches nothing"),
    ('[[rule]]\nid = "a"\n', "config.toml:1: rule.en: is missing"),
    ('[[rule]]\nid = "a"\nenglish = "x"\n', "config.toml:3: rule.english: unknown key"),
    ('[[team]]\nname = "t"\nreach = { account = "ops" }\n', '3: team.reach.account: there is no'),
    ('[[team]]\nname = "t"\nreach = "ops"\n', "config.toml:3: team.reach: is not a table"),
    ('[handover]\nchannel = "#shift"\n', "config.toml:1: handover.account: is missing"),
    (ACCOUNT + '[handover]\naccount = "form"\n', '5: handover.account: there is no account "form"'),
    (ACCOUNT + '[handover]\naccount = "forum"\nroom = "x"\n', "6: handover.room: unknown key"),
    ("[now]\ntarget = 15\n", "config.toml:2: now.target: 15 is not a duration"),
    ('[moderator]\nkeyboards = ["kk"]\n', 'config.toml:2: moderator.keyboards: "kk" is not one of'),
    ('[moderator]\nkeyboards = ["kk"]\n', '(did you mean "kz"?)'),
    ('[moderator]\nkeyboards = ["ge-ergonomics"]\n', '(did you mean "ge-ergonomic"?)'),
    ('[moderator]\nkeyboards = ["ge", "ge-ergonomic"]\n', "2: moderator.keyboards: ge and ge-erg"),
    ('[moderator]\nkeyboards = "ru"\n', 'config.toml:2: moderator.keyboards: "ru" is not a list'),
    ('[keymap]\n"queue.reply" = 5\n', "config.toml:2: queue.reply: 5 is not a text with keys"),
    ('keymap = "mine.toml"\n', "config.toml:1: keymap: there is no file "),
    ("keymap = 5\n", "config.toml:1: keymap: 5 is neither a table [keymap] nor the name of a file"),
    ("a = \n", "config.toml:1: not valid TOML: Invalid value"),
    ("[moderator\n", "config.toml:1: not valid TOML"),
    (f"undo_window = {'9' * 5000}\n", "config.toml:2: not valid TOML: Exceeds the limit"),
    (f"theme = {'[' * 5000}{']' * 5000}\n", "config.toml:2: not valid TOML: maximum recursion"),
    (CALENDAR + 'closed = ["9999-12-31"]\n', '4: calendar.closed: "9999-12-31" is not a date in'),
    (CALENDAR + 'hours = { "0001-01-01" = [] }\n', '4: calendar.hours: "0001-01-01" is not a date'),
    ('[help_routes]\nfile = "~no-such/r.toml"\n', "~no-such/r.toml: cannot be read: No such file"),
    ('keymap = "~no-such/keys.toml"\n', "config.toml:1: keymap: there is no file"),
    (ACCOUNT + 'ca_file = "~no-such/ca.pem"\n', "config.toml:4: account.ca_file: "),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_each_problem_names_its_line_and_what_is_allowed(
    tmp_path: Path, text: str, expected: str
) -> None:
    (problem,) = problems(tmp_path, text)
    assert expected in problem
    assert "\n" not in problem


def test_all_problems_are_reported_in_the_order_of_the_files(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        'undo_window = "soon"\n[moderator]\nnam = "x"\n' + ACCOUNT + 'poll = "x"\n',
        more='[[account]]\nname = "B"\nconnector = "demo"\n',
        worse="[[\n",
    )
    assert [line.split(": ")[0] for line in found] == [
        "config.d/worse.toml:1",
        "config.toml:1",
        "config.toml:3",
        "config.toml:7",
        "config.d/more.toml:2",
    ]


def test_a_secret_in_the_wrong_place_is_never_repeated(tmp_path: Path) -> None:
    for line in ('secret = "s3cr3t"', 'token = "s3cr3t"', 'url = "https://a:s3cr3t@example.org"'):
        (problem,) = problems(tmp_path, ACCOUNT + line + "\n")
        assert "s3cr3t" not in problem
        assert "modtui login" in problem


def test_lines_are_right_after_long_values(tmp_path: Path) -> None:
    text = (
        '[[rule]]\nid = "a"\nen = """\n[moderator]\nname = "no"\n"""\n'
        '[library]\nfolders = [\n  "a",  # [moderator]\n  "b",\n]\nfoldrs = ["c"]\n'
    )
    (problem,) = problems(tmp_path, text)
    assert problem.startswith("config.toml:12: library.foldrs: unknown key")


def test_a_file_in_place_of_the_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.d").write_text("", encoding="utf-8")
    home = tmp_path / "home"
    home.write_text("", encoding="utf-8")
    from modtui.config import ConfigError, find_paths, load
    from tests.config.desk import DEFAULT

    with pytest.raises(ConfigError, match="a file in place of the folder"):
        load(find_paths({"MODTUI_HOME": str(home)}), DEFAULT)
    with pytest.raises(NotADirectoryError):
        private_folder(home)


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "config.d").mkdir()
    (tmp_path / "config.d" / "a.toml").write_bytes(b"# fine\n# \xff\n")
    (problem,) = problems(tmp_path, "")
    assert problem == "config.d/a.toml:2: is not UTF-8 text: save it as UTF-8"


def closed(path: Path) -> NoReturn:
    raise PermissionError(errno.EACCES, "Permission denied", str(path))


def test_a_folder_that_may_not_be_read_is_not_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.d").mkdir()
    monkeypatch.setattr(Path, "iterdir", closed)
    (problem,) = problems(tmp_path, "")
    assert problem == "config.d: cannot be read: Permission denied"


def test_a_file_that_cannot_be_written_is_named_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.mkstemp", lambda dir, prefix: closed(dir / f"{prefix}x"))
    with pytest.raises(PermissionError) as caught:
        write_private(tmp_path / "a.toml", b"")
    assert caught.value.filename == str(tmp_path / "a.toml")


def test_what_modtui_writes_is_private(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.d" / "a.toml"
    write_private(file, b"x = 1\n")
    assert file.read_bytes() == b"x = 1\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_the_keymap_file_is_read_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "keymap.toml").write_text(
        '# mine\n[keys]\n"queue.reply" = 5\n[more]\n', encoding="utf-8"
    )
    assert problems(tmp_path, "") == [
        'keymap.toml:3: queue.reply: 5 is not a text with keys, such as "R,ctrl+y"',
        "keymap.toml:4: more: is not known here: this file holds the table [keys]",
    ]
    (tmp_path / "keymap.toml").write_text('[keys]\n"queue.reply" = "R"\n', encoding="utf-8")
    (twice,) = problems(tmp_path, '[keymap]\nqueue.reply = "W"\n')
    assert twice.startswith("keymap.toml:2: queue.reply: is there twice: the other is at ")
    assert twice.endswith("config.toml:2")
