#pragma once
/// What answers a field: functions bound to (type, field), and a default for all others.
///
/// The default resolver takes the member of the same name from the parent: from a JSON object, an
/// Object or a row of a Table. A missing member is null. So only root fields usually need a
/// function, and a type whose parent is Opaque.
///
///     Resolvers resolvers;
///     resolvers.field("Query", "devices", [&](const FieldCall& call) -> Result<ResolvedValue> {
///       const auto tenant = call.arguments["body"]["tenantIdentifier"].get<std::string>();
///       const auto* session = call.context_as<Session>();
///       ...
///       return ResolvedValue(std::move(devices));
///     });
///
/// Bind everything first; then a const Resolvers may be used from any number of threads, and the
/// bound functions are called from all of them.

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "graphql/schema.h"
#include "graphql/value.h"

namespace millwright::graphql {

/// A glance at a value inside an answer, valid during the call only.
class ValueView {
 public:
  ValueView() = default;         ///< null; also the parent of root fields
  ValueView(const Json& json) {  // NOLINT
    if (!json.is_null()) data_ = &json;
  }
  ValueView(const ResolvedValue& value);             // NOLINT
  ValueView(double number) : data_(number) {}        // NOLINT
  ValueView(std::int64_t number) : data_(number) {}  // NOLINT
  ValueView(std::string_view text) : data_(text) {}  // NOLINT
  ValueView(const Column& column, std::size_t row);
  ValueView(const Table& table, std::size_t row) : data_(Row{&table, row}) {}

  struct Row {
    const Table* table;
    std::size_t row;
  };
  using Data = std::variant<std::monostate, const Json*, const ResolvedValue*, double, std::int64_t,
                            std::string_view, Row>;

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  /// The member of an object or row; null where there is none.
  ValueView member(std::string_view name) const;
  /// The value inside an Opaque, or null when it is not one or holds another type.
  template <typename T>
  const T* opaque() const {
    const auto* value = std::get_if<const ResolvedValue*>(&data_);
    const auto* held = value ? std::get_if<Opaque>(&(*value)->data()) : nullptr;
    return held ? std::any_cast<T>(&held->value) : nullptr;
  }
  const Data& data() const { return data_; }

 private:
  Data data_;
};

/// One field to answer.
struct FieldCall {
  std::string_view type_name;
  std::string_view field_name;
  /// An object: defaults applied, lists and input objects coerced, enum values as their names.
  /// An argument that the client left out, without a default, is not a member.
  const Json& arguments;
  ValueView parent;
  const std::any& context;  ///< What the caller of execute() or subscribe() passed.
  /// Names of the fields asked for below this one, after @skip and @include.
  std::vector<std::string> selected;

  /// The argument, or null when the client left it out: `arguments[…]` must not be asked for a
  /// member that may be missing.
  const Json& argument(std::string_view name) const;
  /// Whether the answer's field `name` was asked for.
  bool selects(std::string_view name) const;
  /// The context, or null when it is not a T. A context made from `Session*` is asked as
  /// `context_as<Session*>()`.
  template <typename T>
  const T* context_as() const {
    return std::any_cast<T>(&context);
  }
};

/// An Error becomes a GraphQL error with its message and `extensions.code` = to_string(code); its
/// detail is never sent. An exception becomes an error without its text.
using Resolver = std::function<Result<ResolvedValue>(const FieldCall&)>;

/// The handle of a running subscription; its owner derives from it. Dropping it ends the source.
class SubscriptionSource {
 public:
  virtual ~SubscriptionSource() = default;
};
using Subscriber = std::function<Result<std::shared_ptr<SubscriptionSource>>(const FieldCall&)>;

class Resolvers {
 public:
  /// Binding the same field again replaces the function.
  void field(std::string type_name, std::string field_name, Resolver resolver);
  /// What opens the source of a field of the subscription root.
  void subscription(std::string field_name, Subscriber subscriber);

  /// Null where nothing is bound.
  const Resolver* find(std::string_view type_name, std::string_view field_name) const;
  const Subscriber* find_subscription(std::string_view field_name) const;

  /// kInvalidArgument for a binding to a field that the schema does not have: call it at start.
  Result<> check(const Schema& schema) const;

 private:
  std::map<std::string, std::map<std::string, Resolver, std::less<>>, std::less<>> fields_;
  std::map<std::string, Subscriber, std::less<>> subscriptions_;
};

}  // namespace millwright::graphql
