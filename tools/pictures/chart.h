#pragma once
/// Line charts as SVG text, for the pictures in the documentation.

#include <span>
#include <string>
#include <vector>

namespace millwright::pictures {

struct Point {
  double x = 0.0;
  double y = 0.0;
};

class Chart {
 public:
  /// Axes cover [x_low, x_high] and [y_low, y_high]; the names stand beside them with their units.
  Chart(std::string x_name, std::string y_name, double x_low, double x_high, double y_low,
        double y_high);

  void line(std::span<const Point> points, const std::string& colour, const std::string& label);
  /// The area between two lines of equal x.
  void band(std::span<const Point> lower, std::span<const Point> upper, const std::string& colour,
            const std::string& label);
  /// A shaded stretch of the x axis.
  void stretch(double from_x, double to_x, const std::string& colour, const std::string& label);
  /// A dashed vertical line with a few words at its top.
  void mark(double x, const std::string& words);

  /// The whole file.
  std::string svg() const;

 private:
  double left_of(double x) const;
  double top_of(double y) const;
  std::string path_of(std::span<const Point> points) const;
  void add_label(const std::string& colour, const std::string& label);
  std::string axes() const;

  std::string x_name_, y_name_;
  double x_low_, x_high_, y_low_, y_high_;
  std::string body_, labels_;
  int label_count_ = 0;
};

}  // namespace millwright::pictures
