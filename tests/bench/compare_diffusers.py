"""Times cradle2cane-cli and diffusers on the same model folder, alternately, each run a process of its own.

    cradle2cane-cli models random /big/random --like sdxl-turbo
    python tests/bench/compare_diffusers.py /big/random PHOTO --runs 3 --dtype bf16 [--cli PATH]

Prints medians of: start to result (process start to the settled picture), a further age, and peak memory (maxrss).
diffusers runs what the method needs and no more: img2img pass 1 on the aligned crop, the same encoded again, one step
of pass 2 with the LoRA fused into a second pass by set_adapters. The identity networks (ArcFace, CLIP, MLPs), face
finding and paste-back are left out on its side, which favours it. The CLI finds the face, ages and writes the picture.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time


OWN, FIRST, FURTHER = 38, 75, 78  # both more than 20 years away: three steps in pass 1, on either side


def diffusers_worker(folder, dtype, threads):
    start = time.perf_counter()
    import torch
    from diffusers import AutoencoderKL, EulerAncestralDiscreteScheduler, UNet2DConditionModel
    from diffusers import StableDiffusionXLImg2ImgPipeline
    from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer
    torch.set_num_threads(threads)
    kind = {"bf16": torch.bfloat16, "fp32": torch.float32}[dtype]
    load = dict(torch_dtype=kind, local_files_only=True)
    pipe = StableDiffusionXLImg2ImgPipeline(
        vae=AutoencoderKL.from_pretrained(folder, subfolder="vae", **load),
        text_encoder=CLIPTextModel.from_pretrained(folder, subfolder="text_encoder", **load),
        text_encoder_2=CLIPTextModelWithProjection.from_pretrained(folder, subfolder="text_encoder_2", **load),
        tokenizer=CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer"),
        tokenizer_2=CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer_2"),
        unet=UNet2DConditionModel.from_pretrained(folder, subfolder="unet", **load),
        scheduler=EulerAncestralDiscreteScheduler.from_pretrained(folder, subfolder="scheduler"),
        force_zeros_for_empty_prompt=False)
    pipe.set_progress_bar_config(disable=True)
    pipe.load_lora_weights(folder, weight_name="pytorch_lora_weights.safetensors")
    side = pipe.unet.config.sample_size * 2 ** (len(pipe.vae.config.block_out_channels) - 1)
    crop = torch.rand(1, 3, side, side)
    tokens = torch.randn(1, 2, pipe.unet.config.cross_attention_dim, dtype=kind)

    def age(years, strength):
        pipe.disable_lora()
        embeds, _, pooled, _ = pipe.encode_prompt(f"a face image of a {years} years old male", device="cpu",
                                                  do_classifier_free_guidance=False)
        shared = dict(num_inference_steps=4, guidance_scale=0.0, output_type="pt", height=side, width=side)
        first = pipe(image=crop, strength=strength, prompt_embeds=embeds, pooled_prompt_embeds=pooled, **shared).images
        pipe.enable_lora()
        pipe(image=first, strength=.25, prompt_embeds=tokens, pooled_prompt_embeds=pooled, **shared)

    with torch.inference_mode():
        age(OWN, .25)  # which the change is measured against
        age(FIRST, .75)
        first = time.perf_counter() - start
        begin = time.perf_counter()
        age(FURTHER, .75)
        further = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"first": first, "further": further, "peak_gb": peak}))


def cli_run(cli, folder, photo, dtype, threads, memory):
    """Seconds to the first result and from there to a further age, and the peak memory, of one process; no prompt
    bank from an earlier run. A line of JSON is printed when a picture is written."""
    with tempfile.TemporaryDirectory() as out:
        environment = dict(os.environ, XDG_CACHE_HOME=out)
        command = [cli, photo, "--ages", f"{FIRST},{FURTHER}", "--from", str(OWN), "--gender", "male", "--model", folder,
                   "--precision", dtype, "--threads", str(threads), "--crossfade", "0", "--thresholds", "5,20", "--json",
                   "--memory", memory, "-o", out + "/{age}.png"]
        begin = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        times = [time.perf_counter() - begin for line in process.stdout if line.startswith("{")]
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0 or len(times) != 2:
            sys.exit("failed: " + " ".join(command))
        return {"first": times[0], "further": times[1] - times[0], "peak_gb": usage.ru_maxrss / 1e6}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("photo", nargs="?")
    parser.add_argument("--cli", default="build/release/bin/cradle2cane-cli")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory", default="auto", help="the rung of the memory ladder on our side")
    parser.add_argument("--dtype", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        return diffusers_worker(args.folder, args.dtype, args.threads)
    if not args.photo:
        parser.error("a photo is needed")
    results = {"diffusers": [], "ours": []}
    for _ in range(args.runs):
        worker = [sys.executable, __file__, args.folder, "--worker", "--dtype", args.dtype, "--threads",
                  str(args.threads)]
        begin = time.perf_counter()
        line = json.loads(subprocess.run(worker, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
        line["process"] = time.perf_counter() - begin
        results["diffusers"].append(line)
        results["ours"].append(cli_run(args.cli, args.folder, args.photo, args.dtype, args.threads, args.memory))
        print(json.dumps({"diffusers": results["diffusers"][-1], "ours": results["ours"][-1]}), file=sys.stderr)
    print(f"{'median of ' + str(args.runs):<24}{'diffusers':>12}{'ours':>12}{'ratio':>8}")
    for key, name in (("first", "start to result, s"), ("further", "further age, s"), ("peak_gb", "peak memory, GB")):
        theirs, ours = (statistics.median(run[key] for run in results[side]) for side in ("diffusers", "ours"))
        print(f"{name:<24}{theirs:>12.2f}{ours:>12.2f}{ours / theirs:>8.2f}")


if __name__ == "__main__":
    main()
