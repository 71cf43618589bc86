#include "registry/model_registry.h"

#include <sodium.h>

#include <array>

#include "base/text.h"

namespace millwright {

std::string_view to_string(ModelStage stage) {
  switch (stage) {
    case ModelStage::kNone:
      return "none";
    case ModelStage::kLive:
      return "live";
    case ModelStage::kRetired:
      return "retired";
  }
  return "unknown";
}

Result<> check_model_name(std::string_view name) {
  bool good = !name.empty() && name.size() <= 64 && name.front() >= 'a' && name.front() <= 'z';
  for (const char c : name) {
    good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-');
  }
  if (good) return {};
  return invalid_argument("model name " + quote(name) +
                          " is not valid: use 1 to 64 characters of a-z 0-9 _ and -, starting "
                          "with a letter");
}

Result<> check_new_model(std::string_view name, std::optional<int> version,
                         std::span<const std::byte> bytes, const nlohmann::json& card) {
  MW_TRY(check_model_name(name));
  if (version && *version < 1) {
    return invalid_argument("model version is " + std::to_string(*version) +
                            ": versions start at 1; leave it out for the next one");
  }
  if (bytes.empty()) {
    return invalid_argument("model " + quote(name) + " has no bytes: put the trained file");
  }
  if (bytes.size() > kMaxModelBytes) {
    return invalid_argument("model " + quote(name) + " has " + std::to_string(bytes.size()) +
                            " bytes; the limit is " + std::to_string(kMaxModelBytes) +
                            ": train a smaller one");
  }
  if (!card.is_object()) {
    return invalid_argument("model card of " + quote(name) +
                            " is not a JSON object: give data, split, figures and limits");
  }
  return {};
}

std::string model_hash(std::span<const std::byte> bytes) {
  std::array<unsigned char, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  return to_hex(hash);
}

}  // namespace millwright
