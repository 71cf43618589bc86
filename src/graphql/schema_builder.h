#pragma once
/// Turns type system definitions into a Schema; called by Schema::from_sdl only.
///
/// Steps, each on complete results of the one before: names, extensions, fields, roots, defaults,
/// directives, and the consistency checks of schema_check.h.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graphql/ast.h"
#include "graphql/schema.h"

namespace millwright::graphql {

class SchemaBuilder {
 public:
  static Result<std::shared_ptr<const Schema>> build(std::string_view sdl);

 private:
  SchemaBuilder();

  Result<> take(ast::Document document, bool built_in);
  Result<> define_type(ast::TypeDefinition definition, bool built_in);
  Result<> extend(ast::TypeDefinition extension);
  Result<> fill_types();
  Result<> fill_type(const ast::TypeDefinition& definition, NamedType& type);
  Result<> fill_fields(const ast::TypeDefinition& definition, NamedType& type);
  Result<> fill_members(const ast::TypeDefinition& definition, NamedType& type);
  Result<> fill_directives();
  Result<std::vector<InputValue>> input_values(
      const std::vector<ast::InputValueDefinition>& definitions, const std::string& owner);
  Result<const Type*> resolve(const ast::TypeReference& reference);
  Result<const NamedType*> named(const std::string& name, ast::Location location);
  Result<> fill_roots();
  void add_meta_fields();
  Result<> coerce_defaults();
  template <typename Visit>
  void each_input_value(Visit&& visit);
  Result<> apply_directives();
  Result<> apply_to_type(const ast::TypeDefinition& definition, NamedType& type);
  Result<> apply_to_inputs(const std::vector<ast::InputValueDefinition>& definitions,
                           DirectiveLocation location);
  struct Applied {
    std::optional<std::string> deprecated;
    std::optional<std::string> specified_by;
  };
  Result<Applied> applied(const std::vector<ast::Directive>& directives,
                          DirectiveLocation location) const;

  std::shared_ptr<Schema> schema_;
  std::map<std::string, ast::TypeDefinition, std::less<>> definitions_;
  std::map<std::string, ast::DirectiveTypeDefinition, std::less<>> directive_definitions_;
  std::vector<ast::SchemaDefinition> schema_definitions_;
  std::vector<ast::TypeDefinition> extensions_;
};

/// The built-in scalars, directives and introspection types as SDL.
std::string_view schema_prelude();

/// "Schema, line 3, column 7: …"
Error schema_error(ast::Location location, std::string_view message);

}  // namespace millwright::graphql
