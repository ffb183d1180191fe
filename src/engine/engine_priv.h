/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What recovery needs of the engine. */
#ifndef ENGINE_ENGINE_PRIV_H
#define ENGINE_ENGINE_PRIV_H

#include <pferry/engine.h>

struct move_recovery;

/* A move that takes up where another pferry was cut off; it aborts what is
 * undecided. Strings are copied. */
void engine_start_recovery(struct engine *engine, const struct move_recovery *recovery);
/* A host of that name was looked at: what was not found there below `base` ("": unknown) is not there. */
bool engine_host_scanned(const struct engine *engine, const char *name, const char *base);
/* A move of that id is under way in this program. */
bool engine_moves_id(const struct engine *engine, const char *id);
struct loop *engine_loop(const struct engine *engine);

#endif
