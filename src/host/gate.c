/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/gate.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

struct gate_pass {
	struct gate *gate;
	struct gate_pass *next; /* among those who wait */
	bool inside;
	gate_fn *fn;
	void *ctx;
};

struct gate {
	int limit, inside;
	struct gate_pass *first, **last;
};

struct gate *gate_new(int limit)
{
	struct gate *gate = mem_new(struct gate);

	gate->limit = limit;
	gate->last = &gate->first;
	return gate;
}

void gate_free(struct gate *gate)
{
	free(gate);
}

struct gate_pass *gate_enter(struct gate *gate, gate_fn *fn, void *ctx)
{
	struct gate_pass *pass = mem_new(struct gate_pass);

	*pass = (struct gate_pass){ .gate = gate, .fn = fn, .ctx = ctx };
	if (gate->inside < gate->limit) {
		gate->inside++;
		pass->inside = true;
		fn(ctx);
	} else {
		*gate->last = pass;
		gate->last = &pass->next;
	}
	return pass;
}

static void take_out(struct gate *gate, struct gate_pass *pass)
{
	struct gate_pass **at = &gate->first;

	while (*at != pass)
		at = &(*at)->next;
	*at = pass->next;
	if (gate->last == &pass->next)
		gate->last = at;
}

void gate_leave(struct gate_pass **pass)
{
	struct gate_pass *old = *pass, *next;
	struct gate *gate;

	if (!old)
		return;
	*pass = NULL;
	gate = old->gate;
	if (!old->inside)
		take_out(gate, old);
	gate->inside -= old->inside;
	free(old);
	next = gate->first;
	if (!next || gate->inside >= gate->limit)
		return;
	take_out(gate, next);
	next->inside = true;
	gate->inside++;
	next->fn(next->ctx);
}
