#pragma once

namespace c2c {

/// How large a picture is written, seen from the photo.
struct ExportSize {
    enum class By { Original, Percent, LongEdge } by = By::Original;
    double value = 100; ///< per cent, or pixels of the longer side
    bool operator==(const ExportSize&) const = default;
};

struct PixelSize {
    int width = 0, height = 0;
    bool operator==(const PixelSize&) const = default;
};

/// Of a photo of width x height; 1 to 65,535 a side. The longer side is what LongEdge says, to the pixel.
PixelSize scaled_size(int width, int height, const ExportSize& size);

/// How one aged picture becomes a file, beside what the session says of the picture itself.
struct ExportOptions {
    int jpeg_quality = 95;
    int bits = 0; ///< 0: as the photo; else 8 or 16
    bool keep_metadata = true, keep_gps = true, overwrite = false;
    bool delta = false, matte = false; ///< written beside it as …_delta.exr and …_matte.png
    ExportSize size = {};
};

} // namespace c2c
