/* SPDX-License-Identifier: BSD-3-Clause */
// The lock of a store. Another process is a child, as a process does not keep itself out.
#include "store_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store_lock.h"

static void
lock_path(const struct fixture *f, char *buf, size_t size)
{
	snprintf(buf, size, "%s.lock", f->path);
}

// What a process of its own gets, with its line; it ends at once.
static int
child_take(const char *uri, char *text, size_t size)
{
	struct store_lock *l;
	struct error err = {0};
	int pipes[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int rc = store_lock_take(uri, &l, &err);

		n = write(pipes[1], err.text, strlen(err.text));
		_exit(n < 0 ? 255 : -rc);
	}
	close(pipes[1]);
	n = read(pipes[0], text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void
other_process_is_refused(void **state)
{
	struct fixture *f = *state;
	char text[512], want[512], path[160], link_path[160], link_uri[200];
	struct store_lock *l;
	struct error err;

	assert_int_equal(store_lock_take(f->uri, &l, &err), 0);
	assert_non_null(l);
	assert_int_equal(child_take(f->uri, text, sizeof(text)), -EBUSY);
	snprintf(want, sizeof(want), "--store: %s is in use by process %d; allowed: a store that no other "
		"Weir uses", f->uri, (int)getpid());
	assert_string_equal(text, want);

	// By another name, once the database is there.
	snprintf(link_path, sizeof(link_path), "%s/alias", f->folder);
	snprintf(link_uri, sizeof(link_uri), "sqlite:%s", link_path);
	database_run(f->path, "CREATE TABLE t(x)");
	assert_int_equal(symlink(f->path, link_path), 0);
	assert_int_equal(child_take(link_uri, text, sizeof(text)), -EBUSY);

	lock_path(f, path, sizeof(path));
	store_lock_release(l);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(child_take(f->uri, text, sizeof(text)), 0);
}

// The file that a process leaves which did not release is no lock.
static void
file_alone_locks_nothing(void **state)
{
	struct fixture *f = *state;
	char text[512], path[160];
	struct store_lock *l;
	struct error err;

	lock_path(f, path, sizeof(path));
	assert_int_equal(child_take(f->uri, text, sizeof(text)), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(store_lock_take(f->uri, &l, &err), 0);
	assert_non_null(l);
	store_lock_release(l);
	assert_int_equal(access(path, F_OK), -1);
}

// Who opened the file before its holder took it away has no lock on what is there now.
static void
many_processes_one_holder(void **state)
{
	enum { PROCESSES = 8, ROUNDS = 200 };
	struct fixture *f = *state;
	char path[160];
	pid_t pids[PROCESSES];

	snprintf(path, sizeof(path), "%s/held", f->folder);
	for (unsigned int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		for (unsigned int round = 0; pids[i] == 0 && round < ROUNDS; round++) {
			struct store_lock *l;
			struct error err;
			int rc = store_lock_take(f->uri, &l, &err), fd;

			if (rc == -EBUSY)
				continue;
			fd = rc == 0 ? open(path, O_CREAT | O_EXCL | O_WRONLY, 0600) : -1;
			if (fd < 0)
				_exit(1);
			close(fd);
			unlink(path);
			store_lock_release(l);
		}
		if (pids[i] == 0)
			_exit(0);
	}
	for (unsigned int i = 0; i < PROCESSES; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
}

static void
only_a_file_is_taken(void **state)
{
	struct fixture *f = *state;
	char path[160], target[160];
	struct store_lock *l;
	struct error err;
	struct stat st;

	lock_path(f, path, sizeof(path));
	snprintf(target, sizeof(target), "%s/target", f->folder);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(store_lock_take(f->uri, &l, &err), -ELOOP);
	assert_null(l);
	assert_string_equal(err.field, "--store");
	assert_non_null(strstr(err.text, "it is a symbolic link"));
	assert_int_equal(lstat(target, &st), -1);
	assert_int_equal(unlink(path), 0);

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(store_lock_take(f->uri, &l, &err), -EINVAL);
	assert_non_null(strstr(err.text, "it is not a regular file"));
	assert_int_equal(unlink(path), 0);
}

static void
nothing_to_lock(void **state)
{
	static const char *const uris[] = {"none", "mysql:x", "sqlite:", ""};
	struct store_lock *l;
	struct error err;

	(void)state;
	for (unsigned int i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		assert_int_equal(store_lock_take(uris[i], &l, &err), 0);
		assert_null(l);
	}
	store_lock_release(NULL);
}

static void
bad_places(void **state)
{
	struct fixture *f = *state;
	struct store_lock *l;
	struct error err;
	char uri[200];

	snprintf(uri, sizeof(uri), "sqlite:%s/no/such.db", f->folder);
	assert_int_equal(store_lock_take(uri, &l, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/no cannot be used: No such file or directory; allowed: "));
	snprintf(uri, sizeof(uri), "sqlite:%s", f->folder);
	assert_int_equal(store_lock_take(uri, &l, &err), -EINVAL);
	assert_non_null(strstr(err.text, "which is a folder; allowed: a file"));
	assert_int_equal(store_lock_take("sqlite:/dev/null", &l, &err), -EINVAL);
	assert_non_null(strstr(err.text, "which is not a regular file; allowed: a file"));
	assert_int_equal(access("/dev/null.lock", F_OK), -1);
}

// The longest that is taken works with all that lies beside it; one byte more is refused.
static void
long_paths(void **state)
{
	struct fixture *f = *state;
	char name[STORE_NAME_MAX + 2] = "", uri[2 * STORE_URI_MAX];
	struct store_params params = {.uri = uri};
	struct error err;
	size_t len;

	memset(name, 'x', sizeof(name) - 1);
	snprintf(uri, sizeof(uri), "%s", "sqlite:");
	snprintf(uri + 7, sizeof(uri) - 7, "%s/%s", f->folder, name);
	assert_int_equal(store_params_check(&params, &err), -EINVAL);
	assert_non_null(strstr(err.text, "--store: found 221 bytes as the file's name (\"xxx"));
	uri[strlen(uri) - 1] = '\0';
	assert_int_equal(store_params_check(&params, &err), 0);

	len = (size_t)snprintf(uri, sizeof(uri), "sqlite:");
	while (len < STORE_URI_MAX - 2)
		len += (size_t)snprintf(uri + len, sizeof(uri) - len, "./");
	snprintf(uri + len, sizeof(uri) - len, "%.*s", (int)(STORE_URI_MAX - len), "xx");
	assert_int_equal(strlen(uri), STORE_URI_MAX);
	assert_int_equal(store_params_check(&params, &err), 0);
	strcat(uri, "x");
	assert_int_equal(store_params_check(&params, &err), -EINVAL);
	assert_non_null(strstr(err.text, "--store: found 1025 bytes (\"sqlite:./"));

	snprintf(uri, sizeof(uri), "sqlite:/tmp/");
	assert_int_equal(store_params_check(&params, &err), -EINVAL);
	assert_non_null(strstr(err.text, "which names a folder"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(other_process_is_refused, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(file_alone_locks_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(many_processes_one_holder, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(only_a_file_is_taken, fixture_setup, fixture_teardown),
		cmocka_unit_test(nothing_to_lock),
		cmocka_unit_test_setup_teardown(bad_places, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(long_paths, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
