// Fields with the same response name can be merged (5.3.2).
//
// The specification compares fields pair by pair, which grows fast with repeated fields. Here all
// fields of one response name are taken together: they must share one shape, and those that can
// meet on one object must be the same call; then their selections are merged and checked as one.
// This is the reformulation of S. Adameit, "Checking field selection merging" (2019); it visits a
// field once per level and group.

#include <algorithm>
#include <map>
#include <string>

#include "base/text.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

struct Entry {
  const ast::Selection* field;
  const NamedType* parent;
  const Field* definition;
};

// In the order of the document, so that errors are too.
struct Group {
  std::string_view key;
  std::vector<Entry> entries;
};
using Groups = std::vector<Group>;

bool same_value(const ast::Value& a, const ast::Value& b) {
  if (a.kind != b.kind || a.text != b.text) return false;
  if (a.items.size() != b.items.size() || a.members.size() != b.members.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same_value(a.items[i], b.items[i])) return false;
  }
  return std::all_of(a.members.begin(), a.members.end(), [&](const ast::ObjectField& member) {
    return std::any_of(b.members.begin(), b.members.end(), [&](const ast::ObjectField& other) {
      return other.name == member.name && same_value(other.value, member.value);
    });
  });
}

bool same_arguments(const ast::Selection& a, const ast::Selection& b) {
  if (a.arguments.size() != b.arguments.size()) return false;
  for (const ast::Argument& argument : a.arguments) {
    bool is_same = false;
    for (const ast::Argument& other : b.arguments) {
      is_same = is_same || (other.name == argument.name && same_value(other.value, argument.value));
    }
    if (!is_same) return false;
  }
  return true;
}

// SameResponseShape without the recursion: wrappers equal, leaves equal, composites open.
bool same_shape(const Type& a, const Type& b) {
  if (a.is_non_null() || b.is_non_null() || a.is_list() || b.is_list()) {
    return a.kind == b.kind && same_shape(*a.of_type, *b.of_type);
  }
  if (a.named->is_composite() && b.named->is_composite()) return true;
  return a.named == b.named;
}

class Merging {
 public:
  explicit Merging(Validation& validation) : validation_(validation) {}

  void check(const ast::Operation& operation) {
    const NamedType* root = validation_.schema().root(operation.kind);
    Groups groups;
    Index index;
    Visited visited;
    found_ = false;
    collect(operation.selections, root, groups, index, visited);
    check_calls(groups);
    if (!found_) check_shapes(groups);  // different calls are the plainer reason
  }

 private:
  using Index = std::map<std::string_view, std::size_t>;
  using Visited = std::map<std::string_view, bool>;

  void collect(const std::vector<ast::Selection>& selections, const NamedType* parent,
               Groups& groups, Index& index, Visited& visited) {
    for (const ast::Selection& selection : selections) {
      if (selection.kind == ast::Selection::Kind::kField) {
        const auto [found, is_new] = index.emplace(selection.response_key(), groups.size());
        if (is_new) groups.push_back({selection.response_key(), {}});
        groups[found->second].entries.push_back(
            {&selection, parent, find_field(validation_.schema(), parent, selection.name)});
      } else if (selection.kind == ast::Selection::Kind::kInlineFragment) {
        const NamedType* type = selection.type_condition
                                    ? validation_.schema().type(*selection.type_condition)
                                    : parent;
        collect(selection.selections, type, groups, index, visited);
      } else if (visited.emplace(selection.name, true).second) {
        const ast::Fragment* fragment = validation_.document().fragment(selection.name);
        if (fragment == nullptr) continue;
        collect(fragment->selections, validation_.schema().type(fragment->type_condition), groups,
                index, visited);
      }
    }
  }

  Groups children(const std::vector<Entry>& entries) {
    Groups groups;
    Index index;
    // A fragment spread below two of the fields has the same parent type in both unless their
    // types differ, and its own type condition decides then: once is enough.
    Visited visited;
    for (const Entry& entry : entries) {
      const NamedType* type = entry.definition ? entry.definition->type->named : nullptr;
      collect(entry.field->selections, type, groups, index, visited);
    }
    return groups;
  }

  void conflict(const Entry& a, const Entry& b, const std::string& why) {
    found_ = true;
    validation_.error("Fields " + quote(a.field->response_key()) + " conflict because " + why +
                          "; give one of them another alias.",
                      {a.field->location, b.field->location});
  }

  void check_shapes(const Groups& groups) {
    for (const Group& group : groups) {
      if (validation_.is_full()) return;
      const Entry* first = nullptr;
      bool agrees = true;
      for (const Entry& entry : group.entries) {
        if (entry.definition == nullptr) continue;
        if (first == nullptr) first = &entry;
        if (same_shape(*first->definition->type, *entry.definition->type)) continue;
        agrees = false;
        conflict(*first, entry,
                 "they return '" + to_string(*first->definition->type) + "' and '" +
                     to_string(*entry.definition->type) + "'");
        break;
      }
      if (agrees) check_shapes(children(group.entries));
    }
  }

  // Fields meet on one object when they have the same object type as parent, or one of them an
  // abstract one.
  void check_calls(const Groups& groups) {
    for (const Group& group : groups) {
      if (validation_.is_full()) return;
      std::vector<Entry> everywhere;
      std::vector<std::pair<const NamedType*, std::vector<Entry>>> by_object;
      for (const Entry& entry : group.entries) {
        if (entry.parent == nullptr || entry.parent->kind != TypeKind::kObject) {
          everywhere.push_back(entry);
          continue;
        }
        auto found = by_object.begin();
        while (found != by_object.end() && found->first != entry.parent) ++found;
        if (found == by_object.end()) found = by_object.insert(found, {entry.parent, {}});
        found->second.push_back(entry);
      }
      if (by_object.empty()) check_group(everywhere);
      for (auto& [object, entries] : by_object) {
        entries.insert(entries.begin(), everywhere.begin(), everywhere.end());
        check_group(entries);
      }
    }
  }

  void check_group(const std::vector<Entry>& entries) {
    const Entry& first = entries.front();
    for (const Entry& entry : entries) {
      if (entry.field->name != first.field->name) {
        conflict(first, entry,
                 quote(first.field->name) + " and " + quote(entry.field->name) +
                     " are different fields");
        return;
      }
      if (!same_arguments(*first.field, *entry.field)) {
        conflict(first, entry, "they have different arguments");
        return;
      }
    }
    check_calls(children(entries));
  }

  Validation& validation_;
  bool found_ = false;
};

}  // namespace

void validate_merging(Validation& validation) {
  Merging merging(validation);
  for (const ast::Operation& operation : validation.document().operations) {
    merging.check(operation);
  }
}

}  // namespace millwright::graphql
