#include "chain/passed_tests.hpp"

#include "util/atomic_file.hpp"
#include "util/digest.hpp"
#include "util/fd.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kiln::chain {
namespace {

constexpr std::size_t k_most_entries = 100;

} // namespace

PassedTests::PassedTests(std::filesystem::path file) : file_(std::move(file)) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file_, ignored)) {
        return;
    }
    try {
        const auto document = nlohmann::json::parse(util::read_file(file_.string()));
        for (const auto& [key, value] : document.at("passed").items()) {
            entries_[key] = {value.at("test"), value.at("at")};
        }
    } catch (const std::exception&) {
        entries_.clear();
    }
}

std::string PassedTests::key_of(const ImageTest& test, const TestedImage& image) {
    nlohmann::json manifest = {{"version", 1}, {"image", image.sha256}, {"inputs", test.inputs()}};
    return util::sha256(manifest.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string PassedTests::passed_at(const std::string& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? "" : found->second.time;
}

void PassedTests::add(const std::string& key, const std::string& name, const std::string& time) {
    entries_[key] = {name, time};
    while (entries_.size() > k_most_entries) {
        entries_.erase(std::min_element(
            entries_.begin(), entries_.end(), [](const auto& left, const auto& right) {
                return left.second.time < right.second.time;
            }));
    }
    nlohmann::json passed = nlohmann::json::object();
    for (const auto& [digest, entry] : entries_) {
        passed[digest] = {{"test", entry.name}, {"at", entry.time}};
    }
    const nlohmann::json document = {{"passed", passed}};
    util::write_file_atomically(file_.string(), document.dump(2) + "\n");
}

} // namespace kiln::chain
