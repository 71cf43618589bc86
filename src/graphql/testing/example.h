#pragma once
/// A small schema with one of everything, and short ways to ask it; for the tests of this folder.

#include <memory>
#include <string>
#include <string_view>

#include "graphql/engine.h"

namespace millwright::graphql::testing {

inline constexpr std::string_view kExampleSdl = R"sdl(
"An example."
schema { query: Query mutation: Change subscription: Subscription }

interface Named { name: String! }
type Dog implements Named { name: String! barks: Boolean owner: Human }
type Cat implements Named { name: String! meows: Int purrs(loud: Boolean! = false): String }
type Human implements Named { name: String! pets(first: Int = 2, kinds: [Kind!]): [Pet!] }
union Pet = Dog | Cat
enum Kind { DOG CAT @deprecated(reason: "Dogs only.") }
scalar Anything @specifiedBy(url: "https://example.org/anything")

input Filter { text: String! limit: Int = 10 kind: Kind tags: [String!] nested: Filter }

type Point { x: Float! y: Float label: String }
type Query {
  hello(name: String = "world"): String!
  number: Float
  whole: Int
  id: ID
  flag: Boolean
  kind: Kind
  anything(value: Anything): Anything
  named: Named
  pet: Pet
  dog: Dog
  human(id: ID!): Human
  numbers: [Float!]
  maybeNumbers: [Float]
  names: [String!]!
  points(count: Int = 2): [Point!]!
  maybePoints: [Point]
  find(filter: Filter!): String
  list(ids: [Int!]!): [Int!]!
  required: String!
  nest: Query
  old: Int @deprecated
}
type Change { set(value: Int!): Int! }
type Subscription { ticks(every: Int!): Point! other: Int }
directive @note(text: String!) repeatable on FIELD | QUERY
)sdl";

inline std::shared_ptr<const Schema> example_schema() {
  static const auto kSchema = Schema::from_sdl(kExampleSdl);
  return kSchema.value();
}

inline Request request(std::string query, Json variables = Json::object(),
                       std::string operation_name = {}) {
  return {std::move(query), std::move(operation_name), std::move(variables)};
}

}  // namespace millwright::graphql::testing
