from datetime import date, time, timedelta
from pathlib import Path

from modtui.config import find_paths, load
from modtui.domain.hours import Hours
from modtui.domain.model import Severity
from modtui.domain.settings import Moderator, Reach, Rule, SeverityRule, Team
from modtui.engine.library import Library
from tests.config.desk import DEFAULT, read

GOOD = (Path(__file__).parent / "good.toml").read_text(encoding="utf-8")


def test_the_documented_configuration_becomes_a_desk(tmp_path: Path) -> None:
    config = read(tmp_path, GOOD)
    desk = config.desk
    assert desk.moderator == Moderator("mod-a", "Asia/Almaty", ("kk", "ru", "en"), ("kz", "ru"))
    assert desk.rules == (
        Rule(
            "threats",
            {"en": "Rule 4: no threats", "ru": "Правило 4: без угроз"},
            "https://forum.example.org/rules#4",
        ),
    )
    assert desk.teams == (
        Team(
            "payments",
            ("mod-d",),
            "lead",
            (),
            ("support",),
            Reach("ops", "#payments-oncall"),
            languages=("ka", "en"),
        ),
    )
    assert desk.severity_rules == (SeverityRule(Severity.URGENT, ("self-harm", "threat")),)
    assert desk.undo_window == timedelta(seconds=15)
    assert desk.library_folders == (str(Path("~/replies").expanduser()),)
    assert config.theme == "night"
    assert (desk.now_reasons[-1], desk.now_target) == ("self-exclusion", timedelta(minutes=15))
    assert desk.moderator.languages == ("kk", "ru", "en")


def test_a_relative_folder_of_the_library_lies_beside_the_file_that_names_it(
    tmp_path: Path,
) -> None:
    desk = read(tmp_path, '[library]\nfolders = ["replies", "/srv/replies"]\n').desk
    assert desk.library_folders == (str(tmp_path / "replies"), "/srv/replies")


def test_accounts_keep_their_own_keys_with_their_lines(tmp_path: Path) -> None:
    forum, ops = read(tmp_path, GOOD).accounts
    assert (forum.name, forum.connector, forum.poll) == (
        "forum", "discourse", timedelta(seconds=15),
    )  # fmt: skip
    assert dict(forum.settings) == {"api_username": "moderator"}
    assert forum.place("api_username").line == 16
    assert (ops.where.line, ops.place("missing").line) == (18, 18)


def test_an_account_says_what_is_old_and_where_its_secret_is(tmp_path: Path) -> None:
    head = '[[account]]\nname = "forum"\nconnector = "discourse"\n'
    for line, days in (("", 7), ('backlog = "0"', 0), ('backlog = "0s"', 0), ('backlog = "2d"', 2)):
        (account,) = read(tmp_path, f"{head}{line}\n").accounts
        assert (account.backlog, account.secret) == (timedelta(days=days), "system")
    (account,) = read(tmp_path, f'{head}secret = "session"\n').accounts
    assert account.secret == "session"


def test_a_command_is_the_account_s_own_or_everybody_s(tmp_path: Path) -> None:
    head = 'secret_command = ["pass", "show", "{account}/{field}"]\n'
    account = '[[account]]\nname = "forum"\nconnector = "demo"\nsecret = "command"\n'
    (found,) = read(tmp_path, head + account).accounts
    assert (found.secret, found.command) == ("command", ("pass", "show", "{account}/{field}"))
    (own,) = read(tmp_path, head + account + 'secret_command = ["op", "read", "x"]\n').accounts
    assert own.command == ("op", "read", "x")


def test_the_calendar_has_its_intervals_and_its_days(tmp_path: Path) -> None:
    office = read(tmp_path, GOOD).calendars["office"]
    day = (Hours(time(9), time(13)), Hours(time(14), time(18)))
    assert office.week == (day,) * 5 + ((), ())
    assert office.dated == {
        date(2026, 12, 24): (Hours(time(9), time(12)),),
        date(2026, 12, 25): (),
    }


def test_a_default_policy_comes_last_and_matches_everything(tmp_path: Path) -> None:
    social, default = read(tmp_path, GOOD).policies
    assert (social.name, social.accounts, social.calendar.name) == ("social", ("forum",), "office")
    assert default.name == "default"
    assert (default.accounts, default.channels, default.severities) == ((), (), ())
    assert (default.languages, default.tags) == ((), ())
    assert (default.first_response, default.next_response, default.resolution) == (
        timedelta(hours=2), timedelta(hours=4), timedelta(hours=24),
    )  # fmt: skip
    assert default.calendar.week == ((Hours(time(0), None),),) * 7


