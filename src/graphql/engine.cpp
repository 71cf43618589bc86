#include "graphql/engine.h"

#include <utility>
#include <variant>

#include "base/text.h"
#include "graphql/coercion.h"
#include "graphql/cost.h"
#include "graphql/executor.h"
#include "graphql/parser.h"
#include "graphql/plan.h"
#include "graphql/response_writer.h"
#include "graphql/validation.h"
#include "graphql/validation_rules.h"
#include "graphql/variables.h"

namespace millwright::graphql {
namespace {

using Errors = std::vector<ResponseError>;

struct Prepared {
  ast::Document document;
  const ast::Operation* operation = nullptr;  // inside `document`
  Json variables;
};

ParseOptions parse_options(const Limits& limits) {
  return {limits.document_bytes, limits.tokens, limits.nesting};
}

Errors refusal(std::string message, ErrorCode code = ErrorCode::kInvalidArgument) {
  return {{std::move(message), {}, {}, code}};
}

// GetOperation of 6.1.
std::variant<const ast::Operation*, Errors> choose_operation(const ast::Document& document,
                                                             const std::string& name) {
  if (name.empty() && document.operations.size() == 1) return &document.operations.front();
  if (name.empty()) {
    return refusal(document.operations.empty()
                       ? "The document has no operation."
                       : "The document has several operations; say which by operationName.");
  }
  for (const ast::Operation& operation : document.operations) {
    if (operation.name == name) return &operation;
  }
  return refusal("The document has no operation named " + quote(name) + ".");
}

// Whether every @skip and @include can be decided: a variable may still be null for a default.
class Conditions : public Visitor {
 public:
  Conditions(const Schema& schema, const Json& variables, Errors& errors)
      : schema_(schema), variables_(variables), errors_(errors) {}

  void directives(const std::vector<ast::Directive>& directives, DirectiveLocation) override {
    for (const ast::Directive& directive : directives) {
      if (directive.name != "skip" && directive.name != "include") continue;
      const auto values = coerce_arguments(schema_.directive(directive.name)->arguments,
                                           directive.arguments, variables_);
      if (!values) {
        errors_.push_back(
            {values.error().message, {directive.location}, {}, ErrorCode::kInvalidArgument});
      }
    }
  }

