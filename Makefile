# SPDX-License-Identifier: GPL-2.0-or-later
# pferry: see `make help`.

VERSION := 0.1.0

# The sources are beside this file, which may be elsewhere: `make -f /src/pferry/Makefile` builds in ./build, and no
# target but clean writes where the sources are.  SRC is empty, or ends with a slash; SELF makes another target of this file.
MAKEFILE := $(lastword $(MAKEFILE_LIST))
SRC := $(filter-out ./,$(dir $(MAKEFILE)))
TOP := $(or $(SRC:%/=%),.)
SELF := --no-print-directory -f $(MAKEFILE)

# What a packager or user sets; ours come first, so theirs win.
CC ?= cc
CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=
INSTALL ?= install
INSTALL_PROGRAM ?= $(INSTALL)
INSTALL_DATA ?= $(INSTALL) -m 644
PKG_CONFIG ?= pkg-config
BUILD ?= build
# One directory has one name, so that no stamp differs by it.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
WERROR ?=
SANITIZE ?=

# Where install puts things.  The GNU names count; those in capitals are their defaults, from the command line or the environment.
PREFIX ?= /usr/local
prefix = $(PREFIX)
exec_prefix = $(prefix)
BINDIR ?= $(exec_prefix)/bin
bindir = $(BINDIR)
LIBDIR ?= $(exec_prefix)/lib
libdir = $(LIBDIR)
INCLUDEDIR ?= $(prefix)/include
includedir = $(INCLUDEDIR)
SHAREDIR ?= $(prefix)/share
datarootdir = $(SHAREDIR)
datadir = $(datarootdir)
MANDIR ?= $(datarootdir)/man
mandir = $(MANDIR)
man1dir = $(mandir)/man1
docdir = $(datarootdir)/doc/pferry
BASHDIR ?= $(datadir)/bash-completion/completions
ZSHDIR ?= $(datadir)/zsh/site-functions
FISHDIR ?= $(datadir)/fish/vendor_completions.d

PACKAGES := ncursesw libssh2 jansson

WARN := -Wall -Wextra -Wformat=2 -Wshadow -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Wswitch-enum -Wno-unused-parameter $(WERROR)
# Those that the compiler lacks are left out: $(BUILD)/compiler.mk has the rest.
HARDEN_TRY := -fstack-protector-strong -fstack-clash-protection -fcf-protection -mbranch-protection=standard -fPIE -ffile-prefix-map=.=.
LDHARDEN_TRY := -pie -Wl,-z,relro -Wl,-z,now
# No path of this machine gets into what is built: names are as if the sources were in "." and BUILD were "build".
MAPS = $(if $(filter -ffile-prefix-map=%,$(HARDEN)),-ffile-prefix-map=$(CURDIR)=. $(SRC:%=-ffile-prefix-map=%=) -ffile-prefix-map=$(BUILD)/=build/)
# Fortification needs optimisation; a packager's own choice of it stands.
FORTIFY :=
ifneq ($(filter-out -O0,$(filter -O%,$(CFLAGS))),)
ifeq ($(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),)
FORTIFY := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif
ifneq ($(SANITIZE),)
FORTIFY :=
SAN := -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
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

OWN_CPPFLAGS := -I$(SRC)include -I$(SRC)src -D_GNU_SOURCE -DNCURSES_WIDECHAR=1 -DPFERRY_VERSION='"$(VERSION)"' $(FORTIFY)
OWN_CFLAGS = -std=c11 $(WARN) $(HARDEN) $(MAPS) $(SAN) $(PKG_CFLAGS)
OWN_LDFLAGS = $(LDHARDEN) $(LDSAN)
COMPILE = $(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS)
LINK = $(CC) $(OWN_CFLAGS) $(CFLAGS) $(OWN_LDFLAGS) $(LDFLAGS)

