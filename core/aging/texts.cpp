#include "core/aging/texts.h"

#include "core/aging/prompts.h"
#include "core/base/sha256.h"
#include "core/nn/torch_types.h"
#include "core/weights/weight_files.h"

#include <torch/version.h>

#include <cmath>

namespace fs = std::filesystem;

namespace c2c {
namespace {

auto loader(const fs::path& folder, const nn::Placement& placement) {
    return [=] { return nn::ClipText::load(folder, placement); };
}

/// The encoder's {tokens, pooled} of one text.
auto encode(OnDemand<nn::ClipText>& encoder, const Tokenizer& tokenizer, const std::string& words) {
    return encoder.use([&](const nn::ClipText& text) { return text({tokenizer.encode_padded(words)}); });
}

} // namespace

Result<std::string> prompt_bank_key(const ModelFolder& model, const nn::Placement& placement,
                                    const StopToken& stop) {
    std::string key =
        fmt::format("2 {} {} {}\n", nn::text_of(placement.device), text_of(placement.type), TORCH_VERSION);
    for (const fs::path& part :
         {model.text_encoder, model.text_encoder_2, model.clip, model.tokenizer, model.tokenizer_2}) {
        std::vector<fs::path> files = {part / "config.json", part / "merges.txt", part / "vocab.json",
                                       part / "tokenizer_config.json", part / "special_tokens_map.json"};
        if (part != model.tokenizer && part != model.tokenizer_2) {
            C2C_TRY(const WeightFiles found,
                    find_weight_files(part, placement.type == DType::F32 ? Variant::Full : Variant::Half));
            files.insert(files.end(), found.files.begin(), found.files.end());
        }
        for (const fs::path& file : files) {
            std::error_code ignored;
            if (!fs::exists(file, ignored))
                continue;
            C2C_TRY(const std::string hash, remembered_sha256(file, stop));
            key += fmt::format("{} {}\n", file.filename().string(), hash);
        }
    }
    return key;
}

Texts::Texts(const ModelFolder& model, const nn::Placement& placement, Tokenizer first, Tokenizer second,
             PromptBank bank, const std::function<void()>& make_room)
    : tokenizer_(std::move(first)), tokenizer_2_(std::move(second)), placement_(placement),
      bank_(std::move(bank)), text_(loader(model.text_encoder, placement)), text_2_([=] {
          make_room();
          return nn::ClipText::load(model.text_encoder_2, placement);
      }),
      clip_(loader(model.clip, placement)) {}

Result<std::shared_ptr<Texts>> Texts::load(const ModelFolder& model, const nn::Placement& placement,
                                           const std::string& bank_key,
                                           const std::function<void()>& make_room) {
    C2C_TRY(Tokenizer first, Tokenizer::load(model.tokenizer));
    C2C_TRY(Tokenizer second, Tokenizer::load(model.tokenizer_2));
    return std::shared_ptr<Texts>(
        new Texts(model, placement, std::move(first), std::move(second), PromptBank(bank_key), make_room));
}

void Texts::keep_encoders(bool keep) {
    for (OnDemand<nn::ClipText>* encoder : {&text_, &text_2_, &clip_})
        encoder->keep(keep);
}

Result<Prompt> Texts::prompt(Gender gender, double age, const std::string& extra) {
    const double below = std::floor(age), part = age - below;
    C2C_TRY(const Prompt low, whole_prompt(gender, static_cast<int>(below), extra));
    if (part == 0)
        return low;
    C2C_TRY(const Prompt high, whole_prompt(gender, static_cast<int>(below) + 1, extra));
    return Prompt{at::lerp(low.embeds, high.embeds, part), at::lerp(low.pooled, high.pooled, part)};
}

Result<at::Tensor> Texts::feature(double age) {
    const double below = std::floor(age), part = age - below;
    C2C_TRY(const at::Tensor low, whole_feature(static_cast<int>(below)));
    if (part == 0)
        return low;
    C2C_TRY(const at::Tensor high, whole_feature(static_cast<int>(below) + 1));
    const at::Tensor between = at::lerp(low, high, part);
    return at::Tensor(between / between.norm());
}

Result<Prompt> Texts::whole_prompt(Gender gender, int age, const std::string& extra) {
    const std::string words =
        fmt::format("a face image of a {} years old {}{}{}", age, gender == Gender::Male ? "male" : "female",
                    extra.empty() ? "" : ", ", extra);
    if (const auto known = prompts_.find(words); known != prompts_.end())
        return known->second;
    const at::Device device = nn::torch_device(placement_.device);
    if (const auto kept = bank_.read(words); kept && kept->size() == 2)
        return prompts_[words] = {(*kept)[0].to(device), (*kept)[1].to(device)};
    C2C_TRY(const auto first, encode(text_, tokenizer_, words));
    C2C_TRY(const auto second, encode(text_2_, tokenizer_2_, words));
    ++encoded_;
    const Prompt prompt{at::cat({first.first, second.first}, 2), second.second};
    if (extra.empty()) // free words would fill the disk
        bank_.write(words, {prompt.embeds, prompt.pooled});
    return prompts_[words] = prompt;
}

Result<at::Tensor> Texts::whole_feature(int age) {
    if (const auto known = features_.find(age); known != features_.end())
        return known->second;
    const std::string words = fmt::format("{} years old", age);
    if (const auto kept = bank_.read(words); kept && kept->size() == 1)
        return features_[age] = (*kept)[0].to(nn::torch_device(placement_.device));
    C2C_TRY(const auto text, encode(clip_, tokenizer_, words));
    ++encoded_;
    const at::Tensor feature = text.second / text.second.norm();
    bank_.write(words, {feature});
    return features_[age] = feature;
}

Result<std::size_t> prepare_prompts(const fs::path& model_folder, const EngineOptions& options,
                                    const Progress& progress, const StopToken& stop) {
    constexpr int kOldest = 100;
    if (folder_kind(model_folder) == FolderKind::Manifest)
        return fail(ErrorKind::Usage, "{} has its prompts in it; there is nothing to prepare.",
                    model_folder.string());
    C2C_TRY(const nn::Placement placement, choose_placement(options));
    C2C_TRY(const ModelFolder model, read_model_folder(model_folder));
    C2C_TRY(const std::string key, prompt_bank_key(model, placement, stop));
    C2C_TRY(const std::shared_ptr<Texts> texts, Texts::load(model, placement, key, [] {}));
    for (int age = 0; age <= kOldest; ++age) {
        report(progress, static_cast<double>(age) / (kOldest + 1), fmt::format("age {}", age));
        for (const Gender gender : {Gender::Male, Gender::Female}) {
            if (stop.stop_requested())
                return cancelled();
            C2C_CHECK(texts->prompt(gender, age, {}));
        }
        C2C_CHECK(texts->feature(age));
    }
    return texts->encoded();
}

} // namespace c2c
