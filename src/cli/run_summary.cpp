#include "cli/run_summary.hpp"

#include "cli/print_error.hpp"
#include "util/text.hpp"

#include <iomanip>
#include <iostream>

namespace kiln::cli {
namespace {

using chain::ImageOutcome;

constexpr int k_key_width = 10;

void print_fact(const std::string& key, const std::string& text) {
    std::cout << "  " << std::left << std::setw(k_key_width) << key << std::right << text << "\n";
}

std::string what_was_done(const chain::PublishedImage& image) {
    if (image.uploaded) {
        return "uploaded";
    }
    return image.steps.empty() ? "unchanged" : "updated";
}

void print_image(const ImageOutcome& image) {
    std::cout << image.name << ": " << chain::standing_word(image.standing)
              << (image.error ? " in " + image.failed_stage : "") << ", "
              << util::human_duration(image.elapsed) << "\n";
    for (const chain::ImageFile& file : image.files) {
        print_fact("image", file.path + " (" + util::human_bytes(file.size) + ")");
    }
    for (const chain::TestOutcome& test : image.tests) {
        const std::string time =
            test.remembered ? "" : " (" + util::human_duration(test.elapsed) + ")";
        print_fact("test", test.name + ": " + (test.passed ? "" : "FAILED: ") + test.text + time);
    }
    for (const chain::PublishedImage& published : image.published) {
        print_fact("published",
                   published.where + ": '" + published.name + "' is " + published.id + ", " +
                       what_was_done(published) + ", " + published.standing);
    }
    for (const chain::FailedStore& store : image.failed_stores) {
        print_fact("FAILED", "store '" + store.store + "': " + store.error.what);
    }
    for (const std::string& output : image.outputs) {
        print_fact("output", output);
    }
    for (const std::string& note : image.notes) {
        print_fact("note", note);
    }
    if (!image.log.empty()) {
        print_fact("log", image.log);
    }
}

} // namespace

void print_summary(const chain::RunOutcome& outcome) {
    for (const ImageOutcome& image : outcome.images) {
        print_image(image);
    }
    std::cout.flush();
    for (const ImageOutcome& image : outcome.images) {
        if (image.error) {
            util::ErrorInfo error = *image.error;
            error.where.insert(error.where.begin(), "image '" + image.name + "'");
            error.log = error.log.empty() ? image.log : error.log;
            print_error(error);
        }
    }
}

} // namespace kiln::cli
