#pragma once

#include "store/glance/cloud.hpp"
#include "unit/util/test_files.hpp"

#include <map>
#include <optional>
#include <string>

namespace kiln::tests {

/// A working folder, a home and a /etc/openstack, with nothing in them.
class CloudFolders {
public:
    CloudFolders() { places_.environment["HOME"] = files / "home"; }

    store::Cloud load(const std::optional<std::string>& name = std::nullopt) {
        return store::load_cloud(name, places());
    }

    /// The one cloud of a clouds.yaml with these lines.
    store::Cloud load_entry(const std::string& lines) {
        files.write("work/clouds.yaml", "clouds:\n  prod:\n" + lines);
        return load("prod");
    }

    util::ErrorInfo error(const std::optional<std::string>& name = std::nullopt) {
        return hidden_paths(error_of([&] { load(name); }));
    }

    util::ErrorInfo entry_error(const std::string& lines) {
        return hidden_paths(error_of([&] { load_entry(lines); }));
    }

    std::string& variable(const std::string& name) { return places_.environment[name]; }

    TestFiles files{};

private:
    store::CloudPlaces places() {
        places_.working_directory = files.directory("work");
        places_.system_folder = files / "etc";
        return places_;
    }

    /// The folder of the test is a random one.
    [[nodiscard]] util::ErrorInfo hidden_paths(util::ErrorInfo info) const {
        for (std::string* text : {&info.what, &info.hint}) {
            const std::string folder = files.path().string() + "/";
            for (std::size_t at = text->find(folder); at != std::string::npos;
                 at = text->find(folder)) {
                text->erase(at, folder.size());
            }
        }
        return info;
    }

    store::CloudPlaces places_{};
};

} // namespace kiln::tests
