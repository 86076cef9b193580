"""The same cases as make_pipeline_fixture.py on a model folder of any size, cradle2cane-cli against diffusers:

    cradle2cane-cli models random /big/random --like sdxl-turbo
    python tests/parity/compare_full_size.py /big/random CROP.png CLI [CASE ...]

CROP is an aligned face; it is resized to the model's side. All is fp32. Prints mean and largest difference of the
settled picture in 255ths; more than .5 or 2 is a failure, and so is a case whose switch moves the expected picture by
less than 2.5. Full size takes some 4 minutes a case and 16 GB. The pictures are exchanged as TIFF of 16 bits
(pip install tifffile).
"""
import concurrent.futures
import functools
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import tifffile
import torch
from diffusers import (AutoencoderKL, EulerAncestralDiscreteScheduler, StableDiffusionXLImg2ImgPipeline,
                       UNet2DConditionModel)
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPModel, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

import make_pipeline_fixture as fixture
from make_sdxl_fixtures import IResNet

CASES = ["level25", "level75", "no_lora", "svr1", "rotate_paper", "extra"]  # the rest are make_pipeline_fixture's
FLAGS = {"lora": lambda on: [] if on else ["--no-lora"], "svr_n": lambda n: ["--svr", str(n)],
         "rotate": lambda form: ["--rotate", form], "extra": lambda words: ["--prompt", words],
         "vae_sample": lambda on: ["--vae-sample"] if on else [], "gender": lambda gender: ["--gender", gender],
         "one_threshold": lambda on: ["--one-threshold"] if on else [], "target": lambda age: ["--age", str(age)],
         "thresholds": lambda ages: ["--thresholds", f"{ages[0]},{ages[1]}"]}


def mlp(file):
    state = {name: tensor.float() for name, tensor in load_file(file).items()}
    linear = sorted((name for name, tensor in state.items() if name.startswith("layers.") and tensor.dim() == 2),
                    key=lambda name: int(name.split(".")[1]))
    network = fixture.Mlp(state[linear[0]].shape[1], *[state[name].shape[0] for name in linear],
                          state["fc_out.weight"].shape[0])
    network.load_state_dict(state, strict=False)
    return network.eval()


def iresnet(file):
    state = {name: tensor.float() for name, tensor in load_file(file).items()}
    depths = [1 + max(int(name.split(".")[1]) for name in state if name.startswith(f"layer{i}.")) for i in range(1, 5)]
    widths = [state[f"layer{i}.0.conv2.weight"].shape[0] for i in range(1, 5)]
    network = IResNet(depths, widths, state["fc.weight"].shape[0])
    network.load_state_dict(state, strict=False)
    return network.eval()


