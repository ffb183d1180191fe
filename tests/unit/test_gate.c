/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections in the making: so many at once, the others in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "host/gate.h"

static char order[16];

static void enter(void *ctx)
{
	size_t len = strlen(order);

	order[len] = *(const char *)ctx;
	order[len + 1] = '\0';
}

static struct gate_pass *come(struct gate *gate, const char *name)
{
	return gate_enter(gate, enter, (void *)(uintptr_t)name);
}

static void test_order(void **state)
{
	struct gate *gate = gate_new(2);
	struct gate_pass *a, *b, *c, *d, *e;

	(void)state;
	order[0] = '\0';
	a = come(gate, "a");
	b = come(gate, "b");
	c = come(gate, "c");
	d = come(gate, "d");
	e = come(gate, "e");
	assert_string_equal(order, "ab");
	gate_leave(&d); /* it waits no more */
	assert_null(d);
	assert_string_equal(order, "ab");
	gate_leave(&b);
	assert_string_equal(order, "abc");
	gate_leave(&e); /* the last of those who wait: who comes next is found */
	d = come(gate, "d");
	gate_leave(&a);
	assert_string_equal(order, "abcd");
	gate_leave(&a);
	gate_leave(&c);
	gate_leave(&d);
	a = come(gate, "f");
	b = come(gate, "g");
	c = come(gate, "h");
	assert_string_equal(order, "abcdfg");
	gate_leave(&c);
	gate_leave(&b);
	gate_leave(&a);
	assert_string_equal(order, "abcdfg");
	gate_free(gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
