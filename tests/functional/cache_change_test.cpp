#include "cache_elements.hpp"
#include "cache_watch.hpp"
#include "image_tree.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace kiln::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr unsigned k_rounds = 5;

unsigned seed_of(unsigned number) {
    const char* given = std::getenv("KILN_SEED"); // NOLINT(concurrency-mt-unsafe)
    return given == nullptr ? std::random_device()() + number
                            : static_cast<unsigned>(std::stoul(given));
}

class RandomChange : public testing::TestWithParam<unsigned> {};

INSTANTIATE_TEST_SUITE_P(Start, RandomChange, testing::Range(1U, 6U));

/// KILN_SEED=number repeats a case.
TEST_P(RandomChange, GivesTheImageOfAnEmptyCache) {
    const unsigned seed = seed_of(GetParam());
    std::cout << "KILN_SEED=" << seed << std::endl;
    Workspace space;
    CacheElements elements(space, seed);
    must_build_in(space, elements.words());
    std::string history = "KILN_SEED=" + std::to_string(seed);
    for (unsigned round = 0; round < k_rounds && !HasFailure(); ++round) {
        history += "\n" + elements.change();
        SCOPED_TRACE(history);
        const Finished warm = must_build_in(space, elements.words());
        SCOPED_TRACE(warm.err);
        expect_same_image(space / "out/image.raw", build_cold(space, elements.words()));
    }
}

class OneChange : public AsUser {
protected:
    void SetUp() override {
        AsUser::SetUp();
        space.emplace(GetParam());
        space->hook("web", "root.d/50-root", "echo root > $TARGET_ROOT/srv-root");
        space->hook("web", "install.d/50-first", "cat /tmp/in_target.d/used/file > /first");
        space->hook("web", "install.d/60-second", "echo $DIB_SECOND > /second");
        space->hook("web", "post-install.d/70-third", "cat /first /second > /third");
        space->write("elements/web/used/file", "used\n");
        space->write("elements/web/unused/file", "unused\n");
        must_build_in(*space, words());
    }

    [[nodiscard]] std::vector<std::string> words() const {
        return {"--env",
                "FAKE_OS_MEGABYTES=1",
                "--env",
                "DIB_SECOND=" + second,
                "--env",
                "DIB_UNUSED=" + unused,
                "fake-os",
                "web"};
    }

    /// Those of the hooks that ran, in order.
    [[nodiscard]] std::vector<std::string> made() {
        const Finished result = must_build_in(*space, words());
        errors = result.err;
        std::vector<std::string> titles;
        for (const std::string& title : missed_in(result.err)) {
            if (title.find(".d/") != std::string::npos) {
                titles.push_back(title);
            }
        }
        return titles;
    }

    std::optional<Workspace> space{};
    std::string second = "2";
    std::string unused = "u";
    std::string errors;
};

INSTANTIATE_TEST_SUITE_P(As, OneChange, testing::Values(User::root, User::plain), user_name);

TEST_P(OneChange, OfWhatNoHookSeesCostsNoHook) {
    space->write("elements/web/unused/file", "changed\n");
    EXPECT_THAT(made(), IsEmpty());
    unused = "changed";
    EXPECT_THAT(made(), IsEmpty());
    expect_same_image(*space / "out/image.raw", build_cold(*space, words()));
}

TEST_P(OneChange, IsExplainedWithoutABuild) {
    const auto explain = [this] {
        std::vector<std::string> all = {"cache", "explain", "-n", "-o", "image", "-t", "raw"};
        for (const std::string& word : words()) {
            all.push_back(word);
        }
        const Finished result = space->kiln(all);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return answers_in(result.out);
    };
    std::filesystem::copy_file(*space / "out/image.raw", *space / "before");
    const auto layers = stored_layers(*space);
    for (const LayerAnswer& answer : explain()) {
        EXPECT_TRUE(answer.hit) << answer.title << ": " << answer.reason;
    }
    second = "two";
    const std::vector<LayerAnswer> answers = explain();
    ASSERT_FALSE(answers.empty());
    EXPECT_EQ(answers.back().title, "install.d/60-second");
    EXPECT_FALSE(answers.back().hit);
    EXPECT_EQ(answers.back().reason, "DIB_SECOND changed ('2' -> 'two')");
    EXPECT_TRUE(answers.at(answers.size() - 2).hit);
    EXPECT_EQ(stored_layers(*space), layers);
    expect_same_image(*space / "out/image.raw", *space / "before");
}

