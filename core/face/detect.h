#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/face/face.h"
#include "core/image/image.h"

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace c2c {

/// How far the search for one photo's faces has come. Of a large photo it keeps a smaller copy until all are
/// found.
class FaceSearch {
  public:
    FaceSearch();
    FaceSearch(FaceSearch&&) noexcept;
    FaceSearch& operator=(FaceSearch&&) noexcept;
    ~FaceSearch();

    /// The large ones, then the others, each the largest first. Their `landmarks` are left empty (see
    /// landmarks.h). None of those that are there moves when others come.
    const std::vector<Face>& faces() const;
    bool finished() const; ///< these are all

  private:
    friend class FaceFinder;
    struct State;
    std::unique_ptr<State> state_;
};

/// Finds faces with YuNet (Wu et al., "YuNet: A tiny millisecond-level face detector", 2023) at several
/// scales and rolls; where it is unsure, dlib's HOG detector is asked. One thread at a time.
class FaceFinder {
  public:
    /// `face_models`: the folder of face.json. Model errors name the file.
    static Result<FaceFinder> create(const std::filesystem::path& face_models);
    FaceFinder(FaceFinder&&) noexcept;
    FaceFinder& operator=(FaceFinder&&) noexcept;
    ~FaceFinder();

    /// All faces of an sRGB photo (RGB 0..1), none when there is none. Faces from about longest side/150, or
    /// 16 px, are found.
    Result<std::vector<Face>> find(const Image& srgb, const StopToken& stop = {});

    /// The same by steps: goes on with a search of this photo until it has the faces asked for. A stop is
    /// heard before every further look and loses none of those before. The large faces of a large photo take
    /// a tenth of the time; one of at most `one_look` pixels a side is searched for all faces at once.
    Result<void> go_on(FaceSearch& search, const Image& srgb, Faces which, const StopToken& stop = {});
    static constexpr int one_look = 2000;

    /// The five points of the face in a square template crop, for arcface_chip(crop, five): found in the crop
    /// itself, scaled to 320 px, as nano's embedder saw its training faces. `otherwise` (the photo's points
    /// through the inverse warp) is the answer when YuNet sees no face there; without it that is a NoFace
    /// error.
    Result<std::array<Point, 5>> five_in_crop(const Image& crop,
                                              const std::optional<std::array<Point, 5>>& otherwise = {});

  private:
    struct Impl;
    explicit FaceFinder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace c2c
