"""Where calls are kept while they go on, so that any worker can take any of them over: Redis."""

import json
from typing import Any

from redis.asyncio import Redis

FORGET_AFTER = 900
"""Seconds after which a call is forgotten that no worker has kept."""
KEEP = """
if redis.call('HGET', KEYS[1], 'worker') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'call', ARGV[2])
return redis.call('EXPIRE', KEYS[1], ARGV[3])
"""
"""Keep a call, if it is still this worker's: one that was cut off for a while must not undo what another has done."""


class Store:
    """The calls, each with the worker that has it. What is kept is what people said: keep Redis to yourself."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, decode_responses=True)
        self._keep = self._redis.register_script(KEEP)

    async def take(self, call: str, worker: str) -> dict[str, Any] | None:
        """Make the call this worker's, and return what was kept of it."""
        async with self._redis.pipeline() as pipeline:
            pipeline.hset(_key(call), "worker", worker)
            pipeline.expire(_key(call), FORGET_AFTER)
            pipeline.hget(_key(call), "call")
            _, _, kept = await pipeline.execute()
        return json.loads(kept) if kept else None

    async def keep(self, call: str, worker: str, what: dict[str, Any]) -> bool:
        """Keep the call; return whether it is still this worker's."""
        return bool(await self._keep(keys=[_key(call)], args=[worker, json.dumps(what), FORGET_AFTER]))

    async def forget(self, call: str) -> None:
        """The call is over."""
        await self._redis.delete(_key(call))

    async def close(self) -> None:
        await self._redis.aclose()


def _key(call: str) -> str:
    return f"call:{call}"
