#include "inspect/comparison.hpp"

#include "inspect/same_bytes.hpp"

#include <filesystem>
#include <utility>

namespace kiln::inspect {
namespace {

namespace fs = std::filesystem;

void compare_layouts(const ImageContents& a, const ImageContents& b, Comparison& found) {
    if (a.layout && b.layout) {
        found.layout = diff_layouts(*a.layout, *b.layout);
    } else if (a.layout || b.layout) {
        const std::string one = a.layout ? "A" : "B";
        const std::string other = a.layout ? "B" : "A";
        found.notes.push_back("the layout is not compared: " + one + " is a disk, " + other +
                              " has none");
    }
}

void compare_packages(const ImageContents& a, const ImageContents& b, Comparison& found) {
    const std::optional<Packages> before = packages_of(a.tree);
    const std::optional<Packages> after = packages_of(b.tree);
    if (before && after) {
        found.packages = diff_packages(*before, *after);
    } else if (before || after) {
        const std::string other = before ? "B" : "A";
        found.notes.push_back("packages are not compared: " + other + " has no database of dpkg");
    }
    if (has_rpm_database(a.tree) || has_rpm_database(b.tree)) {
        found.notes.emplace_back(
            "packages of rpm are not compared: kiln does not read its database");
    }
}

void compare_trees(const ImageContents& a, const ImageContents& b, Times times, Comparison& found) {
    found.files = diff_files(a.tree, b.tree, times);
    if (times == Times::compared && a.tree.has_fractions != b.tree.has_fractions) {
        const std::string one = a.tree.has_fractions ? "B" : "A";
        found.notes.push_back("times are compared in seconds: " + one +
                              " has no fractions of them");
    }
}

bool is_everything(const Parts& parts) {
    return parts.layout && parts.packages && parts.files && parts.times == Times::compared;
}

} // namespace

bool Comparison::differs() const {
    return !layout.empty() || !packages.empty() || !files.empty() || first_byte.has_value();
}

Comparison compare_contents(const ImageContents& a, const ImageContents& b, const Parts& parts) {
    Comparison found;
    if (parts.layout) {
        compare_layouts(a, b, found);
    }
    if (parts.packages) {
        compare_packages(a, b, found);
    }
    if (parts.files) {
        compare_trees(a, b, parts.times, found);
    }
    return found;
}

Comparer::Comparer(ReadOptions options, process::Runner& runner, report::Reporter& reporter)
    : options_(std::move(options)), runner_(runner), reporter_(reporter) {}

bool Comparer::same_files(const Pair& images) const {
    std::error_code ignored;
    return fs::is_regular_file(images.a, ignored) && fs::is_regular_file(images.b, ignored) &&
           fs::file_size(images.a, ignored) == fs::file_size(images.b, ignored) &&
           !first_difference(images.a, images.b, options_.on_wait);
}

Comparison Comparer::run(const Pair& images, const Parts& parts) {
    if (same_files(images)) {
        return {.same_bytes = true};
    }
    report::Step step(reporter_, "read");
    const SourceImage a = open_source(images.a, "a", options_, runner_);
    const SourceImage b = open_source(images.b, "b", options_, runner_);
    std::optional<std::uint64_t> first_byte;
    if (!a.raw.empty() && !b.raw.empty()) {
        first_byte = first_difference(a.raw, b.raw, options_.on_wait);
        if (!first_byte) {
            step.done("the same disk");
            return {.same_bytes = true};
        }
    }
    const Trees trees = parts.files || parts.packages ? Trees::read : Trees::skipped;
    const ImageContents before = read_contents(a, trees, options_, runner_, reporter_);
    const ImageContents after = read_contents(b, trees, options_, runner_, reporter_);
    step.done(std::to_string(before.tree.files.size()) + " and " +
              std::to_string(after.tree.files.size()) + " files");
    Comparison found = compare_contents(before, after, parts);
    if (is_everything(parts) && !found.differs()) {
        found.first_byte = first_byte;
    }
    return found;
}

void tell_writers(Comparison& comparison, LayerOrigin* a, LayerOrigin* b) {
    for (FileDifference& difference : comparison.files) {
        if (a != nullptr) {
            difference.writer_a = a->writer_of(difference.path);
        }
        if (b != nullptr) {
            difference.writer_b = b->writer_of(difference.path);
        }
    }
}

} // namespace kiln::inspect
