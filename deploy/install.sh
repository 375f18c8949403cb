#!/bin/sh
# Installs what Dingpan needs, and only what is missing: Debian packages, the locked Python packages in .venv,
# the locked browser assets in node_modules. A second run finds everything in place and does nothing.
#
# PYTHON=/path/to/python3.12 chooses another Python. Settings of pip, npm and apt on this machine are respected.
set -eu
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*"; }
fail() { printf '\n%s\n' "$*" >&2; exit 1; }

. deploy/system_packages.sh
. deploy/proxy_program.sh
. deploy/python_packages.sh
. deploy/browser_assets.sh

# Two makes in one folder wait for each other instead of writing into the same .venv.
mkdir -p build
exec 9>build/install.lock
flock 9

refuse_an_old_python
install_system_packages
install_nginx
install_python_packages
install_semgrep
install_browser_assets
say "Everything Dingpan needs is in place."
