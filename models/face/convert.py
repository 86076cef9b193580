#!/usr/bin/env python3
"""Makes this folder from the original files: weights in half precision, and face.json over all files here.

Usage: convert.py ORIGINALS (needs the Python package onnx). OpenCV 4.6 refuses half-precision initializers, so the
program widens them again in memory (core/face/onnx.h). Files that are here already and not in NETS are only listed.
"""
import hashlib
import json
import pathlib
import sys

import numpy
import onnx

# shipped name: original name (see SOURCES.md)
NETS = {
    "yunet.onnx": "yunet_n_320_320.onnx",
    "age.onnx": "dlib_age_v1.onnx",
    "gender.onnx": "dlib_gender_v1.onnx",
    "mobilefacenet.onnx": "mobilefacenet_foamliu_opencv46.onnx",
    "pan_skin_clothes_hair.onnx": "pan_skin_clothes_hair_opencv46.onnx",
}
FULL_PRECISION = {"yunet.onnx"}  # 0.3 MB: nothing to gain


# PAN's small early tensors decide its edges: halved too, they would double the error for 3 % of the size.
SMALLEST_HALVED = {"pan_skin_clothes_hair.onnx": 4096}


def halve(model, smallest=1024):
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and numpy.prod(tensor.dims) >= smallest:
            half = onnx.numpy_helper.to_array(tensor).astype(numpy.float16)
            tensor.CopyFrom(onnx.numpy_helper.from_array(half, tensor.name))


def main(originals):
    here = pathlib.Path(__file__).resolve().parent
    for name, original in NETS.items():
        data = (originals / original).read_bytes()
        if name not in FULL_PRECISION:
            model = onnx.load_from_string(data)
            halve(model, SMALLEST_HALVED.get(name, 1024))
            data = model.SerializeToString(deterministic=True)
        (here / name).write_bytes(data)
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in sorted(here.iterdir())
        if path.suffix in (".onnx", ".safetensors")
    }
    manifest = {"format": "cradle2cane-face", "format_version": 1, "files": files}
    (here / "face.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
