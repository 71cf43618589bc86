#pragma once
/// What a resolver returns: a tree of JSON, with packed columns wherever a list is long.
///
/// A chart's answer has tens of thousands of numbers. A JSON value for each would cost 16 bytes and
/// an allocation or two, so lists of numbers and texts travel as columns and are written into the
/// response as they are:
///
///     Table values;                                        // [Value!]!
///     values.add("value", std::vector<double>{...});
///     values.add("timestampLocal", std::move(texts));      // TextColumn
///     Object metric;                                       // MetricsBase
///     metric.set("unit", "°C");
///     metric.set("values", std::move(values));
///
/// Plain values: a copy is a deep copy, const access is safe from any thread.

#include <any>
#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace millwright::graphql {

using Json = nlohmann::json;

/// A list of texts in one buffer; at most 4 GiB together.
class TextColumn {
 public:
  void reserve(std::size_t count, std::size_t bytes) {
    ends_.reserve(count);
    bytes_.reserve(bytes);
  }
  void push_back(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t start = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(start, ends_[i] - start);
  }

 private:
  std::string bytes_;
  std::vector<std::uint32_t> ends_;
};

/// NaN and infinity have no JSON: such an item becomes an error, and null where the type allows it.
using Column = std::variant<std::vector<double>, std::vector<std::int64_t>, TextColumn>;

/// A list of objects, held as one column per field. All columns have the same length.
class Table {
 public:
  void add(std::string name, Column column) {
    columns_.emplace_back(std::move(name), std::move(column));
  }
  /// Rows: the length of the shortest column, 0 without columns.
  std::size_t rows() const;
  /// Null where there is no such column.
  const Column* column(std::string_view name) const;
  const std::vector<std::pair<std::string, Column>>& columns() const { return columns_; }

 private:
  std::vector<std::pair<std::string, Column>> columns_;
};

class ResolvedValue;
struct Member;

/// An object whose members may be packed.
class Object {
 public:
  Object();
  /// `type_name` is needed only where the field's type is an interface or a union.
  explicit Object(std::string type_name);
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();

  /// Adds a member; a name set twice keeps its first value.
  Object& set(std::string name, ResolvedValue value);
  /// Null where there is no such member.
  const ResolvedValue* get(std::string_view name) const;
  const std::vector<Member>& members() const { return members_; }
  const std::string& type_name() const { return type_name_; }

 private:
  std::string type_name_;
  std::vector<Member> members_;
};

/// Something only the module that made it can read: the parent of its own bound fields.
struct Opaque {
  std::any value;
  std::string type_name;  ///< Needed only for interfaces and unions.
};

class ResolvedValue {
 public:
  using List = std::vector<ResolvedValue>;
  using Data = std::variant<Json, std::vector<double>, std::vector<std::int64_t>, TextColumn, Table,
                            Object, List, Opaque>;

  ResolvedValue() = default;  ///< null
  /// Objects of interfaces and unions carry their type in the member `__typename`.
  ResolvedValue(Json value) : data_(std::in_place_type<Json>, std::move(value)) {}  // NOLINT
  ResolvedValue(std::vector<double> numbers)
      : data_(std::in_place_type<std::vector<double>>, std::move(numbers)) {}  // NOLINT
  ResolvedValue(std::vector<std::int64_t> numbers)
      : data_(std::in_place_type<std::vector<std::int64_t>>, std::move(numbers)) {}  // NOLINT
  ResolvedValue(TextColumn texts)
      : data_(std::in_place_type<TextColumn>, std::move(texts)) {}                        // NOLINT
  ResolvedValue(Table table) : data_(std::in_place_type<Table>, std::move(table)) {}      // NOLINT
  ResolvedValue(Object object) : data_(std::in_place_type<Object>, std::move(object)) {}  // NOLINT
  ResolvedValue(List list) : data_(std::in_place_type<List>, std::move(list)) {}          // NOLINT
  ResolvedValue(Opaque opaque) : data_(std::in_place_type<Opaque>, std::move(opaque)) {}  // NOLINT
  /// Numbers, bools and texts.
  template <typename T>
  requires(std::is_arithmetic_v<T> || (std::convertible_to<const T&, std::string_view> &&
                                       !std::same_as<T, Json>)) ResolvedValue(const T& scalar)
      : data_(std::in_place_type<Json>, to_json(scalar)) {}  // NOLINT
  /// Null where there is no value.
  template <typename T>
  ResolvedValue(std::optional<T> value) {  // NOLINT
    if (value) *this = ResolvedValue(std::move(*value));
  }

  const Data& data() const { return data_; }

 private:
  template <typename T>
  static Json to_json(const T& scalar) {
    if constexpr (std::is_arithmetic_v<T>) {
      return Json(scalar);
    } else {
      return Json(std::string(std::string_view(scalar)));
    }
  }

  Data data_;
};

struct Member {
  std::string name;
  ResolvedValue value;
};

}  // namespace millwright::graphql
