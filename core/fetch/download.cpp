#include "core/fetch/download.h"

#include "core/base/files.h"
#include "core/base/sha256.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace fs = std::filesystem;

namespace c2c {
namespace {

constexpr long kOk = 200, kPartOnly = 206, kNotFound = 404, kNoSuchRange = 416;

/// What one request was answered with. `take` is given the body of 200 and 206 and may refuse it.
struct Exchange {
    std::function<bool(const Exchange&, std::string_view)> take;
    const StopToken& stop;
    std::function<void()> tick = {}; ///< now and then, while it goes on

    CURL* curl = nullptr;
    CURLcode code = CURLE_OK;
    long status = 0;
    std::string problem = {};                  ///< libcurl's words
    std::string etag = {}, content_range = {}; ///< of the last answer
    std::string sha256 = {};                   ///< as huggingface.co tells it, before it redirects
    std::uint64_t length() const {
        curl_off_t bytes = 0;
        curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &bytes);
        return bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
    }
};

bool is_sha256(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::size_t on_header(char* data, std::size_t one, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view line(data, one * count);
    const auto colon = line.find(':');
    if (line.starts_with("HTTP/"))
        exchange.etag = exchange.content_range = {};
    if (colon == line.npos)
        return line.size();
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto begin = line.find_first_not_of(" \t", colon + 1), end = line.find_last_not_of(" \t\r\n");
    const std::string value(begin == line.npos || end < begin ? "" : line.substr(begin, end - begin + 1));
    if (name == "etag")
        exchange.etag = value;
    else if (name == "content-range")
        exchange.content_range = value;
    else if (name == "x-linked-etag" && value.size() == 66 && is_sha256(value.substr(1, 64)))
        exchange.sha256 = value.substr(1, 64); // the hash that Git LFS keeps, in quotes
    return line.size();
}

std::size_t on_body(char* data, std::size_t one, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view bytes(data, one * count);
    curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &exchange.status);
    if (exchange.status != kOk && exchange.status != kPartOnly)
        return bytes.size(); // a page for people about what went wrong
    return exchange.take(exchange, bytes) ? bytes.size() : 0;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& exchange = *static_cast<Exchange*>(user);
    if (exchange.tick)
        exchange.tick();
    return exchange.stop.stop_requested() ? 1 : 0;
}

void run(Exchange& exchange, const std::string& url, std::uint64_t from, const std::string& if_range) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
    if (started != CURLE_OK || !curl) {
        exchange.code = CURLE_FAILED_INIT;
        exchange.problem = "libcurl did not start";
        return;
    }
    exchange.curl = curl.get();
    std::array<char, CURL_ERROR_SIZE> problem = {};
    std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, curl_slist_free_all);
    const std::string range = fmt::format("{}-", from), condition = "If-Range: " + if_range;
    if (from > 0) { // not CURLOPT_RESUME_FROM, which fails where a server sends all of the file instead
        curl_easy_setopt(curl.get(), CURLOPT_RANGE, range.c_str());
        if (!if_range.empty())
            headers.reset(curl_slist_append(nullptr, condition.c_str()));
    }
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "cradle2cane");
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR,
                     url.starts_with("https") ? "https" : "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L); // other threads run
    curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 20L);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L); // nothing at all for half a minute is a cut
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 30L);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, problem.data());
    curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, &on_header);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, &on_progress);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &exchange);
    curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
    exchange.code = curl_easy_perform(curl.get());
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &exchange.status);
    exchange.problem = problem[0] != 0 ? problem.data() : curl_easy_strerror(exchange.code);
    exchange.curl = nullptr;
}

