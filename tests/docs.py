"""`make docs`: writes the key table of README.md from the bindings."""

from __future__ import annotations

from pathlib import Path

from modtui.cli.running import markdown_keys

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- keys: made by `modtui keys --markdown` -->\n", "<!-- /keys -->"


def with_keys(text: str) -> str:
    """Return the README with its key table as the bindings are now."""
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + markdown_keys() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    README.write_text(with_keys(README.read_text("utf-8")), "utf-8")
