/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that come along: which of them others execute, and the room they need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "check/findings.h"

static void test_executed(void **state)
{
	static const char *const executed[] = {
		"/etc/cron.d/job", "/etc/cron.daily/job", "/etc/crontab", "/var/spool/cron/crontabs/root", "/var/spool/at/a0001",
		"/var/spool/cron/atjobs/a1", "/etc/profile.d/x.sh", "/etc/systemd/system/x.service", "/run/systemd/system/x.service",
		"/usr/lib/systemd/system/x.service", "/lib/systemd/system/x.service", "/home/a/.config/systemd/user/x.service",
		"/home/a/.local/share/systemd/user/x.service", "/etc/init.d/x", "/etc/rc3.d/S01x", "/etc/rc.local", "/etc/sudoers",
		"/etc/sudoers.d/x", "/etc/pam.d/su", "/etc/ld.so.preload", "/etc/ld.so.conf.d/x.conf", "/etc/udev/rules.d/x.rules",
		"/run/udev/rules.d/x.rules", "/usr/lib/udev/rules.d/x.rules", "/etc/xinetd.d/x", "/root/.ssh/authorized_keys",
		"/home/a/.ssh/rc", "/var/lib/app/.ssh/authorized_keys", "/home/a/.bashrc", "/root/.profile", "/srv/www/.bash_profile",
		"/home/a/.zshenv", "/etc/bash_completion.d/x", "/etc/logrotate.d/x", "/etc/apt/apt.conf.d/x", "/etc/modprobe.d/x.conf",
		"/etc/binfmt.d/x.conf", "/usr/local/bin/x", "/usr/bin/x", "/bin/x", "/usr/sbin/x", "/root/bin/x", "/home/a/bin/x",
		"/home/a/.local/bin/x", "/usr/lib/x86_64-linux-gnu/libx.so.1", "/lib64/ld.so", "/boot/vmlinuz", "/var/lib/dpkg/info/x.postinst",
		"/home/a/.config/autostart/x.desktop", "/etc/passwd", "/run/sysctl.d/x.conf", "/home/a/.forward", "/home/a/.rhosts",
		"/srv/repo/.git/hooks/post-commit", "/usr/share/polkit-1/rules.d/x.rules", "/var/spool/cron/root", "/opt/bin/x",
		"/var/lib/cloud/scripts/per-boot/x", "/opt/cni/bin/x", "/srv/www/cgi-bin/x", "/home/a/.local/lib/python3.13/site-packages/usercustomize.py",
	};
	static const char *const plain[] = {
		"/srv/app data/deep/big", "/opt/app/py", "/opt/app/data", "/home/a/work/out.log", "/home/a/.cache/x", "/var/lib/mysql/ibdata1",
		"/var/log/x.log", "/var/tmp/x", "/tmp/x", "/root/only-here", "/data/etc/x", "/srv/etc", "/home/a/.local/share/app/db", "/run/app/pid",
		"/srv/that/cat", "/home/bin", "/home/a/cabin/x", "/var/lib/app/data", "/mnt/usr/x", "/srv/service/at/x", "/x", "/--wildcards",
	};

	(void)state;
	for (size_t i = 0; i < sizeof executed / sizeof executed[0]; i++) {
		if (!bring_executed(executed[i], S_IFREG | 0644))
			fail_msg("%s is executed, or gives rights", executed[i]);
	}
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		if (bring_executed(plain[i], S_IFREG | 0755))
			fail_msg("%s is a plain file", plain[i]);
		assert_true(bring_executed(plain[i], S_IFREG | S_ISUID | 0755));
		assert_true(bring_executed(plain[i], S_IFREG | S_ISGID | 0755));
		assert_false(bring_executed(plain[i], S_IFDIR | S_ISGID | 0755));
	}
	assert_true(bring_executed("/root/.ssh", S_IFDIR | 0700));
	assert_true(bring_executed("/etc/cron.d", S_IFDIR | 0755));
}

static void test_disk(void **state)
{
	static const char text[] = "pferry-inspect 2\nstat 10 (x) S 1 10 10 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 2 0 777 9 9\n"
				   "file 81a4 1 8796093022208 5 0:0 /a hole\nfile 81a4 2 2097152 5 0:0 /full\nfile 81a4 3 10 5 0:0 /small\n"
				   "link /proc/10/fd/3 500 /srv/a\001b\n"
				   "disk 16 512 /a hole\ndisk 8192 512 /full\ndisk 1 99999999999 /small\nend\n";
	struct survey s;
	struct err e = { 0 };

	(void)state;
	assert_true(survey_parse(text, sizeof text - 1, &s, &e));
	assert_int_equal(survey_file(s.files, s.nfiles, "/a hole")->disk_kb, 8);
	assert_non_null(strstr(s.odd_name, "/srv/a"));
	/* Never more than its size. */
	assert_int_equal(survey_file(s.files, s.nfiles, "/full")->disk_kb, 2048 + 4);
	assert_int_equal(survey_file(s.files, s.nfiles, "/small")->disk_kb, 4);
	survey_free(&s);
}

static void test_space(void **state)
{
	static const char text[] = "pferry-verify 2\nlib /var/lib\nroom 70 /dev/shm\nroom 80 /var/lib\nroom space 3 100 4096 /var/lib\n"
				   "room space 4 18446744073709551615 512 /srv/a b\nroom space 5 1 99999999999 /odd\nend\n";
	struct verified v;
	struct err e = { 0 };

	(void)state;
	assert_true(verified_parse(text, sizeof text - 1, &v, &e));
	assert_string_equal(v.lib_dir, "/var/lib");
	assert_int_equal(v.lib_room_kb, 80);
	assert_int_equal(verified_space(&v, "/var/lib")->free_kb, 400);
	assert_int_equal(verified_space(&v, "/srv/a b")->device, 4);
	assert_null(verified_space(&v, "/odd"));
	assert_null(verified_space(&v, "/"));
	verified_free(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_executed), cmocka_unit_test(test_disk), cmocka_unit_test(test_space) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
