#include "core/replay/export_options.h"

#include <algorithm>
#include <cmath>

namespace c2c {

PixelSize scaled_size(int width, int height, const ExportSize& size) {
    const double longer = std::max(width, height);
    const double ratio = size.by == ExportSize::By::Percent    ? size.value / 100
                         : size.by == ExportSize::By::LongEdge ? size.value / longer
                                                               : 1;
    const auto side = [&](int pixels) {
        return static_cast<int>(std::clamp(std::round(pixels * ratio), 1.0, 65'535.0));
    };
    return {side(width), side(height)};
}

} // namespace c2c
