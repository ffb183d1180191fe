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
# Fortification needs optimisation; a packager's own choice of it stands.
FORTIFY :=
ifneq ($(filter-out -O0,$(filter -O%,$(CFLAGS))),)
ifeq ($(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),)
FORTIFY := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif
ifeq ($(shell uname -m),x86_64)
HARDEN += -fcf-protection
endif
SANITIZE ?=
ifneq ($(SANITIZE),)
FORTIFY :=
HARDEN += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
LDSAN := -fsanitize=$(SANITIZE)
endif

# Say what is made, not how; V=1 shows the commands.
V ?=
ifeq ($(V),)
Q := @
say = @printf '  %-5s %s\n' $(1) $(2)
else
Q :=
say = @:
endif

OWN_CPPFLAGS := -Iinclude -Isrc -D_GNU_SOURCE -DNCURSES_WIDECHAR=1 -DPFERRY_VERSION='"$(VERSION)"' $(FORTIFY)
OWN_CFLAGS = -std=c11 $(WARN) $(HARDEN) $(PKG_CFLAGS)
OWN_LDFLAGS := -pie -Wl,-z,relro,-z,now $(LDSAN)

# The goals that need no library looked up here: they make again what needs one.
NOLIBS := help clean deps deps-lint uninstall check check-faults check-soak check-model check-programs demo picture bench bench-browser figures lint asan valgrind fuzz
ifneq ($(filter-out $(NOLIBS),$(or $(MAKECMDGOALS),all)),)
-include $(BUILD)/packages.mk
endif

