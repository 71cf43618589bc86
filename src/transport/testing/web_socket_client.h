#pragma once
/// A WebSocket client on a raw connection, which may break every rule. Tests only.

#include <optional>

#include "transport/testing/http_client.h"

namespace millwright::testing {

struct Frame {
  int opcode = 0;  ///< 1 text, 8 close, 9 ping, 10 pong
  std::string payload;

  int close_code() const {
    if (payload.size() < 2) return 1005;
    return (static_cast<unsigned char>(payload[0]) << 8) | static_cast<unsigned char>(payload[1]);
  }
};

class WebSocketClient {
 public:
  WebSocketClient(std::uint16_t port, const std::string& path, HeaderMap headers = {})
      : raw_(port) {
    headers.emplace("Host", "127.0.0.1:" + std::to_string(port));
    headers.emplace("Sec-WebSocket-Version", "13");
    headers.emplace("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    std::string text = "GET " + path + " HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
    raw_.send(text + "\r\n");
    handshake_ = raw_.answer();
  }

  const HttpAnswer& handshake() const { return handshake_; }
  RawConnection& raw() { return raw_; }

  /// A masked frame (with the mask 0, which is a mask).
  void send(std::string_view payload, int first_byte = 0x81) {
    std::string frame(1, static_cast<char>(first_byte));
    if (payload.size() < 126) {
      frame += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() < 65536) {
      frame += static_cast<char>(0x80 | 126);
      frame += static_cast<char>(payload.size() >> 8);
      frame += static_cast<char>(payload.size() & 255);
    } else {
      frame += static_cast<char>(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame += static_cast<char>((payload.size() >> shift) & 255);
      }
    }
    frame += std::string(4, '\0');
    frame += payload;
    raw_.send(frame);
  }

  /// The next frame; missing when the connection ends.
  std::optional<Frame> receive() {
    while (true) {
      if (const auto frame = take()) return frame;
      if (!raw_.receive()) return std::nullopt;
    }
  }
  /// The next text as JSON; null when there is none.
  nlohmann::json message() {
    while (const auto frame = receive()) {
      if (frame->opcode == 1) return nlohmann::json::parse(frame->payload);
      if (frame->opcode == 8) return nullptr;
    }
    return nullptr;
  }
  /// The code of the close frame; 1006 where the connection ends without one.
  int close_code() {
    while (const auto frame = receive()) {
      if (frame->opcode == 8) return frame->close_code();
    }
    return 1006;
  }

 private:
  std::optional<Frame> take() {
    std::string& buffer = raw_.buffer();
    if (buffer.size() < 2) return std::nullopt;
    std::size_t size = static_cast<unsigned char>(buffer[1]) & 127;
    std::size_t start = 2;
    if (size >= 126) {
      const std::size_t bytes = size == 126 ? 2 : 8;
      if (buffer.size() < 2 + bytes) return std::nullopt;
      size = 0;
      for (std::size_t i = 0; i < bytes; ++i) {
        size = (size << 8) | static_cast<unsigned char>(buffer[2 + i]);
      }
      start += bytes;
    }
    if (buffer.size() < start + size) return std::nullopt;
    Frame frame{buffer[0] & 15, buffer.substr(start, size)};
    buffer.erase(0, start + size);
    return frame;
  }

  RawConnection raw_;
  HttpAnswer handshake_;
};

}  // namespace millwright::testing
