"""Makes selfie.onnx of this folder from MediaPipe's selfie net (Apache-2.0), which is published as TensorFlow.js and
reached us as TorchScript. Needs torch and onnx; run once, before convert.py lists the file; nothing of it runs with the
program.

    convert_selfie.py selfie_torchscript.pt

The graph is walked node by node with a real input, so that every size is a number, and written as ONNX that OpenCV 4.6
reads: the NHWC permutes go, the biases go into the convolutions, and x·relu6(x+3)/6 becomes x·HardSigmoid(x). Larger
weights are stored in half precision.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper


class Node:
    """A picture in the graph: its ONNX name, its value in torch's layout, and whether that layout is NHWC."""

    def __init__(self, name, value, nhwc, shifted=None):
        self.name, self.value, self.nhwc, self.shifted = name, value, nhwc, shifted


class Converter:
    def __init__(self):
        self.nodes, self.weights, self.count = [], [], 0

    def emit(self, op, inputs, **attributes):
        self.count += 1
        name = f"{op.lower()}_{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def weight(self, array):
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name))
        return name


def convert_selfie(path):
    module = torch.jit.load(path, map_location="cpu").eval()
    graph = module.inlined_graph
    torch.manual_seed(1)
    sample = torch.rand(1, 256, 256, 3)
    c = Converter()
    env = {}
    inputs = list(graph.inputs())
    env[inputs[-1].debugName()] = Node("image", sample, True)

    def plain(v):
        return v.value if isinstance(v, Node) else v

    for n in graph.nodes():
        kind = n.kind()
        out = n.output().debugName()
        if kind == "prim::Constant":
            env[out] = n.output().toIValue()
            continue
        a = [env[i.debugName()] for i in n.inputs()]
        if kind in ("prim::ListConstruct", "prim::TupleConstruct"):
            env[out] = list(a)
        elif kind == "aten::size":
            env[out] = a[0].value.size(a[1])
        elif kind == "prim::NumToTensor":
            env[out] = torch.tensor(a[0])
        elif kind == "aten::Int":
            env[out] = int(a[0])
        elif kind == "aten::neg":
            env[out] = torch.neg(a[0])
        elif kind == "aten::floor_divide":
            env[out] = torch.floor_divide(a[0], a[1])
        elif kind == "aten::sub":
            env[out] = torch.sub(a[0], a[1])
        elif kind == "aten::permute":
            env[out] = Node(a[0].name, a[0].value.permute(a[1]), not a[0].nhwc)
        elif kind == "aten::pad":
            left, right, top, bottom = a[1]
            node = Node(a[0].name, torch.nn.functional.pad(a[0].value, a[1]), a[0].nhwc)
            node.pads = [top, left, bottom, right]
            env[out] = node
        elif kind == "aten::_convolution":
            x, w, _, stride, padding, dilation, transposed, _, groups = a[:9]
            pads = getattr(x, "pads", None) or [padding[0], padding[1]] * 2
            if transposed:
                value = torch.conv_transpose2d(x.value, w, None, stride, padding, 0, groups, dilation)
                name = c.emit("ConvTranspose", [x.name, c.weight(w.detach().numpy()), ""], strides=stride,
                              kernel_shape=list(w.shape[2:]))
            else:
                value = torch.conv2d(x.value, w, None, stride, padding, dilation, groups)
                name = c.emit("Conv", [x.name, c.weight(w.detach().numpy()), ""], strides=stride, pads=pads, group=groups,
                              dilations=dilation, kernel_shape=list(w.shape[2:]))
            env[out] = Node(name, value, False)
        elif kind == "aten::avg_pool2d":
            assert list(a[1]) == list(a[0].value.shape[2:]), "only whole-picture means are expected"
            env[out] = Node(c.emit("GlobalAveragePool", [a[0].name]), a[0].value.mean((2, 3), keepdim=True), False)
        elif kind == "aten::upsample_bilinear2d":
            value = torch.nn.functional.interpolate(a[0].value, size=a[1], mode="bilinear", align_corners=a[2])
            size = helper.make_tensor(f"size_{c.count}", TensorProto.INT64, [4], list(value.shape))
            c.weights.append(size)
            empty = helper.make_tensor(f"none_{c.count}", TensorProto.FLOAT, [0], [])
            c.weights.append(empty)
            name = c.emit("Resize", [a[0].name, empty.name, empty.name, size.name], mode="linear",
                          coordinate_transformation_mode="half_pixel")
            env[out] = Node(name, value, False)
        elif kind == "aten::relu":
            env[out] = Node(c.emit("Relu", [a[0].name]), torch.relu(a[0].value), a[0].nhwc)
        elif kind == "aten::sigmoid":
            env[out] = Node(c.emit("Sigmoid", [a[0].name]), torch.sigmoid(a[0].value), a[0].nhwc)
        elif kind == "aten::relu6":
            assert a[0].shifted, "relu6 is expected after + 3 only"
            node = Node(a[0].shifted, torch.nn.functional.relu6(a[0].value), a[0].nhwc)
            node.relu6 = True
            env[out] = node
        elif kind == "aten::add":
            x, y = a[0], a[1]
            if isinstance(x, Node) and isinstance(y, Node):
                env[out] = Node(c.emit("Add", [x.name, y.name]), x.value + y.value, x.nhwc)
            elif not isinstance(x, Node) and not isinstance(y, Node):
                env[out] = torch.add(x, y)
            elif isinstance(y, torch.Tensor) and y.numel() == 1 and abs(float(y) - 3) < 1e-6:
                env[out] = Node(None, x.value + y, x.nhwc, shifted=x.name)
            else:  # a bias; into the convolution just written where there is one without
                x, y = (x, y) if isinstance(x, Node) else (y, x)
                value = x.value + y
                conv = next((k for k in c.nodes if k.output[0] == x.name), None)
                bias = np.broadcast_to(y.detach().numpy().reshape(-1), [value.shape[-1 if x.nhwc else 1]])
                if not bias.any():
                    env[out] = Node(x.name, value, x.nhwc)
                elif conv is not None and conv.op_type.startswith("Conv") and conv.input[2] == "":
                    conv.input[2] = c.weight(bias)
                    env[out] = Node(x.name, value, x.nhwc)
                else:
                    env[out] = Node(c.emit("Add", [x.name, c.weight(bias.reshape(1, -1, 1, 1))]), value, x.nhwc)
        elif kind == "aten::mul":
            x, y = a[0], a[1]
            if not isinstance(x, Node) and not isinstance(y, Node):
                env[out] = torch.mul(x, y)
            elif isinstance(x, torch.Tensor) or isinstance(y, torch.Tensor):  # x/6, folded into the HardSigmoid
                node, factor = (y, x) if isinstance(x, torch.Tensor) else (x, y)
                assert abs(float(factor) - 1 / 6) < 1e-4, (factor, kind)
                made = Node(node.name, node.value * factor, node.nhwc)
                made.sixth = True
                env[out] = made
            elif getattr(y, "relu6", False):
                assert getattr(x, "sixth", False) and x.name == y.name
                gate = c.emit("HardSigmoid", [y.name], alpha=1 / 6, beta=0.5)
                env[out] = Node(c.emit("Mul", [x.name, gate]), x.value * y.value, x.nhwc)
            else:
                env[out] = Node(c.emit("Mul", [x.name, y.name]), x.value * y.value, x.nhwc)
        else:
            raise SystemExit(f"unknown node {kind}")
    result = a[0] if isinstance(a[0], Node) else env[out][0]
    with torch.no_grad():
        expected = module(sample)
        expected = expected[0] if isinstance(expected, tuple) else expected
    assert torch.allclose(result.value, expected, atol=1e-5), "the walk does not give the module's numbers"
    for node in c.nodes:
        if node.op_type.startswith("Conv") and node.input[2] == "":
            del node.input[2]
    c.nodes[-1].output[0] = "person"
    model = helper.make_model(
        helper.make_graph(c.nodes, "selfie", [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 256, 256])],
                          [helper.make_tensor_value_info("person", TensorProto.FLOAT, [1, 1, 256, 256])], c.weights),
        producer_name="convert_mattes.py", opset_imports=[helper.make_opsetid("", 11)])
    model.ir_version = 6
    onnx.checker.check_model(model)
    return model


def halve(model):
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims, dtype=int) >= 64:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name))


if __name__ == "__main__":
    selfie = convert_selfie(sys.argv[1])
    halve(selfie)
    (Path(__file__).resolve().parent / "selfie.onnx").write_bytes(selfie.SerializeToString(deterministic=True))
