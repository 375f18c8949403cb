# shellcheck shell=sh
# Browser assets, fonts and region tables: node_modules, from package-lock.json with every hash checked.
# Nothing of them runs while it installs (--ignore-scripts).

assets_stamp_file=node_modules/dingpan.stamp

assets_stamp() { sha256sum package.json package-lock.json; }

install_browser_assets() {
    [ -f "$assets_stamp_file" ] && [ "$(cat "$assets_stamp_file")" = "$(assets_stamp)" ] && return
    say "Installing the locked browser assets into node_modules"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error ||
        fail "The browser assets could not be installed; the lines above say why. Then run make again."
    assets_stamp >"$assets_stamp_file"
}
