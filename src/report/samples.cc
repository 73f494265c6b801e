// SPDX-License-Identifier: Apache-2.0
#include "report/samples.h"

#include <charconv>

namespace gg {
namespace {

template <class Number>
void append_number(std::string& out, Number value) {
  char digits[24];
  std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end.ptr);
}

/// `value` / 10^`decimals`, all decimals written.
void append_decimal(std::string& out, std::uint64_t value, int decimals) {
  std::uint64_t unit = 1;
  for (int i = 0; i < decimals; ++i) unit *= 10;
  append_number(out, value / unit);
  out += '.';
  for (std::uint64_t rest = value % unit; unit > 1; rest %= unit) {
    unit /= 10;
    out += static_cast<char>('0' + rest / unit);
  }
}

void append_escaped(std::string& out, std::string_view value) {
  for (char c : value) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\n':
        out += "\\n";
        break;
      default:
        out += c;
    }
  }
}

void append_label(std::string& out, const Label& label, char before) {
  out += before;
  out += label.name;
  out += "=\"";
  append_escaped(out, label.value);
  out += '"';
}

void append_series(std::string& out, const Series& series) {
  out += series.metric;
  char before = '{';
  for (const Label& label : series.labels) {
    if (label.name.empty()) continue;
    append_label(out, label, before);
    before = ',';
  }
  if (before == ',') out += '}';
  out += ' ';
}

void append_bucket(std::string& out, std::string_view metric, const Label& label,
                   std::string_view bound, std::uint64_t count) {
  out += metric;
  out += "_bucket";
  append_label(out, label, '{');
  append_label(out, {"le", bound}, ',');
  out += "} ";
  append_number(out, count);
  out += '\n';
}

}  // namespace

void write_family(std::string& out, std::string_view name, std::string_view help,
                  std::string_view type) {
  out += "# HELP ";
  out += name;
  out += ' ';
  out += help;
  out += "\n# TYPE ";
  out += name;
  out += ' ';
  out += type;
  out += '\n';
}

void write_sample(std::string& out, const Series& series, std::uint64_t value) {
  append_series(out, series);
  append_number(out, value);
  out += '\n';
}

void write_sample(std::string& out, const Series& series, std::int64_t value) {
  append_series(out, series);
  append_number(out, value);
  out += '\n';
}

void write_seconds(std::string& out, const Series& series, std::int64_t microseconds) {
  append_series(out, series);
  append_decimal(out, microseconds > 0 ? static_cast<std::uint64_t>(microseconds) : 0, 6);
  out += '\n';
}

std::uint64_t HistogramSum::bound_of(std::size_t index) {
  return Histogram::bound_of(index * Histogram::steps_per_octave);
}

void HistogramSum::add(const Histogram& histogram) {
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < Histogram::buckets; ++bucket) {
    seen += histogram.count_in(bucket);
    bool ends_octave = bucket % Histogram::steps_per_octave == 0;
    if (ends_octave) below_[bucket / Histogram::steps_per_octave] += seen;
  }
  count_ += seen;
  sum_nanoseconds_ += histogram.sum_nanoseconds();
}

void write_histogram(std::string& out, std::string_view metric, Label label,
                     const HistogramSum& sum) {
  std::string bound;
  for (std::size_t i = 0; i < HistogramSum::bounds; ++i) {
    bound.clear();
    append_decimal(bound, HistogramSum::bound_of(i), 6);
    append_bucket(out, metric, label, bound, sum.below(i));
  }
  append_bucket(out, metric, label, "+Inf", sum.count());
  out += metric;
  out += "_sum";
  append_label(out, label, '{');
  out += "} ";
  append_decimal(out, sum.sum_nanoseconds(), 9);
  out += '\n';
  out += metric;
  out += "_count";
  append_label(out, label, '{');
  out += "} ";
  append_number(out, sum.count());
  out += '\n';
}

}  // namespace gg
