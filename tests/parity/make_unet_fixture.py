#!/usr/bin/env python3
"""Small random UNets and a tiny autoencoder run by diffusers: what tests/nn/parity.test.cpp must give.

usage: make_unet_fixture.py tests/data/parity

Weights and inputs come from random_weights.py, which the tests have too, so only configs and outputs are stored. The
first UNet has SDXL's options in small, the second SD 1.5's and nano's others (conv projection, scale_shift).
"""
import json
import pathlib
import sys

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from safetensors.torch import save_file

from random_weights import fill, normal_noise

SEED = 4
torch.set_num_threads(2)

COMMON = dict(sample_size=16, in_channels=4, out_channels=4, block_out_channels=(32, 64, 128), layers_per_block=2,
              norm_num_groups=8)
UNETS = {
    "unet_sdxl": dict(COMMON, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
                      up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
                      transformer_layers_per_block=(1, 2, 3), attention_head_dim=(2, 4, 8), cross_attention_dim=64,
                      use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
                      projection_class_embeddings_input_dim=32 + 6 * 8),
    "unet_plain": dict(COMMON, layers_per_block=(1, 2, 1), cross_attention_dim=48, attention_head_dim=4,
                       down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
                       up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
                       resnet_time_scale_shift="scale_shift", flip_sin_to_cos=False, freq_shift=1),
}
SIZES = {"even": (16, 16), "odd": (13, 19)}


def noise(stream, *shape):
    count = 1
    for side in shape:
        count *= side
    return torch.from_numpy(normal_noise(SEED, stream, count)).reshape(shape)


def unet_outputs(config):
    unet = fill(UNet2DConditionModel(**config), SEED)
    tokens, pooled = noise(2, 2, 5, config["cross_attention_dim"]), noise(3, 2, 32)
    ids = torch.tensor([[512.0, 512, 0, 0, 512, 512], [512, 256, 16, 8, 300, 200]])
    run = lambda x, e, p, i, t: unet(x, t, e, added_cond_kwargs={"text_embeds": p, "time_ids": i}).sample
    outputs = {}
    for name, size in SIZES.items():
        x = noise(1, 2, 4, *size)
        outputs[name] = run(x, tokens, pooled, ids, 499)
        scale = outputs[name].abs().max()
        for what, other in (("tokens", run(x, tokens.flip(0), pooled, ids, 499)), ("pooled", run(x, tokens, pooled.flip(0), ids, 499)),
                            ("ids", run(x, tokens, pooled, ids.flip(0), 499)), ("timestep", run(x, tokens, pooled, ids, 249))):
            print(f"  {name}: {what} moves the output by {((other - outputs[name]).abs().max() / scale).item():.4f}")
    return unet, outputs


def main(folder):
    with torch.no_grad():
        for name, config in UNETS.items():
            print(name)
            unet, outputs = unet_outputs(config)
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / "config.json").write_text(json.dumps(dict(unet.config), indent=1, default=str) + "\n")
            save_file(outputs, folder / name / "outputs.safetensors")
        # Ours works on RGB 0..1, diffusers on -1..1.
        vae = fill(AutoencoderTiny(), SEED)
        picture = (noise(4, 1, 3, 32, 40) * 0.2 + 0.5).clamp(0, 1)
        latent = vae.encode(picture * 2 - 1).latents
        save_file({"latent": latent, "picture": (vae.decode(latent).sample + 1) / 2}, folder / "tiny.safetensors")


main(pathlib.Path(sys.argv[1]))
