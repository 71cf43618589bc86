#pragma once
/// Merges the selections on an object once, so that a list of ten thousand objects does not merge
/// them ten thousand times (October 2021, section 6.3.2, CollectFields).
///
/// @skip, @include and arguments are evaluated here: variables are known. Not thread-safe; one
/// Planner serves one execution.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "graphql/ast.h"
#include "graphql/resolvers.h"
#include "graphql/schema.h"

namespace millwright::graphql {

struct SelectionPlan;

struct FieldPlan {
  std::string response_key;
  std::string prefix;  ///< `"key":` as it stands in the response.
  const NamedType* parent = nullptr;
  const Field* definition = nullptr;
  const Resolver* resolver = nullptr;  ///< Null for the default.
  bool is_typename = false;
  bool is_introspection = false;             ///< Answered by introspect().
  std::vector<const ast::Selection*> nodes;  ///< All selections merged here; never empty.
  std::optional<Result<Json>> arguments;     ///< Filled by Planner::arguments().
  std::map<const NamedType*, std::unique_ptr<SelectionPlan>> children;
};

struct SelectionPlan {
  const NamedType* type;
  std::vector<FieldPlan> fields;
};

class Planner {
 public:
  /// All must outlive the planner; the document is valid for the schema.
  Planner(const Schema& schema, const Resolvers& resolvers, const ast::Document& document,
          const Json& variables)
      : schema_(schema), resolvers_(resolvers), document_(document), variables_(variables) {}

  SelectionPlan root(const ast::Operation& operation);
  /// What is selected below the field on an object of this type; made at the first call.
  SelectionPlan& children(FieldPlan& field, const NamedType* type);
  /// The coerced arguments; coerced at the first call.
  const Result<Json>& arguments(FieldPlan& field);
  /// Names of the fields selected below, over all types the field may answer with.
  std::vector<std::string> selected(FieldPlan& field);

 private:
  void collect(const std::vector<ast::Selection>& selections, SelectionPlan& plan,
               std::set<std::string_view>& visited);
  void add_field(const ast::Selection& selection, SelectionPlan& plan);
  bool is_included(const std::vector<ast::Directive>& directives) const;

  const Schema& schema_;
  const Resolvers& resolvers_;
  const ast::Document& document_;
  const Json& variables_;
};

}  // namespace millwright::graphql