# The rooms, from the base up: ARCHITECTURE.md says what each is, tests/lint which may include which.
ENGINE_ROOMS := base remote ssh tree host plan handover transport criu check save move engine
FRONT_ROOMS := cli tui/term tui/model tui/screens tui/actions tui/draw tui
ENGINE_SRC := $(foreach d,$(ENGINE_ROOMS),$(sort $(wildcard src/$(d)/*.c)))
FRONT_SRC := $(foreach d,$(FRONT_ROOMS),$(sort $(wildcard src/$(d)/*.c)))
SCRIPTS := $(filter-out src/remote/embed.sh,$(sort $(wildcard src/remote/*.sh src/remote/*.pl)))
PROTOCOL := src/handover/protocol.def
SCRIPT_PARTS := $(wildcard src/remote/parts/*.sh src/remote/parts/*.pl)
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
	$(call say,LINK,$@)
	$(Q)$(CC) $(OWN_CFLAGS) $(CFLAGS) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/libpferry.a: $(ENGINE_OBJ)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/scripts.c: src/remote/embed.sh $(PROTOCOL) $(SCRIPTS) $(SCRIPT_PARTS)
	@mkdir -p $(@D)
	$(Q)sh src/remote/embed.sh $(PROTOCOL) $(SCRIPTS) > $@.new && mv $@.new $@

$(BUILD)/gen/scripts.o: $(BUILD)/gen/scripts.c
	$(call say,CC,$<)
	$(Q)$(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) -Wno-overlength-strings $(CFLAGS) -c -o $@ $<

# Unit tests: one cmocka program per tests/unit/test_*.c, linked with everything but main.
$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(UNIT_HELP_OBJ) $(FRONT_OBJ) $(BUILD)/libpferry.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OWN_CFLAGS) $(CFLAGS) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(PKG_LIBS)

.PHONY: unit
unit: $(UNIT_BIN) ## build and run the unit tests
	@tests/unit/run $(UNIT_BIN)

# ---- what a person does first ----

BUILD_DEPS := gcc libc6-dev make pkg-config libncurses-dev libssh2-1-dev libjansson-dev libcmocka-dev
RUN_DEPS := openssh-client tmux python3 procps
TEST_DEPS := mandoc htop
LINT_DEPS := $(TEST_DEPS) clang clang-tidy cppcheck shellcheck codespell
.PHONY: deps deps-lint
deps: ## install what building, testing and the demo need, by apt
	@tests/lab/deps.sh need $(BUILD_DEPS) $(RUN_DEPS) $(TEST_DEPS)
deps-lint:
	@tests/lab/deps.sh need $(BUILD_DEPS) $(LINT_DEPS)

.PHONY: demo
demo: deps ## two hosts, sample processes, and the browser on both (DEMO=auto: no terminal)
	@$(MAKE) --no-print-directory all
	@DEMO=$(DEMO) PFERRY=$(abspath $(BUILD))/pferry tests/lab/demo

.PHONY: picture
picture: deps ## the picture in the README, from a real run
	@$(MAKE) --no-print-directory all
	@PFERRY=$(abspath $(BUILD))/pferry tests/lab/picture doc/browser.svg

.PHONY: bench-browser
bench-browser: deps ## what the browser costs: CPU, memory, bytes, time from key to frame
	@$(MAKE) --no-print-directory all
	@PFERRY=$(abspath $(BUILD))/pferry bench/browser
	@$(MAKE) --no-print-directory $(BUILD)/unit/test_tui_scale && $(BUILD)/unit/test_tui_scale 2>&1 | grep " ms"

.PHONY: check
check: deps ## all tests: unit and end to end; ends with "N passed, N failed"
	@$(MAKE) --no-print-directory BUILD=build-check WERROR=-Werror all unit-programs
	@tests/check build-check

.PHONY: unit-programs
unit-programs: $(UNIT_BIN)

.PHONY: check-faults
check-faults: deps ## every fault at every step of a move, for real
	@$(MAKE) --no-print-directory BUILD=build-check WERROR=-Werror all
	@PFERRY=$(CURDIR)/build-check/pferry tests/e2e/faults-all

SOAK ?= 2000
.PHONY: check-soak
check-soak: deps ## SOAK random faults (2000) at random times, one process moved to and fro; SOAK_SEED repeats one
	@$(MAKE) --no-print-directory BUILD=build-check WERROR=-Werror all
	@SOAK=$(SOAK) PFERRY=$(CURDIR)/build-check/pferry tests/e2e/soak

.PHONY: check-programs
check-programs: deps ## real programs, moved while a client works with each
	@$(MAKE) --no-print-directory BUILD=build-check WERROR=-Werror all
	@PROGRAMS=all PFERRY=$(CURDIR)/build-check/pferry tests/e2e/run 35-programs

.PHONY: check-vm
check-vm: deps ## what needs virtual machines: tracked memory, other users' processes
	@$(MAKE) --no-print-directory BUILD=build-check WERROR=-Werror all
	@PFERRY=$(CURDIR)/build-check/pferry tests/e2e-vm/run

.PHONY: check-model
check-model: deps ## explore every state of the handover
	@$(MAKE) --no-print-directory BUILD=build-check WERROR=-Werror build-check/unit/test_handover build-check/unit/test_handover_lazy
	@build-check/unit/test_handover
	@build-check/unit/test_handover_lazy

# ---- how fast it is ----

BENCH_DEPS := gnuplot-nox htop python3-paramiko
.PHONY: bench bench-tools
bench: deps ## each target beside its peer, in turn; BENCH=full for all sizes, bench/run ROW for one row
	@tests/lab/deps.sh need $(BENCH_DEPS)
	@$(MAKE) --no-print-directory all bench-tools
	@PFERRY=$(abspath $(BUILD))/pferry BENCH=$(BENCH) bench/run $(ROWS)

figures: ## put what the last bench found into the README, and its pictures into doc/
	@bench/figures

bench-tools: $(BUILD)/tools/relay $(BUILD)/tools/wire

$(BUILD)/tools/relay: $(BUILD)/bench/relay.o $(BUILD)/libpferry.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OWN_CFLAGS) $(CFLAGS) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/tools/wire: $(BUILD)/bench/wire.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OWN_CFLAGS) $(CFLAGS) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^

# ---- other ways to test ----

.PHONY: asan
asan: deps ## unit tests and the browser's under ASan and UBSan
	@$(MAKE) --no-print-directory BUILD=build-asan SANITIZE=address,undefined CFLAGS='-O1 -g' all unit-programs
	@ASAN_OPTIONS=detect_leaks=1 tests/unit/run $(UNIT_SRC:tests/unit/%.c=build-asan/unit/%)
	@PFERRY=$(CURDIR)/build-asan/pferry E2E_ONLY=browser MONKEY=:20000 tests/e2e/run

.PHONY: valgrind
valgrind: deps ## unit tests under valgrind
	@tests/lab/deps.sh need valgrind
	@$(MAKE) --no-print-directory BUILD=build-check WERROR=-Werror unit-programs
	@for t in $(UNIT_SRC:tests/unit/%.c=build-check/unit/%); do \
		case $$t in *_handover*) continue ;; esac; \
		echo "valgrind $$t"; \
		valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
			--suppressions=tests/unit/valgrind.supp $$t >/dev/null 2>build-check/valgrind.log || \
			{ cat build-check/valgrind.log; exit 1; }; done

FUZZ ?= 60
.PHONY: fuzz
fuzz: ## each parser of remote bytes under libFuzzer, FUZZ seconds each
	@tests/lab/deps.sh need $(BUILD_DEPS) clang
	@tests/fuzz/run $(FUZZ)

.PHONY: lint
lint: deps-lint ## warnings as errors with gcc and clang, and the checkers
	@$(MAKE) --no-print-directory BUILD=build-check WERROR=-Werror all unit-programs
	@$(MAKE) --no-print-directory BUILD=build-clang CC=clang WERROR=-Werror all unit-programs
	@tests/lint

# ---- install ----

HEADERS := $(wildcard include/pferry/*.h)
SHAREDIR ?= $(PREFIX)/share
BASHDIR ?= $(SHAREDIR)/bash-completion/completions
ZSHDIR ?= $(SHAREDIR)/zsh/site-functions
FISHDIR ?= $(SHAREDIR)/fish/vendor_completions.d
.PHONY: install
install: all $(BUILD)/pferry.pc ## install into DESTDIR, under PREFIX
	$(INSTALL) -d $(foreach d,$(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR)/pferry $(MANDIR)/man1 $(SHAREDIR)/pferry $(BASHDIR) $(ZSHDIR) $(FISHDIR),$(DESTDIR)$(d))
	$(INSTALL) -m 755 $(BUILD)/pferry $(DESTDIR)$(BINDIR)/pferry
	$(INSTALL) -m 644 $(BUILD)/libpferry.a $(DESTDIR)$(LIBDIR)/libpferry.a
	$(INSTALL) -m 644 $(BUILD)/pferry.pc $(DESTDIR)$(LIBDIR)/pkgconfig/pferry.pc
	$(INSTALL) -m 644 $(HEADERS) $(DESTDIR)$(INCLUDEDIR)/pferry/
	$(INSTALL) -m 644 man/pferry.1 $(DESTDIR)$(MANDIR)/man1/pferry.1
	$(INSTALL) -m 644 share/config.schema.json $(DESTDIR)$(SHAREDIR)/pferry/config.schema.json
	$(INSTALL) -m 755 share/move-address $(DESTDIR)$(SHAREDIR)/pferry/move-address
	$(INSTALL) -m 644 completions/pferry.bash $(DESTDIR)$(BASHDIR)/pferry
	$(INSTALL) -m 644 completions/pferry.zsh $(DESTDIR)$(ZSHDIR)/_pferry
	$(INSTALL) -m 644 completions/pferry.fish $(DESTDIR)$(FISHDIR)/pferry.fish

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f $(foreach f,$(BINDIR)/pferry $(LIBDIR)/libpferry.a $(LIBDIR)/pkgconfig/pferry.pc $(MANDIR)/man1/pferry.1 \
		$(BASHDIR)/pferry $(ZSHDIR)/_pferry $(FISHDIR)/pferry.fish,$(DESTDIR)$(f))
	rm -rf $(DESTDIR)$(INCLUDEDIR)/pferry $(DESTDIR)$(SHAREDIR)/pferry

# Made anew each time: PREFIX may be another.
.PHONY: $(BUILD)/pferry.pc
$(BUILD)/pferry.pc:
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' '' 'Name: pferry' \
		'Description: moves running processes between hosts' 'Version: $(VERSION)' 'Requires.private: libssh2 jansson' \
		'Libs: -L$${libdir} -lpferry' 'Cflags: -I$${includedir}' >$@

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

.PHONY: clean
clean: ## remove what was built
	rm -rf build build-asan build-check build-clang build-fuzz

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
