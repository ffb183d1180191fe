/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rows and processes are called on the screen.  For a process that an
 * interpreter runs, the script says more than the interpreter's name.
 */
#ifndef TUI_MODEL_LABEL_H
#define TUI_MODEL_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/tree.h>

#define LABEL_MAX 96

/* A row: of a process its arguments, with `full` as they are, else with the
 * program's folder left out; of a cgroup its name. */
void row_text(const struct row *row, bool full, char *out, size_t size);
/* A process in a sentence: "nginx", "train.py" for "python3 /srv/train.py". */
void proc_name(const struct proc *proc, char *out, size_t size);
/* "nginx(1234)", "train.py(2210)" */
void proc_label(const struct proc *proc, char *out, size_t size);

#endif
