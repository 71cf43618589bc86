#pragma once
/// JSON and UBJSON from outside, counted before anything is built from them.
///
/// A first pass counts values and depth and stops at a limit, so that neither a deep nesting (the
/// UBJSON reader recurses) nor a typed array without content (`[$Z#` and a length of billions)
/// can end the process; only what passes becomes a document. Pure: safe to call from any thread.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>

#include "base/result.h"

namespace millwright::ml {

enum class JsonForm { kText, kUbjson };

struct JsonLimits {
  std::size_t bytes = std::size_t{64} << 20;
  std::size_t depth = 64;          ///< Arrays and objects inside one another.
  std::size_t values = 8'000'000;  ///< Numbers, texts, arrays and objects; 16 bytes each at least.
};

/// Errors: kInvalidArgument that says which limit was passed, or that it is not this form. Two
/// passes over the bytes.
Result<nlohmann::json> read_bounded_json(std::span<const std::byte> bytes, JsonForm form,
                                         const JsonLimits& limits = {});

}  // namespace millwright::ml
