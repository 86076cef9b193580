"""Both passes end to end on a small random model, run by diffusers, transformers and peft from the method's facts:
what tests/aging/sdxl.test.cpp must give.

    python tests/parity/make_pipeline_fixture.py CLIP_TOKENIZER_FOLDER tests/data/parity/pipeline [MODEL_FOLDER]

With MODEL_FOLDER the model is written there too, as it would be published. Noise, picture and weights come from
random_weights.py; a rule below scales the layers that listen to the conditions up, because random networks hardly do.
Every case prints how far its switch moves the picture: at least five times the tolerance, or it does not count.
"""
import json
import pathlib
import shutil
import sys
import tempfile

import diffusers
import torch
import torch.nn.functional as F
from diffusers import (AutoencoderKL, EulerAncestralDiscreteScheduler, StableDiffusionXLImg2ImgPipeline,
                       UNet2DConditionModel)
from diffusers.models.autoencoders import vae as vae_module
from diffusers.pipelines.stable_diffusion_xl import pipeline_stable_diffusion_xl_img2img as img2img
from diffusers.schedulers import scheduling_euler_ancestral_discrete as euler
from safetensors.torch import save_file
from torch import nn
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from make_sdxl_fixtures import IResNet, published, write_config
from random_weights import normal_noise, random_tensor

SEED, SIZE, RANK = 7, 64, 4
TOLERANCE = 0.5 / 255
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)
NOISES = ["pass1.noise", "pass1.step0", "pass1.step1", "pass2.noise", "pass1.encode", "pass2.encode", "svr1.noise",
          "svr1.step0", "svr1.step1", "svr2.noise", "svr2.step0", "svr2.step1"]
diffusers.utils.logging.set_verbosity_error()
torch.set_num_threads(1)
torch.set_grad_enabled(False)


def noise(stream, *shape):
    return torch.from_numpy(normal_noise(SEED, stream, int(torch.tensor(shape).prod()))).reshape(shape)


