#include "unit/store/cloud_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using tests::CloudFolders;

struct WrongEntry {
    /// Beneath "clouds: prod:" in work/clouds.yaml; the first is line 3.
    std::string lines;
    std::string what;
    std::string hint;
};

std::string auth(const std::string& rest) {
    return "    auth: {auth_url: 'http://k', username: u, password: s3cret" + rest + "}\n";
}

std::vector<WrongEntry> wrong_auth() {
    return {
        {"    region_name: North\n",
         "work/clouds.yaml:3:5: cloud 'prod' has no 'auth_url'",
         "add to its 'auth': auth_url: https://keystone.example.org:5000/v3"},
        {"    auth: {auth_url: 'http://k'}\n",
         "work/clouds.yaml:3:5: cloud 'prod' has no 'username'",
         "add to its 'auth': username: publisher"},
        {"    auth: {auth_url: 'http://k', username: u}\n",
         "work/clouds.yaml:3:5: cloud 'prod' has no 'password'",
         "add to its 'auth': password: ..."},
        {"    auth: {auth_url: 'http://k', application_credential_id: a}\n",
         "work/clouds.yaml:3:5: cloud 'prod' has no 'application_credential_secret'",
         "add to its 'auth': application_credential_secret: ..."},
        {"    auth: {auth_url: 'http://k', application_credential_secret: s3cret}\n",
         "work/clouds.yaml:3:5: cloud 'prod' has no 'application_credential_id'",
         "add to its 'auth': application_credential_id: 21dced0fd20347869b93710d2b98aae0"},
        {"    auth: {auth_url: 'http://k', application_credential_name: a, "
         "application_credential_secret: s3cret}\n",
         "work/clouds.yaml:3:5: cloud 'prod' has no 'username'",
         "add to its 'auth': username: publisher"},
        {"    auth_type: token\n    auth: {auth_url: 'http://k'}\n",
         "work/clouds.yaml:3:5: cloud 'prod' has no 'token'",
         "add to its 'auth': token: ..."},
        {"    auth: {auth_url: 'http://k', pasword: s3cret}\n",
         "work/clouds.yaml:3:34: unknown key 'pasword' in 'auth'",
         "did you mean 'password'?"},
        {"    auth: {auth_url: 'http://k', username: u, password: [s3cret]}\n",
         "work/clouds.yaml:3:57: 'password' has to be a plain value",
         ""},
        {"    auth: http://k\n",
         "work/clouds.yaml:3:11: a mapping (key: value) is expected here",
         ""},
        {"    auth: {auth_url: 'http://a:s3cret@k/v2.0/'}\n",
         "work/clouds.yaml:3:22: cloud 'prod': 'auth_url' leads to version 2 of Keystone: "
         "'http://k/v2.0'",
         "only version 3 is spoken: let it end in /v3"},
        {"    auth: {auth_url: 'keystone:5000'}\n",
         "work/clouds.yaml:3:22: cloud 'prod': 'auth_url' is no address: 'keystone:5000'",
         "it begins with https:// or http:// and has no blanks and no '?'"},
        {auth("") + "    auth_type: v3passwrd\n",
         "work/clouds.yaml:4:16: cloud 'prod': 'auth_type' is 'v3passwrd', which is not supported",
         "supported are: password, token, v3applicationcredential, v3password, v3token"},
        {auth("") + "    auth_type: v3oidcpassword\n",
         "work/clouds.yaml:4:16: cloud 'prod': 'auth_type' is 'v3oidcpassword', which is not "
         "supported",
         "supported are: password, token, v3applicationcredential, v3password, v3token"},
        {auth(", system_scope: some"),
         "work/clouds.yaml:3:79: cloud 'prod': 'system_scope' is 'some', and only 'all' is known",
         "write system_scope: all, or name a project"},
        {auth(", system_scope: all, project_id: p"),
         "work/clouds.yaml:3:79: cloud 'prod': 'system_scope' and a project or domain exclude one "
         "another",
         "leave one of them out"}};
}

