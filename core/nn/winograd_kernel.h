#pragma once

// The arithmetic of winograd.cpp, compiled once for each instruction set by winograd_avx512.cpp and
// winograd_avx2.cpp. No library header may be used in here: its inline functions would be compiled for the
// wider machine as well, and the linker could take those for the whole program.

namespace c2c::nn {

/// A 3x3 convolution with padding 1 and stride 1 over NHWC floats. The tiles of 4x4 outputs are numbered row
/// by row and picture by picture.
struct WinogradJob {
    const float* input =
        nullptr;                ///< [batch, height, width, in], or half the height and width where `doubled`
    bool doubled = false;       ///< the input is read as if enlarged twice by repetition
    long height = 0, width = 0; ///< of the output
    long in = 0;                ///< a multiple of 16
    long out = 0, out_padded = 0;    ///< out rounded up to a multiple of 16
    const float* kernel = nullptr;   ///< [36, in, out_padded], transformed
    const float* bias = nullptr;     ///< [out_padded] or null
    const float* residual = nullptr; ///< [batch, height, width, out] or null; added before the ReLU
    bool relu = false;
    float* output = nullptr; ///< [batch, height, width, out]
};

constexpr long kWinogradTiles = 36; ///< that go through the three steps together and stay in the L2 cache

/// Floats of scratch memory for one call, 64-byte aligned.
inline long winograd_scratch(const WinogradJob& job) {
    return 36 * kWinogradTiles * (job.in + job.out_padded);
}

void winograd_avx512(const WinogradJob& job, long first_tile, long last_tile, float* scratch);
void winograd_avx2(const WinogradJob& job, long first_tile, long last_tile, float* scratch);

namespace {

/// `W` floats in one register.
template <int W> struct Vector { typedef float type __attribute__((vector_size(W * sizeof(float)))); };

template <class V> inline V load(const float* from) { // from any address
    V value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
}
template <class V> inline void store(float* to, V value) {
    __builtin_memcpy(to, &value, sizeof value);
}

/// Bᵀd for one column of six (Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, F(4x4,
/// 3x3)).
template <class V> inline void transform_input(const V d[6], V out[6]) {
    const V a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = 2 * (d[3] - d[1]);
    out[0] = 4 * d[0] - 5 * d[2] + d[4];
    out[1] = a + b;
    out[2] = a - b;
    out[3] = c + e;
    out[4] = c - e;
    out[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/// Aᵀm for one column of six.
template <class V> inline void transform_output(const V m[6], V out[4]) {
    const V a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    out[0] = m[0] + a + c;
    out[1] = b + 2 * d;
    out[2] = a + 4 * c;
    out[3] = b + 8 * d + m[5];
}

/// R rows of v [·, in] times N·W columns of u [in, columns] into m [·, columns].
template <int W, int N, int R>
inline void multiply_block(const float* v, const float* u, float* m, long in, long columns) {
    using V = typename Vector<W>::type;
    V sum[R][N] = {};
    for (long c = 0; c < in; ++c) {
        V weight[N];
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n)
            weight[n] = load<V>(u + c * columns + n * W);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            const float value = v[r * in + c];
#pragma GCC unroll 8
            for (int n = 0; n < N; ++n)
                sum[r][n] += value * weight[n];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n)
            store<V>(m + r * columns + n * W, sum[r][n]);
}

template <int W, int N>
inline void multiply_columns(const float* v, const float* u, float* m, long tiles, long in, long columns) {
    constexpr int R = 6;
    long t = 0;
    for (; t + R <= tiles; t += R)
        multiply_block<W, N, R>(v + t * in, u, m + t * columns, in, columns);
    v += t * in;
    m += t * columns;
    switch (tiles - t) {
    case 5:
        return multiply_block<W, N, 5>(v, u, m, in, columns);
    case 4:
        return multiply_block<W, N, 4>(v, u, m, in, columns);
    case 3:
        return multiply_block<W, N, 3>(v, u, m, in, columns);
    case 2:
        return multiply_block<W, N, 2>(v, u, m, in, columns);
    case 1:
        return multiply_block<W, N, 1>(v, u, m, in, columns);
    default:
        return;
    }
}

/// N registers of columns at a time, so that 6·N sums and N weights stay in registers.
template <int W, int N>
inline void multiply(const float* v, const float* u, float* m, long tiles, long in, long columns) {
    long n = 0;
    for (; n + N * W <= columns; n += N * W)
        multiply_columns<W, N>(v, u + n, m + n, tiles, in, columns);
    for (; n < columns; n += W)
        multiply_columns<W, 1>(v, u + n, m + n, tiles, in, columns);
}

struct Tile {
    long picture, y, x; ///< of the first output
};

inline Tile tile_at(const WinogradJob& job, long index) {
    const long columns = (job.width + 3) / 4, rows = (job.height + 3) / 4;
    return {index / (rows * columns), index / columns % rows * 4, index % columns * 4};
}

/// One tile's 6x6 inputs into v[36][kWinogradTiles][in] at row t. `Whole`: none of them lies outside.
template <int W, bool Whole> inline void read_tile(const WinogradJob& job, Tile tile, long t, float* v) {
    using V = typename Vector<W>::type;
    const int shift = job.doubled ? 1 : 0;
    const long height = job.height >> shift, width = job.width >> shift;
    const float* picture = job.input + tile.picture * height * width * job.in;
    const float* row[6];
    long column[6];
    for (long i = 0; i < 6; ++i) {
        const long y = tile.y + i - 1, x = tile.x + i - 1;
        row[i] = Whole || (y >= 0 && y < job.height) ? picture + (y >> shift) * width * job.in : nullptr;
        column[i] = Whole || (x >= 0 && x < job.width) ? (x >> shift) * job.in : -1;
    }
    for (long c = 0; c < job.in; c += W) {
        V half[6][6]; // [column][row of Bᵀd]
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j) {
            V d[6];
#pragma GCC unroll 6
            for (int i = 0; i < 6; ++i)
                d[i] = Whole || (row[i] && column[j] >= 0) ? load<V>(row[i] + column[j] + c) : V{};
            transform_input<V>(d, half[j]);
        }
#pragma GCC unroll 6
        for (int i = 0; i < 6; ++i) {
            const V across[6] = {half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]};
            V out[6];
            transform_input<V>(across, out);
#pragma GCC unroll 6
            for (int j = 0; j < 6; ++j)
                store<V>(v + ((i * 6 + j) * kWinogradTiles + t) * job.in + c, out[j]);
        }
    }
}

template <int W> inline void read_tile(const WinogradJob& job, Tile tile, long t, float* v) {
    if (tile.y > 0 && tile.x > 0 && tile.y + 5 <= job.height && tile.x + 5 <= job.width)
        read_tile<W, true>(job, tile, t, v);
    else
        read_tile<W, false>(job, tile, t, v);
}

/// Row t of m[36][kWinogradTiles][out_padded] into one tile's 4x4 outputs.
template <int W> inline void write_tile(const WinogradJob& job, Tile tile, long t, const float* m) {
    using V = typename Vector<W>::type;
    for (long c = 0; c < job.out; c += W) {
        V half[6][4]; // [column][row of Aᵀm]
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j) {
            V column[6];
#pragma GCC unroll 6
            for (int i = 0; i < 6; ++i)
                column[i] = load<V>(m + ((i * 6 + j) * kWinogradTiles + t) * job.out_padded + c);
            transform_output<V>(column, half[j]);
        }
        const V bias = job.bias ? load<V>(job.bias + c) : V{};
        for (int i = 0; i < 4 && tile.y + i < job.height; ++i) {
            const V row[6] = {half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]};
            V out[4];
            transform_output<V>(row, out);
            for (int j = 0; j < 4 && tile.x + j < job.width; ++j) {
                const long at =
                    ((tile.picture * job.height + tile.y + i) * job.width + tile.x + j) * job.out + c;
                V value = out[j] + bias;
                if (c + W <= job.out) {
                    if (job.residual)
                        value += load<V>(job.residual + at);
                    if (job.relu)
                        value = value < 0 ? V{} : value; // keeps NaN, which must be noticed
                    store<V>(job.output + at, value);
                } else {
                    for (long n = 0; c + n < job.out; ++n) {
                        float one = value[n] + (job.residual ? job.residual[at + n] : 0.0f);
                        job.output[at + n] = job.relu && one < 0 ? 0.0f : one;
                    }
                }
            }
        }
    }
}

template <int W, int N> inline void winograd(const WinogradJob& job, long first, long last, float* scratch) {
    float* v = scratch;
    float* m = scratch + 36 * kWinogradTiles * job.in;
    for (long start = first; start < last; start += kWinogradTiles) {
        const long tiles = last - start < kWinogradTiles ? last - start : kWinogradTiles;
        for (long t = 0; t < tiles; ++t)
            read_tile<W>(job, tile_at(job, start + t), t, v);
        for (long k = 0; k < 36; ++k)
            multiply<W, N>(v + k * kWinogradTiles * job.in, job.kernel + k * job.in * job.out_padded,
                           m + k * kWinogradTiles * job.out_padded, tiles, job.in, job.out_padded);
        for (long t = 0; t < tiles; ++t)
            write_tile<W>(job, tile_at(job, start + t), t, m);
    }
}

} // namespace
} // namespace c2c::nn
