#include "core/face/guided.h"

#include "core/image/opencv.h"

#include <opencv2/imgproc.hpp>

namespace c2c {

namespace {

cv::Mat mean(const cv::Mat& m, int radius) {
    cv::Mat out;
    cv::boxFilter(m, out, CV_32F, {2 * radius + 1, 2 * radius + 1}, {-1, -1}, true, cv::BORDER_REFLECT);
    return out;
}

} // namespace

Image guided_filter(const Image& guide, const Image& value, int radius, float epsilon) {
    const cv::Mat p = as_mat(value);
    std::vector<cv::Mat> i;
    cv::split(as_mat(guide), i);
    const cv::Mat mi[3] = {mean(i[0], radius), mean(i[1], radius), mean(i[2], radius)};
    const cv::Mat mp = mean(p, radius);
    cv::Mat cov[3];
    for (int k = 0; k < 3; ++k)
        cov[k] = mean(i[k].mul(p), radius) - mi[k].mul(mp);
    // The symmetric covariance of the guide: rr rg rb gg gb bb.
    const int a_of[6] = {0, 0, 0, 1, 1, 2}, b_of[6] = {0, 1, 2, 1, 2, 2};
    cv::Mat var[6];
    for (int k = 0; k < 6; ++k)
        var[k] = mean(i[a_of[k]].mul(i[b_of[k]]), radius) - mi[a_of[k]].mul(mi[b_of[k]]);

    cv::Mat a[3], b(p.size(), CV_32F);
    for (auto& m : a)
        m.create(p.size(), CV_32F);
    cv::parallel_for_({0, p.rows}, [&](const cv::Range& rows) {
        for (int y = rows.start; y < rows.end; ++y)
            for (int x = 0; x < p.cols; ++x) {
                const cv::Matx33f s(
                    var[0].at<float>(y, x) + epsilon, var[1].at<float>(y, x), var[2].at<float>(y, x),
                    var[1].at<float>(y, x), var[3].at<float>(y, x) + epsilon, var[4].at<float>(y, x),
                    var[2].at<float>(y, x), var[4].at<float>(y, x), var[5].at<float>(y, x) + epsilon);
                const cv::Vec3f c(cov[0].at<float>(y, x), cov[1].at<float>(y, x), cov[2].at<float>(y, x));
                const cv::Vec3f w = s.solve(c, cv::DECOMP_CHOLESKY);
                float offset = mp.at<float>(y, x);
                for (int k = 0; k < 3; ++k) {
                    a[k].at<float>(y, x) = w[k];
                    offset -= w[k] * mi[k].at<float>(y, x);
                }
                b.at<float>(y, x) = offset;
            }
    });
    Image out(value.width, value.height, 1);
    cv::Mat q = mean(b, radius);
    for (int k = 0; k < 3; ++k)
        q += mean(a[k], radius).mul(i[k]);
    cv::max(q, 0.0f, q);
    cv::min(q, 1.0f, as_mat(out));
    return out;
}

} // namespace c2c
