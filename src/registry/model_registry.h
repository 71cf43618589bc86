#pragma once
/// Port: versioned models. A version is immutable; one version per name may be live.
///
/// Called from any thread: every adapter is thread-safe inside its process. `put`, `promote` and
/// `rollback` are atomic: after a crash the change is there whole or not at all, and once they
/// return it is durable. Names: 1 to 64 characters of a-z 0-9 _ and -, starting with a letter.
/// Errors of every call: kInvalidArgument for a bad name; kUnavailable when the store cannot be
/// reached, with the cause in the detail; kDataLoss when stored bytes no longer match their hash.

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace millwright {

inline constexpr std::size_t kMaxModelBytes = std::size_t{64} << 20;

enum class ModelStage { kNone, kLive, kRetired };  ///< Retired: was live before.
std::string_view to_string(ModelStage stage);      ///< "none", "live", "retired".

struct ModelVersion {
  std::string name;
  int version = 0;  ///< 1, 2, 3, ...
  ModelStage stage = ModelStage::kNone;
  std::string hash;  ///< BLAKE2b-256 of the bytes, hex.
  std::size_t size_bytes = 0;
  Timestamp created{};
  nlohmann::json card;  ///< An object: data, split, measured figures, limits.
};

struct FetchedModel {
  ModelVersion version;
  std::vector<std::byte> bytes;
};

class ModelRegistry {
 public:
  virtual ~ModelRegistry() = default;

  /// All names in alphabetical order.
  virtual Result<std::vector<std::string>> names() = 0;
  /// All versions of a name, ascending. Errors: kNotFound.
  virtual Result<std::vector<ModelVersion>> versions(std::string_view name) = 0;
  /// A version, or the live one without a number. The bytes match their hash.
  /// Errors: kNotFound.
  virtual Result<FetchedModel> fetch(std::string_view name, std::optional<int> version) = 0;
  /// The live version without its bytes, to notice a change cheaply; empty when none is live.
  /// Errors: kNotFound for an unknown name.
  virtual Result<std::optional<ModelVersion>> live(std::string_view name) = 0;
  /// Stores a version: the given number, or the next one. The same number with the same bytes
  /// succeeds and changes nothing. Errors: kAlreadyExists for the same number with other bytes;
  /// kInvalidArgument for no bytes, more than 64 MiB, a number below 1 or a card that is no object.
  virtual Result<ModelVersion> put(std::string_view name, std::optional<int> version,
                                   std::span<const std::byte> bytes,
                                   const nlohmann::json& card) = 0;
  /// Makes a version live; the one before is remembered. Errors: kNotFound.
  virtual Result<ModelVersion> promote(std::string_view name, int version) = 0;
  /// Makes the version live that was live before. Errors: kNotFound for an unknown name,
  /// kFailedPrecondition when there is none.
  virtual Result<ModelVersion> rollback(std::string_view name) = 0;
};

/// Shared by the adapters. Errors: kInvalidArgument.
Result<> check_model_name(std::string_view name);
/// Errors: as `put` for what can be said without looking at the store.
Result<> check_new_model(std::string_view name, std::optional<int> version,
                         std::span<const std::byte> bytes, const nlohmann::json& card);
/// BLAKE2b-256 in hex.
std::string model_hash(std::span<const std::byte> bytes);

}  // namespace millwright