/// The error of an exchange that neither the disk nor a stop ended; `got` bytes are kept for another time.
tl::unexpected<Error> not_downloaded(const Exchange& exchange, const std::string& url, std::uint64_t got) {
    if (exchange.code == CURLE_URL_MALFORMAT || exchange.code == CURLE_UNSUPPORTED_PROTOCOL)
        return fail(ErrorKind::Usage, "{} is no address that can be downloaded from; give one with http://.",
                    url);
    if (exchange.code == CURLE_OK && (exchange.status == 401 || exchange.status == 403))
        return fail(ErrorKind::Model,
                    "{} is given out to some only (HTTP status {}); download it in a browser and let models "
                    "add find it.",
                    url, exchange.status);
    if (exchange.code == CURLE_OK)
        return fail(ErrorKind::Model,
                    "{} is not given out (HTTP status {}); try later or choose another source by --from.",
                    url, exchange.status);
    if (got > 0)
        return fail(ErrorKind::Model,
                    "The download of {} broke off after {} ({}); start it again, it goes on from there.", url,
                    human_size(got), exchange.problem);
    return fail(ErrorKind::Model,
                "{} cannot be reached ({}); check the network or choose another source by --from.", url,
                exchange.problem);
}

/// The file that is filled, with the name of its version (ETag) beside it; both stay for another time.
class PartFile {
  public:
    explicit PartFile(const fs::path& target)
        : path(target.string() + ".part"), etag_file_(target.string() + ".part.etag") {}
    ~PartFile() {
        if (file_ < 0)
            return;
        if (size == 0)
            remove(); // nothing to go on from
        ::close(file_);
    }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    const fs::path path;
    std::uint64_t size = 0;
    int error = 0; ///< errno of what failed

    Result<void> open() {
        file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file_ < 0)
            return cannot_write(path, errno);
        if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            ::close(std::exchange(file_, -1));
            return fail(ErrorKind::Output, "{} is being downloaded by another program; wait for it.",
                        path.string());
        }
        const off_t end = ::lseek(file_, 0, SEEK_END);
        size = end > 0 ? static_cast<std::uint64_t>(end) : 0;
        return {};
    }
    std::string etag() const {
        std::ifstream in(etag_file_);
        std::string text;
        std::getline(in, text);
        return text;
    }
    /// From the beginning again, with another version of the file; a weak ETag names none.
    bool restart(const std::string& etag) {
        if (size > 0 && (::ftruncate(file_, 0) != 0 || ::lseek(file_, 0, SEEK_SET) != 0)) {
            error = errno;
            return false;
        }
        size = 0;
        std::error_code ignored;
        if (etag.starts_with('"'))
            std::ofstream(etag_file_) << etag << '\n';
        else
            fs::remove(etag_file_, ignored);
        return true;
    }
    bool append(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(file_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0) {
                error = errno;
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(written));
            size += static_cast<std::uint64_t>(written);
        }
        return true;
    }
    void remove() const {
        std::error_code ignored;
        fs::remove(path, ignored);
        fs::remove(etag_file_, ignored);
    }
    Result<void> rename_to(const fs::path& target) const {
        if (::fsync(file_) != 0 || ::rename(path.c_str(), target.c_str()) != 0)
            return cannot_write(target, errno);
        std::error_code ignored;
        fs::remove(etag_file_, ignored);
        return {};
    }

  private:
    fs::path etag_file_;
    int file_ = -1;
};

/// "bytes 100-199/200" begins at 100; "bytes */200" is 200 long.
std::optional<std::uint64_t> number_after(const std::string& text, std::string_view before) {
    std::uint64_t number = 0;
    const auto at = text.find(before);
    if (at == text.npos ||
        std::from_chars(text.data() + at + before.size(), text.data() + text.size(), number).ec !=
            std::errc())
        return {};
    return number;
}

