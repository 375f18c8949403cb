# shellcheck shell=sh
# Python packages: .venv, filled from requirements.lock with every hash checked.
# The stamp names all that went into .venv, so a changed lock, another Python or a moved folder installs again.

python=${PYTHON:-python3}
folder=$(pwd -P)
stamp=.venv/dingpan.stamp

python_stamp() {
    sha256sum requirements.lock setup.cfg pyproject.toml
    ls ./*/__init__.py # an editable installation knows our packages by name
    .venv/bin/python --version
    echo "$folder"
}

python_packages_are_current() {
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(python_stamp 2>/dev/null)" ] && venv_has_the_python_asked_for
}

venv_has_the_python_asked_for() { # without PYTHON, any will do
    [ -z "${PYTHON:-}" ] || [ "$("$PYTHON" --version 2>&1)" = "$(.venv/bin/python --version)" ]
}

refuse_an_old_python() {
    python_packages_are_current && return
    command -v "$python" >/dev/null || [ -z "${PYTHON:-}" ] || fail "PYTHON names $PYTHON, which is not there."
    ! command -v "$python" >/dev/null || is_new_enough "$python" ||
        fail "Dingpan needs Python 3.11 or newer; $(command -v "$python") is $("$python" --version 2>&1).
Name a newer one and run make again, for example: make install PYTHON=/usr/local/bin/python3.12"
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; }

install_python_packages() {
    python_packages_are_current && return
    rm -f "$stamp"
    venv_works || make_venv
    say "Installing the locked Python packages into .venv (a few minutes the first time)"
    .venv/bin/python -m pip install --quiet --require-hashes --requirement requirements.lock ||
        fail "The Python packages could not be installed; the lines above say why. Then run make again."
    # The build tool is locked too, so nothing is fetched for this step. Its warning is that editable is no release.
    PYTHONWARNINGS="ignore:Editable installation" \
        .venv/bin/python -m pip install --quiet --no-build-isolation --no-deps --editable .
    python_stamp >"$stamp"
}

venv_works() { # no longer so when the folder moved, or its Python went away
    .venv/bin/pip --version 2>/dev/null | grep -qF " $folder/.venv/" && is_new_enough .venv/bin/python &&
        venv_has_the_python_asked_for
}

make_venv() {
    [ ! -L .venv ] || fail ".venv is a link to a folder of another tree. Take the link away and run make again."
    say "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

# semgrep asks for older versions of packages that we use newer ones of, so it lives in a .venv of its own.
semgrep_stamp() {
    sha256sum requirements-semgrep.lock
    .venv-semgrep/bin/python --version
    echo "$folder"
}

install_semgrep() {
    [ ! -f .venv-semgrep/dingpan.stamp ] ||
        [ "$(cat .venv-semgrep/dingpan.stamp)" != "$(semgrep_stamp 2>/dev/null)" ] || return 0
    say "Installing semgrep into .venv-semgrep"
    .venv/bin/python -m venv --clear .venv-semgrep
    .venv-semgrep/bin/python -m pip install --quiet --require-hashes --requirement requirements-semgrep.lock ||
        fail "semgrep could not be installed; the lines above say why. Then run make again."
    semgrep_stamp >.venv-semgrep/dingpan.stamp
}
