#include "image_tree.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace kiln::tests {
namespace {

constexpr unsigned k_seeds = 20;
constexpr int k_layers = 4;
constexpr int k_operations = 25;

/// Writes shell commands that change a tree at random, always the same for a seed. Few names, so
/// that the commands meet: files become folders, links and nothing, and the other way round.
class Vandal {
public:
    explicit Vandal(unsigned seed) : random_(seed) {}

    std::string commands() {
        std::string text = "cd \"$1\"\n";
        for (int i = 0; i < k_operations; ++i) {
            text += operation();
        }
        return text;
    }

private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_()) % limit; }

    std::string name() {
        static constexpr std::array<const char*, 5> k_names = {"a", "b", "c d", ".wh.e", "é"};
        return k_names.at(below(k_names.size()));
    }

    std::string path() {
        std::string path = name();
        for (unsigned depth = below(3); depth > 0; --depth) {
            path += "/" + name();
        }
        return util::shell_quote(path);
    }

    std::string number(unsigned limit) { return std::to_string(below(limit)); }

    std::string mode() {
        static constexpr std::array<const char*, 7> k_modes = {
            "0644", "0755", "0000", "4711", "2755", "1777", "0600"};
        return k_modes.at(below(k_modes.size()));
    }

    std::string operation() {
        const std::string at = path();
        const std::string other = path();
        switch (below(11)) {
        case 0:
        case 1:
            return "mkdir -p " + at + "\n";
        case 2:
        case 3:
            return "[ -d " + at + " ] || echo " + number(1000) + " > " + at + "\n";
        case 4:
            return "rm -rf " + at + "\n";
        case 5:
            return "rm -rf " + at + "; mkdir " + at + "\n";
        case 6:
            return "rm -rf " + at + "; ln -s " + other + " " + at + "\n";
        case 7:
            return "mv -fT " + at + " " + other + "\n";
        case 8:
            return "[ -L " + at + " ] || chown " + number(60000) + ":" + number(60000) + " " + at +
                   "\n";
        case 9:
            return "[ -L " + at + " ] || chmod " + mode() + " " + at + "\n";
        default:
            return "[ ! -f " + at + " ] || truncate -s " + number(9000) + " " + at + "\n";
        }
    }

    std::mt19937 random_;
};

/// Operations may fail (no such folder, not empty, below itself): the same ones everywhere.
std::string tolerant(const std::string& commands) {
    return "set +e\n{ " + commands + "} 2>/dev/null\ntrue";
}

/// Everything below a folder of a tree.
Tree below(const Tree& tree, const std::string& folder) {
    Tree part;
    for (const auto& [path, what] : tree) {
        if (path.rfind(folder + "/", 0) == 0) {
            part[path.substr(folder.size())] = what;
        }
    }
    return part;
}

class RandomTree : public testing::TestWithParam<unsigned> {};

INSTANTIATE_TEST_SUITE_P(Seed, RandomTree, testing::Range(1U, k_seeds + 1));

TEST_P(RandomTree, OverLayersIsTheTreeOfOneFolder) {
    Workspace space;
    Vandal vandal(GetParam());
    space.hook("vandal", "root.d/50-vandal", "mkdir $TARGET_ROOT/layered $TARGET_ROOT/plain");
    std::string all;
    for (int layer = 0; layer < k_layers; ++layer) {
        const std::string commands = vandal.commands();
        space.hook("vandal",
                   "install.d/5" + std::to_string(layer) + "-vandal",
                   "set -- /layered\n" + tolerant(commands));
        all += tolerant(commands) + "\n";
    }
    // The same operations one after another, within one layer.
    space.hook("vandal", "post-install.d/50-vandal", "set -- /plain\n" + all);
    space.must_build({"fake-os", "vandal"});
    const Tree tree = read_image(space / "out/image.raw");
    const Tree layered = below(tree, "/layered");
    EXPECT_FALSE(layered.empty());
    EXPECT_EQ(util::join(differences(layered, below(tree, "/plain")), "\n"), "");
    EXPECT_EQ(ask({"e2fsck", "-fn", space / "out/image.raw"}).exit_code, 0);
}

} // namespace
} // namespace kiln::tests
