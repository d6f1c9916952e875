"""A platform in a process of its own: line JSON over TCP, committed to its own memory.

Run as `python -m tests.engine.kill.platform MODE FAULTS SEED`; it prints its port. In mode `key`
a repeat of a key answers with the first post. A third of the faults each: dropped before the
commit, committed and the reply lost, committed and the reply late.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys

COMMIT_SECONDS = 0.01
LATE_SECONDS = 0.3


class Platform:
    def __init__(self, keyed: bool, faults: float, seed: int) -> None:
        self.keyed = keyed
        self.faults = faults
        self.rng = random.Random(seed)
        self.posts: list[dict[str, str]] = []
        self.keys: dict[str, str] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if not line.endswith(b"\n"):
                    return
                answer = await self.answer(json.loads(line))
                if answer is None:
                    return
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()

    async def answer(self, asked: dict[str, str]) -> object:
        if asked["op"] == "list":
            # A strong read: whatever reached the platform before it is in the answer.
            await asyncio.sleep(2 * COMMIT_SECONDS)
            return [post for post in self.posts if post["thread"] == asked["thread"]]
        if asked["op"] == "dump":
            return self.posts
        chance = self.rng.random()
        if chance < self.faults / 3:
            return None
        await asyncio.sleep(self.rng.random() * COMMIT_SECONDS)
        number = self.commit(asked)
        if chance < 2 * self.faults / 3:
            return None
        if chance < self.faults:
            await asyncio.sleep(LATE_SECONDS)
        return {"id": number}

    def commit(self, asked: dict[str, str]) -> str:
        if self.keyed and asked["key"] in self.keys:
            return self.keys[asked["key"]]
        number = f"post-{len(self.posts)}"
        self.posts.append({"id": number, "thread": asked["thread"], "text": asked["text"]})
        self.keys[asked["key"]] = number
        return number


async def main() -> None:
    mode, faults, seed = sys.argv[1:]
    platform = Platform(mode == "key", float(faults), int(seed))
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0, limit=2**24)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