/// Fills the part file; nothing when the server has no such file. The hash that the server tells is added.
Result<bool> fill(PartFile& part, Download& what, const Progress& progress, const StopToken& stop) {
    std::uint64_t furthest = 0, total = 0;
    bool started_anew = false;
    for (;;) {
        bool first = true, wrong_place = false;
        std::uint64_t needed = 0;
        const auto take = [&](const Exchange& exchange, std::string_view bytes) {
            if (std::exchange(first, false)) {
                wrong_place = exchange.status == kPartOnly &&
                              number_after(exchange.content_range, "bytes ") != part.size;
                if (wrong_place || (exchange.status == kOk && !part.restart(exchange.etag)))
                    return false;
                total = exchange.length() > 0 ? part.size + exchange.length() : 0;
                std::error_code unknown;
                const auto space = fs::space(part.path.parent_path(), unknown);
                if (!unknown && space.available < exchange.length()) {
                    needed = exchange.length();
                    return false;
                }
            }
            return part.append(bytes);
        };
        const std::string name = what.target.filename().string();
        const auto tick = [&] {
            report(progress, total > 0 ? static_cast<double>(part.size) / static_cast<double>(total) : 0,
                   total > 0 ? fmt::format("{}: {} of {}", name, human_size(part.size), human_size(total))
                             : fmt::format("{}: {}", name, human_size(part.size)));
        };
        Exchange exchange{take, stop, tick};
        const std::string etag = part.etag();
        // A part of which nobody can tell whether it belongs to the same file is not gone on with.
        const std::uint64_t from = !etag.empty() || !what.sha256.empty() ? part.size : 0;
        if (from == 0 && part.size > 0 && !part.restart({}))
            return cannot_write(part.path, part.error);
        run(exchange, what.url, from, etag);
        if (what.sha256.empty())
            what.sha256 = exchange.sha256;

        if (stop.stop_requested())
            return cancelled();
        if (needed > 0)
            return fail(ErrorKind::Output, "{} needs {} more than the disk has free; free some space.",
                        what.target.string(), human_size(needed));
        if (part.error != 0)
            return cannot_write(part.path, part.error);
        if (exchange.code == CURLE_OK && exchange.status == kNotFound)
            return false;
        if (exchange.code == CURLE_OK && (exchange.status == kOk || exchange.status == kPartOnly)) {
            if (first && !part.restart({})) // an empty file
                return cannot_write(part.path, part.error);
            return true;
        }
        if (exchange.status == kNoSuchRange && number_after(exchange.content_range, "bytes */") == part.size)
            return true; // all of it had come already
        if ((exchange.status == kNoSuchRange || wrong_place) && !std::exchange(started_anew, true)) {
            if (!part.restart({}))
                return cannot_write(part.path, part.error);
            continue;
        }
        if (exchange.code != CURLE_OK && part.size > furthest) {
            furthest = part.size;
            continue;
        }
        return not_downloaded(exchange, what.url, part.size);
    }
}

} // namespace

Result<std::optional<Downloaded>> download(const Download& given, const Progress& progress,
                                           const StopToken& stop) {
    Download what = given;
    PartFile part(what.target);
    C2C_CHECK(part.open());
    const std::uint64_t before = part.size;
    C2C_TRY(const bool there, fill(part, what, progress, stop));
    if (!there)
        return std::optional<Downloaded>();
    if (!what.sha256.empty()) {
        report(progress, 1, fmt::format("{}: checking", what.target.filename().string()));
        C2C_TRY(const std::string hash, sha256_file(part.path, stop));
        if (hash != what.sha256) {
            part.remove();
            return fail(ErrorKind::Model,
                        "{} is not the published file (its SHA-256 is {}…, not {}…) and was removed; start "
                        "again or choose another source by --from.",
                        what.url, hash.substr(0, 12), what.sha256.substr(0, 12));
        }
    }
    C2C_CHECK(part.rename_to(what.target));
    return Downloaded{part.size, before, what.sha256};
}

Result<std::optional<std::string>> download_text(const std::string& url, const StopToken& stop) {
    constexpr std::size_t kMost = 1 << 20;
    std::string text;
    Exchange exchange{[&](const Exchange&, std::string_view bytes) {
                          text += bytes;
                          return text.size() <= kMost;
                      },
                      stop};
    run(exchange, url, 0, {});
    if (stop.stop_requested())
        return cancelled();
    if (exchange.code == CURLE_OK && exchange.status == kNotFound)
        return std::optional<std::string>();
    if (exchange.code != CURLE_OK || exchange.status != kOk)
        return not_downloaded(exchange, url, 0);
    return std::optional(text);
}

} // namespace c2c
