#include "element/script_facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using element::FileUse;
using element::read_script;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

TEST(ScriptFacts, NamesAreFoundInAllButComments) {
    const auto names =
        read_script("a=$B \"${C:-x}\" 'sh -c $D' # E $F\ncat <<END\n$G\nEND\n").names;
    for (const char* name : {"B", "C", "D", "F", "G"}) {
        EXPECT_THAT(names, Contains(name));
    }
    EXPECT_THAT(names, Not(Contains("E")));
}

TEST(ScriptFacts, WordsCarryWhatIsDoneWithThem) {
    const auto facts = read_script("one -x\ninstall two /\nthree=four\necho five.\n");
    EXPECT_THAT(facts.words, Contains(Pair("one", FileUse::run)));
    EXPECT_THAT(facts.words, Contains(Pair("two", FileUse::data)));
    EXPECT_THAT(facts.words, Contains(Pair("four", FileUse::held)));
    EXPECT_THAT(facts.words, Contains(Key("five")));
}

TEST(ScriptFacts, PartsOfWordsAreKept) {
    const auto facts = read_script("begin-$x\n\"$y\"-end ${z}.tail $w.more\n");
    EXPECT_THAT(facts.prefixes, ElementsAre("begin-"));
    EXPECT_THAT(facts.suffixes, ElementsAre("-end", ".more", ".tail"));
}

TEST(ScriptFacts, WhatReadsTheWholeEnvironmentIsSeen) {
    for (const char* script : {"env\n",
                               "env | sort\n",
                               "/usr/bin/env >x\n",
                               "x=$(env)\n",
                               "sh -c 'env'\n",
                               "env -0\n",
                               "printenv HOME\n",
                               "export\n",
                               "export -p >x\n",
                               "declare -p\n",
                               "declare -x\n",
                               "set\n",
                               "set | grep x\n",
                               "compgen -v\n",
                               "cat /proc/self/environ\n",
                               "echo $DIB_ENV\n",
                               "awk '{ print ENVIRON[$1] }'\n",
                               "echo ${!x}\n",
                               "echo ${!DIB_*}\n",
                               "eval \"$x\"\n",
                               "eval x=\\$$y\n",
                               "declare -n x=$y\n",
                               "perl -e 'print %ENV'\n",
                               "source \"$x\"\n",
                               ". /etc/${x}\n",
                               "bash -c \"$x\"\n",
                               "envsubst <x\n",
                               "\"$KILN\" tool other\n",
                               "echo 'not closed\n"}) {
        EXPECT_THAT(read_script(script).all_variables, Not(IsEmpty())) << script;
    }
}

TEST(ScriptFacts, WhatOnlyLooksLikeItIsNot) {
    for (const char* script : {"#!/usr/bin/env bash\nx\n",
                               "env A=1 x\n",
                               "env -i PATH=/bin x\n",
                               "echo '#!/usr/bin/env python3' >x\n",
                               "cd build-env\n",
                               "env=1\necho $env\n",
                               "set -eu -o pipefail\n",
                               "export A=1\n",
                               "declare -A x\n",
                               "compgen -G '/x/*' >/dev/null\n",
                               "for i in \"${!x[@]}\"; do :; done\n",
                               "eval declare -A x=($(get_image_element_array))\n",
                               "perl -e 'print 1'\n",
                               ". /etc/os-release\n",
                               "source \"$TMP_HOOKS_PATH/lib/x\"\n",
                               "bash -c 'echo 1'\n",
                               "# env\n",
                               "\"$KILN\" tool tree-path folder x\n"}) {
        EXPECT_THAT(read_script(script).all_variables, IsEmpty()) << script;
    }
}

TEST(ScriptFacts, TheBaseImageToolReadsItsOwnVariables) {
    const auto facts = read_script("exec \"$KILN\" tool base-image\n");
    EXPECT_THAT(facts.all_variables, IsEmpty());
    EXPECT_THAT(facts.all_files, IsEmpty());
    EXPECT_THAT(facts.names, Contains("DIB_LOCAL_IMAGE"));
}

TEST(ScriptFacts, WaysToOtherFilesOfTheTreeAreSeen) {
    for (const char* script : {"cd $TMP_HOOKS_PATH\n",
                               "source $(dirname $0)/x\n",
                               "here=$(readlink -f \"$0\")\n",
                               "x=${BASH_SOURCE[0]}\n",
                               "x=/tmp/in_target.d/a/b; cat \"$x\"/../c\n",
                               "cd /tmp/in_target.d/a; cat ../c\n",
                               "x=$TMP_HOOKS_PATH/a/b; cat ${x%/*}/c\n",
                               "x=$TMP_HOOKS_PATH/a/b; cat $(dirname $x)/c\n"}) {
        EXPECT_THAT(read_script(script).all_files, Not(IsEmpty())) << script;
    }
}

TEST(ScriptFacts, HarmlessUsesOfPathsAreNot) {
    for (const char* script : {"echo \"usage: $(basename $0)\"\n",
                               "awk '{ print $0 }' x\n",
                               "x=${0##*/}\n",
                               "cat $TMP_HOOKS_PATH/a\ncd \"$TARGET_ROOT\"\nln -s ../run/x etc/y\n",
                               "cat $TMP_HOOKS_PATH/a; ln -s /usr/../x y\n",
                               "cat $TMP_HOOKS_PATH/a; echo {1..5} ...\n"}) {
        EXPECT_THAT(read_script(script).all_files, IsEmpty()) << script;
    }
}

TEST(ScriptFacts, AllOfItsFolderIsAllOfTheTree) {
    for (const char* script : {"find /tmp -name x\n",
                               "cat /tmp/*/x\n",
                               "cd /tmp; ls\n",
                               "tar c /tmp/\n",
                               "ls \"/tmp\"\n"}) {
        EXPECT_THAT(read_script(script).all_files, Not(IsEmpty())) << script;
    }
    for (const char* script : {"mktemp /tmp/x.XXX\n", "rm -rf /var/tmp/*\n", "ls /tmpfiles\n"}) {
        EXPECT_THAT(read_script(script).all_files, IsEmpty()) << script;
    }
}

TEST(ScriptFacts, PathsOfTheTreeCarryTheirUse) {
    const auto facts = read_script("x=/tmp/in_target.d/a\ncp /tmp/in_target.d/b /\n"
                                   "/tmp/in_target.d/c\n");
    EXPECT_THAT(
        facts.paths,
        ElementsAre(Pair("a", FileUse::held), Pair("b", FileUse::data), Pair("c", FileUse::run)));
}

TEST(ScriptFacts, OtherInterpretersAndBinariesAreNoShellText) {
    EXPECT_TRUE(element::is_shell_text("#!/bin/sh\n"));
    EXPECT_TRUE(element::is_shell_text("x=1\n"));
    EXPECT_FALSE(element::is_shell_text("#!/usr/bin/python3\n"));
    EXPECT_FALSE(element::is_shell_text("#!/sbin/openrc-run\n"));
    EXPECT_FALSE(element::is_shell_text(std::string("\177ELF\0", 5)));
}

} // namespace
} // namespace kiln::tests
