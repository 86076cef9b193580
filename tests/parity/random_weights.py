"""The random weights of core/nn/random_weights.cpp, number for number, for the parity scripts.

Philox4x32-10 and Box-Muller as in core/base/philox.cpp; the stream is the CRC-32 of the tensor's name.
"""
import zlib

import numpy as np
import torch


def philox4x32_10(counter, key):
    """counter: uint64 arrays [n, 4] holding 32-bit words, key: two words. Returns [n, 4]."""
    c = [counter[:, i].copy() for i in range(4)]
    k = [np.uint64(key[0]), np.uint64(key[1])]
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(p1 >> shift) ^ c[1] ^ k[0], p1 & mask, (p0 >> shift) ^ c[3] ^ k[1], p0 & mask]
        k = [(k[0] + np.uint64(0x9E3779B9)) & mask, (k[1] + np.uint64(0xBB67AE85)) & mask]
    return np.stack(c, 1)


def normal_noise(seed, stream, count):
    blocks = (count + 3) // 4
    index = np.arange(blocks, dtype=np.uint64)
    counter = np.stack([index & np.uint64(0xFFFFFFFF), index >> np.uint64(32),
                        np.full(blocks, stream, np.uint64), np.zeros(blocks, np.uint64)], 1)
    words = philox4x32_10(counter, (seed & 0xFFFFFFFF, seed >> 32)).astype(np.float64)
    u, v = (words[:, 0::2] + 0.5) / 4294967296.0, (words[:, 1::2] + 0.5) / 4294967296.0
    radius, angle = np.sqrt(-2 * np.log(u)), 2 * np.pi * v
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 2).reshape(-1)[:count].astype(np.float32)


def random_tensor(name, shape, seed):
    count = int(np.prod(shape, dtype=np.int64))
    noise = normal_noise(seed, zlib.crc32(name.encode()), count).astype(np.float64)
    scale, shift = 0.1, 0.0
    if len(shape) >= 2:
        scale = 1 / np.sqrt(count // shape[0])
    elif name.endswith(("weight", "running_var")):
        shift = 1.0
    if name.endswith("running_var"):
        noise = np.abs(noise)
    return torch.from_numpy((shift + scale * noise).astype(np.float32)).reshape(tuple(shape))


def fill(module, seed, rename=lambda name: name):
    """Gives every parameter and buffer of a torch module its random values; `rename` turns its names into ours."""
    state = module.state_dict()
    for name, tensor in state.items():
        if tensor.is_floating_point():
            state[name] = random_tensor(rename(name), tensor.shape, seed)
    module.load_state_dict(state)
    return module.eval()