 private:
  const Schema& schema_;
  const Json& variables_;
  Errors& errors_;
};

void check_conditions(const Schema& schema, const Prepared& prepared, Errors& errors) {
  Conditions conditions(schema, prepared.variables, errors);
  walk(schema, *prepared.operation, conditions);
  for (const ast::Fragment* fragment :
       reachable_fragments(prepared.document, *prepared.operation)) {
    walk(schema, *fragment, conditions);
  }
}

// Everything before execution; errors in the order parse, cost, validation, operation, variables.
Errors prepare(const Schema& schema, const Request& request, const Limits& limits,
               Prepared& prepared) {
  auto parsed = parse(request.query, parse_options(limits));
  if (auto* error = std::get_if<SyntaxError>(&parsed)) {
    const ErrorCode code =
        error->over_limit ? ErrorCode::kResourceExhausted : ErrorCode::kInvalidArgument;
    return {{std::move(error->message), {error->location}, {}, code}};
  }
  prepared.document = std::get<ast::Document>(std::move(parsed));
  if (Errors errors = check_cost(prepared.document, limits); !errors.empty()) return errors;
  if (Errors errors = validate(schema, prepared.document, limits.errors); !errors.empty()) {
    return errors;
  }
  auto chosen = choose_operation(prepared.document, request.operation_name);
  if (auto* errors = std::get_if<Errors>(&chosen)) return std::move(*errors);
  prepared.operation = std::get<const ast::Operation*>(chosen);
  Errors errors;
  prepared.variables =
      coerce_variables(schema, *prepared.operation, request.variables, limits.nesting, errors);
  if (errors.empty()) check_conditions(schema, prepared, errors);
  return errors;
}

Response refused(const Errors& errors) {
  Response response;
  response.body = "{\"errors\":";
  append_errors(response.body, errors);
  response.body += '}';
  response.request_error = true;
  response.error_count = errors.size();
  return response;
}

}  // namespace

Response execute(const Schema& schema, const Resolvers& resolvers, const Request& request,
                 const Limits& limits, const std::any& context) {
  Prepared prepared;
  if (const Errors errors = prepare(schema, request, limits, prepared); !errors.empty()) {
    return refused(errors);
  }
  if (prepared.operation->kind == OperationKind::kSubscription) {
    return refused(refusal("A subscription cannot be answered by one response; open a WebSocket."));
  }
  Planner planner(schema, resolvers, prepared.document, prepared.variables);
  Executor executor(schema, planner, context, limits);
  Response response;
  response.body = executor.run(*prepared.operation);
  response.error_count = executor.error_count();
  return response;
}

struct PreparedSubscription::State {
  const Schema& schema;
  const Resolvers& resolvers;
  Limits limits;
  Prepared prepared;
  std::string field;
  Json arguments;
  std::shared_ptr<SubscriptionSource> source;
};

PreparedSubscription::PreparedSubscription(std::shared_ptr<const State> state)
    : state_(std::move(state)) {}

const std::string& PreparedSubscription::field() const { return state_->field; }
const Json& PreparedSubscription::arguments() const { return state_->arguments; }
const std::shared_ptr<SubscriptionSource>& PreparedSubscription::source() const {
  return state_->source;
}

Response PreparedSubscription::format(const ResolvedValue& event) const {
  static const std::any kNoContext;
  Planner planner(state_->schema, state_->resolvers, state_->prepared.document,
                  state_->prepared.variables);
  Executor executor(state_->schema, planner, kNoContext, state_->limits);
  Response response;
  response.body = executor.run_event(*state_->prepared.operation, event);
  response.error_count = executor.error_count();
  return response;
}

namespace {

SubscribeOutcome refused_subscription(const Errors& errors, bool request_error) {
  SubscribeOutcome outcome;
  append_errors(outcome.errors, errors);
  outcome.request_error = request_error;
  return outcome;
}

Result<std::shared_ptr<SubscriptionSource>> open_source(const Resolvers& resolvers,
                                                        const FieldCall& call) {
  const Subscriber* subscriber = resolvers.find_subscription(call.field_name);
  if (subscriber == nullptr) {
    return Error{ErrorCode::kUnimplemented,
                 "Field '" + std::string(call.field_name) + "' cannot be subscribed to here.",
                 {}};
  }
  try {
    return (*subscriber)(call);
  } catch (const std::exception& failure) {
    return internal_error("The subscription could not be opened because of a fault in the server.",
                          failure.what());
  }
}

}  // namespace

SubscribeOutcome subscribe(const Schema& schema, const Resolvers& resolvers, const Request& request,
                           const Limits& limits, const std::any& context) {
  auto state = std::make_shared<PreparedSubscription::State>(
      PreparedSubscription::State{schema, resolvers, limits, {}, {}, {}, nullptr});
  if (const Errors errors = prepare(schema, request, limits, state->prepared); !errors.empty()) {
    return refused_subscription(errors, true);
  }
  const ast::Operation& operation = *state->prepared.operation;
  if (operation.kind != OperationKind::kSubscription) {
    return refused_subscription(refusal("The operation is no subscription; execute it instead."),
                                true);
  }
  Planner planner(schema, resolvers, state->prepared.document, state->prepared.variables);
  SelectionPlan plan = planner.root(operation);
  if (plan.fields.empty()) {
    return refused_subscription(refusal("The subscription leaves its only field out."), true);
  }
  FieldPlan& root = plan.fields.front();
  const auto fail = [&](const Error& error) {
    return refused_subscription({{error.message,
                                  {root.nodes.front()->location},
                                  Json::array({root.response_key}),
                                  error.code}},
                                false);
  };
  const Result<Json>& arguments = planner.arguments(root);
  if (!arguments) return fail(arguments.error());
  state->field = root.definition->name;
  state->arguments = *arguments;
  auto source =
      open_source(resolvers, FieldCall{plan.type->name, root.definition->name, state->arguments,
                                       ValueView(), context, planner.selected(root)});
  if (!source) return fail(source.error());
  state->source = std::move(*source);
  SubscribeOutcome outcome;
  outcome.subscription.emplace(std::move(state));
  return outcome;
}

std::optional<OperationKind> operation_kind(const Request& request, const Limits& limits) {
  const auto parsed = parse(request.query, parse_options(limits));
  const auto* document = std::get_if<ast::Document>(&parsed);
  if (document == nullptr) return std::nullopt;
  const auto chosen = choose_operation(*document, request.operation_name);
  const auto* operation = std::get_if<const ast::Operation*>(&chosen);
  if (operation == nullptr) return std::nullopt;
  return (*operation)->kind;
}

}  // namespace millwright::graphql
