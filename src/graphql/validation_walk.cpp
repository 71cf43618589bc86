#include <set>

#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

class Walk {
 public:
  Walk(const Schema& schema, Visitor& visitor) : schema_(schema), visitor_(visitor) {}

  void operation(const ast::Operation& operation) {
    static constexpr DirectiveLocation kLocations[] = {
        DirectiveLocation::kQuery, DirectiveLocation::kMutation, DirectiveLocation::kSubscription};
    visitor_.operation(operation);
    for (const ast::VariableDefinition& variable : operation.variables) {
      visitor_.variable(variable);
      directives(variable.directives, DirectiveLocation::kVariableDefinition);
    }
    directives(operation.directives, kLocations[static_cast<std::size_t>(operation.kind)]);
    selections(operation.selections, schema_.root(operation.kind));
  }

  void fragment(const ast::Fragment& fragment) {
    const NamedType* type = schema_.type(fragment.type_condition);
    visitor_.fragment(fragment, type);
    directives(fragment.directives, DirectiveLocation::kFragmentDefinition);
    selections(fragment.selections, type);
  }

 private:
  void selections(const std::vector<ast::Selection>& items, const NamedType* parent) {
    for (const ast::Selection& item : items) selection(item, parent);
  }

  void selection(const ast::Selection& item, const NamedType* parent) {
    switch (item.kind) {
      case ast::Selection::Kind::kField: {
        const Field* definition = find_field(schema_, parent, item.name);
        visitor_.field(item, parent, definition);
        for (const ast::Argument& argument : item.arguments) {
          visitor_.argument(argument, definition ? definition->argument(argument.name) : nullptr);
        }
        directives(item.directives, DirectiveLocation::kField);
        selections(item.selections, definition ? definition->type->named : nullptr);
        return;
      }
      case ast::Selection::Kind::kFragmentSpread:
        visitor_.spread(item, parent);
        directives(item.directives, DirectiveLocation::kFragmentSpread);
        return;
      case ast::Selection::Kind::kInlineFragment: {
        const NamedType* type = item.type_condition ? schema_.type(*item.type_condition) : parent;
        visitor_.inline_fragment(item, parent, type);
        directives(item.directives, DirectiveLocation::kInlineFragment);
        selections(item.selections, type);
        return;
      }
    }
  }

  void directives(const std::vector<ast::Directive>& items, DirectiveLocation location) {
    visitor_.directives(items, location);
    for (const ast::Directive& item : items) {
      const DirectiveDefinition* definition = schema_.directive(item.name);
      for (const ast::Argument& argument : item.arguments) {
        visitor_.argument(argument, definition ? definition->argument(argument.name) : nullptr);
      }
    }
  }

  const Schema& schema_;
  Visitor& visitor_;
};

}  // namespace

const Type* TypePool::resolve(const ast::TypeReference& reference) {
  const NamedType* innermost = schema_.type(reference.name);
  if (innermost == nullptr) return nullptr;
  const Type* type = &innermost->self;
  for (const ast::TypeReference::Wrapper wrapper : reference.wrappers) {
    const TypeKind kind =
        wrapper == ast::TypeReference::Wrapper::kList ? TypeKind::kList : TypeKind::kNonNull;
    type = &wrappers_.emplace_back(Type{kind, innermost, type});
  }
  return type;
}

const Field* find_field(const Schema& schema, const NamedType* parent, std::string_view name) {
  if (parent == nullptr) return nullptr;
  if (parent == schema.root(OperationKind::kQuery)) {
    if (name == "__schema") return &schema.schema_field();
    if (name == "__type") return &schema.type_field();
  }
  if (name == "__typename" && parent->is_composite()) return &schema.typename_field();
  return parent->field(name);
}

void walk(const Schema& schema, const ast::Operation& operation, Visitor& visitor) {
  Walk(schema, visitor).operation(operation);
}

void walk(const Schema& schema, const ast::Fragment& fragment, Visitor& visitor) {
  Walk(schema, visitor).fragment(fragment);
}

void walk(const Schema& schema, const ast::Document& document, Visitor& visitor) {
  for (const ast::Operation& operation : document.operations) walk(schema, operation, visitor);
  for (const ast::Fragment& fragment : document.fragments) walk(schema, fragment, visitor);
}

void collect_spreads(const std::vector<ast::Selection>& selections,
                     std::vector<const ast::Selection*>& out) {
  for (const ast::Selection& selection : selections) {
    if (selection.kind == ast::Selection::Kind::kFragmentSpread) out.push_back(&selection);
    collect_spreads(selection.selections, out);
  }
}

std::vector<const ast::Fragment*> reachable_fragments(const ast::Document& document,
                                                      const ast::Operation& operation) {
  std::vector<const ast::Fragment*> out;
  std::set<const ast::Fragment*> seen;
  std::vector<const ast::Selection*> spreads;
  collect_spreads(operation.selections, spreads);
  for (std::size_t i = 0; i < spreads.size(); ++i) {
    const ast::Fragment* fragment = document.fragment(spreads[i]->name);
    if (fragment == nullptr || !seen.insert(fragment).second) continue;
    out.push_back(fragment);
    collect_spreads(fragment->selections, spreads);
  }
  return out;
}

}  // namespace millwright::graphql
