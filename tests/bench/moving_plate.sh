#!/bin/sh
# A photo as a moving plate: a slow pan, zoom and roll, with fresh grain in each frame. Wants openimageio-tools.
# Usage: tests/bench/moving_plate.sh PHOTO FOLDER [FRAMES] [SIDE] [GRAIN of 255]      writes FOLDER/plate.1001.png …
set -eu
photo=$1 folder=$2 frames=${3:-96} side=${4:-640} grain=${5:-2.5}
mkdir -p "$folder"
oiiotool "$photo" --resize "${side}x0" -d float -o "$folder/own.tif"
size=$(oiiotool --info "$folder/own.tif" | sed -n 's/.*: *\([0-9]*\) x *\([0-9]*\),.*/\1 \2/p')
# From the first frame to the last: 6 % to the right, 3 % down, 12 % larger; the roll swings to 4 degrees and back.
awk -v frames="$frames" -v size="$size" 'BEGIN {
    split(size, s, " "); w = s[1]; h = s[2]; pi = atan2(0, -1)
    for (i = 0; i < frames; i++) {
        t = frames > 1 ? i / (frames - 1) : 0
        k = 1.05 + 0.12 * t * t * (3 - 2 * t); a = 4 * pi / 180 * sin(pi * t)
        c = k * cos(a); n = k * sin(a)
        x = w / 2 - (w / 2 * c - h / 2 * n) + 0.06 * w * (t - 0.5)
        y = h / 2 - (w / 2 * n + h / 2 * c) + 0.03 * h * (t - 0.5)
        printf "%d %.6f,%.6f,0,%.6f,%.6f,0,%.4f,%.4f,1\n", 1001 + i, c, n, -n, c, x, y
    }
}' | while read -r number matrix; do
    oiiotool "$folder/own.tif" --warp:wrap=mirror "$matrix" \
        --noise:type=gaussian:stddev="$(awk -v g="$grain" 'BEGIN { print g / 255 }')":mono=1:seed="$number" \
        -d uint8 -o "$folder/plate.$number.png"
done
rm "$folder/own.tif"
