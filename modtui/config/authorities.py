"""The file of certificate authorities that an account trusts: read once, so that what is wrong
with it is said with its line and not at the first connection."""

from __future__ import annotations

from pathlib import Path

from modtui.config.reader import Table, expanded

_BEGIN = "-----BEGIN CERTIFICATE-----"


def read_ca_file(table: Table) -> str:
    """Return the absolute path under `ca_file`, a relative one being beside the file that names
    it; "" where there is none or it cannot be used, which is noted."""
    written = table.text("ca_file").strip()
    cell = table.cells.get("ca_file")
    if not written or cell is None:
        return ""
    path = Path(cell.where.file).parent / expanded(written)
    if why := _flaw(path):
        table.problem("ca_file", why)
        return ""
    return str(path)


def _flaw(path: Path) -> str:
    """Return why the file cannot be used, or ""."""
    try:
        text = path.read_bytes().decode("ascii", "replace")
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    if _BEGIN not in text:
        return f"{path} is not PEM: it holds no line {_BEGIN}"
    # Costs 10 ms, so only who names a file pays for it.
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        return f"{path} is not PEM: a certificate in it is damaged"
    return ""