TEST_P(OneChange, OfALateHookCostsThatHookOnly) {
    space->hook("web", "post-install.d/70-third", "cat /second /first > /third");
    EXPECT_THAT(made(), ElementsAre("post-install.d/70-third"));
    EXPECT_THAT(errors, HasSubstr("elements/web/post-install.d/70-third changed"));
}

TEST_P(OneChange, OfAVariableCostsFromTheFirstHookThatReadsIt) {
    second = "two";
    EXPECT_THAT(made(), ElementsAre("install.d/60-second", "post-install.d/70-third"));
    EXPECT_THAT(errors, HasSubstr("DIB_SECOND changed ('2' -> 'two')"));
    // And back: both are still there.
    second = "2";
    EXPECT_THAT(made(), IsEmpty());
}

TEST_P(OneChange, OfAFileCostsFromTheFirstHookThatNamesIt) {
    space->write("elements/web/used/file", "changed\n");
    EXPECT_THAT(
        made(),
        ElementsAre("install.d/50-first", "install.d/60-second", "post-install.d/70-third"));
    EXPECT_THAT(errors, HasSubstr("elements/web/used/file changed"));
}

TEST_P(OneChange, ThatMakesNoDifferenceStopsThere) {
    space->hook("web", "install.d/50-first", "cat /tmp/in_target.d/used/file > /first # a comment");
    EXPECT_THAT(made(), ElementsAre("install.d/50-first"));
}

/// A hook that writes other bytes each time.
class RandomHook : public OneChange {
protected:
    void SetUp() override {
        OneChange::SetUp();
        space->hook("web", "install.d/55-random", "head -c 64 /dev/urandom > /random");
        space->hook("web", "install.d/65-digest", "md5sum /random > /digest");
        must_build_in(*space, words());
    }

    void expect_consistent() const {
        const std::string image = *space / "out/image.raw";
        const auto content = read_from_image(image, "/random");
        const auto noted = read_from_image(image, "/digest");
        ASSERT_TRUE(content && noted);
        util::Digest digest(util::DigestKind::md5);
        digest.update(*content);
        EXPECT_THAT(*noted, HasSubstr(digest.finish()));
    }
};

INSTANTIATE_TEST_SUITE_P(As, RandomHook, testing::Values(User::root, User::plain), user_name);

TEST_P(RandomHook, IsNotMadeWorseByTheCache) {
    expect_consistent();
    std::filesystem::copy_file(*space / "out/image.raw", *space / "before");
    std::filesystem::remove(*space / "out/image.raw");
    EXPECT_THAT(made(), IsEmpty());
    expect_same_image(*space / "out/image.raw", *space / "before");
    // A hook below it changes nothing that it reads, but it has to run again: so has the digest.
    space->write("elements/web/used/file", "changed\n");
    EXPECT_THAT(made(), testing::IsSupersetOf({"install.d/55-random", "install.d/65-digest"}));
    expect_consistent();
}

TEST_P(RandomHook, WhoseLayerWasLostTakesTheLaterOnesWithIt) {
    const auto layers = stored_layers(*space);
    std::filesystem::remove_all(layer_folder(*space) / "trees" /
                                layers.find("install.d/55-random")->second);
    std::filesystem::remove_all(*space / "cache/kiln/images");
    std::filesystem::remove(*space / "out/image.raw");
    EXPECT_THAT(made(), testing::IsSupersetOf({"install.d/55-random", "install.d/65-digest"}));
    expect_consistent();
}

} // namespace
} // namespace kiln::tests
