"""Slots and blobs in S3."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from .aws import calling, code_of
from .chain import Chain
from .errors import BackendError, Damaged
from .handoff import StoredHandoff, parse_handoff
from .keys import Keys, sha256
from .segment import Span, guess_cover, pack_handoff, parse_segment, spans_of

_CONFLICT_TRIES = 8
_T = TypeVar("_T")


class Store:
    """The objects of one relay."""

    def __init__(self, s3: Any, bucket: str, keys: Keys) -> None:
        self.keys = keys
        self._s3 = s3
        self._bucket = bucket
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="s3")

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None where S3 itself says that there is none: an outage is never taken for that."""
        with calling("GetObject", key):
            try:
                data: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
                return data
            except self._s3.exceptions.NoSuchKey:
                return None

    def put_if_absent(self, key: str, data: bytes, media_type: str) -> bool:
        """Whether this call wrote the object. False where some object is there: perhaps a first try of the SDK."""
        for attempt in range(_CONFLICT_TRIES):
            try:
                with calling("PutObject", key):
                    self._s3.put_object(
                        Bucket=self._bucket, Key=key, Body=data, ContentType=media_type, IfNoneMatch="*"
                    )
                return True
            except BackendError as error:
                code = code_of(error.__cause__)
                if code == "PreconditionFailed":
                    return False
                if code != "ConditionalRequestConflict" or attempt == _CONFLICT_TRIES - 1:
                    raise
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
        raise AssertionError("the loop returns or raises")

    def head(self, task_id: str) -> int | None:
        """The last filled slot. Raises Damaged where one before it is empty: nobody may fill a gap."""
        expected = 0
        with calling("ListObjectsV2", self.keys.slots(task_id)):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self.keys.slots(task_id)
            )
            for listed in (listed for page in pages for listed in page.get("Contents", [])):
                slot = self.keys.parse_slot(listed["Key"])
                if slot is None or slot[0] != task_id:
                    continue
                if slot[1] != expected:
                    raise Damaged(f"the slot of hop {expected} of task {task_id} is empty, but hop {slot[1]} is filled")
                expected += 1
        return expected - 1 if expected else None

    def is_filled(self, task_id: str, hop: int) -> bool:
        return self.get(self.keys.slot(task_id, hop)) is not None

    def read_chain(self, task_id: str, hop: int) -> tuple[Chain | None, bool]:
        """Hops 0 … hop, verified (None where that slot is empty), and whether the slot after it is filled."""
        guess = [span.last for span in guess_cover(hop)]
        found = dict(zip([*guess, hop + 1], self._slots(task_id, [*guess, hop + 1]), strict=True))
        head, next_is_filled = found[hop], found[hop + 1] is not None
        if head is None:
            return None, next_is_filled
        spans = spans_of(parse_segment(head, task_id, hop))
        missed = [span.last for span in spans if span.last not in found]
        found.update(zip(missed, self._slots(task_id, missed), strict=True))
        return self._assemble(task_id, spans, found), next_is_filled

    def _slots(self, task_id: str, hops: Sequence[int]) -> list[bytes | None]:
        return self._in_parallel(lambda hop: self.get(self.keys.slot(task_id, hop)), hops)

    def _assemble(self, task_id: str, spans: Sequence[Span], found: dict[int, bytes | None]) -> Chain:
        frames, cover = [], []
        for span in spans:
            data = found[span.last]
            if data is None:
                raise Damaged(f"the slot of hop {span.last} of task {task_id} is empty")
            segment = parse_segment(data, task_id, span.last)
            if segment.first != span.first:
                raise Damaged(f"the segment of hop {span.last} begins elsewhere than its successor says")
            frames += segment.frames
            cover.append(Span(span.first, span.last, sum(len(frame.gzip) for frame in segment.frames)))
        handoffs = [parse_handoff(frame.unpack()) for frame in frames]
        return Chain(self.keys.relay_id, task_id).extended(handoffs, frames, cover)

    def commit(self, chain: Chain, handoff: StoredHandoff) -> Chain | None:
        """Fills the next slot: the chain with the handoff, or None where somebody else's fills it."""
        segment = chain.next_segment(pack_handoff(handoff.raw))
        cover = [span for span in chain.cover if span.last < segment.first]
        size = sum(len(frame.gzip) for frame in segment.frames)
        extended = chain.extended([handoff], segment.frames[-1:], [*cover, Span(segment.first, segment.hop, size)])
        key = self.keys.slot(chain.task_id, segment.hop)
        if self.put_if_absent(key, segment.serialize(), "application/gzip"):
            return extended
        data = self.get(key)
        if data is None:
            raise BackendError(f"{key} was said to exist, yet nothing is there")
        winner = parse_handoff(parse_segment(data, chain.task_id, segment.hop).frames[-1].unpack())
        # A first try of ours may have landed although its answer was lost.
        return extended if winner.record["commit_id"] == handoff.record["commit_id"] else None

    def read_blob(self, task_id: str, hash_: str, size: int) -> bytes:
        data = self.get(self.keys.blob(task_id, hash_))
        if data is None or len(data) != size or sha256(data) != hash_:
            raise Damaged(f"the blob {hash_} of task {task_id} is missing, or does not hold the bytes of its name")
        return data

    def read_blobs(self, task_id: str, blobs: Sequence[tuple[str, int]]) -> dict[str, bytes]:
        data = self._in_parallel(lambda blob: self.read_blob(task_id, *blob), blobs)
        return {hash_: each for (hash_, _), each in zip(blobs, data, strict=True)}

    def write_blobs(self, task_id: str, blobs: dict[str, bytes]) -> None:
        def write(item: tuple[str, bytes]) -> bool:
            return self.put_if_absent(self.keys.blob(task_id, item[0]), item[1], "application/octet-stream")

        self._in_parallel(write, list(blobs.items()))

    def _in_parallel(self, work: Callable[[Any], _T], items: Sequence[Any]) -> list[_T]:
        return list(self._pool.map(work, items))
