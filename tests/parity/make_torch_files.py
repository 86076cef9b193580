"""Small files as torch.save writes them, for tests/weights/torch_zip.test.cpp.

    python tests/parity/make_torch_files.py tests/data/torch
"""
import io
import os
import pathlib
import sys
import zipfile
from collections import OrderedDict

import torch

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)

counting = torch.arange(24, dtype=torch.float32)
shared = torch.arange(12, dtype=torch.float32).reshape(3, 4)
tensors = OrderedDict(
    f32=counting.reshape(2, 3, 4),
    f64=counting.double(),
    f16=counting.half(),
    bf16=counting.bfloat16(),
    i64=torch.arange(-2, 2),
    i32=torch.arange(-2, 2, dtype=torch.int32),
    i16=torch.arange(-2, 2, dtype=torch.int16),
    i8=torch.arange(-2, 2, dtype=torch.int8),
    u8=torch.arange(4, dtype=torch.uint8),
    bool=torch.tensor([True, False, True]),
    scalar=torch.tensor(7.0),
    empty=torch.zeros(0, 3),
    whole=shared,
    transposed=shared.t(),
    rows=shared[1:],
    columns=shared[:, 1:3],
    expanded=torch.tensor([[1.0], [2.0]]).expand(2, 3),
    parameter=torch.nn.Parameter(torch.ones(2)),
)
torch.save(tensors, out / "tensors.pth")

layers = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
for parameter in layers.parameters():
    parameter.data.fill_(0.5)
torch.save({"state_dict": layers.state_dict(), "epoch": 3, "note": "ü", "list": [torch.ones(1), {"a": torch.zeros(1)}],
            "rate": 0.25, "size": torch.Size([1, 2]), "big": 1 << 40, "none": None}, out / "checkpoint.pth",
           pickle_protocol=4)


class Evil:
    def __reduce__(self):
        return os.system, ("touch /tmp/c2c_was_here",)


torch.save({"weight": torch.ones(2), "x": Evil()}, out / "evil.pth")
torch.save(torch.nn.Linear(1, 1), out / "module.pth")
torch.save({"weight": torch.ones(2)}, out / "old.pth", _use_new_zipfile_serialization=False)
torch.save({"weight": torch.ones(2).to(torch.float8_e4m3fn)}, out / "fp8.pth")
torch.save({"epoch": 3}, out / "no_tensors.pth")
torch.jit.save(torch.jit.script(torch.nn.Identity()), out / "script.pt")

with zipfile.ZipFile(out / "tensors.pth") as stored, \
        zipfile.ZipFile(out / "deflated.pth", "w", zipfile.ZIP_DEFLATED) as packed:
    for name in stored.namelist():
        packed.writestr(name, stored.read(name))

# A file of more than 4 GiB has 64-bit records: the same records in a small file.
buffer = io.BytesIO()
torch.save({"weight": torch.arange(3.0)}, buffer)
zipfile.ZIP64_LIMIT = 0
with zipfile.ZipFile(buffer) as stored, zipfile.ZipFile(out / "zip64.pth", "w") as big:
    for name in stored.namelist():
        big.writestr(name, stored.read(name))
