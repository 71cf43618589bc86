#pragma once
/// Identifiers as types: a swapped argument does not compile, an identifier that exists is valid.

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millwright {

namespace detail {
/// Tenant and device identifiers: 6 to 64 characters of A-Z a-z 0-9 _ and -.
Result<std::string> check_identifier(std::string_view what, std::string_view text);
/// Dotted labels `[A-Za-z0-9_]+` (with `allow_hyphen` also -), at most 32 labels of 64 characters.
Result<std::string> check_dotted(std::string_view what, std::string_view text, bool allow_hyphen);
}  // namespace detail

/// The common form. `Tag::parse` decides what is valid.
template <typename Tag>
class Identifier {
 public:
  /// Errors: kInvalidArgument with a sentence that names the field and the value.
  static Result<Identifier> parse(std::string_view text) {
    MW_ASSIGN(std::string checked, Tag::check(text));
    return Identifier(std::move(checked));
  }
  const std::string& str() const { return text_; }
  friend auto operator<=>(const Identifier&, const Identifier&) = default;

 private:
  explicit Identifier(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct TenantTag {
  static Result<std::string> check(std::string_view text) {
    return detail::check_identifier("tenant identifier", text);
  }
};
struct DeviceTag {
  static Result<std::string> check(std::string_view text) {
    return detail::check_identifier("device identifier", text);
  }
};
struct MetricTag {
  static Result<std::string> check(std::string_view text) {
    return detail::check_dotted("metric identifier", text, true);
  }
};
/// A path may be empty: the device itself. Hyphens are refused, as PostgreSQL 15's ltree does.
struct PathTag {
  static Result<std::string> check(std::string_view text) {
    if (text.empty()) return std::string();
    return detail::check_dotted("path", text, false);
  }
};

using TenantId = Identifier<TenantTag>;  ///< `100000`
using DeviceId = Identifier<DeviceTag>;  ///< `000001`, unique inside its tenant
using MetricId = Identifier<MetricTag>;  ///< `vibration.gear1.x_axis`
using Path = Identifier<PathTag>;        ///< `conveyor.motor1`

/// Whether `path` lies in the subtree of `root` (which contains itself; the empty root has all).
bool is_within(const Path& path, const Path& root);

}  // namespace millwright

template <typename Tag>
struct std::hash<millwright::Identifier<Tag>> {
  std::size_t operator()(const millwright::Identifier<Tag>& id) const {
    return std::hash<std::string>{}(id.str());
  }
};
