#pragma once

#include <QByteArray>
#include <QColor>

#include <lcms2.h>

namespace c2c::test {

/// The profile of a screen whose red and green are each other's places.
inline QByteArray swapped_screen() {
    const cmsCIExyY white{.3127, .3290, 1};
    const cmsCIExyYTRIPLE primaries{{.30, .60, 1}, {.64, .33, 1}, {.15, .06, 1}};
    cmsToneCurve* const gamma = cmsBuildGamma(nullptr, 1.8); // not sRGB's either
    cmsToneCurve* const curves[] = {gamma, gamma, gamma};
    const cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
    cmsUInt32Number size = 0;
    cmsSaveProfileToMem(profile, nullptr, &size);
    QByteArray bytes(qsizetype(size), 0);
    cmsSaveProfileToMem(profile, bytes.data(), &size);
    cmsCloseProfile(profile);
    cmsFreeToneCurve(gamma);
    return bytes;
}

/// An sRGB colour on that screen, as lcms2 has it in double precision.
inline QColor on_screen(const QByteArray& icc, const QColor& srgb) {
    const cmsHPROFILE screen = cmsOpenProfileFromMem(icc.constData(), cmsUInt32Number(icc.size()));
    const cmsHPROFILE from = cmsCreate_sRGBProfile();
    const cmsHTRANSFORM transform =
        cmsCreateTransform(from, TYPE_RGB_DBL, screen, TYPE_RGB_DBL, INTENT_RELATIVE_COLORIMETRIC, 0);
    const double in[3] = {srgb.redF(), srgb.greenF(), srgb.blueF()};
    double out[3] = {};
    cmsDoTransform(transform, in, out, 1);
    cmsDeleteTransform(transform);
    cmsCloseProfile(from);
    cmsCloseProfile(screen);
    const auto unit = [](double value) { return float(std::clamp(value, 0.0, 1.0)); };
    return QColor::fromRgbF(unit(out[0]), unit(out[1]), unit(out[2]));
}

/// Of one 8-bit step for each of two roundings.
inline bool close_to(const QColor& a, const QColor& b) {
    return std::abs(a.red() - b.red()) <= 2 && std::abs(a.green() - b.green()) <= 2 &&
           std::abs(a.blue() - b.blue()) <= 2;
}

} // namespace c2c::test
