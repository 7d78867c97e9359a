#pragma once

#include "catalog/rotation.hpp"

#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): not ours
class App;
}

namespace kiln::cli {

/// The options that say how a name passes on, and what becomes of older images.
class RotationFlags {
public:
    void define(CLI::App& app);

    /// Throws util::Error (code usage).
    [[nodiscard]] catalog::RotationPolicy policy() const;

private:
    std::string visibility_;
    std::string older_ = "hide";
    std::string swap_ = "hide-first";
    std::string keep_ = "3";
    bool delete_ = false;
    std::string dated_name_ = "{name} {date}";
};

} // namespace kiln::cli