def named_noise(name):
    return noise(100 + NOISES.index(name), 1, 4, SIZE // 8, SIZE // 8)


def weight(name, shape):
    """The rule of the scales; tests/aging/sdxl.test.cpp has the same."""
    tensor = random_tensor(name, shape, SEED)
    for ending, scale in SCALES:
        if name.endswith(ending):
            return tensor * scale
    return tensor


SCALES = [("attn2.to_v.weight", 6.0), ("add_embedding.linear_2.weight", 4.0), ("self_attn.v_proj.weight", 6.0), ("lora.up.weight", 2.0),
          ("decoder.conv_out.weight", 0.7), ("encoder.conv_out.weight", 3.0),
          ("token_embedding.weight", 3.0), ("fc_out.weight", 3.0)]


def fill(module, rename=lambda name: name):
    state = module.state_dict()
    for name, tensor in state.items():
        if tensor.is_floating_point():
            state[name] = weight(rename(name), tuple(tensor.shape))
    module.load_state_dict(state)
    return module.eval()


class Mlp(nn.Module):
    def __init__(self, *widths):
        super().__init__()
        layers = []
        for a, b in zip(widths[:-2], widths[1:-1]):
            layers += [nn.Linear(a, b), nn.BatchNorm1d(b), nn.LeakyReLU(0.2), nn.Dropout(0.3)]
        self.layers = nn.Sequential(*layers)
        self.fc_out = nn.Linear(widths[-2], widths[-1])

    def forward(self, x):
        return self.fc_out(self.layers(x))


def lora_state(unet):
    """In the published spelling."""
    state = {}
    for name, module in unet.named_modules():
        if name.endswith(("to_q", "to_k", "to_v", "to_out.0")):
            key = f"unet.{name}.lora."
            state[key + "down.weight"] = weight(key + "down.weight", (RANK, module.in_features))
            state[key + "up.weight"] = weight(key + "up.weight", (module.out_features, RANK))
    return state


class Model:
    def __init__(self, tokenizer_folder, folder):
        small = dict(num_hidden_layers=2, num_attention_heads=4, eos_token_id=2, bos_token_id=0, pad_token_id=1)
        first = CLIPTextConfig(hidden_size=32, intermediate_size=64, hidden_act="quick_gelu", **small)
        second = CLIPTextConfig(hidden_size=48, intermediate_size=64, hidden_act="gelu", projection_dim=40, **small)
        clip = CLIPConfig(text_config=dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                                           num_attention_heads=2, eos_token_id=49407),
                          vision_config=dict(hidden_size=48, intermediate_size=64, num_hidden_layers=2,
                                             num_attention_heads=3, image_size=56, patch_size=14), projection_dim=24)
        unet = UNet2DConditionModel(
            sample_size=SIZE // 8, in_channels=4, out_channels=4, block_out_channels=(32, 64, 64), layers_per_block=1,
            norm_num_groups=8, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 1, 2), attention_head_dim=(2, 4, 4), cross_attention_dim=80,
            use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=40 + 6 * 8)
        vae = AutoencoderKL(block_out_channels=(16, 16, 32, 32), layers_per_block=1, norm_num_groups=8,
                            latent_channels=4, down_block_types=["DownEncoderBlock2D"] * 4,
                            up_block_types=["UpDecoderBlock2D"] * 4, sample_size=SIZE, scaling_factor=0.13025,
                            force_upcast=False)
        scheduler = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000,
                         prediction_type="epsilon", timestep_spacing="trailing", steps_offset=1)
        self.unet, self.vae = fill(unet), fill(vae)
        self.text = fill(CLIPTextModel(first), published)
        self.text_2 = fill(CLIPTextModelWithProjection(second), published)
        self.clip = fill(CLIPModel(clip))
        self.backbone = fill(IResNet([1, 1, 1, 1], [8, 12, 16, 20], 32))
        self.face_project, self.clip_project = fill(Mlp(980, 64, 48, 80)), fill(Mlp(24, 32, 80))
        self.tokenizer = CLIPTokenizer.from_pretrained(tokenizer_folder)
        self.tokenizer_2 = CLIPTokenizer.from_pretrained(tokenizer_folder, pad_token="!")
        for tokenizer in (self.tokenizer, self.tokenizer_2):
            tokenizer.model_max_length = 77
        self.pipe = StableDiffusionXLImg2ImgPipeline(
            vae=self.vae, text_encoder=self.text, text_encoder_2=self.text_2, tokenizer=self.tokenizer,
            tokenizer_2=self.tokenizer_2, unet=self.unet, scheduler=EulerAncestralDiscreteScheduler(**scheduler),
            add_watermarker=False)
        self.pipe.set_progress_bar_config(disable=True)
        self.lora = lora_state(self.unet)

        write_config(folder / "unet", {k: v for k, v in unet.config.items() if not k.startswith("_")},
                     _class_name="UNet2DConditionModel")
        write_config(folder / "vae", {k: v for k, v in vae.config.items() if not k.startswith("_")},
                     _class_name="AutoencoderKL")
        write_config(folder / "text_encoder", first, architectures=["CLIPTextModel"])
        write_config(folder / "text_encoder_2", second, architectures=["CLIPTextModelWithProjection"])
        write_config(folder / "clip", clip, architectures=["CLIPModel"])
        (folder / "scheduler").mkdir(exist_ok=True)
        (folder / "scheduler" / "scheduler_config.json").write_text(
            json.dumps(dict(scheduler, _class_name="EulerAncestralDiscreteScheduler"), indent=1) + "\n")

    def write(self, configs, folder, tokenizer_folder):
        """The whole model as it would be published."""
        shutil.copytree(configs, folder, dirs_exist_ok=True)
        rename = lambda module, name: {name(k): v.contiguous() for k, v in module.state_dict().items()}
        same = lambda name: name
        save_file(rename(self.unet, same), folder / "unet/diffusion_pytorch_model.safetensors")
        save_file(rename(self.vae, same), folder / "vae/diffusion_pytorch_model.safetensors")
        save_file(rename(self.text, published), folder / "text_encoder/model.safetensors")
        save_file(rename(self.text_2, published), folder / "text_encoder_2/model.safetensors")
        save_file(rename(self.clip, same), folder / "clip/model.safetensors")
        save_file(self.lora, folder / "pytorch_lora_weights.safetensors")
        torch.save(self.backbone.state_dict(), folder / "backbone.pth")
        torch.save(self.face_project.state_dict(), folder / "face_project.bin")
        torch.save(self.clip_project.state_dict(), folder / "clip_project.bin")
        for name, pad in (("tokenizer", "<|endoftext|>"), ("tokenizer_2", "!")):
            (folder / name).mkdir(exist_ok=True)
            shutil.copy(pathlib.Path(tokenizer_folder) / "merges.txt", folder / name)
            (folder / name / "special_tokens_map.json").write_text(json.dumps({"pad_token": pad}))

    # The features of the identity embedding.

    def face_feature(self, image):
        pixels = F.interpolate(image, (112, 112), mode="bilinear", antialias=True)
        return self.backbone((pixels - 0.5) / 0.5)[0]

    def clip_image(self, image):
        pixels = F.interpolate(image, (56, 56), mode="bicubic", antialias=True).clamp(0, 1)
        return F.normalize(self.clip.get_image_features((pixels - MEAN) / DEVIATION).pooler_output, dim=-1)

    def clip_text(self, age):
        ids = self.tokenizer([f"{age} years old"], padding="max_length", max_length=77, return_tensors="pt").input_ids
        return F.normalize(self.clip.get_text_features(ids).pooler_output, dim=-1)

    def sample(self, image, strength, noises, encode_noise, embeds, pooled):
        """One pass of the img2img pipeline with the noise given; the posterior's mean unless encode_noise is."""
        given = iter(noises)
        draw = lambda *_, **__: next(given, torch.zeros(1, 4, SIZE // 8, SIZE // 8))
        img2img.randn_tensor = euler.randn_tensor = draw
        vae_module.DiagonalGaussianDistribution.sample = (
            lambda posterior, generator=None: posterior.mean if encode_noise is None
            else posterior.mean + posterior.std * encode_noise)
        return self.pipe(prompt_embeds=embeds, pooled_prompt_embeds=pooled, image=image, strength=strength,
                         num_inference_steps=4, guidance_scale=0.0, output_type="pt").images

    def prompt(self, age, gender, extra):
        text = f"a face image of a {age} years old {gender}" + (f", {extra}" if extra else "")
        embeds, _, pooled, _ = self.pipe.encode_prompt(text, do_classifier_free_guidance=False, device="cpu")
        return embeds, pooled


def slerp(t, a, b):
    angle = torch.acos((a * b).sum().clamp(-1, 1) / (a.norm() * b.norm()))
    return torch.sin((1 - t) * angle) / torch.sin(angle) * a + torch.sin(t * angle) / torch.sin(angle) * b


def svr(columns, alpha=0.01, beta=1.1):
    u, s, vt = torch.linalg.svd(torch.stack(columns, 1), full_matrices=False)
    return (u @ torch.diag(s * torch.exp(alpha * s) * beta) @ vt)[:, 0]


def run(model, crop, source=30, target=45, gender="female", extra="", lora=True, svr_n=None, rotate="code",
        vae_sample=False, one_threshold=False, thresholds=(5, 20)):
    gap = abs(target - source)
    strength = 0.25 if gap <= thresholds[0] else 0.5 if gap <= thresholds[1] or one_threshold else 0.75
    if extra:
        strength = 0.75
    low, part = int(target), target - int(target)  # ages between whole years: the embeddings are interpolated
    embeds, pooled = model.prompt(low, gender, extra)
    text_target = model.clip_text(low)
    if part:
        upper_embeds, upper_pooled = model.prompt(low + 1, gender, extra)
        embeds, pooled = torch.lerp(embeds, upper_embeds, part), torch.lerp(pooled, upper_pooled, part)
        text_target = F.normalize(torch.lerp(text_target, model.clip_text(low + 1), part), dim=-1)

    def pass1(name, at_strength):
        steps = int(4 * at_strength)
        noises = [named_noise(f"{name}.noise")] + [named_noise(f"{name}.step{i}") for i in range(steps - 1)]
        encode = named_noise("pass1.encode") if vae_sample else None
        return model.sample(crop, at_strength, noises, encode, embeds, pooled)

    draft = pass1("pass1", strength)

    face = model.face_feature(crop)[0]
    if svr_n is not None:
        columns = [face] + ([model.face_feature(draft)[0]] if svr_n >= 1 else [])
        if svr_n == 3:
            others = [s for s in (0.25, 0.5, 0.75) if s != strength]
            columns += [model.face_feature(pass1(f"svr{k + 1}", s))[0] for k, s in enumerate(others)]
        face = svr(columns)
    image = model.clip_image(crop)[0]
    if target != source:
        a, b = model.clip_text(source)[0], text_target[0]
        image = F.normalize(image + slerp(0.5, b, a) - (a if rotate == "code" else 0), dim=-1)
    tokens = torch.stack([model.face_project(face[None]), model.clip_project(image[None])], 1)

    if lora:
        with tempfile.TemporaryDirectory() as folder:
            save_file(model.lora, folder + "/pytorch_lora_weights.safetensors")
            model.pipe.load_lora_weights(folder)
    encode = named_noise("pass2.encode") if vae_sample else None
    result = model.sample(draft, 0.25, [named_noise("pass2.noise")], encode, tokens, pooled)
    if lora:
        model.pipe.unload_lora_weights()
    return draft[0], result[0]


CASES = {
    "base": {}, "level25": dict(target=33), "level75": dict(target=70), "no_lora": dict(lora=False),
    "svr0": dict(svr_n=0), "svr1": dict(svr_n=1), "svr3": dict(svr_n=3), "rotate_paper": dict(rotate="paper"),
    "extra": dict(extra="smiling, blond hair"), "vae_sample": dict(vae_sample=True),
    "one_threshold": dict(target=70, one_threshold=True), "thresholds": dict(thresholds=(10, 14)),
    "male": dict(gender="male"), "between": dict(target=44.5), "own": dict(target=30),
}
AGAINST = {"one_threshold": "level75", "svr1": "svr0", "svr3": "svr1"}  # the case that differs by the switch alone


def main(tokenizer_folder, folder, model_folder=None):
    folder.mkdir(parents=True, exist_ok=True)
    model = Model(tokenizer_folder, folder)
    if model_folder:
        model.write(folder, pathlib.Path(model_folder), tokenizer_folder)
    crop = (F.interpolate(noise(1, 1, 3, 8, 8), (SIZE, SIZE), mode="bilinear") * 0.2 + 0.5).clamp(0, 1)
    pictures, outputs = {}, {"crop": crop[0]}
    for name, options in CASES.items():
        draft, result = pictures[name] = run(model, crop, **options)
        # Every second pixel is enough to compare, and a quarter of the size.
        outputs[name + ".draft"], outputs[name + ".result"] = draft[:, ::2, ::2], result[:, ::2, ::2]
        moved = [(a - b).abs().mean().item() / TOLERANCE for a, b in zip(pictures[name], pictures[AGAINST.get(name, "base")])]
        inside = ((result > 0.002) & (result < 0.998)).float().mean().item()
        print(f"{name:14} moves the draft by {moved[0]:6.1f}, the result by {moved[1]:6.1f} times the tolerance; "
              f"{inside:.0%} of its pixels are not clipped")
    save_file({name: tensor.half().contiguous() for name, tensor in outputs.items()}, folder / "outputs.safetensors")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), *sys.argv[3:])
