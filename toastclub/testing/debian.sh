#!/bin/sh
# The programs that tests need: those that open exports, and a browser. Those that are missing are
# installed from Debian's packages where this may be done, else it is said how. Chromium is fetched
# by Playwright then.
set -eu

missing=
packages=

# need PACKAGE PROGRAM…: any of the programs will do.
need() {
	package=$1
	shift
	for program; do
		if command -v "$program" > /dev/null; then return; fi
	done
	missing="$missing $1"
	packages="$packages $package"
}

need unzip unzip
need 7zip 7z 7zz # Debian 12 calls it 7zz
need libreoffice-calc-nogui soffice
need chromium chromium

install() {
	if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then return 1; fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# shellcheck disable=SC2086 # several packages
	apt-get install -qq --yes --no-install-recommends $packages > /dev/null
}

if [ -z "$missing" ] || install; then exit; fi

if [ "$missing" = " chromium" ]; then
	exec .venv/bin/playwright install --only-shell chromium
fi

echo "The tests need programs that are missing:$missing. On Debian or Ubuntu install them with:" \
	"sudo apt-get update && sudo apt-get install --yes --no-install-recommends$packages" >&2
exit 1
