#pragma once

#include "cache/layer_store.hpp"
#include "unit/util/test_files.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kiln::tests {

/// A store of layers in a folder of a test.
class StoredLayersTest : public testing::Test {
protected:
    /// A layer whose tree holds one file, as a build makes it.
    cache::Layer draft(const std::string& name, const std::string& content = "content") const {
        files.write("store/trees/" + name + "/root/folder/file", content);
        return {.name = name, .base_key = "key", .title = "install.d/50-x", .element = "web"};
    }

    static cache::KeyManifest inputs() {
        cache::KeyManifest inputs("test 1");
        inputs.add("a", "1");
        return inputs;
    }

    cache::Layer publish(const std::string& name, const std::string& content = "content") const {
        cache::Layer layer = draft(name, content);
        const util::EntryLock in_use = store.publish(layer, inputs());
        return layer;
    }

    [[nodiscard]] std::string tree(const std::string& name) const {
        return files / "store/trees/" + name;
    }

    TestFiles files{};
    cache::LayerStore store{files / "store"};
};

} // namespace kiln::tests
