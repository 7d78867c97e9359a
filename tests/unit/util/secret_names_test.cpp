#include "util/secret_names.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using util::hide_credentials;
using util::is_secret_name;

TEST(SecretNames, TellNamesThatHoldSecrets) {
    for (const char* name : {"DIB_DEV_USER_PASSWORD",
                             "OS_PASSWORD",
                             "REG_ACTIVATION_KEY",
                             "AWS_SECRET_ACCESS_KEY",
                             "github_token",
                             "DIB_DEV_USER_AUTHORIZED_KEYS",
                             "X-Auth-Token",
                             "X-Amz-Signature",
                             "DB_PASSWD",
                             "CREDENTIALS_FILE",
                             "MYAPIKEY",
                             "activationkey",
                             "WIFI_PSK",
                             "KEY"}) {
        EXPECT_TRUE(is_secret_name(name)) << name;
    }
}

TEST(SecretNames, LetHarmlessNamesPass) {
    for (const char* name : {"DIB_RELEASE",
                             "DIB_APT_KEYRING",
                             "DIB_DEV_USER_PWDLESS_SUDO",
                             "DIB_CLOUD_INIT_ALLOW_SSH_PWAUTH",
                             "KEYBOARD",
                             "AUTHOR",
                             "COMPASS",
                             "PWD",
                             "KILN_SECRET_VARIABLES",
                             "KILN_ALLOWED_SECRETS",
                             ""}) {
        EXPECT_FALSE(is_secret_name(name)) << name;
    }
}

TEST(HideCredentials, TakesUserAndPasswordOutOfUrls) {
    EXPECT_EQ(hide_credentials("get http://me:p@ss@host:80/x now"),
              "get http://<hidden>@host:80/x now");
    EXPECT_EQ(hide_credentials("https://ghp_0123@host/x.git"), "https://<hidden>@host/x.git");
    EXPECT_EQ(hide_credentials("'http://u:p@a' \"https://b@c\""),
              "'http://<hidden>@a' \"https://<hidden>@c\"");
}

TEST(HideCredentials, KeepsAddressesWithoutSecrets) {
    for (const char* text : {"http://host/a@b",
                             "https://host/?user=a@b",
                             "ssh://git@host/x.git",
                             "me@host.example",
                             "http://[::1]:80/",
                             "http://",
                             ""}) {
        EXPECT_EQ(hide_credentials(text), text);
    }
    EXPECT_EQ(hide_credentials("ssh://git:p@host/"), "ssh://<hidden>@host/");
}

TEST(HideCredentials, TakesValuesOfSecretNames) {
    EXPECT_EQ(hide_credentials("A_PASSWORD=x y B=z"), "A_PASSWORD=<hidden> y B=z");
    EXPECT_EQ(hide_credentials("--env X_TOKEN='a b' --env Y=c"),
              "--env X_TOKEN='<hidden>' --env Y=c");
    EXPECT_EQ(hide_credentials("declare -x SECRET=\"a b\""), "declare -x SECRET=\"<hidden>\"");
    EXPECT_EQ(hide_credentials("http://h/f?token=abc&x=1"), "http://h/f?token=<hidden>&x=1");
    EXPECT_EQ(hide_credentials("TOKEN=\"never closed"), "TOKEN=\"<hidden>");
    EXPECT_EQ(hide_credentials("TOKEN="), "TOKEN=");
}

TEST(HideCredentials, TakesHeadersAndNetrcLines) {
    EXPECT_EQ(hide_credentials("Authorization: Bearer abc\nHost: x"),
              "Authorization: <hidden>\nHost: x");
    EXPECT_EQ(hide_credentials("machine h login u password p\n"),
              "machine h login u password <hidden>\n");
    EXPECT_EQ(hide_credentials("the password file is old"), "the password file is old");
}

TEST(HideCredentials, IsDoneOnceForAll) {
    const std::string once = hide_credentials("A_KEY=1 http://a:b@c/ Authorization: x");
    EXPECT_EQ(hide_credentials(once), once);
}

TEST(ShownValue, HidesBySecretNameOrByContent) {
    EXPECT_EQ(util::shown_value("DIB_PASSWORD", "x"), "<hidden>");
    EXPECT_EQ(util::shown_value("DIB_PASSWORD", ""), "");
    EXPECT_EQ(util::shown_value("DIB_MIRROR", "http://a:b@c/"), "http://<hidden>@c/");
    EXPECT_EQ(util::shown_value("DIB_RELEASE", "trixie"), "trixie");
}

} // namespace
} // namespace kiln::tests
