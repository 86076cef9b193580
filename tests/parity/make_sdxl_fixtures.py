"""The parts of SDXL in small, run by diffusers and transformers: what tests/nn/sdxl.test.cpp must give.

    python tests/parity/make_sdxl_fixtures.py CLIP_TOKENIZER_FOLDER tests/data/parity/sdxl

Weights and inputs come from random_weights.py, which the tests have too, so only configs and outputs are stored. The
IResNet is written down here from the description of its authors (deepinsight/insightface, arcface_torch).
"""
import json
import pathlib
import sys
import types

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, EulerAncestralDiscreteScheduler, StableDiffusionXLImg2ImgPipeline
from diffusers.schedulers import scheduling_euler_ancestral_discrete as euler
from safetensors.torch import save_file
from torch import nn
from transformers import (CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection,
                          CLIPTokenizer)

from random_weights import fill, normal_noise

SEED = 6
PROMPTS = ["a face image of a 67 years old female", "a face image of a 5 years old male, smiling! " + "very " * 80]
torch.set_num_threads(1)
torch.set_grad_enabled(False)


def noise(stream, *shape):
    return torch.from_numpy(normal_noise(SEED, stream, int(torch.tensor(shape).prod()))).reshape(shape)


def picture(stream, *shape):
    return (noise(stream, *shape) * 0.2 + 0.5).clamp(0, 1)


def write_config(folder, config, **more):
    folder.mkdir(parents=True, exist_ok=True)
    values = config.to_dict() if hasattr(config, "to_dict") else dict(config)
    (folder / "config.json").write_text(json.dumps(values | more, indent=1, sort_keys=True, default=str) + "\n")


def published(name):
    """The spelling of the published files, which transformers 5 has left for CLIPTextModel."""
    return name if name.startswith(("text_model.", "vision_model.")) or "projection" in name else "text_model." + name


def text_encoders(tokenizer_folder, folder):
    outputs = {}
    # Published configs say eos_token_id 2, which transformers reads as "the highest id".
    small = dict(num_hidden_layers=3, num_attention_heads=4, eos_token_id=2, bos_token_id=0, pad_token_id=1)
    for name, kind, pad, config in (
            ("text_encoder", CLIPTextModel, "<|endoftext|>",
             CLIPTextConfig(hidden_size=32, intermediate_size=80, hidden_act="quick_gelu", **small)),
            ("text_encoder_2", CLIPTextModelWithProjection, "!",
             CLIPTextConfig(hidden_size=48, intermediate_size=96, hidden_act="gelu", projection_dim=40, **small))):
        tokenizer = CLIPTokenizer.from_pretrained(tokenizer_folder, pad_token=pad)
        ids = tokenizer(PROMPTS, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
        network = fill(kind(config), SEED, published)
        out = network(ids, output_hidden_states=True)
        outputs[name + ".hidden"] = out.hidden_states[-2].contiguous()
        outputs[name + ".pooled"] = out[0] if kind is CLIPTextModelWithProjection else out.pooler_output
        write_config(folder / name, config, architectures=[kind.__name__])
    return outputs


def clip(tokenizer_folder, folder):
    config = CLIPConfig(
        text_config=dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
                         eos_token_id=49407),
        vision_config=dict(hidden_size=48, intermediate_size=64, num_hidden_layers=3, num_attention_heads=3,
                           image_size=56, patch_size=14), projection_dim=24)
    network = fill(CLIPModel(config), SEED)
    write_config(folder / "clip", config, architectures=["CLIPModel"])
    tokenizer = CLIPTokenizer.from_pretrained(tokenizer_folder)
    ids = tokenizer(["5 years old", "67 years old"], padding="max_length", max_length=77, return_tensors="pt").input_ids
    outputs = {"clip.text": network.get_text_features(ids).pooler_output}
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
    deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)
    for name, size in (("smaller", (100, 90)), ("larger", (40, 56))):
        pixels = F.interpolate(picture(1, 2, 3, *size), (56, 56), mode="bicubic", antialias=True).clamp(0, 1)
        image = network.get_image_features((pixels - mean) / deviation).pooler_output
        outputs["clip.image." + name] = image / image.norm(dim=-1, keepdim=True)
    return outputs


class Block(nn.Module):
    def __init__(self, width, out, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(width)
        self.conv1 = nn.Conv2d(width, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.prelu = nn.PReLU(out)
        self.conv2 = nn.Conv2d(out, out, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(width, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        h = self.bn3(self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x))))))
        return h + (self.downsample(x) if hasattr(self, "downsample") else x)


