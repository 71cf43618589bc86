#pragma once
/// Answers the fields of `__schema`, `__type` and everything below (October 2021, section 4).

#include "base/result.h"
#include "graphql/resolvers.h"
#include "graphql/schema.h"
#include "graphql/value.h"

namespace millwright::graphql {

/// `parent` is the value that an earlier call answered, or null for `__schema` and `__type`.
ResolvedValue introspect(const Schema& schema, const NamedType& type, const Field& field,
                         const ValueView& parent, const Json& arguments);

}  // namespace millwright::graphql
