// Executable definitions, unique operation names, lone anonymous operation, single root field of a
// subscription, and an operation type that the schema offers (5.1.1, 5.2).

#include <map>
#include <set>

#include "base/text.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

void executable_definitions(Validation& validation) {
  const ast::Document& document = validation.document();
  const auto refuse = [&](const std::string& what, ast::Location location) {
    validation.error("The " + what + " definition is not executable; send operations only.",
                     {location});
  };
  for (const ast::TypeDefinition& type : document.types) refuse(quote(type.name), type.location);
  for (const ast::DirectiveTypeDefinition& directive : document.directives) {
    refuse(quote("@" + directive.name), directive.location);
  }
  for (const ast::SchemaDefinition& schema : document.schemas) refuse("schema", schema.location);
}

void operation_names(Validation& validation) {
  const ast::Document& document = validation.document();
  std::map<std::string_view, ast::Location> seen;
  for (const ast::Operation& operation : document.operations) {
    if (operation.name.empty()) {
      if (document.operations.size() > 1) {
        validation.error("An operation without a name must be the only one.", {operation.location});
      }
      continue;
    }
    const auto [first, is_new] = seen.emplace(operation.name, operation.location);
    if (!is_new) {
      validation.error("There can be only one operation named " + quote(operation.name) + ".",
                       {first->second, operation.location});
    }
  }
}

// Response keys of the root selection set, fragments expanded.
void collect_root_fields(const ast::Document& document,
                         const std::vector<ast::Selection>& selections,
                         std::set<std::string_view>& visited,
                         std::map<std::string_view, const ast::Selection*>& out) {
  for (const ast::Selection& selection : selections) {
    if (selection.kind == ast::Selection::Kind::kField) {
      out.emplace(selection.response_key(), &selection);
    } else if (selection.kind == ast::Selection::Kind::kInlineFragment) {
      collect_root_fields(document, selection.selections, visited, out);
    } else if (visited.insert(selection.name).second) {
      if (const ast::Fragment* fragment = document.fragment(selection.name)) {
        collect_root_fields(document, fragment->selections, visited, out);
      }
    }
  }
}

void single_root_field(Validation& validation, const ast::Operation& operation) {
  std::set<std::string_view> visited;
  std::map<std::string_view, const ast::Selection*> fields;
  collect_root_fields(validation.document(), operation.selections, visited, fields);
  if (fields.size() > 1) {
    std::vector<ast::Location> locations;
    for (const auto& [key, field] : fields) locations.push_back(field->location);
    validation.error("A subscription selects exactly one top level field.", std::move(locations));
  }
  for (const auto& [key, field] : fields) {
    if (field->name.starts_with("__")) {
      validation.error("A subscription does not select an introspection field at the top level.",
                       {field->location});
    }
  }
}

}  // namespace

void validate_operations(Validation& validation) {
  executable_definitions(validation);
  operation_names(validation);
  for (const ast::Operation& operation : validation.document().operations) {
    if (validation.schema().root(operation.kind) == nullptr) {
      validation.error("This API offers no " + std::string(to_string(operation.kind)) + ".",
                       {operation.location});
    }
    if (operation.kind == OperationKind::kSubscription) single_root_field(validation, operation);
  }
}

}  // namespace millwright::graphql
