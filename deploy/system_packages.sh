# shellcheck shell=sh
# Debian packages: each is asked for by what it brings (a command, a file, a library), so a Node, a PostgreSQL
# or a Chromium that came from elsewhere counts, and apt is not called when nothing is missing.

missing=""

need() { # PACKAGE KIND WHAT
    "has_$2" "$3" || missing="$missing $1"
}

has_command() { command -v "$1" >/dev/null 2>&1; }
has_library() { case $libraries in *"$1 "*) ;; *) return 1 ;; esac; }
has_file() { # a pattern; true when at least one file fits
    for match in $1; do [ -e "$match" ] && return 0; done
    return 1
}

list_missing_packages() {
    libraries=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p)

    need ca-certificates  file    /etc/ssl/certs/ca-certificates.crt # pip and npm speak TLS
    need git              command git                                # the checks of the tree list its files
    need nodejs           command node
    need npm              command npm                                # browser assets, from package-lock.json
    need chromium         file    /usr/bin/chromium                  # pages are tested and pictured in it
    need fonts-noto-cjk   file    '/usr/share/fonts/*/noto/NotoSansCJK-Regular.ttc' # Chinese in Chromium and PDF
    need poppler-utils    command pdftoppm                           # turns a printed label into a picture
    need postgresql       file    '/usr/lib/postgresql/*/bin/initdb' # tests start a private one from the binaries
    need xvfb             command Xvfb                               # the phone app's window, without a screen
    need xauth            command xauth
    need xdotool          command xdotool
    need xclip            command xclip                              # Kivy's clipboard
    need libgl1           library libGL.so.1                         # Kivy draws through Mesa
    need libgl1-mesa-dri  file    '/usr/lib/*/dri/swrast_dri.so'
    need libegl1          library libEGL.so.1
    need libgles2         library libGLESv2.so.2
    need libmtdev1        library libmtdev.so.1                      # touch screens
    need libzbar0         library libzbar.so.0                        # the second reader of labels
    need libx11-6         library libX11.so.6                        # SDL opens these when a window opens
    need libxext6         library libXext.so.6
    need libxcursor1      library libXcursor.so.1
    need libxi6           library libXi.so.6
    need libxrandr2       library libXrandr.so.2
    need libxss1          library libXss.so.1
    python_packages_are_current || list_missing_build_packages
}

list_missing_build_packages() { # KivyMD draws with pycairo, which comes as source only
    need gcc           command gcc
    need libc6-dev     file    '/usr/include/stdio.h'
    need pkg-config    command pkg-config
    need libcairo2-dev file    '/usr/include/cairo/cairo.h'
    need python3       command "$python"
    need python3-venv  python  'import ensurepip, venv'
    need python3-dev   python  'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")'
}

has_python() { "$python" -c "$1" 2>/dev/null; }

install_system_packages() {
    list_missing_packages
    [ -z "$missing" ] && return
    install="apt-get install --yes --no-install-recommends$missing"
    has_command apt-get || fail "This is not a Debian, and these are missing (by their Debian names):$missing"
    become_root || tell_what_to_install
    say "Installing Debian packages (some minutes):$missing"
    keep_postgresql_asleep
    $as_root apt-get update --quiet=2 || say "apt-get update failed; going on with the package lists at hand"
    # shellcheck disable=SC2086  # words are wanted
    $as_root env DEBIAN_FRONTEND=noninteractive $install --quiet=2 -o Acquire::Retries=3 >build/apt.log ||
        { tail -n 20 build/apt.log >&2; fail "apt could not install:$missing"; }
}

become_root() { # sets as_root; false when this user cannot
    as_root=""
    [ "$(id -u)" = 0 ] && return
    has_command sudo || return
    as_root=sudo
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo true; }
}

tell_what_to_install() {
    fail "Dingpan needs these Debian packages:$missing

Install them once as root, with this command, then run make again:

  $(root_shell) 'apt-get update && $install'
$(note_on_postgresql)"
}

note_on_postgresql() {
    case $missing in *postgresql*)
        printf '\n(%s)\n' "Debian's postgresql also starts a database of its own. Dingpan does not use it." ;;
    esac
}

root_shell() { if has_command sudo; then echo "sudo sh -c"; else echo "su - -c"; fi; }

# Only the binaries are wanted. Debian's package would create and start a database cluster while it installs:
# https://manpages.debian.org/bookworm/postgresql-common/pg_createcluster.1.en.html, "create_main_cluster".
no_cluster=/etc/postgresql-common/createcluster.d/dingpan.conf

keep_postgresql_asleep() {
    case $missing in *postgresql*) ;; *) return ;; esac
    $as_root mkdir -p "${no_cluster%/*}"
    echo "create_main_cluster = false" | $as_root tee "$no_cluster" >/dev/null
    trap '$as_root rm -f "$no_cluster"' EXIT
    trap 'exit 130' INT TERM
}
