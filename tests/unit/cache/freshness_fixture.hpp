#pragma once

#include "cache/freshness.hpp"
#include "support/fake_client.hpp"
#include "support/fake_runner.hpp"
#include "support/memory_reporter.hpp"
#include "unit/util/test_files.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace kiln::tests {

/// Repositories in memory, and a gpgv that believes every text whose signature is "good".
class FreshnessFixture : public testing::Test {
protected:
    static constexpr std::int64_t k_now = 1'800'000'000;

    FreshnessFixture() {
        runner.answer = [](const process::Command& command) { return gpgv(command); };
        publish("stable", {{"main", "1"}, {"contrib", "1"}});
    }

    static process::Result gpgv(const process::Command& command) {
        const std::string text = util::read_file(command.argv.back());
        const auto option = std::find(command.argv.begin(), command.argv.end(), "--output");
        std::string signature;
        if (option == command.argv.end()) {
            signature = util::read_file(command.argv[command.argv.size() - 2]);
        } else {
            signature = text;
            const std::string output = *(option + 1);
            const util::Fd fd = util::open_file(output, O_WRONLY | O_CREAT);
            util::write_all(fd.get(), cache::without_signature(text), output);
        }
        const bool good = signature.find("good") != std::string::npos;
        return {.exit_code = good ? 0 : 1,
                .out = good ? "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 01 x\n[GNUPG:] VALIDSIG AB 1 AB\n"
                            : "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG 01 x\n"};
    }

    static std::string folder(const std::string& suite) {
        return "http://host/debian/dists/" + suite + "/";
    }

    /// The index of a component, by the version of what is in it.
    static std::string digest(const std::string& component, const std::string& version) {
        return util::sha256(component + version);
    }

    using Components = std::vector<std::pair<std::string, std::string>>;

    static std::string release(const Components& components, const std::string& more = "") {
        std::string text = more + "Architectures: amd64\nSHA256:\n";
        for (const auto& [name, version] : components) {
            text += " " + digest(name, version) + " 10 " + name + "/binary-amd64/Packages\n";
        }
        return text;
    }

    static std::string signed_text(const std::string& text, const std::string& signature) {
        return "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + text +
               "-----BEGIN PGP SIGNATURE-----\n\n" + signature + "\n-----END PGP SIGNATURE-----\n";
    }

    void publish(const std::string& suite,
                 const Components& components,
                 const std::string& more = "",
                 const std::string& signature = "good") {
        client.pages[folder(suite) + "InRelease"] =
            signed_text(release(components, more), signature);
    }

    cache::RepositoryUse use(const std::string& suite, const Components& components) const {
        cache::RepositoryUse result = {.url = folder(suite), .keyrings = {key}};
        for (const auto& [name, version] : components) {
            result.indexes.push_back({.path = name + "/binary-amd64/Packages",
                                      .title = suite + " " + name + " amd64",
                                      .digest = version.empty() ? "" : digest(name, version)});
        }
        return result;
    }

    /// What a layer used of "stable": its main in this version.
    cache::PackageState main_state(const std::string& version = "1") const {
        return {{use("stable", {{"main", version}})}};
    }

    cache::Freshness freshness(cache::FreshnessPolicy policy = {}) {
        return cache::Freshness(
            {.policy = policy, .scratch = files / "scratch", .now = [this] { return now; }},
            documents,
            client,
            runner,
            reporter);
    }

    /// "current", "changed: WORDS" or "unverified: WHAT".
    static std::string text(const cache::Verdict& verdict) {
        if (const auto* changed = std::get_if<cache::Changed>(&verdict)) {
            return "changed: " + changed->words;
        }
        const auto* unverified = std::get_if<cache::Unverified>(&verdict);
        return unverified == nullptr ? "current" : "unverified: " + unverified->error.what;
    }

    std::string check(const cache::PackageState& state, cache::FreshnessPolicy policy = {}) {
        return text(freshness(policy).check({state}).front());
    }

    TestFiles files{};
    cache::Documents documents{files / "documents"};
    FakeClient client{};
    FakeRunner runner{};
    MemoryReporter reporter{};
    std::int64_t now = k_now;
    std::string key = documents.put_keyring("keys").value();
};

} // namespace kiln::tests