# The rooms, from the base up: ARCHITECTURE.md says what each is, tests/lint which may include which.
ENGINE_ROOMS := base remote ssh tree host plan handover transport criu check save move engine
FRONT_ROOMS := cli tui/term tui/model tui/screens tui/actions tui/draw tui
# Names of sources are below SRC.
sources = $(sort $(patsubst $(SRC)%,%,$(wildcard $(addprefix $(SRC),$(1)))))
ENGINE_SRC := $(foreach d,$(ENGINE_ROOMS),$(call sources,src/$(d)/*.c))
FRONT_SRC := $(foreach d,$(FRONT_ROOMS),$(call sources,src/$(d)/*.c))
SCRIPTS := $(filter-out src/remote/embed.sh,$(call sources,src/remote/*.sh src/remote/*.pl))
PROTOCOL := src/handover/protocol.def
SCRIPT_PARTS := $(call sources,src/remote/parts/*.sh src/remote/parts/*.pl)
ENGINE_OBJ := $(ENGINE_SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/gen/scripts.o
FRONT_OBJ := $(FRONT_SRC:%.c=$(BUILD)/obj/%.o)
UNIT_SRC := $(call sources,tests/unit/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)
UNIT_HELP := $(filter-out $(UNIT_SRC),$(call sources,tests/unit/*.c))
UNIT_HELP_OBJ := $(UNIT_HELP:%.c=$(BUILD)/obj/%.o)

# The goals that need neither compiler nor library looked up here: they make again what needs them.
NOLIBS := help clean distclean dist deps deps-lint uninstall check check-faults check-soak check-model check-programs demo picture \
	bench bench-browser figures deps-check lint asan valgrind fuzz
ifneq ($(filter-out $(NOLIBS),$(or $(MAKECMDGOALS),all)),)

# A stamp holds the words that something is made with.  It changes only when they do, and with it what depends on it.
# $(call stamp,NAME,WORDS)
stamp = $(if $(call same,$(strip $(file <$(BUILD)/flags/$(1))),$(strip $(2))),,$(shell mkdir -p $(BUILD)/flags)$(file >$(BUILD)/flags/$(1),$(strip $(2))))
same = $(and $(findstring x$(1)x,x$(2)x),$(findstring x$(2)x,x$(1)x))

$(call stamp,compiler,$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(HARDEN_TRY) $(LDHARDEN_TRY))
$(call stamp,packages,$(PKG_CONFIG) $(PACKAGES) $(PKG_CONFIG_PATH) $(PKG_CONFIG_LIBDIR) $(PKG_CONFIG_SYSROOT_DIR))
include $(BUILD)/compiler.mk $(BUILD)/packages.mk
ifneq ($(and $(CC_WORKS),$(PKG_LIBS)),)
$(call stamp,compile,$(COMPILE))
$(call stamp,archive,$(AR) $(ENGINE_OBJ))
$(call stamp,link,$(LINK) $(FRONT_OBJ) $(UNIT_HELP_OBJ) $(PKG_LIBS))
$(call stamp,scripts,$(SCRIPTS))
$(call stamp,places,$(prefix) $(libdir) $(includedir) $(VERSION))
endif
endif

# What to link, of a target's prerequisites.
OBJECTS = $(filter %.o %.a,$^)

.PHONY: all
all: $(BUILD)/pferry $(BUILD)/libpferry.a ## build the program and the engine's library

# What the compiler can do is tried once for each compiler and flags of the user's.
$(BUILD)/compiler.mk: $(BUILD)/flags/compiler
	@echo 'int main(void) { return 0; }' >$@.c
	@try() { $(CC) -Werror $(CPPFLAGS) $(CFLAGS) "$$@" -o $@.out $@.c $(LDFLAGS) >$@.log 2>&1; }; \
	try || { echo "pferry: the compiler cannot make a program ($(CC)):" >&2; cat $@.log >&2; exit 1; }; \
	can() { for flag in "$$@"; do ! try "$$flag" || printf ' %s' "$$flag"; done; echo; }; \
	{ echo 'CC_WORKS := yes'; \
	  printf 'HARDEN :='; can $(HARDEN_TRY); \
	  printf 'LDHARDEN :='; can $(LDHARDEN_TRY); } >$@.new && mv $@.new $@
	@rm -f $@.c $@.out $@.log

# Libraries are looked up once; a missing one is named by its Debian package.
$(BUILD)/packages.mk: $(BUILD)/flags/packages
	@command -v $(PKG_CONFIG) >/dev/null 2>&1 || { \
		echo "pferry: pkg-config is missing: apt install pkg-config" >&2; exit 1; }
	@for p in ncursesw:libncurses-dev libssh2:libssh2-1-dev jansson:libjansson-dev; do \
		$(PKG_CONFIG) --exists $${p%%:*} || { \
			echo "pferry: library $${p%%:*} is missing: apt install $${p##*:} (or: make deps)" >&2; exit 1; }; \
	done
	@{ echo "PKG_CFLAGS := $$($(PKG_CONFIG) --cflags $(PACKAGES))"; \
	   echo "PKG_LIBS := $$($(PKG_CONFIG) --libs $(PACKAGES))"; } > $@.new && mv $@.new $@

# Files that stamp writes, when this file is read.
$(addprefix $(BUILD)/flags/,compiler packages compile archive link scripts places): ;

$(BUILD)/pferry: $(BUILD)/obj/src/main.o $(FRONT_OBJ) $(BUILD)/libpferry.a $(BUILD)/flags/link
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(OBJECTS) $(PKG_LIBS)

$(BUILD)/libpferry.a: $(ENGINE_OBJ) $(BUILD)/flags/archive
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(OBJECTS)

$(BUILD)/obj/%.o: $(SRC)%.c $(BUILD)/flags/compile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/gen/scripts.c: $(addprefix $(SRC),src/remote/embed.sh $(PROTOCOL) $(SCRIPTS) $(SCRIPT_PARTS)) $(BUILD)/flags/scripts
	@mkdir -p $(@D)
	$(Q)sh $(SRC)src/remote/embed.sh $(SRC)$(PROTOCOL) $(SCRIPTS:%=$(SRC)%) > $@.new && mv $@.new $@

$(BUILD)/gen/scripts.o: $(BUILD)/gen/scripts.c $(BUILD)/flags/compile
	$(call say,CC,$<)
	$(Q)$(COMPILE) -Wno-overlength-strings -c -o $@ $<

# Unit tests: one cmocka program per tests/unit/test_*.c, linked with everything but main.
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(UNIT_HELP_OBJ) $(FRONT_OBJ) $(BUILD)/libpferry.a $(BUILD)/flags/link
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(OBJECTS) -lcmocka $(PKG_LIBS)

.PHONY: unit
unit: $(UNIT_BIN) ## build and run the unit tests
	@cd $(TOP) && tests/unit/run $(abspath $(UNIT_BIN))

# ---- what a person does first ----

BUILD_DEPS := gcc libc6-dev make pkg-config libncurses-dev libssh2-1-dev libjansson-dev libcmocka-dev
RUN_DEPS := openssh-client tmux python3 procps
TEST_DEPS := mandoc htop
LINT_DEPS := git mandoc perl clang cppcheck shellcheck codespell
TIDY_DEPS := clang-tidy
.PHONY: deps deps-check deps-lint
deps: ## install what building, testing and the demo need, by apt
	@$(SRC)tests/lab/deps.sh need $(BUILD_DEPS) $(RUN_DEPS) $(TEST_DEPS)
deps-check:
	@$(SRC)tests/lab/deps.sh need $(BUILD_DEPS) $(RUN_DEPS) $(TEST_DEPS) $(LINT_DEPS)
deps-lint:
	@$(SRC)tests/lab/deps.sh need $(BUILD_DEPS) $(LINT_DEPS) $(TIDY_DEPS)

.PHONY: demo
demo: deps ## two hosts, sample processes, and the browser on both (DEMO=auto: no terminal)
	@$(MAKE) $(SELF) all
	@DEMO=$(DEMO) PFERRY=$(abspath $(BUILD))/pferry $(SRC)tests/lab/demo

.PHONY: picture
picture: deps ## the picture in the README, from a real run
	@$(MAKE) $(SELF) all
	@PFERRY=$(abspath $(BUILD))/pferry $(SRC)tests/lab/picture $(SRC)doc/browser.svg

.PHONY: bench-browser
bench-browser: deps ## what the browser costs: CPU, memory, bytes, time from key to frame
	@$(MAKE) $(SELF) all
	@PFERRY=$(abspath $(BUILD))/pferry $(SRC)bench/browser
	@$(MAKE) $(SELF) $(BUILD)/unit/test_tui_scale && $(BUILD)/unit/test_tui_scale 2>&1 | grep " ms"

.PHONY: check
check: deps-check ## all tests: unit, lint and end to end; ends with "N passed, N failed"
	@$(MAKE) $(SELF) -j"$$(nproc)" BUILD=build-check WERROR=-Werror all unit-programs
	@$(MAKE) $(SELF) -j"$$(nproc)" $(ASAN) unit-programs
	@$(SRC)tests/check $(CURDIR)/build-check $(CURDIR)/build-asan

.PHONY: unit-programs
unit-programs: $(UNIT_BIN)

.PHONY: check-faults
check-faults: deps ## every fault at every step of a move, for real
	@$(MAKE) $(SELF) BUILD=build-check WERROR=-Werror all
	@PFERRY=$(CURDIR)/build-check/pferry $(SRC)tests/e2e/faults-all

SOAK ?= 2000
.PHONY: check-soak
check-soak: deps ## SOAK random faults (2000) at random times, one process moved to and fro; SOAK_SEED repeats one
	@$(MAKE) $(SELF) BUILD=build-check WERROR=-Werror all
	@SOAK=$(SOAK) PFERRY=$(CURDIR)/build-check/pferry $(SRC)tests/e2e/soak

.PHONY: check-programs
check-programs: deps ## real programs, moved while a client works with each
	@$(MAKE) $(SELF) BUILD=build-check WERROR=-Werror all
	@PROGRAMS=all PFERRY=$(CURDIR)/build-check/pferry $(SRC)tests/e2e/run 35-programs

.PHONY: check-vm
check-vm: deps ## what needs virtual machines: tracked memory, other users' processes
	@$(MAKE) $(SELF) BUILD=build-check WERROR=-Werror all
	@PFERRY=$(CURDIR)/build-check/pferry $(SRC)tests/e2e-vm/run

.PHONY: check-model
check-model: deps ## explore every state of the handover
	@$(MAKE) $(SELF) BUILD=build-check WERROR=-Werror build-check/unit/test_handover build-check/unit/test_handover_lazy
	@build-check/unit/test_handover
	@build-check/unit/test_handover_lazy

# ---- how fast it is ----

BENCH_DEPS := gnuplot-nox htop python3-paramiko
.PHONY: bench bench-tools
bench: deps ## each target beside its peer, in turn; BENCH=full for all sizes, bench/run ROW for one row
	@$(SRC)tests/lab/deps.sh need $(BENCH_DEPS)
	@$(MAKE) $(SELF) all bench-tools
	@PFERRY=$(abspath $(BUILD))/pferry BENCH=$(BENCH) $(SRC)bench/run $(ROWS)

figures: ## put what the last bench found into the README, and its pictures into doc/
	@$(SRC)bench/figures

bench-tools: $(BUILD)/tools/relay $(BUILD)/tools/wire

$(BUILD)/tools/relay: $(BUILD)/obj/bench/relay.o $(BUILD)/libpferry.a $(BUILD)/flags/link
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(OBJECTS) $(PKG_LIBS)

$(BUILD)/tools/wire: $(BUILD)/obj/bench/wire.o $(BUILD)/flags/link
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(OBJECTS)

# ---- other ways to test ----

ASAN := BUILD=build-asan SANITIZE=address,undefined CFLAGS='-O1 -g'

.PHONY: asan
asan: deps ## unit tests and the browser's under ASan and UBSan
	@$(MAKE) $(SELF) $(ASAN) all unit-programs
	@cd $(TOP) && ASAN_OPTIONS=detect_leaks=1 tests/unit/run $(UNIT_SRC:tests/unit/%.c=$(CURDIR)/build-asan/unit/%)
	@PFERRY=$(CURDIR)/build-asan/pferry E2E_ONLY=browser MONKEY=:20000 $(SRC)tests/e2e/run

.PHONY: valgrind
valgrind: deps ## unit tests under valgrind
	@$(SRC)tests/lab/deps.sh need valgrind
	@$(MAKE) $(SELF) BUILD=build-check WERROR=-Werror unit-programs
	@cd $(TOP) && for t in $(UNIT_SRC:tests/unit/%.c=$(CURDIR)/build-check/unit/%); do \
		case $$t in *_handover*) continue ;; esac; \
		echo "valgrind $$t"; \
		valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
			--suppressions=tests/unit/valgrind.supp $$t >/dev/null 2>$(CURDIR)/build-check/valgrind.log || \
			{ cat $(CURDIR)/build-check/valgrind.log; exit 1; }; done

FUZZ ?= 60
.PHONY: fuzz
fuzz: ## each parser of remote bytes under libFuzzer, FUZZ seconds each
	@$(SRC)tests/lab/deps.sh need $(BUILD_DEPS) clang
	@$(SRC)tests/fuzz/run $(FUZZ)

.PHONY: lint
lint: deps-lint ## warnings as errors with gcc and clang, and the checkers
	@$(MAKE) $(SELF) BUILD=build-check WERROR=-Werror all unit-programs
	@$(MAKE) $(SELF) BUILD=build-clang CC=clang WERROR=-Werror all unit-programs
	@LINT_IN=$(CURDIR) $(SRC)tests/lint

# What the compiler says of each source, without code: tests/lint has clang do it.
.PHONY: warnings
warnings:
	@printf '%s\n' $(addprefix $(SRC),src/main.c $(ENGINE_SRC) $(FRONT_SRC) $(UNIT_SRC) $(UNIT_HELP)) | \
		xargs -n 8 -P "$$(nproc)" $(COMPILE) -fsyntax-only

# ---- install ----

HEADERS := $(call sources,include/pferry/*.h)
DOCS := README.md NEWS SECURITY.md
INSTALL_DIRS = $(bindir) $(libdir)/pkgconfig $(includedir)/pferry $(man1dir) $(datadir)/pferry $(docdir) $(BASHDIR) $(ZSHDIR) $(FISHDIR)
.PHONY: install install-strip
install: all $(BUILD)/pferry.pc ## install into DESTDIR, under prefix
	$(INSTALL) -d $(addprefix $(DESTDIR),$(INSTALL_DIRS))
	$(INSTALL_PROGRAM) $(BUILD)/pferry $(DESTDIR)$(bindir)/pferry
	$(INSTALL_DATA) $(BUILD)/libpferry.a $(DESTDIR)$(libdir)/libpferry.a
	$(INSTALL_DATA) $(BUILD)/pferry.pc $(DESTDIR)$(libdir)/pkgconfig/pferry.pc
	$(INSTALL_DATA) $(addprefix $(SRC),$(HEADERS)) $(DESTDIR)$(includedir)/pferry/
	$(INSTALL_DATA) $(SRC)man/pferry.1 $(DESTDIR)$(man1dir)/pferry.1
	$(INSTALL_DATA) $(SRC)share/config.schema.json $(DESTDIR)$(datadir)/pferry/config.schema.json
	$(INSTALL) -m 755 $(SRC)share/move-address $(DESTDIR)$(datadir)/pferry/move-address
	$(INSTALL_DATA) $(addprefix $(SRC),$(DOCS)) $(DESTDIR)$(docdir)/
	$(INSTALL_DATA) $(SRC)completions/pferry.bash $(DESTDIR)$(BASHDIR)/pferry
	$(INSTALL_DATA) $(SRC)completions/pferry.zsh $(DESTDIR)$(ZSHDIR)/_pferry
	$(INSTALL_DATA) $(SRC)completions/pferry.fish $(DESTDIR)$(FISHDIR)/pferry.fish

install-strip: ## the same, without the program's symbols
	@$(MAKE) $(SELF) INSTALL_PROGRAM='$(INSTALL_PROGRAM) -s' install

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f $(foreach f,$(bindir)/pferry $(libdir)/libpferry.a $(libdir)/pkgconfig/pferry.pc $(man1dir)/pferry.1 \
		$(BASHDIR)/pferry $(ZSHDIR)/_pferry $(FISHDIR)/pferry.fish,$(DESTDIR)$(f))
	rm -rf $(addprefix $(DESTDIR),$(includedir)/pferry $(datadir)/pferry $(docdir))

$(BUILD)/pferry.pc: $(BUILD)/flags/places
	@printf '%s\n' 'prefix=$(prefix)' 'libdir=$(libdir)' 'includedir=$(includedir)' '' 'Name: pferry' \
		'Description: moves running processes between hosts' 'Version: $(VERSION)' 'Requires.private: libssh2 jansson' \
		'Libs: -L$${libdir} -lpferry' 'Cflags: -I$${includedir}' >$@

# The same commit makes the same bytes: names, times and owners are git's.
DIST := pferry-$(VERSION)
.PHONY: dist
dist: ## what is committed, as BUILD/pferry-VERSION.tar.gz
	@mkdir -p $(BUILD)
	@git -C $(TOP) -c tar.umask=0022 archive --format=tar --prefix=$(DIST)/ HEAD >$(BUILD)/$(DIST).tar
	@gzip -9nf $(BUILD)/$(DIST).tar
	@git -C $(TOP) diff --quiet HEAD || echo "pferry: what is not committed is not in it" >&2
	$(call say,DIST,$(BUILD)/$(DIST).tar.gz)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE) | expand -t 22

# What is in BUILD goes by name: BUILD may be a directory that has other things too.
BUILT := gen obj tools unit pferry libpferry.a pferry.pc
.PHONY: clean distclean
clean: ## remove what was built
	rm -rf build-asan build-check build-clang build-fuzz $(addprefix $(BUILD)/,$(BUILT))

distclean: clean ## and what was found out for it, and what dist made
	rm -rf $(addprefix $(BUILD)/,flags compiler.mk packages.mk $(DIST).tar.gz)
	if [ -d $(BUILD) ]; then rmdir --ignore-fail-on-non-empty $(BUILD); fi

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
