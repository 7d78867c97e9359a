#include "element/environment.hpp"
#include "element/svc_map.hpp"
#include "element/tool_actions.hpp"
#include "unit/element/element_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

class SvcMap : public ElementTest {
protected:
    void file(const std::string& element, const std::string& content) {
        files.write("elements/" + element + "/svc-map", content);
    }

    [[nodiscard]] std::map<std::string, std::string> merged(const std::string& distribution) const {
        return element::merge_svc_maps({at("a"), at("b"), at("c")}, distribution);
    }

    void SetUp() override {
        for (const char* name : {"a", "b", "c"}) {
            element(name);
        }
    }
};

util::ErrorInfo svc_map_error(const std::string& text) {
    return error_of([&] { static_cast<void>(element::parse_svc_map(text, "svc-map")); });
}

constexpr const char* k_nova = "nova-api: {default: openstack-nova-api, debian: nova-api}\n"
                               "nova-consoleauth:\n"
                               "  default: openstack-nova-console\n"
                               "  debian: nova-console\n";

TEST_F(SvcMap, FilesOfAllElementsAccumulate) {
    file("a", k_nova);
    file("b", "glance-api: {debian: glance-api, default: openstack-glance-api}\n");
    file("c", "cinder-api: {default: openstack-cinder-api}\n");
    EXPECT_THAT(merged("fedora"),
                UnorderedElementsAre(Pair("nova-api", "openstack-nova-api"),
                                     Pair("nova-consoleauth", "openstack-nova-console"),
                                     Pair("glance-api", "openstack-glance-api"),
                                     Pair("cinder-api", "openstack-cinder-api")));
    EXPECT_THAT(merged("ubuntu"),
                UnorderedElementsAre(Pair("nova-api", "nova-api"),
                                     Pair("nova-consoleauth", "nova-console"),
                                     Pair("glance-api", "glance-api"),
                                     Pair("cinder-api", "openstack-cinder-api")));
}

TEST_F(SvcMap, DistributionBeatsFamilyBeatsDefaultBeatsTheOwnName) {
    file("a",
         "s: {ubuntu: u, debian: d, default: x}\nown: {suse: y}\nnothing:\n"
         "family-only: {redhat: r}\n");
    EXPECT_EQ(merged("ubuntu").at("s"), "u");
    EXPECT_EQ(merged("debian").at("s"), "d");
    EXPECT_EQ(merged("fedora").at("s"), "x");
    EXPECT_EQ(merged("rocky").at("family-only"), "r");
    EXPECT_EQ(merged("").at("own"), "own");
    EXPECT_EQ(merged("opensuse").at("own"), "y");
    EXPECT_EQ(merged("debian").at("nothing"), "nothing");
}

TEST_F(SvcMap, TheSameServiceInTwoElementsIsAnErrorThatNamesBothFiles) {
    file("a", "one:\nweb: {default: httpd}\n");
    file("b", "web: {default: apache2}\n");
    const util::ErrorInfo error = error_of([&] { static_cast<void>(merged("debian")); });
    EXPECT_THAT(error.what, HasSubstr("elements/b/svc-map:1:1: service 'web' is already in '"));
    EXPECT_THAT(error.what, HasSubstr("elements/a/svc-map:2:1'"));
    EXPECT_EQ(error.code, util::ExitCode::hook);
}

TEST_F(SvcMap, FilesThatCannotBeReadSayWhere) {
    EXPECT_THAT(svc_map_error("web:\n  default: [a]\n").what, StartsWith("svc-map:2:12: "));
    EXPECT_THAT(svc_map_error("web: {default: a b}").what,
                HasSubstr("'a b' is no name of a service"));
    EXPECT_THAT(svc_map_error("'-x':").what, HasSubstr("is no name of a service"));
    EXPECT_THAT(svc_map_error("web: {default: ''}").what, HasSubstr("svc-map:1:16: "));
    EXPECT_THAT(svc_map_error("web: apache2").what, StartsWith("svc-map:1:6: "));
    EXPECT_THAT(svc_map_error("- web").what, StartsWith("svc-map:1:1: "));
    EXPECT_THAT(svc_map_error("web:\nweb:\n").what, StartsWith("svc-map:2:1: "));
    EXPECT_THAT(element::parse_svc_map("", "svc-map"), IsEmpty());
}

TEST_F(SvcMap, TheTableIsWrittenIntoTheTree) {
    file("a", k_nova);
    file("b", "odd: {default: 'on'}\nunit@x: {default: 9p.service}\n");
    process::Environment environment = element::element_environment({at("a"), at("b")});
    environment["TMP_MOUNT_PATH"] = files.directory("tree");
    EXPECT_THAT(element::write_svc_map(environment), SizeIs(1)) << "no DISTRO_NAME";
    environment["DISTRO_NAME"] = "debian";
    EXPECT_THAT(element::write_svc_map(environment), IsEmpty());
    EXPECT_EQ(files.read("tree/usr/share/svc-map/services"),
              "nova-api: nova-api\nnova-consoleauth: nova-console\nodd: 'on'\n"
              "unit@x: '9p.service'\n");
}

} // namespace
} // namespace kiln::tests
