#include "core/nn/large_pages.h"

#include <c10/core/CPUAllocator.h>
#include <torch/version.h>

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

namespace c2c::nn {
namespace {

constexpr std::size_t kPage = std::size_t{2} << 20, kMapped = std::size_t{32} << 20;

class LargePages final : public c10::Allocator {
  public:
    explicit LargePages(c10::Allocator& small) : small_(small) {}

#if TORCH_VERSION_MAJOR >= 2
    c10::DataPtr allocate(std::size_t bytes) override {
        return take(bytes);
    }
    void copy_data(void* to, const void* from, std::size_t bytes) const override {
        std::memcpy(to, from, bytes);
    }
#else
    c10::DataPtr allocate(std::size_t bytes) const override {
        return take(bytes);
    }
#endif

    // Torch's own ends in free(), which is right for both: oneDNN gives back what it took without asking
    // which.
    c10::DeleterFnPtr raw_deleter() const override {
        return small_.raw_deleter();
    }

  private:
    c10::DataPtr take(std::size_t bytes) const {
        void* memory = nullptr;
        const std::size_t whole = (bytes + kPage - 1) / kPage * kPage;
        if (bytes < kMapped || whole < bytes || ::posix_memalign(&memory, kPage, whole) != 0)
            return small_.allocate(bytes); // which says it well when there is no memory
        ::madvise(memory, whole, MADV_HUGEPAGE);
        return {memory, memory, small_.raw_deleter(), c10::Device(c10::DeviceType::CPU)};
    }

    c10::Allocator& small_;
};

} // namespace

void use_large_pages() {
    static LargePages pages(*c10::GetDefaultCPUAllocator());
    c10::SetCPUAllocator(&pages);
}

} // namespace c2c::nn
