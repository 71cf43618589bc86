#pragma once
/// The type system: what may be asked, loaded from a text in the schema definition language.
///
/// A `Schema` never changes after it was built, so any number of threads may read it at once.
/// Every pointer inside it is valid as long as the schema lives.
///
/// Source: GraphQL specification, October 2021, section 3.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millwright::graphql {

enum class TypeKind {
  kScalar,
  kObject,
  kInterface,
  kUnion,
  kEnum,
  kInputObject,
  kList,
  kNonNull,
};

/// The built-in scalars; a custom scalar takes and gives any JSON value.
enum class ScalarKind { kInt, kFloat, kString, kBoolean, kId, kCustom };

enum class OperationKind { kQuery, kMutation, kSubscription };

/// Where a directive may stand; a set of these is a bit mask.
enum class DirectiveLocation : std::uint32_t {
  kQuery = 1u << 0,
  kMutation = 1u << 1,
  kSubscription = 1u << 2,
  kField = 1u << 3,
  kFragmentDefinition = 1u << 4,
  kFragmentSpread = 1u << 5,
  kInlineFragment = 1u << 6,
  kVariableDefinition = 1u << 7,
  kSchema = 1u << 8,
  kScalar = 1u << 9,
  kObject = 1u << 10,
  kFieldDefinition = 1u << 11,
  kArgumentDefinition = 1u << 12,
  kInterface = 1u << 13,
  kUnion = 1u << 14,
  kEnum = 1u << 15,
  kEnumValue = 1u << 16,
  kInputObject = 1u << 17,
  kInputFieldDefinition = 1u << 18,
};

struct NamedType;

/// A use of a type: a name, or a list of or non-null around another use. Printed as `[Device!]!`.
struct Type {
  TypeKind kind;                  ///< kList, kNonNull, or the kind of `named`.
  const NamedType* named;         ///< The innermost named type; never null.
  const Type* of_type = nullptr;  ///< What a list or non-null wraps; null for a name.

  bool is_non_null() const { return kind == TypeKind::kNonNull; }
  bool is_list() const { return kind == TypeKind::kList; }
  /// The type without an outer non-null.
  const Type* nullable() const { return is_non_null() ? of_type : this; }
};

/// An argument, or a field of an input object.
struct InputValue {
  std::string name;
  std::optional<std::string> description;
  const Type* type = nullptr;
  std::optional<nlohmann::json> default_value;  ///< Coerced to the type.
  std::string default_literal;                  ///< As GraphQL text; empty without a default.

  bool is_required() const { return type->is_non_null() && !default_value; }
};

struct Field {
  std::string name;
  std::optional<std::string> description;
  std::vector<InputValue> arguments;
  const Type* type = nullptr;
  std::optional<std::string> deprecation_reason;

  const InputValue* argument(std::string_view argument_name) const;
};

struct EnumValue {
  std::string name;
  std::optional<std::string> description;
  std::optional<std::string> deprecation_reason;
};

struct NamedType {
  TypeKind kind;
  ScalarKind scalar = ScalarKind::kCustom;
  std::string name;
  std::optional<std::string> description;
  std::optional<std::string> specified_by;       ///< Scalars: URL of their specification.
  std::vector<Field> fields;                     ///< Objects and interfaces.
  std::vector<const NamedType*> interfaces;      ///< Objects and interfaces.
  std::vector<const NamedType*> possible_types;  ///< Objects of an interface or union.
  std::vector<EnumValue> enum_values;            ///< Enums.
  std::vector<InputValue> input_fields;          ///< Input objects.
  Type self;                                     ///< The plain use of this type.

  const Field* field(std::string_view field_name) const;
  const InputValue* input_field(std::string_view field_name) const;
  const EnumValue* enum_value(std::string_view value_name) const;

  bool is_composite() const {
    return kind == TypeKind::kObject || kind == TypeKind::kInterface || kind == TypeKind::kUnion;
  }
  bool is_abstract() const { return kind == TypeKind::kInterface || kind == TypeKind::kUnion; }
  bool is_leaf() const { return kind == TypeKind::kScalar || kind == TypeKind::kEnum; }
  bool is_input() const { return is_leaf() || kind == TypeKind::kInputObject; }
  /// Whether an object of `type` may stand where this type is promised.
  bool may_be(const NamedType* type) const;
};

struct DirectiveDefinition {
  std::string name;
  std::optional<std::string> description;
  std::vector<InputValue> arguments;
  std::uint32_t locations = 0;  ///< Bits of DirectiveLocation.
  bool repeatable = false;

  const InputValue* argument(std::string_view argument_name) const;
};

class Schema {
 public:
  /// Reads a schema. The built-in scalars, the directives @skip, @include, @deprecated and
  /// @specifiedBy and the introspection types are added. `extend` is understood.
  ///
  /// Errors: kInvalidArgument with line and column for a text that does not parse, a name that is
  /// not defined or is defined twice, a type in a wrong position, an interface that is not
  /// fulfilled, a default that does not fit its type.
  static Result<std::shared_ptr<const Schema>> from_sdl(std::string_view sdl);

  /// Null where the schema has no such type.
  const NamedType* type(std::string_view name) const;
  /// Null where the schema does not offer the operation.
  const NamedType* root(OperationKind kind) const;
  const DirectiveDefinition* directive(std::string_view name) const;

  const std::optional<std::string>& description() const { return description_; }
  /// By name, introspection types included.
  const std::map<std::string, std::unique_ptr<NamedType>, std::less<>>& types() const {
    return types_;
  }
  const std::map<std::string, DirectiveDefinition, std::less<>>& directives() const {
    return directives_;
  }
  /// `__schema`, `__type` and `__typename`: fields that no type lists.
  const Field& schema_field() const { return schema_field_; }
  const Field& type_field() const { return type_field_; }
  const Field& typename_field() const { return typename_field_; }

 private:
  friend class SchemaBuilder;
  Schema() = default;

  std::optional<std::string> description_;
  std::map<std::string, std::unique_ptr<NamedType>, std::less<>> types_;
  std::map<std::string, DirectiveDefinition, std::less<>> directives_;
  std::deque<Type> wrappers_;
  const NamedType* roots_[3] = {nullptr, nullptr, nullptr};
  Field schema_field_, type_field_, typename_field_;
};

/// The type as a client writes it, for example `[String!]`.
std::string to_string(const Type& type);
/// As introspection writes them: "INPUT_OBJECT", "FIELD_DEFINITION".
std::string_view to_string(TypeKind kind);
std::string_view to_string(DirectiveLocation location);
/// Nothing for a word that names no location.
std::optional<DirectiveLocation> directive_location(std::string_view word);
/// "query", "mutation", "subscription".
std::string_view to_string(OperationKind kind);

}  // namespace millwright::graphql
