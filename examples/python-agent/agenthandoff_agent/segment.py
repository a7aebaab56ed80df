"""The object that fills a slot: a run of handoffs, each a gzip member (docs/protocol, section 5)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from . import schemas
from .envelope import refuse_newer
from .errors import Damaged, Erased
from .strict_json import parse_object, write

MAX_HEADER_BYTES = 4 * 1024 * 1024
MAX_HANDOFF_BYTES = 1024**3
MAX_MERGED_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Frame:
    """One handoff, as it is stored: copied as it is when segments merge."""

    gzip: bytes
    raw_bytes: int

    def unpack(self) -> bytes:
        raw, rest = _unpack(self.gzip, self.raw_bytes)
        if rest or len(raw) != self.raw_bytes:
            raise Damaged("a handoff in a segment is not as long as it was announced")
        return raw


@dataclass(frozen=True)
class Segment:
    task_id: str
    hop: int
    first: int
    refs: list[int]
    frames: list[Frame]

    def serialize(self) -> bytes:
        header = {
            "v": 1,
            "task_id": self.task_id,
            "hop": self.hop,
            "first": self.first,
            "refs": self.refs,
            "frames": [[len(frame.gzip), frame.raw_bytes] for frame in self.frames],
        }
        return b"".join([_pack(write(header).encode() + b"\n"), *(frame.gzip for frame in self.frames)])


@dataclass(frozen=True)
class Span:
    """The hops that one segment holds, and the bytes of its frames."""

    first: int
    last: int
    bytes: int = 0


def pack_handoff(raw: bytes) -> Frame:
    return Frame(_pack(raw), len(raw))


def parse_segment(data: bytes, task_id: str, hop: int) -> Segment:
    """Reads the object in the slot of a hop; unpacks nothing but its header. Raises Damaged, NotUnderstood, Erased."""
    line, rest = _unpack(data, MAX_HEADER_BYTES)
    if line.count(b"\n") != 1 or not line.endswith(b"\n"):
        raise Damaged("the header of a segment is not one line")
    header = parse_object(line[:-1])
    refuse_newer(header, "a segment")
    problem = schemas.problem("segment", header)
    if problem is not None:
        raise Damaged(f"the header of a segment has missing or wrong fields: {problem}")
    if header["task_id"] != task_id or header["hop"] != hop:
        raise Damaged("a slot holds the segment of another task or hop")
    if header.get("erased"):
        if header["frames"] or rest:
            raise Damaged("a tombstone has bytes after its header")
        raise Erased(f"the task {task_id} was erased")
    first, refs, sizes = header["first"], header["refs"], header["frames"]
    if len(sizes) < 1 or len(sizes) != hop - first + 1:
        raise Damaged("the frames of a segment do not match its hops")
    if refs != sorted(set(refs)) or (refs[-1] if refs else -1) != first - 1:
        raise Damaged("a segment and its refs do not cover the chain")
    if sum(size for size, _ in sizes) != len(rest):
        raise Damaged("a segment is truncated, or has bytes after its last member")
    frames, start = [], 0
    for size, raw_bytes in sizes:
        if raw_bytes > MAX_HANDOFF_BYTES:
            raise Damaged("a segment announces a handoff that is larger than any")
        frames.append(Frame(rest[start : start + size], raw_bytes))
        start += size
    return Segment(task_id, hop, first, refs, frames)


def spans_of(segment: Segment) -> list[Span]:
    """The spans of the segments that cover the chain up to this one, ascending; sizes are not known yet."""
    ends = [*segment.refs, segment.hop]
    return [Span(before + 1, last) for before, last in zip([-1, *ends], ends, strict=False)]


def guess_cover(hop: int) -> list[Span]:
    """Where the segments that cover hops 0 … hop lie when every writer merges."""
    spans, first, rest, power = [], 0, hop + 1, 1
    while power * 4 <= rest:
        power *= 4
    while power:
        while rest >= power:
            spans.append(Span(first, first + power - 1))
            first, rest = first + power, rest - power
        power //= 4
    return spans


def plan_merge(cover: Sequence[Span], hop: int, own_bytes: int, max_bytes: int = MAX_MERGED_BYTES) -> int:
    """How many of the newest spans a writer takes along."""
    longest = 1
    while (hop + 1) % (longest * 4) == 0:
        longest *= 4
    run, size, taken = 1, own_bytes, 0
    for span in reversed(cover):
        run, size = run + span.last - span.first + 1, size + span.bytes
        if run > longest or size > max_bytes:
            break
        taken += 1
    return taken


def _pack(raw: bytes) -> bytes:
    return gzip.compress(raw, compresslevel=1, mtime=0)


def _unpack(data: bytes, most: int) -> tuple[bytes, bytes]:
    """What the first gzip member of some bytes holds, and the bytes after it."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        raw = unpacker.decompress(data, most + 1)
        if len(raw) <= most and not unpacker.eof:
            raw += unpacker.decompress(unpacker.unconsumed_tail, 1)
    except zlib.error as error:
        raise Damaged(f"a gzip member does not unpack: {error}") from error
    if len(raw) > most:
        raise Damaged("a gzip member holds more than was announced")
    if not unpacker.eof:
        raise Damaged("a gzip member is truncated")
    return raw, unpacker.unused_data
