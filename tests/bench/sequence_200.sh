#!/bin/sh
# 200 frames 20 -> 80 of a photo of 1800 px, with the shares of inference and CPU, and the peak memory at 50 and 200
# frames. Wants a quiet machine. Usage: tests/bench/sequence_200.sh [cradle2cane-cli] [photo]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cli=${1:-$root/build/release/bin/cradle2cane-cli}
photo=${2:-$root/tests/data/photos/man_38.jpg}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
oiiotool=$(command -v oiiotool || true)
python=$(command -v python3)
for side in 1800 256; do # 256: nothing but inference; the network sees the same number of pixels
    if [ -n "$oiiotool" ]; then
        "$oiiotool" "$photo" --fit ${side}x${side} -o "$folder/$side.png"
    else
        "$python" -c "import cv2,sys
p=cv2.imread(sys.argv[1]); s=$side/max(p.shape[:2])
cv2.imwrite(sys.argv[2], cv2.resize(p,None,fx=s,fy=s,interpolation=cv2.INTER_AREA if s<1 else cv2.INTER_CUBIC))" "$photo" "$folder/$side.png"
    fi
done
# run NAME SIDE FRAMES: the last line of time -v and --profile's lines go to NAME.txt
run() {
    mkdir "$folder/$1"
    "$python" - "$folder/$1.txt" "$cli" sequence "$folder/$2.png" --curve "1:20,$3:80" -o "$folder/$1/a.####.png" --profile <<'PY'
import resource, subprocess, sys
with open(sys.argv[1], "w") as log:
    subprocess.run(sys.argv[2:], check=True, stdout=subprocess.DEVNULL, stderr=log)
    log.write(f"peak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB\n")
PY
    rm -r "$folder/$1"
}
run fifty 1800 50
run all 1800 200
run alone 256 200
"$python" - "$folder" <<'PY'
import os, re, sys
def figures(name):
    text = open(f"{sys.argv[1]}/{name}.txt").read()
    out = {m[1]: float(m[2]) for m in re.finditer(r"Profile: (\S+) ([0-9.]+) s", text)}
    out["peak"] = int(re.search(r"peak (\d+)", text)[1])
    return out
fifty, whole, alone = figures("fifty"), figures("all"), figures("alone")
cores = len(os.sched_getaffinity(0))
least = max(alone["inference"], whole["cpu"] / cores)
print(f"cores {cores}")
print(f"wall {whole['wall']:.1f} s, inference alone {alone['inference']:.1f} s, CPU {whole['cpu']:.1f} s")
print(f"wall / max(inference alone, CPU / cores) = {whole['wall'] / least:.3f}   (at most 1.1)")
print(f"peak memory {fifty['peak']} MB at 50 frames, {whole['peak']} MB at 200")
PY
