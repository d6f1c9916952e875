"""The index of the library as it was last, so that a start need not count everything again."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from modtui import __version__
from modtui.domain.digest import sha256
from modtui.domain.features import Sample
from modtui.domain.frozen import dataclass
from modtui.domain.ranking import Ranking
from modtui.private import write_private

_LAYOUT = [9, __version__, sys.byteorder, *(array(code).itemsize for code in "qIHB")]


@dataclass(frozen=True, slots=True)
class Counted:
    """An index, and the choices in it: the number of the last one, and how many there are."""

    ranking: Ranking
    last: int = 0
    choices: int = 0


class KeptRanking:
    """A file with an index. It counts only for the library it was made of, and for this version
    of modtui on this kind of machine; a file that is damaged counts for nothing."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, samples: Sequence[Sample]) -> Counted | None:
        """Return what was kept of `samples`, None where there is nothing. Blocks on the file."""
        try:
            read = self._file.read_bytes()
            end = read.index(b"\n")
            layout, stamp, check, ids, last, choices, sizes = json.loads(read[:end])
            if layout != _LAYOUT or stamp != _stamp(samples):
                return None
            # Nothing is copied but into the index: the memory of copies would not come back.
            body = memoryview(read)[end + 1 :]
            # Against damage alone: a digest of so much takes as long as all the rest.
            if check != crc32(body):
                return None
            parts, at = [], 0
            for size in sizes:
                parts.append(body[at : at + size])
                at += size
            return Counted(Ranking.unpacked(ids, parts), last, choices)
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, samples: Sequence[Sample], counted: Counted) -> None:
        """Keep `counted`, the index of `samples`. Blocks on the file."""
        parts, check = counted.ranking.packed(), 0
        for part in parts:
            check = crc32(part, check)
        about = (_LAYOUT, _stamp(samples), check, counted.ranking.ids, counted.last)
        head = json.dumps((*about, counted.choices, [len(part) for part in parts]))
        # It saves time and nothing else: where it cannot be written, the next start counts.
        with suppress(OSError):
            write_private(self._file, head.encode() + b"\n", *parts)


def _stamp(samples: Sequence[Sample]) -> str:
    rows = ((s.id, s.head, s.body, s.asked, s.languages) for s in samples)
    # In whichever order: the index does not depend on it.
    return sha256("".join(sorted(sha256(json.dumps(row).encode()) for row in rows)).encode())
