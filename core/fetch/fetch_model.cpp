#include "core/fetch/fetch_model.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/fetch/download.h"

#include <fstream>
#include <iterator>
#include <sstream>

namespace fs = std::filesystem;

namespace c2c {
namespace {

using Hashes = std::map<std::string, std::string>;

Result<Hashes> known_hashes(const FetchOptions& options, const StopToken& stop) {
    if (!options.sha256_list.empty()) {
        std::ifstream in(options.sha256_list, std::ios::binary);
        if (!in)
            return fail(ErrorKind::Usage, "{} cannot be read; name a file that sha256sum wrote.",
                        options.sha256_list.string());
        return read_sha256_list(std::string(std::istreambuf_iterator<char>(in), {}),
                                options.sha256_list.string());
    }
    if (!is_folder_source(options.source))
        return Hashes();
    const std::string url = options.source + "/SHA256SUMS";
    C2C_TRY(const auto text, download_text(url, stop));
    return text ? read_sha256_list(*text, url) : Hashes();
}

std::string hash_for(const Hashes& hashes, const fs::path& local) {
    const auto known = hashes.find(local.generic_string());
    return known != hashes.end() ? known->second : std::string();
}

/// The file as an earlier run left it; nothing when it is not there or another one than it should be.
Result<std::optional<FetchedFile>> kept(const fs::path& folder, const PublishedFile& file,
                                        const Hashes& hashes, const StopToken& stop) {
    for (const PublishedFile::Place& place : file.places) {
        const fs::path path = folder / place.local;
        std::error_code error;
        if (!fs::is_regular_file(path, error))
            continue;
        const std::string known = hash_for(hashes, place.local);
        if (!known.empty()) {
            C2C_TRY(const std::string hash, sha256_file(path, stop));
            if (hash != known)
                continue;
        }
        return std::optional(FetchedFile{place.local, {}, fs::file_size(path, error), !known.empty()});
    }
    return std::optional<FetchedFile>();
}

/// From the first place that is there.
Result<std::optional<FetchedFile>> fetched(const fs::path& folder, const PublishedFile& file,
                                           const std::string& source, const Hashes& hashes,
                                           const Progress& progress, const StopToken& stop) {
    std::string tried;
    for (const PublishedFile::Place& place : file.places) {
        const std::string url = url_of(source, file.repository, place);
        if (url == std::exchange(tried, url))
            continue; // two places in a repository may be one in a folder
        const fs::path target = folder / place.local;
        std::error_code error;
        fs::create_directories(target.parent_path(), error);
        if (error)
            return cannot_write(target.parent_path(), error.value());
        C2C_TRY(const auto done, download({url, target, hash_for(hashes, place.local)}, progress, stop));
        if (done)
            return std::optional(FetchedFile{place.local, url, done->bytes, !done->sha256.empty()});
    }
    return std::optional<FetchedFile>();
}

} // namespace

Result<Hashes> read_sha256_list(const std::string& text, const std::string& from) {
    Hashes hashes;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (line.ends_with('\r'))
            line.pop_back();
        if (line.empty())
            continue;
        const std::string hash = line.substr(0, 64);
        if (line.size() < 67 || hash.find_first_not_of("0123456789abcdef") != hash.npos || line[64] != ' ')
            return fail(ErrorKind::Model, "{} is no list of sha256sum's kind: \"{}\".", from,
                        line.substr(0, 80));
        hashes[fs::path(line.substr(66)).lexically_normal().generic_string()] = hash;
    }
    return hashes;
}

Result<std::vector<FetchedFile>> fetch_model(const fs::path& folder, const FetchOptions& options,
                                             const Progress& progress, const StopToken& stop) {
    C2C_TRY(const Hashes hashes, known_hashes(options, stop));
    const std::vector<PublishedFile> files = published_files(options.full);
    std::vector<FetchedFile> all;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const PublishedFile& file = files[i];
        const auto within = [&](double fraction, std::string_view stage) {
            report(progress, (static_cast<double>(i) + fraction) / static_cast<double>(files.size()),
                   fmt::format("{} of {}, {}", i + 1, files.size(), stage));
        };
        C2C_TRY(auto got, kept(folder, file, hashes, stop));
        if (!got) {
            C2C_TRY(got, fetched(folder, file, options.source, hashes, within, stop));
        }
        if (got)
            all.push_back(*std::move(got));
        else if (file.needed)
            return fail(ErrorKind::Model, "{} is not there (404); choose another source by --from.",
                        url_of(options.source, file.repository, file.places.front()));
    }
    return all;
}

} // namespace c2c
