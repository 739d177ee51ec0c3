/* SPDX-License-Identifier: BSD-3-Clause */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "options.h"

// What root may go on doing: reach files of others (captures, the store in a user's folder), open
// and set up sockets and interfaces, lock memory, set priorities, become another user.
static const cap_value_t kept[] = {
	CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_IPC_LOCK, CAP_KILL,
	CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_SETGID, CAP_SETPCAP, CAP_SETUID,
	CAP_SYS_NICE, CAP_SYS_RESOURCE,
};
// And for drivers in this process: registers and physical addresses (/proc/self/pagemap), eBPF.
static const cap_value_t kept_for_drivers[] = {
	CAP_SYS_ADMIN, CAP_SYS_RAWIO, CAP_BPF, CAP_PERFMON,
};

static bool
is_in(const cap_value_t *list, size_t n, cap_value_t c)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == c)
			return true;
	return false;
}

static bool
is_kept(cap_value_t c, bool drivers)
{
	return is_in(kept, sizeof(kept) / sizeof(kept[0]), c) || (drivers &&
		is_in(kept_for_drivers, sizeof(kept_for_drivers) / sizeof(kept_for_drivers[0]), c));
}

// Only these of what there is; all of the three sets.
static int
capabilities_keep(bool drivers)
{
	cap_t caps = cap_get_proc();
	int rc = caps == NULL ? -errno : 0;

	for (cap_value_t c = 0; rc == 0 && c < cap_max_bits(); c++) {
		if (is_kept(c, drivers))
			continue;
		if (cap_set_flag(caps, CAP_EFFECTIVE, 1, &c, CAP_CLEAR) != 0 ||
			cap_set_flag(caps, CAP_PERMITTED, 1, &c, CAP_CLEAR) != 0 ||
			cap_set_flag(caps, CAP_INHERITABLE, 1, &c, CAP_CLEAR) != 0)
			rc = -errno;
	}
	if (rc == 0 && cap_set_proc(caps) != 0)
		rc = -errno;
	cap_free(caps);
	return rc;
}

int
privileges_limit(const struct options *o, bool eal_given, struct error *err)
{
	bool drivers = eal_given || o->pci != NULL;
	int rc;

	if (geteuid() != 0)
		return 0;
	// What the bounding set lacks cannot come back through a program that is run.
	for (cap_value_t c = 0; c < cap_max_bits(); c++)
		if (!is_kept(c, drivers) && cap_get_bound(c) == 1)
			cap_drop_bound(c);
	rc = capabilities_keep(drivers);
	return rc == 0 ? 0 : error_set(err, rc, "capabilities cannot be given up: %s", strerror(-rc));
}

int
privileges_user_check(const char *name, struct error *err)
{
	errno = 0;
	if (getpwnam(name) != NULL)
		return 0;
	return error_field(err, -ENOENT, "--user", "--user: found '%.64s', allowed: a user of this "
		"machine", name);
}

// The effective ids only: the real ones lead back.
static int
user_borrow(const struct passwd *user)
{
	return initgroups(user->pw_name, user->pw_gid) != 0 || setegid(user->pw_gid) != 0 ||
		seteuid(user->pw_uid) != 0 ? -errno : 0;
}

static int
user_give_back(gid_t group, const gid_t *groups, int count)
{
	return seteuid(0) != 0 || setegid(group) != 0 || setgroups((size_t)count, groups) != 0 ?
		-errno : 0;
}

int
privileges_as_user(const struct options *o, int (*doing)(void *arg, struct error *err), void *arg,
	struct error *err)
{
	const struct passwd *user = o->user != NULL ? getpwnam(o->user) : NULL;
	int count = getgroups(0, NULL), rc, back;
	gid_t group = getegid(), *groups;

	if (user == NULL || geteuid() != 0 || user->pw_uid == 0)
		return doing(arg, err);
	groups = calloc((size_t)count + 1, sizeof(*groups));
	if (groups == NULL)
		return error_set(err, -ENOMEM, "out of memory");
	count = getgroups(count, groups);
	rc = user_borrow(user);
	if (rc != 0)
		error_field(err, rc, "--user", "--user: cannot become %s: %s", o->user, strerror(-rc));
	else
		rc = doing(arg, err);
	back = user_give_back(group, groups, count);
	free(groups);
	return back == 0 ? rc : error_set(err, back, "cannot become root again: %s", strerror(-back));
}

static int
user_become(const struct passwd *user)
{
	// glibc changes all threads at once, and with root their capabilities go.
	if (initgroups(user->pw_name, user->pw_gid) != 0 ||
		setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
		setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return -errno;
	return user->pw_uid != 0 && setuid(0) == 0 ? -EPERM : 0;
}

int
privileges_drop(const struct options *o, struct error *err)
{
	const struct passwd *user = o->user != NULL ? getpwnam(o->user) : NULL;
	int rc;

	if (o->user == NULL || (user != NULL && user->pw_uid == geteuid()))
		return 0;
	if (user == NULL)
		return privileges_user_check(o->user, err);
	rc = user_become(user);
	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		rc = -errno;
	return rc == 0 ? 0 : error_field(err, rc, "--user", "--user: cannot become %s: %s", o->user,
		strerror(-rc));
}
