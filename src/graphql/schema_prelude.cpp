#include "graphql/schema_builder.h"

namespace millwright::graphql {

// October 2021, sections 3.5, 3.13 and 4.2.
std::string_view schema_prelude() {
  return R"sdl(
"A whole number that fits into 32 bits with its sign."
scalar Int
"A double precision number (IEEE 754)."
scalar Float
"A text in UTF-8."
scalar String
"True or false."
scalar Boolean
"Names one object; a text, even where it looks like a number."
scalar ID

"The field or fragment is left out when true."
directive @skip("Left out when true." if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"The field or fragment is left out unless true."
directive @include("Left out unless true." if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"Still answered, but on its way out."
directive @deprecated(
  "What to use instead."
  reason: String = "No longer supported"
) on FIELD_DEFINITION | ENUM_VALUE
"Where the scalar's format is described."
directive @specifiedBy("URL of the description." url: String!) on SCALAR

"What this API offers."
type __Schema {
  description: String
  types: [__Type!]!
  queryType: __Type!
  mutationType: __Type
  subscriptionType: __Type
  directives: [__Directive!]!
}

"A type, or a list of or a non-null around one."
type __Type {
  kind: __TypeKind!
  name: String
  description: String
  specifiedByURL: String
  fields(includeDeprecated: Boolean = false): [__Field!]
  interfaces: [__Type!]
  possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
  inputFields: [__InputValue!]
  ofType: __Type
}

enum __TypeKind {
  SCALAR
  OBJECT
  INTERFACE
  UNION
  ENUM
  INPUT_OBJECT
  LIST
  NON_NULL
}

"A field of an object or interface."
type __Field {
  name: String!
  description: String
  args: [__InputValue!]!
  type: __Type!
  isDeprecated: Boolean!
  deprecationReason: String
}

"An argument, or a field of an input object."
type __InputValue {
  name: String!
  description: String
  type: __Type!
  "As GraphQL text."
  defaultValue: String
}

"One value of an enum."
type __EnumValue {
  name: String!
  description: String
  isDeprecated: Boolean!
  deprecationReason: String
}

"Something that changes how a document is answered."
type __Directive {
  name: String!
  description: String
  isRepeatable: Boolean!
  locations: [__DirectiveLocation!]!
  args: [__InputValue!]!
}

enum __DirectiveLocation {
  QUERY
  MUTATION
  SUBSCRIPTION
  FIELD
  FRAGMENT_DEFINITION
  FRAGMENT_SPREAD
  INLINE_FRAGMENT
  VARIABLE_DEFINITION
  SCHEMA
  SCALAR
  OBJECT
  FIELD_DEFINITION
  ARGUMENT_DEFINITION
  INTERFACE
  UNION
  ENUM
  ENUM_VALUE
  INPUT_OBJECT
  INPUT_FIELD_DEFINITION
}
)sdl";
}

}  // namespace millwright::graphql
