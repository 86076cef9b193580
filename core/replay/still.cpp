#include "core/replay/still.h"

#include "core/image/exr_header.h"
#include "core/image/resample.h"
#include "core/replay/planes.h"
#include "core/replay/protect.h"

#include <algorithm>

namespace c2c {
namespace fs = std::filesystem;

namespace {

Image scaled(const Image& image, PixelSize size) {
    return size.width <= image.width && size.height <= image.height
               ? resize_area(image, size.width, size.height)
               : resize_cubic(image, size.width, size.height);
}

Image nearest(const Image& image, PixelSize size) {
    Image result(size.width, size.height, image.channels);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            const int from_x =
                std::min(static_cast<int>((x + .5) * image.width / size.width), image.width - 1);
            const int from_y =
                std::min(static_cast<int>((y + .5) * image.height / size.height), image.height - 1);
            std::copy_n(image.data.data() + image.index(from_x, from_y), image.channels,
                        result.data.data() + result.index(x, y));
        }
    return result;
}

/// Each colour times alpha, or divided by it; pixels that are clear keep what `clear` has.
void by_alpha(Image& color, const Image& alpha, const Image* clear) {
    for (std::size_t pixel = 0; pixel < alpha.data.size(); ++pixel)
        for (std::size_t c = 0; c < static_cast<std::size_t>(color.channels); ++c) {
            float& value = color.data[pixel * static_cast<std::size_t>(color.channels) + c];
            if (!clear)
                value *= alpha.data[pixel];
            else if (alpha.data[pixel] > 0)
                value /= alpha.data[pixel];
            else
                value = clear->data[pixel * static_cast<std::size_t>(color.channels) + c];
        }
}

} // namespace

SubjectSettings subject_settings(const Look& look) {
    SubjectSettings settings;
    settings.portrait.source_age = look.source_age;
    settings.portrait.gender = look.gender;
    settings.portrait.seed = look.seed;
    settings.grey_background = look.grey_background;
    return settings;
}

PasteMode paste_mode(const Look& look) {
    return look.replace ? PasteMode::Replace : PasteMode::KeepDetail;
}

Result<std::shared_ptr<const Subject>> protected_subject(const Subject& subject, const Protect& protect) {
    const Photo& photo = *subject.scene->photo;
    return with_protect(subject, protect_mask(protect, subject.scene->faces[subject.face].face, subject.maps,
                                              photo.width(), photo.height()));
}

Photo resized(const Photo& photo, PixelSize size) {
    Photo result = photo;
    const bool weighted = !photo.alpha.empty() && !photo.premultiplied;
    if (!photo.alpha.empty())
        result.alpha = scaled(photo.alpha, size);
    for (float& value : result.alpha.data)
        value = std::clamp(value, 0.0f, 1.0f); // cubic overshoots
    if (weighted)
        by_alpha(result.color, photo.alpha, nullptr);
    result.color = scaled(result.color, size);
    if (weighted) {
        const Image plain = scaled(photo.color, size);
        by_alpha(result.color, result.alpha, &plain);
    }
    for (ExtraChannel& channel : result.extra)
        channel.pixels = channel.whole_numbers ? nearest(channel.pixels, size) : scaled(channel.pixels, size);
    if (photo.exr) { // its windows are of the old size
        auto header = std::make_shared<ExrHeader>(*photo.exr);
        header->spec.x = header->spec.y = header->spec.full_x = header->spec.full_y = 0;
        header->spec.width = header->spec.full_width = size.width;
        header->spec.height = header->spec.full_height = size.height;
        result.exr = std::move(header);
    }
    return result;
}

Provenance provenance(const std::string& program, const std::string& what, const ModelInfo& model,
                      std::uint64_t seed) {
    return {
        true, program,
        fmt::format("{} with {} {} (sha256 {}), seed {}", what, model.name, model.version, model.hash, seed),
        model.commercial_use ? std::string()
                             : fmt::format("Made with a model for research only: {}", model.licence_note)};
}

Result<void> export_still(const Subject& subject, const AgedCrop& aged, const Look& look,
                          const ModelInfo& model, const fs::path& target, const ExportOptions& options,
                          const std::string& program, const StopToken& stop) {
    WriteOptions write;
    write.overwrite = options.overwrite ? Overwrite::Yes : Overwrite::No;
    write.jpeg_quality = options.jpeg_quality;
    write.keep_metadata = options.keep_metadata;
    write.keep_gps = options.keep_gps && options.keep_metadata;
    if (options.bits)
        write.depth = options.bits == 16 ? Depth::U16 : Depth::U8;
    write.provenance = provenance(
        program, fmt::format("Aged from {:.1f} to {:.1f}", look.source_age, aged.age), model, look.seed);
    const PixelSize size =
        scaled_size(subject.scene->photo->width(), subject.scene->photo->height(), options.size);
    const auto write_sized = [&](Photo photo, const fs::path& file, const WriteOptions& how) -> Result<void> {
        if (stop.stop_requested())
            return cancelled();
        if (size != PixelSize{photo.width(), photo.height()})
            photo = resized(photo, size);
        return write_photo(photo, file, how);
    };
    Photo photo = *subject.scene->photo;
    apply(compose(subject, aged, look.amount, paste_mode(look)), photo);
    C2C_CHECK(write_sized(std::move(photo), target, write));

    WriteOptions beside;
    beside.overwrite = write.overwrite;
    const std::string stem = (target.parent_path() / target.stem()).string();
    const Photo& source = *subject.scene->photo;
    const Rect& rect = subject.paste.rect;
    if (options.delta) {
        const Plane change{rect, compose_delta(subject, aged, look.amount, paste_mode(look))};
        C2C_CHECK(write_sized(change_picture(source, {&change, 1}), stem + "_delta.exr", beside));
    }
    if (options.matte) {
        const Plane mask{rect, subject.paste.mask};
        C2C_CHECK(write_sized(matte_picture(source, {&mask, 1}), stem + "_matte.png", beside));
    }
    return {};
}

} // namespace c2c
