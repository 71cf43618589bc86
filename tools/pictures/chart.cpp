#include "tools/pictures/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace millwright::pictures {
namespace {

constexpr double kWidth = 760, kHeight = 300;
constexpr double kLeft = 64, kRight = 744, kTop = 34, kBottom = 252;
constexpr int kTicks = 5;

std::string number(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.4g", value);
  return buffer.data();
}

std::string place(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.1f", value);
  return buffer.data();
}

std::string text(double left, double top, const std::string& anchor, const std::string& words) {
  return "<text x=\"" + place(left) + "\" y=\"" + place(top) + "\" text-anchor=\"" + anchor +
         "\">" + words + "</text>\n";
}

/// 1, 2 or 5 times a power of ten, so that about kTicks of them fit.
double step_of(double range) {
  const double raw = range / kTicks;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw) return factor * power;
  }
  return 10.0 * power;
}

}  // namespace

Chart::Chart(std::string x_name, std::string y_name, double x_low, double x_high, double y_low,
             double y_high)
    : x_name_(std::move(x_name)),
      y_name_(std::move(y_name)),
      x_low_(x_low),
      x_high_(x_high),
      y_low_(y_low),
      y_high_(y_high) {}

double Chart::left_of(double x) const {
  return kLeft + (kRight - kLeft) * (x - x_low_) / (x_high_ - x_low_);
}

double Chart::top_of(double y) const {
  const double share = std::clamp((y - y_low_) / (y_high_ - y_low_), 0.0, 1.0);
  return kBottom - (kBottom - kTop) * share;
}

std::string Chart::path_of(std::span<const Point> points) const {
  std::string path;
  for (const Point& point : points) {
    path += (path.empty() ? "M" : "L") + place(left_of(point.x)) + " " + place(top_of(point.y));
  }
  return path;
}

void Chart::add_label(const std::string& colour, const std::string& label) {
  if (label.empty()) return;
  const double left = kLeft + 8 + 220.0 * label_count_++;
  labels_ += "<rect x=\"" + place(left) + "\" y=\"14\" width=\"14\" height=\"8\" fill=\"" + colour +
             "\"/>\n" + text(left + 20, 22, "start", label);
}

void Chart::line(std::span<const Point> points, const std::string& colour,
                 const std::string& label) {
  body_ += "<path d=\"" + path_of(points) + "\" fill=\"none\" stroke=\"" + colour +
           "\" stroke-width=\"1.3\"/>\n";
  add_label(colour, label);
}

void Chart::band(std::span<const Point> lower, std::span<const Point> upper,
                 const std::string& colour, const std::string& label) {
  std::vector<Point> back(lower.rbegin(), lower.rend());
  std::vector<Point> round(upper.begin(), upper.end());
  round.insert(round.end(), back.begin(), back.end());
  body_ += "<path d=\"" + path_of(round) + "Z\" fill=\"" + colour + "\" opacity=\"0.35\"/>\n";
  add_label(colour, label);
}

void Chart::stretch(double from_x, double to_x, const std::string& colour,
                    const std::string& label) {
  const double left = left_of(from_x);
  body_ += "<rect x=\"" + place(left) + "\" y=\"" + place(kTop) + "\" width=\"" +
           place(left_of(to_x) - left) + "\" height=\"" + place(kBottom - kTop) + "\" fill=\"" +
           colour + "\" opacity=\"0.3\"/>\n";
  add_label(colour, label);
}

void Chart::mark(double x, const std::string& words) {
  const double left = left_of(x);
  body_ += "<path d=\"M" + place(left) + " " + place(kTop) + "V" + place(kBottom) +
           "\" stroke=\"#555\" stroke-dasharray=\"4 3\"/>\n";
  const bool is_right = left > 0.7 * kWidth;
  body_ += text(left + (is_right ? -5 : 5), kTop + 12, is_right ? "end" : "start", words);
}

std::string Chart::axes() const {
  std::string out;
  for (double x = std::ceil(x_low_ / step_of(x_high_ - x_low_)) * step_of(x_high_ - x_low_);
       x <= x_high_ + 1e-9; x += step_of(x_high_ - x_low_)) {
    out += "<path d=\"M" + place(left_of(x)) + " " + place(kBottom) + "v4\" stroke=\"#333\"/>\n" +
           text(left_of(x), kBottom + 18, "middle", number(x));
  }
  for (double y = std::ceil(y_low_ / step_of(y_high_ - y_low_)) * step_of(y_high_ - y_low_);
       y <= y_high_ + 1e-9; y += step_of(y_high_ - y_low_)) {
    out += "<path d=\"M" + place(kLeft) + " " + place(top_of(y)) + "H" + place(kRight) +
           "\" stroke=\"#ddd\"/>\n" + text(kLeft - 7, top_of(y) + 4, "end", number(y));
  }
  out += "<path d=\"M" + place(kLeft) + " " + place(kTop) + "V" + place(kBottom) + "H" +
         place(kRight) + "\" fill=\"none\" stroke=\"#333\"/>\n";
  out += text((kLeft + kRight) / 2, kHeight - 10, "middle", x_name_);
  return out + "<text transform=\"translate(16 " + place((kTop + kBottom) / 2) +
         ") rotate(-90)\" text-anchor=\"middle\">" + y_name_ + "</text>\n";
}

std::string Chart::svg() const {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(kWidth) + " " +
         number(kHeight) +
         "\" font-family=\"sans-serif\" font-size=\"12\">\n"
         "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" +
         axes() + body_ + labels_ + "</svg>\n";
}

}  // namespace millwright::pictures
