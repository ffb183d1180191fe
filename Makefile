# SPDX-License-Identifier: GPL-2.0-or-later
# pferry: see `make help`.

VERSION := 0.1.0

# What a packager or user sets; ours come first, so theirs win.
CC ?= cc
CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
INSTALL ?= install
PKG_CONFIG ?= pkg-config
BUILD ?= build
WERROR ?=

PACKAGES := ncursesw libssh2 jansson

WARN := -Wall -Wextra -Wformat=2 -Wshadow -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Wswitch-enum -Wno-unused-parameter $(WERROR)
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE -ffile-prefix-map=$(CURDIR)=.
FORTIFY := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
ifeq ($(shell uname -m),x86_64)
HARDEN += -fcf-protection
endif
SANITIZE ?=
ifneq ($(SANITIZE),)
FORTIFY :=
HARDEN += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
LDSAN := -fsanitize=$(SANITIZE)
endif

OWN_CPPFLAGS := -Iinclude -Isrc -D_GNU_SOURCE -DNCURSES_WIDECHAR=1 -DPFERRY_VERSION='"$(VERSION)"' $(FORTIFY)
OWN_CFLAGS = -std=c11 $(WARN) $(HARDEN) $(PKG_CFLAGS)
OWN_LDFLAGS := -pie -Wl,-z,relro,-z,now $(LDSAN)

# The goals that need no library looked up.
NOLIBS := help clean deps uninstall
ifneq ($(filter-out $(NOLIBS),$(or $(MAKECMDGOALS),all)),)
-include $(BUILD)/packages.mk
endif

ENGINE_SRC := $(sort $(foreach d,base ssh tree host remote move,$(wildcard src/$(d)/*.c)))
FRONT_SRC := $(sort $(foreach d,cli tui,$(wildcard src/$(d)/*.c)))
SCRIPTS := $(filter-out src/remote/embed.sh,$(sort $(wildcard src/remote/*.sh)))
ENGINE_OBJ := $(ENGINE_SRC:%.c=$(BUILD)/%.o) $(BUILD)/gen/scripts.o
FRONT_OBJ := $(FRONT_SRC:%.c=$(BUILD)/%.o)
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)
UNIT_HELP := $(sort $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c)))
UNIT_HELP_OBJ := $(UNIT_HELP:%.c=$(BUILD)/%.o)

.PHONY: all
all: $(BUILD)/pferry $(BUILD)/libpferry.a ## build the program and the engine's library

# Libraries are looked up once; a missing one is named by its Debian package.
$(BUILD)/packages.mk: Makefile
	@mkdir -p $(BUILD)
	@command -v $(PKG_CONFIG) >/dev/null 2>&1 || { \
		echo "pferry: pkg-config is missing: apt install pkg-config" >&2; exit 1; }
	@for p in ncursesw:libncurses-dev libssh2:libssh2-1-dev jansson:libjansson-dev; do \
		$(PKG_CONFIG) --exists $${p%%:*} || { \
			echo "pferry: library $${p%%:*} is missing: apt install $${p##*:} (or: make deps)" >&2; exit 1; }; \
	done
	@{ echo "PKG_CFLAGS := $$($(PKG_CONFIG) --cflags $(PACKAGES))"; \
	   echo "PKG_LIBS := $$($(PKG_CONFIG) --libs $(PACKAGES))"; } > $@.new && mv $@.new $@

$(BUILD)/pferry: $(BUILD)/src/main.o $(FRONT_OBJ) $(BUILD)/libpferry.a
	$(CC) $(OWN_CFLAGS) $(CFLAGS) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/libpferry.a: $(ENGINE_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/scripts.c: src/remote/embed.sh $(SCRIPTS)
	@mkdir -p $(@D)
	sh src/remote/embed.sh $(SCRIPTS) > $@.new && mv $@.new $@

$(BUILD)/gen/scripts.o: $(BUILD)/gen/scripts.c
	$(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) -Wno-overlength-strings $(CFLAGS) -c -o $@ $<

# Unit tests: one cmocka program per tests/unit/test_*.c, linked with everything but main.
$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(UNIT_HELP_OBJ) $(FRONT_OBJ) $(BUILD)/libpferry.a
	@mkdir -p $(@D)
	$(CC) $(OWN_CFLAGS) $(CFLAGS) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(PKG_LIBS)

.PHONY: unit
unit: $(UNIT_BIN) ## build and run the unit tests
	@tests/unit/run $(UNIT_BIN)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD) build-*

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
