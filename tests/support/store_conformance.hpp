#pragma once

#include "support/store_data.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kiln::tests {

/// A store that has to keep the rules of store::ImageStore. What else is in it stays untouched.
struct ConformanceTarget {
    std::string name;
    /// Opens the same store each time. Nothing where it cannot be reached: the tests are skipped.
    std::function<std::unique_ptr<store::ImageStore>()> open;
    bool can_publicize = true;
    /// Not so for an administrator of Glance, who may read deactivated images.
    bool refuses_deactivated_data = true;
};

/// What a test's name shows of it.
inline void PrintTo(const ConformanceTarget& target, std::ostream* out) {
    *out << target.name;
}

/// Rules that hold for every ImageStore. Register it with INSTANTIATE_TEST_SUITE_P.
class ImageStoreConformance : public testing::TestWithParam<ConformanceTarget> {
protected:
    void SetUp() override {
        store_ = GetParam().open();
        if (!store_) {
            GTEST_SKIP() << "this store cannot be reached";
        }
    }

    void TearDown() override {
        for (const std::string& id : made_) {
            if (const auto image = store_->find(id)) {
                if (image->is_protected) {
                    store_->update(id, {.is_protected = false});
                }
                store_->remove(id);
            }
        }
    }

    store::ImageStore& images() { return *store_; }

    /// An image of this test, with its tag.
    store::NewImage wanted(const std::string& name = "image") const {
        return {.name = name, .disk_format = "raw", .tags = {tag}};
    }

    store::Image create(const store::NewImage& image) {
        const store::Image made = store_->create(image);
        made_.push_back(made.id);
        return made;
    }

    store::Image create(const std::string& name = "image") { return create(wanted(name)); }

    store::Image upload(const std::string& name, const std::string& content) {
        return store_->upload(create(name).id, data_of(content));
    }

    store::Image found(const std::string& id) {
        const std::optional<store::Image> image = store_->find(id);
        EXPECT_TRUE(image) << id;
        return image.value_or(store::Image{.id = ""});
    }

    /// Those of this test among what the filter gives.
    std::set<std::string> listed(store::ImageFilter filter = {}) {
        filter.tags.insert(tag);
        std::set<std::string> ids;
        for (const store::Image& image : store_->list(filter)) {
            EXPECT_TRUE(store::matches(image, filter)) << image.id;
            EXPECT_TRUE(ids.insert(image.id).second) << image.id << " is listed twice";
        }
        return ids;
    }

    /// A server needs a moment to notice that an upload broke.
    bool becomes_queued(const std::string& id) {
        for (int i = 0; i < 100; ++i) {
            if (found(id).status == store::ImageStatus::queued) {
                return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return false;
    }

    /// A UUID that nobody has.
    static std::string fresh_id() {
        const std::string digits = util::sha256(unique());
        return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-4" + digits.substr(13, 3) +
               "-8" + digits.substr(17, 3) + "-" + digits.substr(20, 12);
    }

    const std::string tag = "kiln-test-" + util::sha256(unique()).substr(0, 16);

private:
    static std::string unique() {
        std::random_device device;
        std::string text = std::to_string(::getpid());
        for (int i = 0; i < 8; ++i) {
            text += "-" + std::to_string(device());
        }
        return text;
    }

    std::unique_ptr<store::ImageStore> store_{};
    std::vector<std::string> made_{};
};

/// What a suite's name shows of the store.
inline std::string conformance_name(const testing::TestParamInfo<ConformanceTarget>& info) {
    return info.param.name;
}

} // namespace kiln::tests

// The rules themselves; each file has some.
#include "support/store_conformance_data.hpp"
#include "support/store_conformance_records.hpp"