def test_nothing_configured_is_an_empty_desk(tmp_path: Path) -> None:
    config = load(find_paths({"MODTUI_HOME": str(tmp_path)}), DEFAULT)
    assert (config.accounts, config.files, config.desk.moderator) == ((), (), DEFAULT)
    assert config.desk.help_reasons == (
        "self-harm", "threat", "doxxing", "gambling", "minors", "self-exclusion",
    )  # fmt: skip


def test_what_stands_in_the_now_lane_has_a_help_route_and_a_help_entry(tmp_path: Path) -> None:
    desk = load(find_paths({"MODTUI_HOME": str(tmp_path)}), DEFAULT).desk
    assert set(desk.now_reasons) <= set(desk.help_reasons)
    entries = Library([]).entries()
    for route in desk.help_reasons:
        assert any(f"help:{route}" in entry.tags for entry in entries), route


def test_files_of_config_d_are_read_after_the_users_own(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        '[moderator]\nname = "mod-a"\n[[account]]\nname = "zoo"\nconnector = "demo"\n',
        bee='[[account]]\nname = "bee"\nconnector = "demo"\n',
        ant='theme = "paper"\n[moderator]\ntimezone = "Europe/Warsaw"\n',
    )
    assert [account.name for account in config.accounts] == ["zoo", "bee"]
    assert config.desk.moderator == Moderator("mod-a", "Europe/Warsaw")
    assert config.theme == "paper"
    assert [Path(file).name for file in config.files] == ["config.toml", "ant.toml", "bee.toml"]


def test_the_most_specific_day_wins_and_a_night_is_split_at_midnight(tmp_path: Path) -> None:
    calendar = read(
        tmp_path,
        '[[calendar]]\nname = "c"\ntimezone = "UTC"\nmon-sun = ["10:00-11:00"]\n'
        'mon-fri = ["09:00-17:00"]\nfri = ["22:00-02:00"]\nsat = ["00:00-24:00"]\nsun = []\n'
        'closed = ["2026-01-02"]\nhours = { "2026-01-08" = ["23:00-01:00"] }\n',
    ).calendars["c"]
    working = (Hours(time(9), time(17)),)
    assert calendar.week[:4] == (working,) * 4
    assert calendar.week[4:] == ((Hours(time(22), None),), (Hours(time(0), None),), ())
    assert calendar.dated == {
        date(2026, 1, 2): (),
        date(2026, 1, 8): (Hours(time(23), None),),
        date(2026, 1, 9): (Hours(time(0), time(1)), Hours(time(22), None)),
    }


def test_paths_follow_the_home_that_is_given(tmp_path: Path) -> None:
    paths = find_paths({"MODTUI_HOME": str(tmp_path)})
    assert paths.config_file == tmp_path / "config.toml"
    assert paths.store == tmp_path / "state" / "modtui.db"
    assert paths.cache == tmp_path / "cache"
    other = find_paths({"MODTUI_HOME": str(tmp_path / "other")})
    assert paths.fingerprint != other.fingerprint


def test_keys_come_from_the_configuration_or_a_file_of_their_own(tmp_path: Path) -> None:
    def wished(text: str) -> list[tuple[str, str, str]]:
        config = read(tmp_path, text)
        return [(w.id, w.keys, Path(str(w.where)).name) for w in config.keys]

    assert wished("") == []
    assert wished('[keymap]\nqueue.reply = "R"\n"queue.done" = ["D", "f7"]\n') == [
        ("queue.reply", "R", "config.toml:2"),
        ("queue.done", "D,f7", "config.toml:3"),
    ]
    (tmp_path / "keymap.toml").write_text('[keys]\n"queue.lock" = "Q"\n', encoding="utf-8")
    assert wished("") == [("queue.lock", "Q", "keymap.toml:2")]
    assert Path(read(tmp_path, "").files[-1]).name == "keymap.toml"
    (tmp_path / "left.toml").write_text('\n[keys]\nqueue.lock = "W"\n', encoding="utf-8")
    assert wished('keymap = "left.toml"\n') == [("queue.lock", "W", "left.toml:3")]


def test_hand_overs_are_told_through_an_account_or_nowhere(tmp_path: Path) -> None:
    ops = '[[account]]\nname = "ops"\nconnector = "webhook"\nurl = "https://hooks.example"\n'
    told = read(tmp_path, ops + '[handover]\naccount = "ops"\nchannel = "#shift"\n')
    assert told.desk.handover == Reach("ops", "#shift")
    assert read(tmp_path, ops).desk.handover is None
