"""The command line of a restricted login, in processes of their own."""

from __future__ import annotations

from pathlib import Path

from tests.support.logins import make_folder, run


def test_the_command_line_refuses_in_one_line(tmp_path: Path) -> None:
    folder = str(make_folder(tmp_path))
    login = ("--restricted", "--lessons", folder)
    attempts: list[tuple[tuple[str, ...], str, str]] = [
        (("--restricted",), "", "--restricted needs --lessons DIR"),
        (("--lessons", folder), "", "--lessons goes with --restricted"),
        (("--limit", "rows=3"), "", "--limit goes with --restricted"),
        (("--restricted", "--lessons", f"{folder}/nope"), "", "there is no such folder"),
        (("--restricted", "--lessons", f"{folder}/line.toml"), "", "this is not a folder"),
        ((*login, "--limit", "row=3"), "", "did you mean rows?"),
        ((*login, "train", "linear"), "", "unexpected extra argument"),
        ((*login, "--plain", "train"), "", "train.toml: no such file in the lesson folder"),
        ((*login, "--plain", f"{folder}/../outside/secret.toml"), "", "a name in the lesson folder"),
        (("train", *login), "", "No such option"),
        (login, "; sh", "this login takes a lesson's name"),
        (login, "--plain nope", "nope.toml: no such file in the lesson folder"),
        (login, "--plain list", "list.toml: no such file in the lesson folder"),
        (login, "--plain internal-sftp", "internal-sftp.toml: no such file in the lesson folder"),
        (login, "logistic", "use ssh -t, or --plain behind a lesson's name"),
        (login, "resume --plain", "there is no session to resume"),
        ((*login, "--plain"), "resume", "there is no session to resume"),
        (login, "resume", "use ssh -t"),
        ((*login, "--plain", "--limit", "memory=300", "--limit", "rows=1"), "table", "limit of this login"),
    ]
    for arguments, asked, reason in attempts:
        result = run(*arguments, environment={"SSH_ORIGINAL_COMMAND": asked, "TUI_BACKPROP_DEBUG": "1"})
        assert (result.returncode, result.stdout) == (2, ""), (arguments, asked, result)
        assert result.stderr.count("\n") == 1, result.stderr
        assert reason in result.stderr
