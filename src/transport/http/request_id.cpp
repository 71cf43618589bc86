#include "transport/http/request_id.h"

#include <algorithm>
#include <random>

namespace millwright::http {

std::string request_id(std::string_view from_caller) {
  const bool usable = !from_caller.empty() && from_caller.size() <= 64 &&
                      std::all_of(from_caller.begin(), from_caller.end(), [](char c) {
                        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                               (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
                      });
  if (usable) return std::string(from_caller);
  thread_local std::mt19937_64 random{std::random_device{}()};
  static constexpr char kHex[] = "0123456789abcdef";
  std::string id(16, '0');
  for (std::uint64_t bits = random(); char& c : id) {
    c = kHex[bits & 15];
    bits >>= 4;
  }
  return id;
}

}  // namespace millwright::http
