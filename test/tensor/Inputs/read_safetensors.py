"""Reads a safetensors file by the format's description alone, and checks what library.cpp wrote into it."""
import json
import struct
import sys

data = open(sys.argv[1], "rb").read()
(length,) = struct.unpack("<Q", data[:8])
header = json.loads(data[8 : 8 + length])
metadata = header.pop("__metadata__")
assert metadata == {'requires_grad:weights "0"': "true"}, metadata
assert length % 8 == 0
body, end = data[8 + length :], 0
sizes = {"F32": 4, "F64": 8, "I32": 4, "I64": 8, "BOOL": 1}
for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    first, last = entry["data_offsets"]
    count = 1
    for n in entry["shape"]:
        count *= n
    assert first == end and last - first == count * sizes[entry["dtype"]], (name, entry)
    end = last
assert end == len(body)
at = header["count"]["data_offsets"][0]
assert struct.unpack("<3q", body[at : at + 24]) == (1, -2, 3)
