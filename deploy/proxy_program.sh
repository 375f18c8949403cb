# shellcheck shell=sh
# nginx, in which nginx.conf is tested. It is unpacked into build/ and not installed, because Debian's package would
# serve a page on port 80 at every start of this machine. One that is installed counts.

nginx_folder=build/nginx

install_nginx() {
    [ ! -x "$nginx_folder/usr/sbin/nginx" ] || return 0
    ! PATH="$PATH:/usr/sbin:/sbin" has_command nginx || return 0
    say "Unpacking nginx into $nginx_folder"
    download_nginx || { become_root && $as_root apt-get update --quiet=2 && download_nginx; } || tell_how_to_get_nginx
    dpkg-deb --extract build/nginx_*.deb "$nginx_folder"
    rm -f build/nginx_*.deb
}

download_nginx() { (cd build && rm -f nginx_*.deb && apt-get download nginx >nginx.log 2>&1); }

tell_how_to_get_nginx() {
    tail -n 20 build/nginx.log >&2
    fail "nginx could not be fetched; the lines above say why. Install Debian's package nginx, then run make again."
}
