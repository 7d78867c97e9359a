#include "unit/store/cloud_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln {
namespace {

using store::AuthKind;
using store::Cloud;
using testing::ElementsAre;
using testing::IsEmpty;
using tests::CloudFolders;

const char* const k_entry = "    auth:\n"
                            "      auth_url: https://keystone:5000\n"
                            "      username: publisher\n"
                            "      password: s3cret\n"
                            "      project_name: images\n";

TEST(LoadCloud, reads_an_entry) {
    CloudFolders folders;
    const Cloud cloud = folders.load_entry("    auth:\n"
                                           "      auth_url: https://keystone:5000/v3/\n"
                                           "      username: publisher\n"
                                           "      user_domain_name: people\n"
                                           "      password: s3cret\n"
                                           "      project_name: images\n"
                                           "      project_domain_id: d2\n"
                                           "    region_name: RegionTwo\n"
                                           "    regions: [RegionOne, {name: RegionTwo}]\n"
                                           "    interface: internal\n"
                                           "    image_endpoint_override: https://glance/v2/\n"
                                           "    image_api_version: 2\n"
                                           "    identity_api_version: '3'\n"
                                           "    compute_api_version: 2.79\n"
                                           "    cacert: ~/ca.pem\n"
                                           "    cert: /cert.pem\n"
                                           "    key: ~/key.pem\n");
    EXPECT_EQ(cloud.name, "prod");
    EXPECT_EQ(cloud.auth_url, "https://keystone:5000/v3");
    EXPECT_EQ(cloud.auth, AuthKind::password);
    EXPECT_EQ(cloud.user.name, "publisher");
    EXPECT_EQ(cloud.user.domain_name, "people");
    EXPECT_EQ(cloud.user.domain_id, "");
    EXPECT_EQ(cloud.password, "s3cret");
    EXPECT_EQ(cloud.project.name, "images");
    EXPECT_EQ(cloud.project.domain_id, "d2");
    EXPECT_EQ(cloud.region, "RegionTwo");
    EXPECT_THAT(cloud.regions, ElementsAre("RegionOne", "RegionTwo"));
    EXPECT_EQ(cloud.interface, "internal");
    EXPECT_EQ(cloud.image_endpoint, "https://glance/v2");
    EXPECT_EQ(cloud.tls.ca_file, folders.files / "home/ca.pem");
    EXPECT_EQ(cloud.tls.certificate, "/cert.pem");
    EXPECT_EQ(cloud.tls.key, folders.files / "home/key.pem");
    EXPECT_TRUE(cloud.tls.verify);
}

TEST(LoadCloud, needs_little) {
    CloudFolders folders;
    const Cloud cloud = folders.load_entry(k_entry);
    EXPECT_EQ(cloud.auth_url, "https://keystone:5000/v3");
    EXPECT_EQ(cloud.user.domain_id, "default");
    EXPECT_EQ(cloud.project.domain_id, "default");
    EXPECT_EQ(cloud.interface, "public");
    EXPECT_EQ(cloud.region, "");
    EXPECT_THAT(cloud.regions, IsEmpty());
}

TEST(LoadCloud, takes_the_first_clouds_yaml) {
    const auto named = [](const std::string& user) {
        return "clouds:\n  prod:\n    auth: {auth_url: 'http://k', password: p, username: " + user +
               "}\n";
    };
    CloudFolders folders;
    folders.files.write("etc/clouds.yaml", named("system"));
    EXPECT_EQ(folders.load("prod").user.name, "system");
    folders.files.write("home/.config/openstack/clouds.yml", named("home"));
    EXPECT_EQ(folders.load("prod").user.name, "home");
    folders.variable("XDG_CONFIG_HOME") = folders.files / "xdg";
    EXPECT_EQ(folders.load("prod").user.name, "system");
    folders.files.write(
        "xdg/openstack/clouds.json",
        R"({"clouds": {"prod": {"auth": {"auth_url": "http://k", "password": "p", "username": "xdg"}}}})");
    EXPECT_EQ(folders.load("prod").user.name, "xdg");
    folders.files.write("work/clouds.yaml", named("work"));
    EXPECT_EQ(folders.load("prod").user.name, "work");
    folders.variable("OS_CLIENT_CONFIG_FILE") =
        folders.files.write("other/mine.yaml", named("override"));
    EXPECT_EQ(folders.load("prod").user.name, "override");
}

TEST(LoadCloud, lays_secure_yaml_over_and_profiles_beneath) {
    CloudFolders folders;
    folders.files.write("work/clouds.yaml",
                        "clouds:\n"
                        "  prod:\n"
                        "    profile: vendor\n"
                        "    auth: {username: publisher, password: old}\n");
    folders.files.write("home/.config/openstack/secure.yaml",
                        "clouds:\n  prod:\n    auth: {password: new}\n");
    folders.files.write("etc/clouds-public.yaml",
                        "public-clouds:\n"
                        "  vendor:\n"
                        "    auth: {auth_url: 'https://vendor/v3', username: nobody}\n"
                        "    region_name: North\n");
    const Cloud cloud = folders.load("prod");
    EXPECT_EQ(cloud.password, "new");
    EXPECT_EQ(cloud.user.name, "publisher");
    EXPECT_EQ(cloud.auth_url, "https://vendor/v3");
    EXPECT_EQ(cloud.region, "North");
}

TEST(LoadCloud, takes_the_secure_file_that_is_named) {
    CloudFolders folders;
    folders.files.write("work/clouds.yaml",
                        "clouds:\n  prod:\n    auth: {auth_url: 'http://k', username: u}\n");
    folders.files.write("work/secure.yaml", "clouds:\n  prod:\n    auth: {password: near}\n");
    folders.variable("OS_CLIENT_SECURE_FILE") =
        folders.files.write("far.yaml", "clouds:\n  prod:\n    auth: {password: far}\n");
    EXPECT_EQ(folders.load("prod").password, "far");
}

TEST(LoadCloud, knows_the_old_name_of_profile) {
    CloudFolders folders;
    folders.files.write("work/clouds-public.yaml",
                        "public-clouds:\n  vendor:\n    auth: {auth_url: 'https://vendor/v3'}\n");
    const Cloud cloud =
        folders.load_entry("    cloud: vendor\n    auth: {username: u, password: p}\n");
    EXPECT_EQ(cloud.auth_url, "https://vendor/v3");
}

TEST(LoadCloud, knows_old_names_and_keys_outside_of_auth) {
    CloudFolders folders;
    const Cloud cloud = folders.load_entry("    auth:\n"
                                           "      auth_url: http://k\n"
                                           "      username: u\n"
                                           "      password: p\n"
                                           "      tenant_name: images\n"
                                           "    user_domain_name: people\n"
                                           "    endpoint_type: adminURL\n");
    EXPECT_EQ(cloud.project.name, "images");
    EXPECT_EQ(cloud.user.domain_name, "people");
    EXPECT_EQ(cloud.interface, "admin");
}

TEST(LoadCloud, guesses_how_to_log_in) {
    CloudFolders folders;
    const std::string url = "    auth:\n      auth_url: http://k\n";
    Cloud cloud = folders.load_entry(url + "      application_credential_id: abc\n"
                                           "      application_credential_secret: hush\n");
    EXPECT_EQ(cloud.auth, AuthKind::application_credential);
    EXPECT_EQ(cloud.credential.id, "abc");
    EXPECT_EQ(cloud.credential_secret, "hush");

    cloud = folders.load_entry(url + "      application_credential_name: app\n"
                                     "      application_credential_secret: hush\n"
                                     "      user_id: u1\n");
    EXPECT_EQ(cloud.credential.name, "app");
    EXPECT_EQ(cloud.user.id, "u1");

    cloud = folders.load_entry(url + "      token: gAAA\n      password: p\n");
    EXPECT_EQ(cloud.auth, AuthKind::token);
    EXPECT_EQ(cloud.token, "gAAA");

    cloud = folders.load_entry(url + "      token: gAAA\n      password: p\n      username: u\n"
                                     "    auth_type: v3password\n");
    EXPECT_EQ(cloud.auth, AuthKind::password);
}

struct DomainCase {
    std::string auth;
    std::string user;
    std::string project;
    std::string scope;
};

TEST(LoadCloud, finds_domains) {
    const std::vector<DomainCase> cases = {
        {"project_name: p, domain_id: d1", "d1/", "d1/", "/"},
        {"project_name: p, domain_name: people, user_domain_id: d2", "d2/", "/people", "/"},
        {"project_name: p, user_domain_name: people", "/people", "/people", "/"},
        {"project_name: p, default_domain: d3, user_domain_id: d2", "d2/", "d3/", "/"},
        {"project_name: p, default_domain_name: all", "/all", "/all", "/"},
        {"domain_name: people", "default/", "/", "/people"},
        {"domain_id: d1, default_domain_id: d4", "d4/", "/", "d1/"}};
    for (const DomainCase& one : cases) {
        SCOPED_TRACE(one.auth);
        CloudFolders folders;
        const Cloud cloud = folders.load_entry(
            "    auth: {auth_url: 'http://k', username: u, password: p, " + one.auth + "}\n");
        EXPECT_EQ(cloud.user.domain_id + "/" + cloud.user.domain_name, one.user);
        EXPECT_EQ(cloud.project.domain_id + "/" + cloud.project.domain_name, one.project);
        EXPECT_EQ(cloud.domain.id + "/" + cloud.domain.name, one.scope);
    }
}

TEST(LoadCloud, knows_the_scope_of_the_system) {
    CloudFolders folders;
    EXPECT_TRUE(folders
                    .load_entry("    auth: {auth_url: 'http://k', username: u, password: p, "
                                "system_scope: all}\n")
                    .system_scope);
    EXPECT_FALSE(folders.load_entry(k_entry).system_scope);
}

TEST(LoadCloud, trusts_any_certificate_only_when_told) {
    const std::vector<std::pair<std::string, bool>> cases = {{"verify: true", true},
                                                             {"verify: no", false},
                                                             {"verify: 'False'", false},
                                                             {"insecure: false", true},
                                                             {"insecure: 1", false}};
    for (const auto& [line, verified] : cases) {
        CloudFolders folders;
        EXPECT_EQ(folders.load_entry(k_entry + ("    " + line + "\n")).tls.verify, verified)
            << line;
    }
}

TEST(LoadCloud, takes_the_only_region_of_a_list) {
    CloudFolders folders;
    EXPECT_EQ(folders.load_entry(k_entry + std::string("    regions: [North]\n")).region, "North");
    EXPECT_EQ(folders.load_entry(k_entry + std::string("    regions: [North, South]\n")).region,
              "");
}

TEST(LoadCloud, takes_the_cloud_that_a_variable_names) {
    CloudFolders folders;
    folders.load_entry(k_entry);
    folders.variable("OS_CLOUD") = "prod";
    folders.variable("OS_AUTH_URL") = "http://elsewhere";
    folders.variable("OS_USERNAME") = "somebody";
    folders.variable("OS_REGION_NAME") = "Elsewhere";
    const Cloud cloud = folders.load();
    EXPECT_EQ(cloud.name, "prod");
    EXPECT_EQ(cloud.auth_url, "https://keystone:5000/v3");
    EXPECT_EQ(cloud.user.name, "publisher");
    EXPECT_EQ(cloud.region, "");
}

TEST(LoadCloud, reads_variables) {
    CloudFolders folders;
    folders.load_entry(k_entry);
    folders.variable("OS_AUTH_URL") = "http://k:5000";
    folders.variable("OS_USERNAME") = "publisher";
    folders.variable("OS_PASSWORD") = "s3cret";
    folders.variable("OS_TENANT_ID") = "p1";
    folders.variable("OS_USER_DOMAIN_NAME") = "people";
    folders.variable("OS_REGION_NAME") = "North";
    folders.variable("OS_ENDPOINT_TYPE") = "internalURL";
    folders.variable("OS_CACERT") = "~/ca.pem";
    folders.variable("OS_INSECURE") = "true";
    folders.variable("OS_IMAGE_ENDPOINT_OVERRIDE") = "http://glance";
    folders.variable("OS_TOKEN") = "";
    for (const Cloud& cloud : {folders.load(), folders.load("envvars")}) {
        EXPECT_EQ(cloud.name, "envvars");
        EXPECT_EQ(cloud.auth_url, "http://k:5000/v3");
        EXPECT_EQ(cloud.auth, AuthKind::password);
        EXPECT_EQ(cloud.user.name, "publisher");
        EXPECT_EQ(cloud.user.domain_name, "people");
        EXPECT_EQ(cloud.password, "s3cret");
        EXPECT_EQ(cloud.project.id, "p1");
        EXPECT_EQ(cloud.region, "North");
        EXPECT_EQ(cloud.interface, "internal");
        EXPECT_EQ(cloud.tls.ca_file, folders.files / "home/ca.pem");
        EXPECT_FALSE(cloud.tls.verify);
        EXPECT_EQ(cloud.image_endpoint, "http://glance");
    }
}

TEST(LoadCloud, reads_an_application_credential_from_variables) {
    CloudFolders folders;
    folders.variable("OS_AUTH_TYPE") = "v3applicationcredential";
    folders.variable("OS_AUTH_URL") = "http://k/v3";
    folders.variable("OS_APPLICATION_CREDENTIAL_ID") = "abc";
    folders.variable("OS_APPLICATION_CREDENTIAL_SECRET") = "hush";
    const Cloud cloud = folders.load();
    EXPECT_EQ(cloud.auth, AuthKind::application_credential);
    EXPECT_EQ(cloud.credential.id, "abc");
}

TEST(NamesACloud, is_true_for_two_variables) {
    EXPECT_TRUE(store::names_a_cloud({{"OS_CLOUD", "prod"}}));
    EXPECT_TRUE(store::names_a_cloud({{"OS_AUTH_URL", "http://k"}}));
    EXPECT_FALSE(store::names_a_cloud({{"OS_CLOUD", ""}, {"OS_USERNAME", "u"}}));
}

TEST(CloudSecrets, are_all_that_must_not_be_shown) {
    const Cloud cloud = {.name = "prod",
                         .auth_url = "http://me:pw@k/v3",
                         .password = "a",
                         .credential_secret = "b",
                         .token = "c",
                         .image_endpoint = "http://x:y@glance"};
    EXPECT_THAT(cloud.secrets(), ElementsAre("a", "b", "c", "me:pw", "x:y"));
    EXPECT_THAT(Cloud{.name = "none"}.secrets(), IsEmpty());
}

} // namespace
} // namespace kiln
