#include "ml/model_file/model_file.h"

#include <sodium.h>

#include <array>
#include <cstring>

#include "base/text.h"

namespace millwright::ml {
namespace {

constexpr std::string_view kMagic = "MWMODEL";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kHeadBytes = 24 + kHashBytes;
constexpr std::size_t kMaxHeaderBytes = std::size_t{1} << 20;

template <typename T>
void put(std::vector<std::byte>& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
}

template <typename T>
T take(std::span<const std::byte> in, std::size_t offset) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(std::to_integer<std::uint8_t>(in[offset + i])) << (8 * i);
  }
  return value;
}

std::array<std::byte, kHashBytes> blake2b(std::span<const std::byte> bytes) {
  std::array<std::byte, kHashBytes> hash{};
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr,
                     0);
  return hash;
}

bool starts_with(std::span<const std::byte> bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

constexpr std::string_view kNextStep = ": train one with `millwright train` and put that file";

/// What foreign bytes are, for the message.
std::string describe_foreign(std::span<const std::byte> bytes) {
  if (bytes.empty()) return "an empty file";
  const auto first = std::to_integer<std::uint8_t>(bytes[0]);
  if (first == 0x80 && bytes.size() > 1 && std::to_integer<std::uint8_t>(bytes[1]) <= 5) {
    return "a Python pickle (pickles run code when they are read and are never accepted)";
  }
  if (starts_with(bytes, "PK\x03\x04")) return "a zip archive";
  if (starts_with(bytes, "\x1f\x8b")) return "a gzip file";
  if (starts_with(bytes, "\x89HDF")) return "an HDF5 file";
  if (starts_with(bytes, "binf") || starts_with(bytes, "{L") || starts_with(bytes, "{\"")) {
    return "a bare XGBoost or JSON file without our header";
  }
  return "not a Millwright model file";
}

Error refused(const std::string& what) {
  return invalid_argument("model file is " + what + std::string(kNextStep));
}

Result<ModelInfo> read_header(std::span<const std::byte> bytes) {
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  const auto json = nlohmann::json::parse(text, text + bytes.size(), nullptr, false);
  if (!json.is_object()) return refused("damaged: its header is no JSON object");
  ModelInfo info;
  try {
    info.kind = json.at("kind").get<std::string>();
    info.feature_schema = json.at("feature_schema").get<std::string>();
    info.training_fingerprint = json.at("training_fingerprint").get<std::string>();
    info.metrics = json.at("metrics").get<std::map<std::string, double>>();
    info.parameters = json.at("parameters");
  } catch (const nlohmann::json::exception& e) {
    return Error{ErrorCode::kInvalidArgument,
                 "model file is damaged: its header lacks a field" + std::string(kNextStep),
                 e.what()};
  }
  return info;
}

}  // namespace

std::string blake2b_hex(std::span<const std::byte> bytes) {
  const auto hash = blake2b(bytes);
  return to_hex({reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size()});
}

std::string schema_hash(std::span<const std::string> feature_names) {
  std::string joined;
  for (const std::string& name : feature_names) joined += name + '\n';
  return blake2b_hex(std::as_bytes(std::span(joined.data(), joined.size())));
}

std::vector<std::byte> write_model_file(const ModelFile& file) {
  const nlohmann::json json = {{"kind", file.info.kind},
                               {"feature_schema", file.info.feature_schema},
                               {"training_fingerprint", file.info.training_fingerprint},
                               {"metrics", file.info.metrics},
                               {"parameters", file.info.parameters}};
  const std::string header = json.dump();
  std::vector<std::byte> payload(header.size());
  std::memcpy(payload.data(), header.data(), header.size());
  payload.insert(payload.end(), file.body.begin(), file.body.end());

  std::vector<std::byte> out;
  out.reserve(kHeadBytes + payload.size());
  for (const char c : kMagic) out.push_back(static_cast<std::byte>(c));
  out.push_back(std::byte{kVersion});
  put(out, static_cast<std::uint32_t>(header.size()));
  put(out, std::uint32_t{0});
  put(out, static_cast<std::uint64_t>(file.body.size()));
  const auto hash = blake2b(payload);
  out.insert(out.end(), hash.begin(), hash.end());
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

Result<ModelFile> read_model_file(std::span<const std::byte> bytes, std::string_view expected_kind,
                                  std::string_view expected_schema) {
  if (bytes.size() > kMaxModelFileBytes) {
    return refused(std::to_string(bytes.size()) + " bytes long; the limit is " +
                   std::to_string(kMaxModelFileBytes));
  }
  if (!starts_with(bytes, kMagic)) return refused(describe_foreign(bytes));
  if (bytes.size() < kHeadBytes) return refused("cut off inside its first bytes");
  const auto version = std::to_integer<int>(bytes[7]);
  if (version != kVersion) {
    return invalid_argument("model file has format version " + std::to_string(version) +
                            ", this program reads version " + std::to_string(kVersion) +
                            ": update the program, or train the model again with it");
  }
  const std::uint64_t header_size = take<std::uint32_t>(bytes, 8);
  const auto body_size = take<std::uint64_t>(bytes, 16);
  if (header_size > kMaxHeaderBytes || body_size > kMaxModelFileBytes ||
      kHeadBytes + header_size + body_size != bytes.size()) {
    return refused("cut off or damaged: its lengths do not add up");
  }
  const auto payload = bytes.subspan(kHeadBytes);
  const auto hash = blake2b(payload);
  if (std::memcmp(hash.data(), bytes.data() + 24, hash.size()) != 0) {
    return refused("damaged: its checksum does not match");
  }
  MW_ASSIGN(ModelInfo info, read_header(payload.first(header_size)));
  if (info.kind != expected_kind) {
    return refused("of kind " + quote(info.kind) + ", expected " + quote(expected_kind));
  }
  if (info.feature_schema != expected_schema) {
    return refused("made for other features than this program computes");
  }
  const auto body = payload.subspan(header_size);
  return ModelFile{std::move(info), {body.begin(), body.end()}};
}

}  // namespace millwright::ml