class Folder(fixture.Model):
    """make_pipeline_fixture's model, read from a folder in the published layout instead of made. What is used once a
    case is loaded for it: all together would take 21 GB."""

    def __init__(self, folder):
        self.folder = folder
        self.unet, self.vae = self.read(UNet2DConditionModel, "unet"), self.read(AutoencoderKL, "vae")
        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        self.tokenizer_2 = CLIPTokenizer.from_pretrained(folder / "tokenizer_2", pad_token="!")
        for tokenizer in (self.tokenizer, self.tokenizer_2):
            tokenizer.model_max_length = 77
        self.lora = {name: tensor.float()  # peft would compute in the file's bf16
                     for name, tensor in load_file(folder / "pytorch_lora_weights.safetensors").items()}
        self.pipe = StableDiffusionXLImg2ImgPipeline(
            vae=self.vae, text_encoder=None, text_encoder_2=None, tokenizer=self.tokenizer,
            tokenizer_2=self.tokenizer_2, unet=self.unet, add_watermarker=False,
            scheduler=EulerAncestralDiscreteScheduler.from_pretrained(folder / "scheduler"))
        self.pipe.set_progress_bar_config(disable=True)

    def read(self, kind, part):
        return kind.from_pretrained(self.folder / part, torch_dtype=torch.float32, local_files_only=True)

    @functools.cache
    def prompt(self, age, gender, extra):
        self.pipe.text_encoder = self.read(CLIPTextModel, "text_encoder")
        self.pipe.text_encoder_2 = self.read(CLIPTextModelWithProjection, "text_encoder_2")
        result = super().prompt(age, gender, extra)
        self.pipe.text_encoder = self.pipe.text_encoder_2 = None
        return result

    @functools.cache
    def clip_text(self, age):
        self.clip = self.read(CLIPModel, "clip")
        result = super().clip_text(age)
        del self.clip
        return result

    def clip_image(self, image):
        clip = self.read(CLIPModel, "clip")
        side = clip.config.vision_config.image_size
        pixels = fixture.F.interpolate(image, (side, side), mode="bicubic", antialias=True).clamp(0, 1)
        return fixture.F.normalize(
            clip.get_image_features((pixels - fixture.MEAN) / fixture.DEVIATION).pooler_output, dim=-1)

    def face_feature(self, image):
        self.backbone = iresnet(self.folder / "backbone.safetensors")
        return super().face_feature(image)

    def face_project(self, feature):
        return mlp(self.folder / "face_project.safetensors")(feature)

    def clip_project(self, feature):
        return mlp(self.folder / "clip_project.safetensors")(feature)


def expected(folder, pixels, cases, side):
    fixture.SIZE = side
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model, results = Folder(folder), {}
    for case in cases:
        result = fixture.run(model, torch.from_numpy(pixels), **fixture.CASES[case])[1]
        results[case] = result.clamp(0, 1).numpy()
        print(f"diffusers has made {case}", flush=True)
    return results


def ours(cli, folder, work, options):
    command = [cli, work / "crop.tif", "--aligned", "--from", "30", "--model", folder, "--noise",
               work / "noise.safetensors", "--precision", "fp32", "--device", "cpu", "--crossfade", "0", "--overwrite",
               "--memory", "roomy", "-o", work / "ours.tif"]
    for name, value in dict(dict(target=45, gender="female", thresholds=(5, 20)), **options).items():
        command += FLAGS[name](value)
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    return torch.from_numpy(tifffile.imread(work / "ours.tif").astype(numpy.float32) / 65535).permute(2, 0, 1)


def main(folder, crop, cli, *cases):
    folder, cases = pathlib.Path(folder), list(cases or CASES)
    cases = list(dict.fromkeys(["base", *(fixture.AGAINST[case] for case in cases if case in fixture.AGAINST), *cases]))
    fixture.SIZE = 8 * json.loads((folder / "unet/config.json").read_text())["sample_size"]
    picture = Image.open(crop).convert("RGB").resize((fixture.SIZE, fixture.SIZE), Image.BICUBIC)
    shorts = numpy.asarray(picture).astype(numpy.uint16) * 257
    pixels = torch.from_numpy(shorts.astype(numpy.float32) / 65535).permute(2, 0, 1)[None]
    failed = False
    # In a process of its own, for the two do not fit into 24 GB together.
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        results = pool.submit(expected, folder, pixels.numpy(), cases, fixture.SIZE).result()
    theirs = {case: torch.from_numpy(result) for case, result in results.items()}
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        tifffile.imwrite(work / "crop.tif", shorts, photometric="rgb")
        save_file({name: fixture.named_noise(name) for name in fixture.NOISES}, work / "noise.safetensors")
        for case in cases:
            apart = (ours(cli, folder, work, fixture.CASES[case]) - theirs[case]).abs() * 255
            against = theirs[fixture.AGAINST.get(case, "base")] if case != "base" else pixels[0]
            moved = (theirs[case] - against).abs().mean().item() * 255
            print(f"{case:14} mean {apart.mean():.4f}, largest {apart.max():.3f} of 255; the switch moves the picture "
                  f"by {moved:.1f}", flush=True)
            failed |= bool(apart.mean() > 0.5 or apart.max() > 2 or moved < 2.5)
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
