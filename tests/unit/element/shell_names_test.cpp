#include "element/shell_names.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::scan_shell;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(ShellNames, AUseIsKnownByItsFirstLine) {
    EXPECT_THAT(scan_shell("#!/bin/bash\necho $FIRST\necho ${FIRST}\n").used,
                UnorderedElementsAre(Pair("FIRST", 2U)));
}

TEST(ShellNames, LinesCountInStringsAndHereDocuments) {
    const auto names = scan_shell("a='1\n2'\nb=\"x\ny\"\ncat <<END\n$IN\nEND\necho $AFTER\n");
    EXPECT_THAT(names.used, UnorderedElementsAre(Pair("IN", 6U), Pair("AFTER", 8U)));
}

TEST(ShellNames, WhatADefaultStandsForIsGuarded) {
    const auto names =
        scan_shell("echo ${A:-x} ${B-x} ${C:=x} ${D:+x} ${E:?no} ${F[@]:-} \"${G:-$H}\"");
    EXPECT_THAT(names.guarded, UnorderedElementsAre("A", "B", "C", "D", "E", "F", "G"));
    EXPECT_THAT(names.used, UnorderedElementsAre(Key("H")));
    EXPECT_THAT(names.assigned, Contains("C"));
}

TEST(ShellNames, CutsAndLengthsAreUses) {
    EXPECT_THAT(scan_shell("echo ${A%.*} ${#B} ${C:0:3} ${D/-/_} ${E[0]}").used,
                UnorderedElementsAre(Key("A"), Key("B"), Key("C"), Key("D"), Key("E")));
}

TEST(ShellNames, EveryWayToSetCounts) {
    const auto names = scan_shell("A=1\nexport B=2 C\nlocal -r D=3\nread -r E F\n"
                                  "for G in x; do :; done\nmapfile -t H < f\nprintf -v I x\n"
                                  "J+=(1)\nK[x]=1\n[ -v L ]\nM=1 command\nwhile getopts ab N; do");
    EXPECT_THAT(
        names.assigned,
        IsSupersetOf({"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N"}));
}

TEST(ShellNames, TextIsNoUse) {
    const auto names = scan_shell("# $COMMENT\necho '$SINGLE' \\$ESCAPED $'\\'$ANSI'\n"
                                  "cat <<'END'\n$QUOTED\nEND\nawk '{print $NF}' x\n");
    EXPECT_THAT(names.used, IsEmpty());
}

TEST(ShellNames, SingleQuotesInDoubleQuotesAreText) {
    EXPECT_THAT(scan_shell("echo \"it's $A\" \"${B:-don't} $C\"").used,
                UnorderedElementsAre(Key("A"), Key("C")));
}

TEST(ShellNames, QuotesInACommandSubstitutionInDoubleQuotesAreQuotes) {
    EXPECT_THAT(scan_shell("x=\"$(awk '{print $FIELD}' \"$FILE\")\"").used,
                UnorderedElementsAre(Key("FILE")));
}

TEST(ShellNames, AHashInAWordIsNoComment) {
    EXPECT_THAT(scan_shell("echo a#b $A; echo $#; echo $B").used,
                UnorderedElementsAre(Key("A"), Key("B")));
}

TEST(ShellNames, EvalAndSourceMakeAScriptOpaque) {
    EXPECT_TRUE(scan_shell("eval \"$x\"").opaque);
    EXPECT_TRUE(scan_shell("source ./functions").opaque);
    EXPECT_TRUE(scan_shell("set -e\n. /etc/os-release\n").opaque);
    EXPECT_TRUE(scan_shell("if [ -f x ]; then . x; fi").opaque);
    EXPECT_FALSE(scan_shell("find . -name x; cp -a . \"$d\"").opaque);
}

TEST(ShellNames, AShiftIsNoHereDocument) {
    EXPECT_THAT(scan_shell("x=$((1 << 4))\necho $A\n").used, Contains(Key("A")));
    EXPECT_THAT(scan_shell("cat <<<\"$A\"\necho $B\n").used, Contains(Key("B")));
}

TEST(ShellNames, UnfinishedTextIsReadToItsEnd) {
    for (const char* text :
         {"'", "\"", "${", "${A[", "$(", "<<", "<<'", "\\", "$'", "cat <<E\n$"}) {
        EXPECT_THAT(scan_shell(text).used, Not(Contains(Key("B")))) << text;
    }
}

} // namespace
} // namespace kiln::tests
