#pragma once

#include <string>

namespace kiln::sandbox {

/// The program that makes a user namespace as root for a member of the group 'kiln'
/// (sudoers.d/kiln permits it, without arguments and under this path only).
inline constexpr const char* k_namespace_helper = "/usr/lib/kiln/kiln-namespace-helper";

/// Whether the helper is installed as it must be: a program of root's that nobody else can write.
bool has_namespace_helper();

/// Whether this process can itself make the namespaces of a build and mount in them. Tries it.
bool can_make_namespaces();

/// Has the helper make a user namespace of this user's (`sudo -n`) and enters it for good: from
/// then on this process is root in it, and to the rest of the system still the user, with the
/// user's rights to files. The process must have one thread. Throws Error (code tool).
void enter_helper_namespace();

/// Asks sudo whether this user may run the helper; runs nothing.
bool may_use_helper();

/// Enters the helper's namespace when a plain user has no other way and the helper is there.
/// True when it did.
bool enter_helper_namespace_if_needed();

} // namespace kiln::sandbox
