#include "element/environment.hpp"
#include "process/posix_runner.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using element::Element;

const std::vector<Element>& two_elements() {
    static const std::vector<Element> k_elements = {{"b", "/elements/b"}, {"a", "/it's/a b"}};
    return k_elements;
}

TEST(ElementEnvironment, D17NamesElementsInOrder) {
    const process::Environment environment = element::element_environment(two_elements());
    EXPECT_EQ(environment.at("IMAGE_ELEMENT"), "b a");
    EXPECT_EQ(environment.at("IMAGE_ELEMENT_YAML"), "b: /elements/b\na: '/it''s/a b'\n");
}

TEST(ElementEnvironment, D17HasTheFunctionAsBashExportsIt) {
    const process::Environment environment =
        element::element_environment({{"a", "/p"}, {"b", "/q"}});
    EXPECT_EQ(environment.at("BASH_FUNC_get_image_element_array%%"),
              "() {  echo '[a]=/p [b]=/q ';\n}");
}

TEST(ElementEnvironment, D17WorksInBashAsElementsUseIt) {
    process::Environment environment = element::element_environment(two_elements());
    environment["PATH"] = "/usr/bin:/bin";
    const std::string script =
        "set -eu; eval declare -A image_elements=($(get_image_element_array));"
        "echo \"${image_elements[a]}:${image_elements[b]}\"";
    const process::Result result =
        process::PosixRunner().check({.argv = {"bash", "-c", script}, .environment = environment});
    EXPECT_EQ(result.out, "/it's/a b:/elements/b\n");
}

TEST(ElementEnvironment, CanBeReadBack) {
    const auto text = element::element_environment(two_elements()).at("IMAGE_ELEMENT_YAML");
    const std::vector<Element> elements = element::parse_element_yaml(text);
    ASSERT_EQ(elements.size(), 2U);
    EXPECT_EQ(elements[1].name, "a");
    EXPECT_EQ(elements[1].path, "/it's/a b");
}

} // namespace
} // namespace kiln::tests
