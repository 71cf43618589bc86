#pragma once
/// A small blocking client on raw sockets, so that tests can send what no library would. Tests
/// only.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/check.h"

namespace millwright::testing {

struct HttpAnswer {
  int status = 0;                              ///< 0: the connection was closed without an answer
  std::map<std::string, std::string> headers;  ///< lower case
  std::string body;

  nlohmann::json json() const { return nlohmann::json::parse(body); }
  std::string header(const std::string& name) const {
    const auto it = headers.find(name);
    return it == headers.end() ? "" : it->second;
  }
};

/// One TCP connection.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    MW_CHECK(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~RawConnection() { ::close(fd_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Reads more; false at the end or after the time.
  bool receive(int timeout_ms = 10'000) {
    pollfd poller{fd_, POLLIN, 0};
    if (::poll(&poller, 1, timeout_ms) != 1) return false;
    char chunk[16384];
    const auto size = ::recv(fd_, chunk, sizeof chunk, 0);
    if (size <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(size));
    return true;
  }

  /// The next answer on this connection.
  HttpAnswer answer(bool has_body = true) {
    HttpAnswer parsed;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return parsed;
    }
    std::string_view head = std::string_view(buffer_).substr(0, end + 2);
    parsed.status = std::atoi(std::string(head.substr(9, 3)).c_str());
    head.remove_prefix(head.find("\r\n") + 2);
    while (!head.empty()) {
      const auto line_end = head.find("\r\n");
      const std::string_view line = head.substr(0, line_end);
      const auto colon = line.find(':');
      std::string name(line.substr(0, colon));
      for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      std::string& value = parsed.headers[name];
      value += (value.empty() ? "" : ", ") + std::string(line.substr(colon + 2));
      head.remove_prefix(line_end + 2);
    }
    buffer_.erase(0, end + 4);
    if (!has_body || parsed.status == 204 || parsed.status == 304 || parsed.status == 100 ||
        parsed.status == 101) {
      return parsed;
    }
    const auto length =
        static_cast<std::size_t>(std::atol(parsed.header("content-length").c_str()));
    while (buffer_.size() < length) {
      if (!receive()) return parsed;
    }
    parsed.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return parsed;
  }

  /// Whether the peer closes within the time.
  bool is_closed(int timeout_ms = 10'000) {
    while (receive(timeout_ms)) {
    }
    pollfd poller{fd_, POLLIN, 0};
    return ::poll(&poller, 1, 0) == 1;
  }

  std::string& buffer() { return buffer_; }

 private:
  int fd_;
  std::string buffer_;
};

using HeaderMap = std::map<std::string, std::string>;

/// One request on a connection of its own.
inline HttpAnswer call(std::uint16_t port, const std::string& method, const std::string& target,
                       const std::string& body = {}, HeaderMap headers = {}) {
  RawConnection connection(port);
  headers.emplace("Host", "127.0.0.1:" + std::to_string(port));
  if (!body.empty()) headers.emplace("Content-Type", "application/json");
  std::string text = method + " " + target + " HTTP/1.1\r\nConnection: close\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST") {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  connection.send(text + "\r\n" + body);
  return connection.answer(method != "HEAD");
}

/// The same with a JSON body.
inline HttpAnswer call_json(std::uint16_t port, const std::string& method,
                            const std::string& target, const nlohmann::json& body,
                            HeaderMap headers = {}) {
  return call(port, method, target, body.dump(), std::move(headers));
}

}  // namespace millwright::testing