class IResNet(nn.Module):
    def __init__(self, depths, widths, embedding):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.prelu = nn.PReLU(widths[0])
        width = widths[0]
        for i, (depth, out) in enumerate(zip(depths, widths)):
            blocks = [Block(width if j == 0 else out, out, 2 if j == 0 else 1) for j in range(depth)]
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
            width = out
        self.bn2 = nn.BatchNorm2d(width)
        self.fc = nn.Linear(width * 49, embedding)
        self.features = nn.BatchNorm1d(embedding)

    def forward(self, x):
        x = self.prelu(self.bn1(self.conv1(x)))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        features = self.bn2(x).flatten(1)
        return features, self.features(self.fc(features))


def iresnet():
    network = fill(IResNet([1, 2, 1, 1], [8, 12, 16, 20], 32), SEED)
    outputs = {}
    for name, size in (("smaller", (150, 130)), ("larger", (60, 70))):
        pixels = F.interpolate(picture(2, 2, 3, *size), (112, 112), mode="bilinear", antialias=True)
        outputs["iresnet.map." + name], outputs["iresnet.embedding." + name] = network((pixels - 0.5) / 0.5)
    return outputs


def autoencoder(folder):
    config = dict(block_out_channels=(16, 32, 32, 48), layers_per_block=2, norm_num_groups=8, latent_channels=4,
                  down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4,
                  sample_size=64, scaling_factor=0.13025, force_upcast=True)
    network = fill(AutoencoderKL(**config), SEED)
    write_config(folder / "vae", {k: v for k, v in network.config.items() if not k.startswith("_")},
                 _class_name="AutoencoderKL")
    scale = network.config.scaling_factor
    outputs = {}
    posterior = network.encode(picture(3, 2, 3, 56, 48) * 2 - 1).latent_dist
    outputs["vae.mean"] = posterior.mean * scale
    outputs["vae.sample"] = (posterior.mean + posterior.std * noise(4, 2, 4, 7, 6)) * scale
    outputs["vae.picture"] = network.decode(noise(5, 1, 4, 7, 6) / scale).sample / 2 + 0.5
    network.enable_tiling()  # tiles of 64 pixels, 8 in the latent
    outputs["vae.tiled.mean"] = network.encode(picture(6, 1, 3, 136, 96) * 2 - 1).latent_dist.mean * scale
    outputs["vae.tiled.picture"] = network.decode(noise(7, 1, 4, 13, 10) / scale).sample / 2 + 0.5
    return outputs


def schedulers(folder):
    turbo = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000,
                 prediction_type="epsilon", timestep_spacing="trailing", steps_offset=1)
    (folder / "scheduler").mkdir(parents=True, exist_ok=True)
    named = dict(turbo, _class_name="EulerAncestralDiscreteScheduler", clip_sample=False, interpolation_type="linear",
                 set_alpha_to_one=False, skip_prk_steps=True, use_karras_sigmas=False)
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(named, indent=1) + "\n")
    outputs = {}
    for spacing in ("trailing", "leading", "linspace"):
        for schedule in ("scaled_linear", "linear"):
            for steps in (1, 2, 3, 4, 7, 20, 33):
                scheduler = EulerAncestralDiscreteScheduler(**turbo | dict(timestep_spacing=spacing,
                                                                           beta_schedule=schedule))
                scheduler.set_timesteps(steps)
                key = f"scheduler.{spacing}.{schedule}.{steps}"
                outputs[key + ".timesteps"] = scheduler.timesteps.float()
                outputs[key + ".sigmas"] = scheduler.sigmas.float()
    # img2img as the pipeline runs it; the "network" is a fixed function of its input and the time.
    for prediction in ("epsilon", "v_prediction"):
        for strength in (0.25, 0.5, 0.75, 1.0):
            scheduler = EulerAncestralDiscreteScheduler(**turbo | dict(prediction_type=prediction))
            scheduler.set_timesteps(4)
            timesteps, _ = StableDiffusionXLImg2ImgPipeline.get_timesteps(types.SimpleNamespace(scheduler=scheduler), 4,
                                                                          strength, "cpu")
            latent = scheduler.add_noise(noise(8, 1, 4, 6, 6), noise(9, 1, 4, 6, 6), timesteps[:1])
            for i, t in enumerate(timesteps):
                euler.randn_tensor = lambda *_, **__: noise(10 + i, 1, 4, 6, 6)
                output = torch.sin(scheduler.scale_model_input(latent, t) * 2 + t / 1000)
                latent = scheduler.step(output, t, latent).prev_sample
            outputs[f"scheduler.run.{prediction}.{strength}"] = latent
    return outputs


def main(tokenizer_folder, folder):
    folder.mkdir(parents=True, exist_ok=True)
    outputs = (text_encoders(tokenizer_folder, folder) | clip(tokenizer_folder, folder) | iresnet()
               | autoencoder(folder) | schedulers(folder))
    save_file({name: tensor.contiguous() for name, tensor in outputs.items()}, folder / "outputs.safetensors")
    for name, tensor in outputs.items():
        if not name.startswith("scheduler.") or ".run." in name:
            print(f"{name:32} {list(tensor.shape)} largest {tensor.abs().max().item():.4g}")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
