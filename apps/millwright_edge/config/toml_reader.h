#pragma once
/// Reads the members of TOML tables and remembers where each stands, so that every complaint names
/// file, line, column and key.

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"

namespace millwright {

/// FILE:LINE:COLUMN
std::string place_of(const std::string& file, const toml::source_region& where);
/// FILE:LINE:COLUMN: message.
Error error_at(const std::string& file, const toml::source_region& where,
               const std::string& message);

/// One table. Each getter leaves its target alone when the key is missing. After all getters,
/// finish() refuses keys that nobody asked for.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string name, const std::string& file)
      : table_(table), name_(std::move(name)), file_(file) {}

  void text(const char* key, std::string* out);
  void flag(const char* key, bool* out);
  void number(const char* key, double low, double high, double* out);
  void number(const char* key, double low, double high, std::optional<double>* out);
  void integer(const char* key, std::int64_t low, std::int64_t high, std::int64_t* out);
  /// Says that the key must be there.
  void require(const char* key);
  /// The value, to be read by other means.
  const toml::node* node(const char* key);
  /// Keeps an error that another check of the key's value has found.
  void refuse(const char* key, const std::string& message);

  /// The first error, or the first unknown key.
  Result<> finish();
  std::string full_name(const char* key) const { return name_.empty() ? key : name_ + "." + key; }

 private:
  void keep(const toml::source_region& where, const std::string& message);

  const toml::table& table_;
  std::string name_;
  const std::string& file_;
  std::set<std::string> known_;
  std::optional<Error> error_;
};

/// The same value as JSON; dates become text.
nlohmann::json to_json(const toml::node& node);

}  // namespace millwright
