#pragma once

#include "apt_mirror.hpp"
#include "cache_watch.hpp"
#include "workspace.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kiln::tests {

/// A tree whose package "app" comes from "bookworm main", with hooks below and above the one that
/// installs it.
class Packages : public testing::Test {
protected:
    void SetUp() override { prepare("apt-get update\napt-get install app"); }

    /// The text of the hook that installs it.
    void prepare(const std::string& installation);

    /// Builds without --explain: when nothing changed that ends before it begins.
    [[nodiscard]] Finished build(const std::vector<std::string>& more = {}) const;
    void must_build(const std::vector<std::string>& more = {}) const;

    /// The hooks that ran in a build; `said` has its words then.
    std::vector<std::string> made(const std::vector<std::string>& more = {});

    /// The version in the image; "none" without one.
    [[nodiscard]] std::string installed(const std::string& package = "app") const;

    /// Builds end with a remote error that has the text, and the image before is untouched.
    void must_be_refused(const std::string& text) const;

    /// Options and elements of the build.
    [[nodiscard]] static std::vector<std::string> words(const std::vector<std::string>& more = {});

    Workspace space{};
    AptMirror mirror{};
    std::string said{};
};

} // namespace kiln::tests
