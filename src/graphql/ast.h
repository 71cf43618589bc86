#pragma once
/// The syntax tree of a document: executable definitions and type system definitions alike.
///
/// Plain values that own their texts; a tree does not refer to the source. Its depth is bounded by
/// the parser's nesting limit, so recursion over it is safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graphql/schema.h"

namespace millwright::graphql::ast {

/// Both count from 1; the column counts characters, not bytes.
struct Location {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

enum class ValueKind { kVariable, kInt, kFloat, kString, kBoolean, kNull, kEnum, kList, kObject };

struct ObjectField;

struct Value {
  ValueKind kind = ValueKind::kNull;
  std::string text;  ///< Name of a variable or enum value, digits, "true"/"false", string content.
  std::vector<Value> items;          ///< kList
  std::vector<ObjectField> members;  ///< kObject
  Location location;
};

struct ObjectField {
  std::string name;
  Value value;
  Location location;
};

struct Argument {
  std::string name;
  Value value;
  Location location;
};

struct Directive {
  std::string name;
  std::vector<Argument> arguments;
  Location location;
};

/// `[Name!]!` from the inside out: every wrapper is applied to what came before it.
struct TypeReference {
  enum class Wrapper { kList, kNonNull };
  std::string name;
  std::vector<Wrapper> wrappers;
  Location location;
};

struct Selection {
  enum class Kind { kField, kFragmentSpread, kInlineFragment };
  Kind kind = Kind::kField;
  std::string alias;                          ///< Empty without one.
  std::string name;                           ///< Of the field or the fragment.
  std::optional<std::string> type_condition;  ///< Inline fragments only.
  std::vector<Argument> arguments;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Location location;
  Location type_condition_location;

  const std::string& response_key() const { return alias.empty() ? name : alias; }
};

struct VariableDefinition {
  std::string name;
  TypeReference type;
  std::optional<Value> default_value;
  std::vector<Directive> directives;
  Location location;
};

struct Operation {
  OperationKind kind = OperationKind::kQuery;
  std::string name;  ///< Empty for an anonymous operation.
  std::vector<VariableDefinition> variables;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Location location;
};

struct Fragment {
  std::string name;
  std::string type_condition;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Location location;
  Location type_condition_location;
};

struct InputValueDefinition {
  std::optional<std::string> description;
  std::string name;
  TypeReference type;
  std::optional<Value> default_value;
  std::vector<Directive> directives;
  Location location;
};

struct FieldDefinition {
  std::optional<std::string> description;
  std::string name;
  std::vector<InputValueDefinition> arguments;
  TypeReference type;
  std::vector<Directive> directives;
  Location location;
};

struct EnumValueDefinition {
  std::optional<std::string> description;
  std::string name;
  std::vector<Directive> directives;
  Location location;
};

struct NameReference {
  std::string name;
  Location location;
};

struct TypeDefinition {
  bool extends = false;
  TypeKind kind = TypeKind::kScalar;
  std::optional<std::string> description;
  std::string name;
  std::vector<NameReference> interfaces;
  std::vector<Directive> directives;
  std::vector<FieldDefinition> fields;             ///< Objects and interfaces.
  std::vector<NameReference> members;              ///< Unions.
  std::vector<EnumValueDefinition> enum_values;    ///< Enums.
  std::vector<InputValueDefinition> input_fields;  ///< Input objects.
  Location location;
};

struct DirectiveTypeDefinition {
  std::optional<std::string> description;
  std::string name;
  std::vector<InputValueDefinition> arguments;
  std::vector<NameReference> locations;
  bool repeatable = false;
  Location location;
};

struct SchemaDefinition {
  bool extends = false;
  std::optional<std::string> description;
  std::vector<Directive> directives;
  std::vector<std::pair<OperationKind, NameReference>> roots;
  Location location;
};

struct Document {
  std::vector<Operation> operations;
  std::vector<Fragment> fragments;
  std::vector<TypeDefinition> types;
  std::vector<DirectiveTypeDefinition> directives;
  std::vector<SchemaDefinition> schemas;

  const Fragment* fragment(std::string_view name) const {
    for (const Fragment& candidate : fragments) {
      if (candidate.name == name) return &candidate;
    }
    return nullptr;
  }
};

/// The value as GraphQL text on one line.
std::string print(const Value& value);
/// The type as GraphQL text.
std::string print(const TypeReference& type);

}  // namespace millwright::graphql::ast
