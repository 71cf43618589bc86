#include "graphql/plan.h"

#include <algorithm>

#include "graphql/coercion.h"
#include "graphql/response_writer.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {

SelectionPlan Planner::root(const ast::Operation& operation) {
  SelectionPlan plan{schema_.root(operation.kind), {}};
  std::set<std::string_view> visited;
  collect(operation.selections, plan, visited);
  return plan;
}

SelectionPlan& Planner::children(FieldPlan& field, const NamedType* type) {
  std::unique_ptr<SelectionPlan>& plan = field.children[type];
  if (!plan) {
    plan = std::make_unique<SelectionPlan>(SelectionPlan{type, {}});
    std::set<std::string_view> visited;
    for (const ast::Selection* node : field.nodes) collect(node->selections, *plan, visited);
  }
  return *plan;
}

const Result<Json>& Planner::arguments(FieldPlan& field) {
  if (!field.arguments) {
    field.arguments =
        coerce_arguments(field.definition->arguments, field.nodes.front()->arguments, variables_);
  }
  return *field.arguments;
}

std::vector<std::string> Planner::selected(FieldPlan& field) {
  std::vector<std::string> names;
  const auto add = [&](const NamedType* type) {
    for (const FieldPlan& child : children(field, type).fields) {
      if (std::find(names.begin(), names.end(), child.definition->name) == names.end()) {
        names.push_back(child.definition->name);
      }
    }
  };
  const NamedType* type = field.definition->type->named;
  if (type->kind == TypeKind::kObject) add(type);
  if (type->is_abstract())
    std::for_each(type->possible_types.begin(), type->possible_types.end(), add);
  return names;
}

void Planner::collect(const std::vector<ast::Selection>& selections, SelectionPlan& plan,
                      std::set<std::string_view>& visited) {
  for (const ast::Selection& selection : selections) {
    if (!is_included(selection.directives)) continue;
    switch (selection.kind) {
      case ast::Selection::Kind::kField:
        add_field(selection, plan);
        break;
      case ast::Selection::Kind::kFragmentSpread: {
        if (!visited.insert(selection.name).second) break;
        const ast::Fragment* fragment = document_.fragment(selection.name);
        if (schema_.type(fragment->type_condition)->may_be(plan.type)) {
          collect(fragment->selections, plan, visited);
        }
        break;
      }
      case ast::Selection::Kind::kInlineFragment:
        if (!selection.type_condition ||
            schema_.type(*selection.type_condition)->may_be(plan.type)) {
          collect(selection.selections, plan, visited);
        }
        break;
    }
  }
}

void Planner::add_field(const ast::Selection& selection, SelectionPlan& plan) {
  for (FieldPlan& field : plan.fields) {
    if (field.response_key == selection.response_key()) {
      field.nodes.push_back(&selection);
      return;
    }
  }
  FieldPlan field;
  field.response_key = selection.response_key();
  append_text(field.prefix, field.response_key);
  field.prefix += ':';
  field.parent = plan.type;
  field.definition = find_field(schema_, plan.type, selection.name);
  field.is_typename = selection.name == "__typename";
  field.is_introspection = plan.type->name.starts_with("__") || selection.name.starts_with("__");
  field.resolver = resolvers_.find(plan.type->name, selection.name);
  field.nodes.push_back(&selection);
  plan.fields.push_back(std::move(field));
}

// The arguments were coerced once before execution (engine.cpp), so they cannot fail here.
bool Planner::is_included(const std::vector<ast::Directive>& directives) const {
  for (const ast::Directive& directive : directives) {
    if (directive.name != "skip" && directive.name != "include") continue;
    const auto values = coerce_arguments(schema_.directive(directive.name)->arguments,
                                         directive.arguments, variables_);
    if (values && (*values)["if"] == Json(directive.name == "skip")) return false;
  }
  return true;
}

}  // namespace millwright::graphql
