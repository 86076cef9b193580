#include "core/image/sheet.h"

#include "core/image/opencv.h"
#include "core/image/resample.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace c2c {
namespace {

constexpr float paper = 0.11f, ink = 0.86f;

/// Copies the picture's pixels, grey to all three, with its top left corner at (x, y).
void paste(const Image& picture, Image& sheet, int x, int y) {
    for (int row = 0; row < picture.height; ++row)
        for (int column = 0; column < picture.width; ++column)
            for (int c = 0; c < 3; ++c)
                sheet.at(x + column, y + row, c) = picture.at(column, row, picture.channels == 1 ? 0 : c);
}

void write_label(const std::string& text, Image& sheet, int x, int y, int width, int height) {
    int below = 0;
    double scale = height / 36.0;
    const int thickness = std::max(1, int(std::lround(scale * 1.5)));
    cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, thickness, &below);
    if (size.width > width) {
        scale *= double(width) / size.width;
        size.width = width;
    }
    cv::Mat mask = cv::Mat::zeros(height, width, CV_8U); // OpenCV smooths edges in 8 bits only
    cv::putText(mask, text, {(width - size.width) / 2, height * 7 / 10}, cv::FONT_HERSHEY_SIMPLEX, scale,
                cv::Scalar(255), thickness, cv::LINE_AA);
    for (int row = 0; row < height; ++row)
        for (int column = 0; column < width; ++column)
            for (int c = 0; c < 3; ++c)
                sheet.at(x + column, y + row, c) +=
                    (ink - paper) * float(mask.at<std::uint8_t>(row, column)) / 255;
}

} // namespace

Image contact_sheet(const std::vector<SheetCell>& cells, const SheetOptions& options) {
    if (cells.empty())
        return {};
    const int count = int(cells.size());
    const int columns =
        std::clamp(options.columns > 0 ? options.columns : int(std::ceil(std::sqrt(count))), 1, count);
    const int rows = (count + columns - 1) / columns;
    std::vector<Image> pictures;
    int width = 1, height = 1;
    for (const SheetCell& cell : cells) {
        pictures.push_back(fit_within(cell.picture, options.cell_side));
        width = std::max(width, pictures.back().width);
        height = std::max(height, pictures.back().height);
    }
    const bool labels =
        std::any_of(cells.begin(), cells.end(), [](const SheetCell& cell) { return !cell.label.empty(); });
    const int label_height = labels ? std::clamp(width / 12, 14, 40) : 0;
    const int gap = options.gap;
    Image sheet(gap + columns * (width + gap), gap + rows * (height + label_height + gap), 3, paper);
    for (int i = 0; i < count; ++i) {
        const Image& picture = pictures[std::size_t(i)];
        const int x = gap + i % columns * (width + gap),
                  y = gap + i / columns * (height + label_height + gap);
        paste(picture, sheet, x + (width - picture.width) / 2, y + (height - picture.height) / 2);
        if (!cells[std::size_t(i)].label.empty())
            write_label(cells[std::size_t(i)].label, sheet, x, y + height, width, label_height);
    }
    return sheet;
}

} // namespace c2c
