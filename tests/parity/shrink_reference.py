#!/usr/bin/env python3
"""Keeps of nano's reference what the tests compare, so that the repository stays small.

usage: shrink_reference.py reference.safetensors tests/data/nano/reference.safetensors

The common tensors, the latents and tokens of ages 10, 38 (the own age) and 75, and of the pictures (age 75 and the
reconstruction) the rows 56 to 167, the middle half; values are copied bit for bit.
"""
import sys

from safetensors import safe_open
from safetensors.torch import save_file

AGES = ("age010", "age038", "age075")
PICTURES = ("age075.draft", "age075.settled", "reconstruction")
ROWS = slice(56, 168)

source, target = sys.argv[1:]
kept = {}
with safe_open(source, "pt") as file:
    for name in file.keys():
        picture = name.endswith((".draft", ".settled")) or name == "reconstruction"
        if picture and name not in PICTURES:
            continue
        if name.startswith("age") and not name.startswith(AGES):
            continue
        tensor = file.get_tensor(name)
        kept[name] = (tensor[:, :, ROWS] if picture else tensor).contiguous()
save_file(kept, target, {"picture_rows": f"{ROWS.start}:{ROWS.stop}"})
print(len(kept), "tensors")
