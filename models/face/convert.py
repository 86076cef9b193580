#!/usr/bin/env python3
"""Makes this folder from the original files: weights in half precision, and face.json over all files here.

Usage: convert.py ORIGINALS (needs the Python package onnx). OpenCV 4.6 refuses half-precision initializers, so the
program widens them again in memory (core/face/onnx.h). Files that are here already and not in NETS are only listed.
"""
import hashlib
import json
import pathlib
import struct
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
AGE_GENDER = ("age_gender.onnx", "faceapi_age_gender.safetensors")  # the graph is rebuilt below from its weights
FULL_PRECISION = {"yunet.onnx"}  # 0.3 MB: nothing to gain


# PAN's small early tensors decide its edges: halved too, they would double the error for 3 % of the size.
SMALLEST_HALVED = {"pan_skin_clothes_hair.onnx": 4096}


def halve(model, smallest=1024):
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and numpy.prod(tensor.dims) >= smallest:
            half = onnx.numpy_helper.to_array(tensor).astype(numpy.float16)
            tensor.CopyFrom(onnx.numpy_helper.from_array(half, tensor.name))


def read_safetensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    return {
        name: numpy.frombuffer(data[8 + size :][slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def tiny_xception(weights):
    """face-api's AgeGenderNet (TinyXception with two main blocks) as ONNX.

    TensorFlow's "same" padding of a stride of 2 on an even size is one row and column at the end.
    """
    nodes, tensors = [], []

    def add(op, inputs, **attributes):
        out = f"t{len(nodes)}"
        nodes.append(onnx.helper.make_node(op, inputs, [out], **attributes))
        return out

    def weight(name, value=None):
        value = weights[name] if value is None else value
        tensors.append(onnx.numpy_helper.from_array(numpy.ascontiguousarray(value, numpy.float32), name))
        return name

    def relu(x):
        return add("Relu", [x])

    def separable(x, name):
        depthwise = weights[name + "/depthwise_filter"]
        x = add("Conv", [x, weight(name + "/depthwise_filter")], group=len(depthwise), kernel_shape=[3, 3], pads=[1] * 4)
        return add("Conv", [x, weight(name + "/pointwise_filter"), weight(name + "/bias")], kernel_shape=[1, 1])

    def reduction(x, name, activate=True):
        y = separable(relu(x) if activate else x, name + "/separable_conv0")
        y = separable(relu(y), name + "/separable_conv1")
        y = add("MaxPool", [y], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
        name += "/expansion_conv"
        x = add("Conv", [x, weight(name + "/filters"), weight(name + "/bias")], kernel_shape=[1, 1], strides=[2, 2])
        return add("Add", [y, x])

    zeros = onnx.numpy_helper.from_array(numpy.array([0, 0, 0, 0, 0, 0, 1, 1], numpy.int64), "end")
    tensors.append(zeros)
    x = add("Pad", ["input", "end"])
    x = add("Conv", [x, weight("entry_flow/conv_in/filters"), weight("entry_flow/conv_in/bias")],
            kernel_shape=[3, 3], strides=[2, 2])  # fmt: skip
    x = reduction(relu(x), "entry_flow/reduction_block_0", activate=False)
    x = reduction(x, "entry_flow/reduction_block_1")
    for block in range(2):
        y = x
        for i in range(3):
            y = separable(relu(y), f"middle_flow/main_block_{block}/separable_conv{i}")
        x = add("Add", [x, y])
    x = reduction(x, "exit_flow/reduction_block")
    x = relu(separable(x, "exit_flow/separable_conv"))
    x = add("GlobalAveragePool", [x])
    x = add("Flatten", [x])
    # One layer for both heads: age in years, then the two logits of gender (male, female).
    weight("fc/weights", numpy.concatenate([weights["fc/age/weights"], weights["fc/gender/weights"]], 1).T)
    weight("fc/bias", numpy.concatenate([weights["fc/age/bias"], weights["fc/gender/bias"]]))
    nodes.append(onnx.helper.make_node("Gemm", [x, "fc/weights", "fc/bias"], ["age_gender"], transB=1))
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(nodes, "TinyXception", [value("input", 1, ["N", 3, 112, 112])],
                                   [value("age_gender", 1, ["N", 3])], tensors)  # fmt: skip
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 11)], ir_version=6)


def main(originals):
    here = pathlib.Path(__file__).resolve().parent
    for name, original in NETS.items():
        data = (originals / original).read_bytes()
        if name not in FULL_PRECISION:
            model = onnx.load_from_string(data)
            halve(model, SMALLEST_HALVED.get(name, 1024))
            data = model.SerializeToString(deterministic=True)
        (here / name).write_bytes(data)
    name, original = AGE_GENDER
    model = tiny_xception(read_safetensors(originals / original))
    halve(model)
    (here / name).write_bytes(model.SerializeToString(deterministic=True))
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in sorted(here.iterdir())
        if path.suffix in (".onnx", ".safetensors")
    }
    manifest = {"format": "cradle2cane-face", "format_version": 1, "files": files}
    (here / "face.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