std::vector<WrongEntry> wrong_rest() {
    return {
        {auth("") + "    interface: pubic\n",
         "work/clouds.yaml:4:16: cloud 'prod': 'interface' is 'pubic', which is no interface",
         "did you mean 'public'?"},
        {auth("") + "    endpoint_type: outerURL\n",
         "work/clouds.yaml:4:20: cloud 'prod': 'endpoint_type' is 'outerURL', which is no "
         "interface",
         "there are: public, internal, admin"},
        {auth("") + "    image_api_version: 1\n",
         "work/clouds.yaml:4:24: cloud 'prod': 'image_api_version' is '1', and only 2 is spoken",
         "leave it out, or use a cloud that has version 2"},
        {auth("") + "    identity_api_version: 2.0\n",
         "work/clouds.yaml:4:27: cloud 'prod': 'identity_api_version' is '2.0', and only 3 is "
         "spoken",
         "leave it out, or use a cloud that has version 3"},
        {auth("") + "    verify: maybe\n",
         "work/clouds.yaml:4:13: cloud 'prod': 'verify' is 'maybe'",
         "it is either true or false"},
        {auth("") + "    regions: [North, South]\n    region_name: Nroth\n",
         "work/clouds.yaml:5:18: cloud 'prod': 'region_name' is 'Nroth', which 'regions' lacks",
         "did you mean 'North'?"},
        {auth("") + "    regions: [{values: {}}]\n",
         "work/clouds.yaml:4:15: a region without a 'name'",
         "write the name alone, or name: NAME"},
        {auth("") + "    regions: [{name: N, values: {verify: false}}]\n",
         "work/clouds.yaml:4:33: settings of one region ('values') are not supported",
         "give the region an entry of its own under 'clouds'"},
        {auth("") + "    image_endpoint_override: glance\n",
         "work/clouds.yaml:4:30: cloud 'prod': 'image_endpoint_override' is no address: 'glance'",
         "it begins with https:// or http:// and has no blanks and no '?'"},
        {auth("") + "    profile: vendr\n",
         "work/clouds.yaml:4:14: there is no profile 'vendr' in clouds-public.yaml",
         "did you mean 'vendor'?"},
        {auth("") + "    profile: rackspace\n",
         "work/clouds.yaml:4:14: there is no profile 'rackspace' in clouds-public.yaml",
         "profiles of vendors are not built in: write auth_url and the rest into the cloud's "
         "entry, or a clouds-public.yaml"},
        {auth("") + "    profile: https://vendor\n",
         "work/clouds.yaml:4:14: the profile 'https://vendor' is an address, and none is fetched",
         "put what it says into clouds-public.yaml, under a name"},
        {auth("") + "    region_name: a\n    region_name: b\n",
         "work/clouds.yaml:5:5: the key 'region_name' stands twice in one mapping",
         ""}};
}

void expect_refused(const WrongEntry& one) {
    SCOPED_TRACE(one.lines);
    CloudFolders folders;
    folders.files.write("work/clouds-public.yaml", "public-clouds: {vendor: {}}\n");
    const util::ErrorInfo error = folders.entry_error(one.lines);
    EXPECT_EQ(error.what, one.what);
    EXPECT_EQ(error.hint, one.hint);
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_THAT(error.excerpt, IsEmpty()) << "lines of these files hold secrets";
    EXPECT_THAT(error.what + error.hint, Not(HasSubstr("s3cret")));
}

TEST(LoadCloud, says_what_is_wrong_in_auth) {
    for (const WrongEntry& one : wrong_auth()) {
        expect_refused(one);
    }
}

TEST(LoadCloud, says_what_is_wrong_in_an_entry) {
    for (const WrongEntry& one : wrong_rest()) {
        expect_refused(one);
    }
}

TEST(LoadCloud, ignores_what_other_programs_and_logins_know) {
    CloudFolders folders;
    EXPECT_EQ(folders
                  .load_entry(auth(", passcode: 1, trust_id: t, identity_provider: x") +
                              "    regoin_name: x\n    compute_api_version: 2\n")
                  .user.name,
              "u");
}

TEST(LoadCloud, points_into_the_file_that_is_wrong) {
    CloudFolders folders;
    folders.load_entry(auth(""));
    folders.files.write("etc/secure.yaml", "clouds:\n  prod:\n    auth:\n      pasword: s3cret\n");
    EXPECT_EQ(folders.error("prod").what, "etc/secure.yaml:4:7: unknown key 'pasword' in 'auth'");
    folders.files.write("etc/secure.yaml", "clouds:\n  prod:\n    interface: both\n");
    EXPECT_EQ(folders.error("prod").what,
              "etc/secure.yaml:3:16: cloud 'prod': 'interface' is 'both', which is no interface");
}

