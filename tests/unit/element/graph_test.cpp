#include "element/graph.hpp"
#include "element_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::ElementGraph;
using element::make_graph;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

class Graph : public ElementTest {
protected:
    [[nodiscard]] ElementGraph graph(const Names& names) const {
        return make_graph(catalog(), {.elements = names, .with_base = false});
    }
};

TEST_F(Graph, NeedsNoOperatingSystem) {
    element("a", "b");
    element("b");
    const ElementGraph found = graph({"a"});
    ASSERT_THAT(found.nodes, SizeIs(2));
    EXPECT_EQ(found.nodes[0].name, "b");
    EXPECT_FALSE(found.nodes[0].requested);
    EXPECT_TRUE(found.nodes[1].requested);
    ASSERT_THAT(found.edges, SizeIs(1));
    EXPECT_EQ(found.edges[0].from, "a");
    EXPECT_EQ(found.edges[0].to, "b");
}

TEST_F(Graph, AnEdgeLeadsToWhoProvidesTheName) {
    element("a", "disk");
    element("gpt", "", "disk");
    const ElementGraph found = graph({"a", "gpt"});
    ASSERT_THAT(found.edges, SizeIs(1));
    EXPECT_EQ(found.edges[0].to, "gpt");
    EXPECT_EQ(found.edges[0].virtual_name, "disk");
}

TEST_F(Graph, CountsTheHooksOfEachPhaseThatRun) {
    element("a");
    files.write("elements/a/install.d/10-x", "#!/bin/sh\n", 0755);
    files.write("elements/a/install.d/20-y", "#!/bin/sh\n", 0755);
    files.write("elements/a/install.d/data", "", 0644);
    files.write("elements/a/root.d/10-x", "#!/bin/sh\n", 0755);
    EXPECT_THAT(graph({"a"}).nodes[0].hooks, ElementsAre(Pair("root", 1U), Pair("install", 2U)));
}

TEST_F(Graph, AMissingDependencyIsAnError) {
    element("a", "nowhere");
    EXPECT_THAT(error_of([&] { static_cast<void>(graph({"a"})); }).what,
                HasSubstr("'nowhere' not found"));
}

TEST(Dot, HasNodesAndEdges) {
    const ElementGraph graph = {
        .nodes = {{.name = "gpt", .provides = {"disk"}},
                  {.name = "a", .requested = true, .hooks = {{"install", 2}}}},
        .edges = {{.from = "a", .to = "gpt", .virtual_name = "disk"}}};
    const std::string text = element::to_dot(graph);
    EXPECT_THAT(text, HasSubstr("\"gpt\" [label=\"gpt\\nprovides disk\"];"));
    EXPECT_THAT(text, HasSubstr("\"a\" [label=\"a\\ninstall: 2\""));
    EXPECT_THAT(text, HasSubstr("\"a\" -> \"gpt\" [style=dashed, label=\"disk\"];"));
}

TEST(Dot, QuotesNames) {
    EXPECT_THAT(element::to_dot({.nodes = {{.name = "a\"b\\c"}}, .edges = {}}),
                HasSubstr("\"a\\\"b\\\\c\""));
}

} // namespace
} // namespace kiln::tests
