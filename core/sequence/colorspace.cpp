#include "core/sequence/colorspace.h"

#include <OpenImageIO/color.h>
#include <OpenImageIO/imagebuf.h>
#include <OpenImageIO/imagebufalgo.h>

#include <algorithm>
#include <cstdlib>

namespace c2c {
namespace {

void convert(const OIIO::ColorProcessorHandle& processor, Image& rgb) {
    const OIIO::ImageSpec spec(rgb.width, rgb.height, 3, OIIO::TypeDesc::FLOAT);
    OIIO::ImageBuf pixels(spec, rgb.data.data());
    OIIO::ImageBufAlgo::colorconvert(pixels, pixels, processor.get(), false, {}, 1);
}

} // namespace

struct PlateSpace::Impl {
    OIIO::ColorProcessorHandle to_srgb, from_srgb;
};

std::vector<std::string> plate_space_names() {
    return OIIO::ColorConfig().getColorSpaceNames();
}

Result<PlateSpace> PlateSpace::create(const std::string& name) {
    if (const char* given = std::getenv("OCIO"); !given || !*given)
        return fail(ErrorKind::Usage,
                    "A colour space needs an OpenColorIO configuration; set $OCIO to its file.");
    OIIO::ColorConfig config;
    if (config.error())
        return fail(ErrorKind::Usage, "The OpenColorIO configuration {} cannot be read ({}); check $OCIO.",
                    config.configname(), config.geterror());
    const auto names = config.getColorSpaceNames();
    const auto known = [&](const std::string& space) {
        if (std::find(names.begin(), names.end(), space) != names.end())
            return true;
        return std::any_of(names.begin(), names.end(), [&](const std::string& one) {
            const auto aliases = config.getAliases(one);
            return std::find(aliases.begin(), aliases.end(), space) != aliases.end();
        });
    };
    std::string list;
    for (const std::string& one : names)
        list += (list.empty() ? "" : ", ") + one;
    if (!known(name))
        return fail(ErrorKind::Usage, "There is no colour space \"{}\" in {}; there are {}.", name,
                    config.configname().empty() ? "the configuration" : config.configname(), list);
    // What the usual configurations call an sRGB-encoded picture.
    static const char* const spellings[] = {"sRGB - Texture",
                                            "Utility - sRGB - Texture",
                                            "srgb_texture",
                                            "srgb_tx",
                                            "sRGB Encoded Rec.709 (sRGB)",
                                            "sRGB",
                                            "srgb"};
    const auto* srgb = std::find_if(std::begin(spellings), std::end(spellings), known);
    if (srgb == std::end(spellings))
        return fail(
            ErrorKind::Usage,
            "The OpenColorIO configuration {} has no sRGB space, which the network needs; there are {}.",
            config.configname(), list);
    auto impl = std::make_shared<Impl>();
    impl->to_srgb = config.createColorProcessor(name, *srgb);
    impl->from_srgb = config.createColorProcessor(*srgb, name);
    if (!impl->to_srgb || !impl->from_srgb)
        return fail(ErrorKind::Usage, "Colours cannot be taken from \"{}\" to {} and back ({}).", name, *srgb,
                    config.geterror());
    PlateSpace space;
    space.impl_ = std::move(impl);
    return space;
}

Photo PlateSpace::to_srgb(const Photo& plate) const {
    Photo seen = plate;
    if (seen.color.channels == 1) {
        Image rgb(plate.width(), plate.height(), 3);
        for (std::size_t i = 0; i < plate.color.data.size(); ++i)
            rgb.data[3 * i] = rgb.data[3 * i + 1] = rgb.data[3 * i + 2] = plate.color.data[i];
        seen.color = std::move(rgb);
    }
    convert(impl_->to_srgb, seen.color);
    seen.icc.clear();
    seen.linear = false;
    seen.chromaticities.reset();
    seen.depth = Depth::F32;
    return seen;
}

void PlateSpace::apply_change(const Image& before, const Image& after, Image& plate) const {
    // Only the changed rows are taken back: a face is a part of the frame.
    const auto row_size = static_cast<std::size_t>(before.width) * 3;
    int first = before.height, last = -1;
    for (int y = 0; y < before.height; ++y)
        if (!std::equal(before.row(y), before.row(y) + row_size, after.row(y))) {
            first = std::min(first, y);
            last = y;
        }
    if (last < first)
        return;
    const auto rows = [&](const Image& image) {
        Image part(image.width, last - first + 1, 3);
        std::transform(image.row(first), image.row(last) + row_size, part.data.begin(),
                       [](float v) { return std::clamp(v, 0.0f, 1.0f); });
        convert(impl_->from_srgb, part);
        return part;
    };
    const Image own = rows(before), aged = rows(after);
    for (int y = first; y <= last; ++y)
        for (int x = 0; x < before.width; ++x) {
            const float *b = &before.data[before.index(x, y)], *a = &after.data[after.index(x, y)];
            if (std::equal(b, b + 3, a))
                continue;
            const std::size_t at = own.index(x, y - first);
            float change[3];
            for (std::size_t c = 0; c < 3; ++c)
                change[c] = aged.data[at + c] - own.data[at + c];
            if (plate.channels == 1)
                plate.at(x, y) += (change[0] + change[1] + change[2]) / 3;
            else
                for (int c = 0; c < 3; ++c)
                    plate.at(x, y, c) += change[c];
        }
}

} // namespace c2c