TEST(LoadCloud, wants_a_missing_key_where_more_may_be_written) {
    CloudFolders folders;
    folders.files.write("work/clouds-public.yaml",
                        "public-clouds: {vendor: {auth: {auth_url: 'http://k'}}}\n");
    folders.files.write("work/secure.yaml", "clouds: {prod: {auth: {password: s3cret}}}\n");
    EXPECT_EQ(folders.entry_error("    profile: vendor\n").what,
              "work/clouds.yaml:3:5: cloud 'prod' has no 'username'");
}

TEST(LoadCloud, offers_the_nearest_cloud) {
    CloudFolders folders;
    folders.load_entry(auth(""));
    EXPECT_EQ(folders.error("prdo").what, "work/clouds.yaml:2:3: there is no cloud 'prdo'");
    EXPECT_EQ(folders.error("prdo").hint, "did you mean 'prod'?");
    EXPECT_EQ(folders.error("other").hint, "known are: prod");
}

TEST(LoadCloud, asks_for_a_name) {
    CloudFolders folders;
    EXPECT_EQ(folders.error().what, "no cloud is named");
    EXPECT_EQ(folders.error().hint,
              "give --cloud NAME; no clouds.yaml in 'work', 'home/.config/openstack', 'etc'");
    folders.load_entry(auth(""));
    EXPECT_EQ(folders.error().hint, "give --cloud NAME; 'work/clouds.yaml' has: prod");
}

TEST(LoadCloud, says_where_no_file_is) {
    CloudFolders folders;
    EXPECT_EQ(folders.error("prod").what,
              "there is no cloud 'prod': no clouds.yaml in 'work', 'home/.config/openstack', "
              "'etc'");
    folders.variable("OS_CLIENT_CONFIG_FILE") = "/nowhere/clouds.yaml";
    EXPECT_EQ(folders.error("prod").what,
              "variable OS_CLIENT_CONFIG_FILE names '/nowhere/clouds.yaml', which is not there");
}

TEST(LoadCloud, says_which_file_has_no_clouds) {
    CloudFolders folders;
    for (const char* content : {"", "clouds:\n", "other: {}\n"}) {
        folders.files.write("work/clouds.yaml", content);
        EXPECT_EQ(folders.error("prod").what, "work/clouds.yaml: there is no cloud 'prod'");
        EXPECT_EQ(folders.error("prod").hint, "it goes beneath 'clouds:'");
    }
}

TEST(LoadCloud, says_which_variable_is_missing_or_wrong) {
    CloudFolders folders;
    EXPECT_EQ(folders.error("envvars").what, "variable OS_AUTH_URL is not set");
    EXPECT_EQ(folders.error("envvars").hint,
              "export OS_AUTH_URL=https://keystone.example.org:5000/v3, or name a cloud of "
              "clouds.yaml with --cloud NAME");
    folders.variable("OS_AUTH_URL") = "http://k";
    EXPECT_EQ(folders.error().what, "variable OS_USERNAME is not set");
    folders.variable("OS_USERNAME") = "u";
    folders.variable("OS_PASSWORD") = "s3cret";
    folders.variable("OS_INTERFACE") = "inner";
    EXPECT_EQ(folders.error().what,
              "variable OS_INTERFACE: 'interface' is 'inner', which is no interface");
}

TEST(LoadCloud, shows_no_secret_of_a_file_that_is_no_yaml) {
    for (const char* line : {"      password: *s3cret\n",
                             "      password: \"s3cret\n",
                             "      password: {s3cret\n",
                             "      password: s3cret: x\n",
                             "      password: !<s3cret\n",
                             "      password: @s3cret\n",
                             "      password: %s3cret\n",
                             "      password: \"\\s3cret\"\n"}) {
        CloudFolders folders;
        const util::ErrorInfo error =
            folders.entry_error("    auth:\n      auth_url: http://k\n" + std::string(line));
        EXPECT_THAT(error.what, HasSubstr("work/clouds.yaml:"));
        EXPECT_THAT(error.what + error.hint, Not(HasSubstr("3cret"))) << line;
        EXPECT_THAT(error.excerpt, IsEmpty());
    }
}

TEST(LoadCloud, tells_what_to_do_with_a_password_that_looks_like_an_alias) {
    CloudFolders folders;
    const util::ErrorInfo error = folders.entry_error("    auth:\n      password: *s3cret\n");
    EXPECT_EQ(error.what, "work/clouds.yaml:4:17: the referenced anchor is not defined");
    EXPECT_EQ(error.hint, "put a value that begins with '*' in quotes");
}

} // namespace
} // namespace kiln
