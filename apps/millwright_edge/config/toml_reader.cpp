#include "toml_reader.h"

#include <cmath>
#include <sstream>

#include "base/text.h"

namespace millwright {
namespace {

std::string text_of(const toml::node& node) {
  std::ostringstream out;
  node.visit([&](const auto& value) { out << value; });
  return out.str();
}

std::string shown(const toml::node& node) { return quote(text_of(node)); }

}  // namespace

std::string place_of(const std::string& file, const toml::source_region& where) {
  return file + ":" + std::to_string(where.begin.line) + ":" + std::to_string(where.begin.column);
}

Error error_at(const std::string& file, const toml::source_region& where,
               const std::string& message) {
  return invalid_argument(place_of(file, where) + ": " + message);
}

void TableReader::keep(const toml::source_region& where, const std::string& message) {
  if (!error_) error_ = error_at(file_, where, message);
}

const toml::node* TableReader::node(const char* key) {
  known_.insert(key);
  return table_.get(key);
}

void TableReader::refuse(const char* key, const std::string& message) {
  const toml::node* found = table_.get(key);
  keep(found != nullptr ? found->source() : table_.source(), full_name(key) + ": " + message);
}

void TableReader::require(const char* key) {
  if (table_.get(key) == nullptr) {
    keep(table_.source(), full_name(key) + " is missing; add it to the configuration");
  }
}

void TableReader::text(const char* key, std::string* out) {
  const toml::node* found = node(key);
  if (found == nullptr) return;
  if (const auto value = found->value_exact<std::string>()) {
    *out = *value;
  } else {
    keep(found->source(), full_name(key) + " is " + shown(*found) + "; expected a text in quotes");
  }
}

void TableReader::flag(const char* key, bool* out) {
  const toml::node* found = node(key);
  if (found == nullptr) return;
  if (const auto value = found->value_exact<bool>()) {
    *out = *value;
  } else {
    keep(found->source(), full_name(key) + " is " + shown(*found) + "; expected true or false");
  }
}

void TableReader::number(const char* key, double low, double high, double* out) {
  const toml::node* found = node(key);
  if (found == nullptr) return;
  const auto value = found->is_number() ? found->value<double>() : std::nullopt;
  if (value && *value >= low && *value <= high) {
    *out = *value;
    return;
  }
  std::ostringstream range;
  range << low << " to " << high;
  keep(found->source(),
       full_name(key) + " is " + shown(*found) + "; expected a number from " + range.str());
}

void TableReader::number(const char* key, double low, double high, std::optional<double>* out) {
  double value = 0;
  number(key, low, high, &value);
  if (table_.get(key) != nullptr) *out = value;
}

void TableReader::integer(const char* key, std::int64_t low, std::int64_t high, std::int64_t* out) {
  const toml::node* found = node(key);
  if (found == nullptr) return;
  const auto value = found->value_exact<std::int64_t>();
  if (value && *value >= low && *value <= high) {
    *out = *value;
    return;
  }
  keep(found->source(), full_name(key) + " is " + shown(*found) +
                            "; expected a whole number from " + std::to_string(low) + " to " +
                            std::to_string(high));
}

Result<> TableReader::finish() {
  if (error_) return *error_;
  for (const auto& [key, value] : table_) {
    const std::string text(key.str());
    if (known_.contains(text)) continue;
    std::string expected;
    for (const std::string& known : known_) expected += (expected.empty() ? "" : ", ") + known;
    return error_at(
        file_, key.source(),
        "unknown key " + quote(full_name(text.c_str())) + "; expected one of " + expected);
  }
  return {};
}

nlohmann::json to_json(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [key, value] : *table) out[std::string(key.str())] = to_json(value);
    return out;
  }
  if (const auto* array = node.as_array()) {
    nlohmann::json out = nlohmann::json::array();
    for (const auto& item : *array) out.push_back(to_json(item));
    return out;
  }
  if (const auto value = node.value_exact<std::string>()) return *value;
  if (const auto value = node.value_exact<bool>()) return *value;
  if (const auto value = node.value_exact<std::int64_t>()) return *value;
  if (const auto value = node.value_exact<double>()) return *value;
  return text_of(node);
}

}  // namespace millwright
