#pragma once
/// What the rule families of validate_*.cpp share; used by validation.cpp only.

#include <deque>
#include <string>
#include <vector>

#include "graphql/ast.h"
#include "graphql/response_error.h"
#include "graphql/schema.h"

namespace millwright::graphql {

/// Types of variables: wrappers that the schema itself may not have.
class TypePool {
 public:
  explicit TypePool(const Schema& schema) : schema_(schema) {}
  /// Null when the schema does not have the named type. Lives as long as the pool.
  const Type* resolve(const ast::TypeReference& reference);

 private:
  const Schema& schema_;
  std::deque<Type> wrappers_;
};

/// The field a selection means, meta fields included; null where there is none.
const Field* find_field(const Schema& schema, const NamedType* parent, std::string_view name);

class Validation {
 public:
  Validation(const Schema& schema, const ast::Document& document, std::size_t max_errors)
      : schema_(schema), document_(document), max_errors_(max_errors) {}

  const Schema& schema() const { return schema_; }
  const ast::Document& document() const { return document_; }
  void error(std::string message, std::vector<ast::Location> locations);
  bool is_full() const { return errors_.size() > max_errors_; }
  std::vector<ResponseError> take_errors() { return std::move(errors_); }

 private:
  const Schema& schema_;
  const ast::Document& document_;
  std::size_t max_errors_;
  std::vector<ResponseError> errors_;
};

/// Meets every node of operations and fragments once, with the types that belong to it. Types are
/// null where the document names something that the schema does not have.
class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void operation(const ast::Operation&) {}
  virtual void variable(const ast::VariableDefinition&) {}
  virtual void fragment(const ast::Fragment&, const NamedType* /*type*/) {}
  virtual void field(const ast::Selection&, const NamedType* /*parent*/, const Field*) {}
  virtual void spread(const ast::Selection&, const NamedType* /*parent*/) {}
  virtual void inline_fragment(const ast::Selection&, const NamedType* /*parent*/,
                               const NamedType* /*type*/) {}
  virtual void directives(const std::vector<ast::Directive>&, DirectiveLocation) {}
  /// Of a field or a directive; null where the argument is not known.
  virtual void argument(const ast::Argument&, const InputValue*) {}
};

void walk(const Schema& schema, const ast::Operation& operation, Visitor& visitor);
void walk(const Schema& schema, const ast::Fragment& fragment, Visitor& visitor);
void walk(const Schema& schema, const ast::Document& document, Visitor& visitor);

/// The fragments that an operation reaches, directly or through others, each once.
std::vector<const ast::Fragment*> reachable_fragments(const ast::Document& document,
                                                      const ast::Operation& operation);
/// All spreads in a selection set, however deep, in order.
void collect_spreads(const std::vector<ast::Selection>& selections,
                     std::vector<const ast::Selection*>& out);

// One function per rule family.
void validate_operations(Validation& validation);
/// Whether fragments can be expanded: false when they form a cycle.
bool validate_fragments(Validation& validation);
void validate_fields(Validation& validation);
void validate_arguments(Validation& validation);
void validate_directives(Validation& validation);
void validate_values(Validation& validation);
void validate_variables(Validation& validation);
/// Needs fragments without cycles.
void validate_merging(Validation& validation);

}  // namespace millwright::graphql
