#pragma once
/// The one file format of our trained models.
///
///   offset  size  content
///   0       8     magic "MWMODEL" and one byte of format version (1)
///   8       4     length h of the header, little endian
///   12      4     zero
///   16      8     length b of the body, little endian
///   24      32    BLAKE2b-256 of header and body
///   56      h     header: JSON, see ModelInfo
///   56+h    b     body: the booster's own bytes
///
/// Anything else is refused with the reason: pickles and archives by their magic, files over 64
/// MiB, versions from the future, a wrong checksum, another feature schema. Pure: bytes in, bytes
/// out.

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

inline constexpr std::size_t kMaxModelFileBytes = std::size_t{64} << 20;

struct ModelInfo {
  std::string kind;                       ///< "gear_fault", "turbofan_rul".
  std::string feature_schema;             ///< BLAKE2b of the feature names, hex.
  std::string training_fingerprint;       ///< BLAKE2b over the training rows and labels, hex.
  std::map<std::string, double> metrics;  ///< Measured on held-out data: "macro_f1".
  nlohmann::json parameters;              ///< What the kind needs: classes, scales, quantiles.
};

struct ModelFile {
  ModelInfo info;
  std::vector<std::byte> body;
};

std::vector<std::byte> write_model_file(const ModelFile& file);

/// Errors: kInvalidArgument with a sentence that says what the bytes are instead and what to do.
Result<ModelFile> read_model_file(std::span<const std::byte> bytes, std::string_view expected_kind,
                                  std::string_view expected_schema);

/// BLAKE2b-256 in hex. O(n).
std::string blake2b_hex(std::span<const std::byte> bytes);
/// The schema hash of an ordered list of feature names.
std::string schema_hash(std::span<const std::string> feature_names);

}  // namespace millwright::ml
