#include "ml/trees/xgboost_tree.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace millwright::ml {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 512;
constexpr int kNoParent = std::numeric_limits<int>::max();

struct Node {
  int left = -1;
  int right = -1;
  int parent = kNoParent;
  std::size_t feature = 0;
  double condition = 0;  ///< Of a split: the limit; of a leaf: its value.
  bool default_left = false;
  std::size_t depth = 0;
};

Error broken(const std::string& what) { return invalid_argument("a tree of the model " + what); }

/// The columns of a tree as the document has them, one entry a node.
struct Columns {
  const json& left;
  const json& right;
  const json& feature;
  const json& condition;
  const json& default_left;
};

Result<Columns> columns_of(const json& tree) {
  for (const char* name :
       {"left_children", "right_children", "split_indices", "split_conditions", "default_left"}) {
    if (!tree.is_object() || !tree.contains(name) || !tree[name].is_array()) {
      return broken(std::string("has no list ") + name);
    }
    if (tree[name].empty() || tree[name].size() != tree["left_children"].size()) {
      return broken(std::string("has lists of different lengths: ") + name);
    }
  }
  if (tree.contains("categories") && !tree["categories"].empty()) {
    return broken("splits on categories: train with numeric columns, such as one-hot encoded ones");
  }
  return Columns{tree["left_children"], tree["right_children"], tree["split_indices"],
                 tree["split_conditions"], tree["default_left"]};
}

Result<std::int64_t> whole_number(const json& value) {
  if (!value.is_number_integer()) return broken("has a node number that is none");
  return value.get<std::int64_t>();
}

bool is_true(const json& value) {
  return value.is_boolean() ? value.get<bool>() : value.is_number() && value.get<double>() != 0;
}

Result<Node> read_node(const Columns& columns, std::size_t at, std::size_t features) {
  Node node;
  MW_ASSIGN(const std::int64_t left, whole_number(columns.left[at]));
  MW_ASSIGN(const std::int64_t right, whole_number(columns.right[at]));
  const auto nodes = static_cast<std::int64_t>(columns.left.size());
  const bool is_leaf = left == -1 && right == -1;
  if (!is_leaf && (left < 1 || right < 1 || left >= nodes || right >= nodes)) {
    return broken("has a child outside of it");
  }
  node.left = static_cast<int>(left);
  node.right = static_cast<int>(right);
  if (!columns.condition[at].is_number()) return broken("has a split value that is no number");
  node.condition = columns.condition[at].get<double>();
  if (!std::isfinite(static_cast<float>(node.condition))) {
    return broken("has a split or leaf value that is not finite");
  }
  if (is_leaf) return node;
  MW_ASSIGN(const std::int64_t feature, whole_number(columns.feature[at]));
  if (feature < 0 || feature >= static_cast<std::int64_t>(features)) {
    return broken("splits on column " + std::to_string(feature) + " of " +
                  std::to_string(features));
  }
  node.feature = static_cast<std::size_t>(feature);
  node.default_left = is_true(columns.default_left[at]);
  return node;
}

/// The nodes that the root reaches, renumbered: children after their parent.
Result<std::vector<Node>> walk(const Columns& columns, std::size_t features) {
  std::vector<bool> seen(columns.left.size(), false);
  MW_ASSIGN(Node root, read_node(columns, 0, features));
  std::vector<Node> nodes{root};
  seen[0] = true;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].left == -1) continue;
    for (const bool is_left : {true, false}) {
      const auto at = static_cast<std::size_t>(is_left ? nodes[i].left : nodes[i].right);
      if (seen[at]) return broken("is none: two nodes have the same child");
      seen[at] = true;
      auto child = read_node(columns, at, features);
      if (!child) return child.error();
      child->parent = static_cast<int>(i);
      child->depth = nodes[i].depth + 1;
      if (child->depth > kMaxDepth) return broken("is deeper than " + std::to_string(kMaxDepth));
      (is_left ? nodes[i].left : nodes[i].right) = static_cast<int>(nodes.size());
      nodes.push_back(*child);
    }
  }
  return nodes;
}

template <typename Text>
void add_list(std::string& out, const char* name, const std::vector<Node>& nodes,
              const Text& text) {
  out += std::string("\"") + name + "\":[";
  for (std::size_t i = 0; i < nodes.size(); ++i) out += (i == 0 ? "" : ",") + text(nodes[i]);
  out += "],";
}

}  // namespace

std::string xgboost_float(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(),
                                          static_cast<float>(value), std::chars_format::scientific);
  return error == std::errc() ? std::string(text.data(), end) : "0e0";
}

Result<std::string> rewrite_xgboost_tree(const json& tree, std::size_t number,
                                         std::size_t features) {
  MW_ASSIGN(const Columns columns, columns_of(tree));
  MW_ASSIGN(const std::vector<Node> nodes, walk(columns, features));
  const auto zero = [](const Node&) { return std::string("0e0"); };
  std::string out = R"({"categories":[],"categories_nodes":[],"categories_segments":[],)"
                    R"("categories_sizes":[],"id":)" +
                    std::to_string(number) + ",";
  // Statistics of the training, which prediction does not look at.
  for (const char* name : {"base_weights", "loss_changes", "sum_hessian"}) {
    add_list(out, name, nodes, zero);
  }
  add_list(out, "left_children", nodes, [](const Node& n) { return std::to_string(n.left); });
  add_list(out, "right_children", nodes, [](const Node& n) { return std::to_string(n.right); });
  add_list(out, "parents", nodes, [](const Node& n) { return std::to_string(n.parent); });
  add_list(out, "split_indices", nodes, [](const Node& n) { return std::to_string(n.feature); });
  add_list(out, "split_type", nodes, [](const Node&) { return std::string("0"); });
  add_list(out, "split_conditions", nodes,
           [](const Node& n) { return xgboost_float(n.condition); });
  add_list(out, "default_left", nodes,
           [](const Node& n) { return std::string(n.default_left ? "1" : "0"); });
  out += R"("tree_param":{"num_deleted":"0","num_feature":")" + std::to_string(features) +
         R"(","num_nodes":")" + std::to_string(nodes.size()) + R"(","size_leaf_vector":"0"}})";
  return out;
}

}  // namespace millwright::ml
