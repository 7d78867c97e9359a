#include "element/known_variables.hpp"

#include <set>
#include <string_view>

namespace kiln::element {
namespace {

const std::set<std::string_view>& names_of_builds() {
    static const std::set<std::string_view> k_names = {// Of the build.
                                                       "ARCH",
                                                       "IMAGE_NAME",
                                                       "IMAGE_ELEMENT",
                                                       "IMAGE_ELEMENT_YAML",
                                                       "ELEMENTS_PATH",
                                                       "FS_TYPE",
                                                       "DIB_ROOT_FSTYPE",
                                                       "DIB_ROOT_LABEL",
                                                       "DIB_DEFAULT_INSTALLTYPE",
                                                       "DIB_DEBUG_TRACE",
                                                       "DIB_IMAGE_CACHE",
                                                       "DIB_ARGS",
                                                       "DIB_OFFLINE",
                                                       "DIB_PYTHON_EXEC",
                                                       "KILN_ERROR_FILE",
                                                       "KILN_USED_PACKAGES",
                                                       "KILN_OUTPUT_DIR",
                                                       "KILN_ELEMENTS_PATH",
                                                       "DIB_ENV",
                                                       "KILN",
                                                       "container",
                                                       "RUN_PARTS_REGEX",
                                                       // Places.
                                                       "TMP_BUILD_DIR",
                                                       "TMP_IMAGE_DIR",
                                                       "TMP_HOOKS_PATH",
                                                       "TMP_MOUNT_PATH",
                                                       "TARGET_ROOT",
                                                       "_LIB",
                                                       "_PREFIX",
                                                       // The disk.
                                                       "IMAGE_BLOCK_DEVICE",
                                                       "IMAGE_BLOCK_DEVICES",
                                                       "IMAGE_BLOCK_DEVICE_WITHOUT_PART",
                                                       "DIB_MOUNTPOINTS",
                                                       "DIB_BLOCK_DEVICE_CONFIG",
                                                       "DIB_BLOCK_DEVICE_PARAMS_YAML",
                                                       "DIB_IMAGE_SIZE",
                                                       "KILN_PARTITION_TABLE",
                                                       "KILN_ROOT_PARTITION",
                                                       "KILN_ROOT_UUID",
                                                       // Of every operating system element.
                                                       "DISTRO_NAME",
                                                       "DIB_RELEASE",
                                                       "DIB_INIT_SYSTEM",
                                                       "DIB_PYTHON",
                                                       "DIB_PYTHON_VERSION",
                                                       // Ramdisks.
                                                       "IS_RAMDISK",
                                                       "RAMDISK_ELEMENT",
                                                       "MODULE_DIR",
                                                       "KERNEL_VERSION",
                                                       "FIRMWARE_DIR",
                                                       "LIB_UDEV"};
    return k_names;
}

const std::set<std::string_view>& names_of_shells() {
    static const std::set<std::string_view> k_names = {
        "HOME",         "PATH",          "PWD",
        "OLDPWD",       "SHELL",         "USER",
        "LOGNAME",      "TERM",          "LANG",
        "LC_ALL",       "TMPDIR",        "IFS",
        "PS1",          "PS4",           "UID",
        "EUID",         "PPID",          "GROUPS",
        "HOSTNAME",     "HOSTTYPE",      "MACHTYPE",
        "OSTYPE",       "RANDOM",        "SECONDS",
        "LINENO",       "FUNCNAME",      "PIPESTATUS",
        "OPTARG",       "OPTIND",        "OPTERR",
        "REPLY",        "COLUMNS",       "LINES",
        "SHELLOPTS",    "SHLVL",         "BASHOPTS",
        "EPOCHSECONDS", "EPOCHREALTIME", "DIRSTACK",
        "MAPFILE",      "COPROC",        "_",
        "SUDO_USER",    "SUDO_UID",      "SUDO_GID",
        "http_proxy",   "https_proxy",   "ftp_proxy",
        "no_proxy",     "all_proxy",     "HTTP_PROXY",
        "HTTPS_PROXY",  "NO_PROXY",      "SOURCE_DATE_EPOCH"};
    return k_names;
}

} // namespace

bool is_known_variable(const std::string& name) {
    return names_of_builds().count(name) > 0 || names_of_shells().count(name) > 0 ||
           name.rfind("BASH", 0) == 0;
}

} // namespace kiln::element
