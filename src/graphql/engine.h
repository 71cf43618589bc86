#pragma once
/// Answers GraphQL requests: parse, limit, validate, coerce, execute, write the response.
///
/// Synchronous and without state of its own: any number of threads may call these functions with
/// the same schema and resolvers. Responses are UTF-8 JSON texts; fields stand in the order in
/// which they were asked for. Numbers are the shortest text that reads back exactly.
///
/// Source: GraphQL specification, October 2021.

#include <any>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "graphql/resolvers.h"
#include "graphql/schema.h"
#include "graphql/value.h"

namespace millwright::graphql {

/// What one request may cost. Everything is counted on the document with its fragments expanded;
/// @skip and @include hide nothing. Introspection fields count on their own.
struct Limits {
  std::size_t document_bytes = 16 * 1024;
  std::size_t tokens = 4'000;
  std::size_t operations = 10;  ///< In one document.
  std::size_t nesting = 64;     ///< Brackets inside brackets; in the variables too.
  std::size_t depth = 8;        ///< Fields inside fields; introspection is exempt.
  std::size_t fields = 200;     ///< Every alias counts.
  std::size_t aliases = 20;     ///< Fields renamed by an alias.
  std::size_t introspection_fields = 1'000;
  std::size_t introspection_lists = 3;  ///< `fields` inside `fields` and the like.
  std::size_t errors = 100;             ///< Further ones are left out, with a last one saying so.
  std::size_t response_bytes = 64 * 1024 * 1024;
};

struct Request {
  std::string query;
  std::string operation_name;       ///< Empty where the document has one operation.
  Json variables = Json::object();  ///< An object or null.
};

struct Response {
  std::string body;  ///< `{"data":…}`, `{"data":…,"errors":[…]}` or `{"errors":[…]}`.
  /// The request was refused before execution (syntax, limits, validation, variables): there is
  /// no "data". Over HTTP: 400 for application/graphql-response+json.
  bool request_error = false;
  std::size_t error_count = 0;
};

/// Runs a query or mutation. A subscription is refused: it needs subscribe().
/// `context` reaches every resolver untouched.
Response execute(const Schema& schema, const Resolvers& resolvers, const Request& request,
                 const Limits& limits = {}, const std::any& context = {});

/// A validated subscription whose source is open. Copies share the source and the plan; const use
/// is safe from any thread.
class PreparedSubscription {
 public:
  struct State;
  explicit PreparedSubscription(std::shared_ptr<const State> state);

  const std::string& field() const;  ///< Name of the root field.
  const Json& arguments() const;     ///< Coerced, an object.
  const std::shared_ptr<SubscriptionSource>& source() const;
  /// One event as a response text. `event` is the value of the root field itself.
  Response format(const ResolvedValue& event) const;

 private:
  std::shared_ptr<const State> state_;
};

/// Either a subscription, or the errors that refused it.
struct SubscribeOutcome {
  std::optional<PreparedSubscription> subscription;
  std::string errors;          ///< A JSON array of GraphQL errors; empty on success.
  bool request_error = false;  ///< As in Response; false when the source refused.
};

/// Validates the subscription and opens its source by the bound Subscriber. Schema and resolvers
/// must outlive the prepared subscription.
SubscribeOutcome subscribe(const Schema& schema, const Resolvers& resolvers, const Request& request,
                           const Limits& limits = {}, const std::any& context = {});

/// Which kind of operation the request would run, so that a transport can send it to the right
/// function. Nothing when the document does not parse or the operation cannot be told: execute()
/// then gives the error.
std::optional<OperationKind> operation_kind(const Request& request, const Limits& limits = {});

}  // namespace millwright::graphql
