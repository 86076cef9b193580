#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace c2c::test {

/// What the server has under a path, and how it misbehaves.
struct Served {
    std::string body;
    int status = 200;
    std::string etag = {};       ///< with its quotes
    std::string location = {};   ///< of a redirect
    std::string lfs_sha256 = {}; ///< told as huggingface.co tells it
    bool ranges = true;
    std::vector<std::size_t> cuts = {};     ///< the n-th answer ends after so many bytes
    std::function<void()> stall_after = {}; ///< called after half of the body, of which no more comes
};

/// An HTTP server on 127.0.0.1 that answers one request a connection, on a thread of its own.
class Server {
  public:
    struct Asked {
        std::string path, range;
    };

    Server() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::listen(socket_, 16);
        socklen_t size = sizeof address;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        ::setenv("no_proxy", "127.0.0.1", 1);
        thread_ = std::thread([this] {
            for (int client = 0; (client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
                answer(client);
                ::close(client);
            }
        });
    }
    ~Server() {
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string url(const std::string& path = {}) const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    void serve(const std::string& path, Served served) {
        const std::lock_guard lock(mutex_);
        files_[path] = std::move(served);
    }
    std::vector<Asked> asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

  private:
    static std::string header(const std::string& request, const std::string& name) {
        const auto at = request.find("\r\n" + name + ": ");
        if (at == request.npos)
            return {};
        const auto begin = at + name.size() + 4;
        return request.substr(begin, request.find("\r\n", begin) - begin);
    }

    static void send_all(int client, const std::string& bytes) {
        for (std::size_t sent = 0; sent < bytes.size();) {
            const ssize_t now = ::send(client, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (now <= 0)
                return;
            sent += static_cast<std::size_t>(now);
        }
    }

    void answer(int client) {
        std::string request;
        for (char byte = 0; request.find("\r\n\r\n") == request.npos && ::recv(client, &byte, 1, 0) == 1;)
            request += byte;
        const std::string path = request.substr(4, request.find(' ', 4) - 4),
                          range = header(request, "Range");
        Served served{"not here", 404};
        std::size_t cut = std::string::npos;
        {
            const std::lock_guard lock(mutex_);
            asked_.push_back({path, range});
            if (const auto found = files_.find(path); found != files_.end()) {
                served = found->second;
                if (!served.cuts.empty()) {
                    cut = served.cuts.front();
                    found->second.cuts.erase(found->second.cuts.begin());
                }
            }
        }
        std::string head = "Connection: close\r\n";
        std::string body = served.body;
        const std::string condition = header(request, "If-Range");
        if (served.status == 200 && served.ranges && range.starts_with("bytes=") &&
            (condition.empty() || condition == served.etag)) {
            const std::size_t from = std::stoul(range.substr(6));
            const std::string all = std::to_string(body.size());
            served.status = from < body.size() ? 206 : 416;
            head +=
                "Content-Range: bytes " +
                (from < body.size() ? std::to_string(from) + "-" + std::to_string(body.size() - 1) : "*") +
                "/" + all + "\r\n";
            body = from < body.size() ? body.substr(from) : "no";
        }
        head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        for (const auto& [name, text] : {std::pair<std::string, std::string>("ETag", served.etag),
                                         {"Location", served.location},
                                         {"X-Linked-Etag", served.lfs_sha256}})
            if (!text.empty())
                head += name + ": " + text + "\r\n";
        send_all(client, "HTTP/1.1 " + std::to_string(served.status) + " So\r\n" + head + "\r\n");
        if (served.stall_after) {
            send_all(client, body.substr(0, body.size() / 2));
            served.stall_after();
            for (char byte = 0; ::recv(client, &byte, 1, 0) == 1;) { // until the other side hangs up
            }
            return;
        }
        send_all(client, body.substr(0, cut));
    }

    int socket_;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::map<std::string, Served> files_;
    std::vector<Asked> asked_;
    std::thread thread_;
};

} // namespace c2c::test
