#include "core/aging/parts.h"

#include <cstring>

namespace c2c {

Result<nn::Placement> choose_placement(const EngineOptions& options) {
    C2C_TRY(const nn::Device device, nn::parse_device(options.device));
    const bool cuda = device.kind == nn::Device::Kind::Cuda;
    switch (options.precision) {
    case Precision::Fp32:
        return nn::Placement{device, DType::F32};
    case Precision::Bf16:
        return nn::Placement{device, DType::BF16};
    case Precision::Fp16:
        if (!cuda)
            return fail(ErrorKind::Usage, "fp16 needs a GPU; choose --precision fp32 or bf16 on the CPU.");
        return nn::Placement{device, DType::F16};
    case Precision::Auto:
        break;
    }
    return nn::Placement{device, nn::auto_type(device)};
}

Result<Svr> choose_svr(const MethodOptions& method, const Svr& own) {
    Svr svr = own;
    svr.n = method.svr.value_or(own.n);
    if (svr.n != -1 && svr.n != 0 && svr.n != 1 && svr.n != 3)
        return fail(ErrorKind::Usage, "SVR over {} images is not known; choose off, 0, 1 or 3.", svr.n);
    return svr;
}

at::Tensor to_tensor(const Image& image) {
    // A copy: the image may go before the tensor does.
    return at::from_blob(const_cast<float*>(image.data.data()),
                         {1, image.height, image.width, image.channels}, at::kFloat)
        .permute({0, 3, 1, 2})
        .contiguous();
}

Image to_image(const at::Tensor& tensor) {
    const at::Tensor rows = tensor.squeeze(0).permute({1, 2, 0}).contiguous();
    Image image(static_cast<int>(rows.size(1)), static_cast<int>(rows.size(0)),
                static_cast<int>(rows.size(2)));
    std::memcpy(image.data.data(), rows.data_ptr<float>(), image.data.size() * sizeof(float));
    return image;
}

std::string text_of(DType precision) {
    return precision == DType::BF16 ? "bf16" : precision == DType::F16 ? "fp16" : "fp32";
}

} // namespace c2c
