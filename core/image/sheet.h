#pragma once

#include "core/image/image.h"

#include <string>
#include <vector>

namespace c2c {

struct SheetCell {
    Image picture;     ///< sRGB-encoded, 1 or 3 channels; any size
    std::string label; ///< one line under the picture, may be empty; ASCII
};

struct SheetOptions {
    int columns = 0;     ///< 0: as many as make the sheet about square
    int cell_side = 512; ///< the longer side of a picture on the sheet; smaller pictures are not enlarged
    int gap = 12;
};

/// All cells on a dark sheet, three channels; empty without cells.
Image contact_sheet(const std::vector<SheetCell>& cells, const SheetOptions& options = {});

} // namespace c2c
