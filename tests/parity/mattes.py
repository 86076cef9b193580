"""Writes tests/data/face/mattes.csv: what the original nets, in full precision, make of tests/data/nano/crop.png enlarged
by repetition. Needs torch and opencv-python (5.0 was used).

    mattes.py selfie_torchscript.pt pan_skin_clothes_hair_opencv46.onnx

A line: map, x, y, value; the person map at every 16th pixel of 256, the others at every 32nd of 512.
"""
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

tests = Path(__file__).resolve().parent.parent
crop = cv2.cvtColor(cv2.imread(str(tests / "data/nano/crop.png")), cv2.COLOR_BGR2RGB).astype(np.float32) / 255


def enlarged(size):
    index = np.arange(size) * crop.shape[0] // size
    return np.ascontiguousarray(crop[index][:, index])


selfie = torch.jit.load(sys.argv[1]).eval()
person = selfie(torch.from_numpy(enlarged(256))[None])
person = (person[0] if isinstance(person, tuple) else person).reshape(256, 256).numpy()
net = cv2.dnn.readNetFromONNX(sys.argv[2], cv2.dnn.ENGINE_CLASSIC)
normal = (enlarged(512) - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])
net.setInput(np.ascontiguousarray(normal.transpose(2, 0, 1)[None]))
classes = net.forward().reshape(3, 512, 512)

with open(tests / "data/face/mattes.csv", "w") as out:
    for name, values, step in [("person", person, 16)] + list(zip(("skin", "clothes", "hair"), classes, (32, 32, 32))):
        for y in range(step // 2, values.shape[0], step):
            for x in range(step // 2, values.shape[1], step):
                out.write(f"{name},{x},{y},{values[y, x]:.5f}\n")
