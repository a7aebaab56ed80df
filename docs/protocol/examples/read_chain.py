"""Reads an exported chain with the standard library alone, and verifies it: python3 read_chain.py <directory of slots>"""
import hashlib, json, pathlib, sys, zlib


def check(holds, what):
    if not holds:
        sys.exit(f"damaged: {what}")


def unique(pairs):
    check(len(dict(pairs)) == len(pairs), "a name occurs twice in an object")
    return dict(pairs)


def members(data):
    while data:
        unpacker = zlib.decompressobj(wbits=31)  # 31: one gzip member, header and checksum included
        raw = unpacker.decompress(data)
        check(unpacker.eof, "a gzip member is truncated")
        yield raw, len(data) - len(unpacker.unused_data)
        data = unpacker.unused_data


def read_segment(path, hop):
    (line, _), *frames = members(path.read_bytes())
    header = json.loads(line.decode(), object_pairs_hook=unique)
    check(header["v"] == 1 and not header.get("erased"), f"hop {hop} is erased, or newer than this reader")
    check(header["frames"] == [[size, len(raw)] for raw, size in frames], f"the frames of hop {hop}")
    first, refs = header["first"], header["refs"]
    check(header["hop"] == hop == first + len(frames) - 1, f"the run of hop {hop}")
    check(refs == sorted(set(refs)) and (refs or [-1])[-1] == first - 1, f"the refs of hop {hop}")
    return first, [raw for raw, _ in frames]


previous, hashes = {}, []
for hop, path in enumerate(sorted(pathlib.Path(sys.argv[1]).glob("*.ndjson.gz"))):
    check(path.name == f"{hop:010}.ndjson.gz", f"the slot of hop {hop} is missing")
    first, handoffs = read_segment(path, hop)
    hashes.append(hashlib.sha256(handoffs[-1]).hexdigest())
    copies = [hashlib.sha256(raw).hexdigest() for raw in handoffs]
    check(copies == hashes[first:], f"hop {hop} carries other handoffs than the slots before it")
    check(handoffs[-1].endswith(b"\n"), f"hop {hop} does not end with a line feed")
    record, *entries = [json.loads(line.decode(), object_pairs_hook=unique) for line in handoffs[-1].split(b"\n")[:-1]]
    check(record["kind"] == "handoff" and record["v"] == 1 and not record["requires"], f"hop {hop} is newer")
    check(record["hop"] == hop and record["previous"] == (hashes[-2] if hop else None), f"the link of hop {hop}")
    check(hop == 0 or record["task_id"] == previous["task_id"], f"hop {hop} belongs to another task")
    check(hop == 0 or previous["decision"]["kind"] not in ("complete", "cancel"), f"hop {hop} follows the end")
    print(hop, record["from_agent"] or "-", record["decision"]["kind"], len(entries), hashes[-1])
    previous = record
check(hashes, "there is no slot")
