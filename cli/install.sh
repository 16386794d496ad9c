#!/bin/sh
# Installs `cog`: fetches the archive for this machine, checks it against its checksum, and puts the program into
# $COG_INSTALL_DIR (~/.local/bin unless set). Needs curl or wget, tar, and sha256sum or shasum. Changes nothing else.
#
# The release script puts the address of the release in; COG_RELEASE_URL names another one.
set -eu

url=${COG_RELEASE_URL:-@URL@}
directory=${COG_INSTALL_DIR:-$HOME/.local/bin}

fail() {
    echo "install: $*" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

fetch() { # fetch ADDRESS FILE
    if has curl; then
        curl --fail --silent --show-error --location --output "$2" "$1"
    elif has wget; then
        wget --quiet --output-document "$2" "$1"
    else
        fail 'curl or wget is needed'
    fi || fail "cannot fetch $1"
}

case $(uname -s)-$(uname -m) in
Linux-x86_64) machine=x86_64-linux ;;
Linux-aarch64 | Linux-arm64) machine=aarch64-linux ;;
*) fail "there is no archive for $(uname -s) on $(uname -m): build it with \`cargo install --path cli\`" ;;
esac
archive=cog-$machine.tar.gz

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fetch "$url/$archive" "$scratch/$archive"
fetch "$url/$archive.sha256" "$scratch/$archive.sha256"
if has sha256sum; then
    sum=$(sha256sum "$scratch/$archive")
elif has shasum; then
    sum=$(shasum -a 256 "$scratch/$archive")
else
    fail 'sha256sum or shasum is needed'
fi
read -r expected _ <"$scratch/$archive.sha256"
[ "${sum%% *}" = "$expected" ] || fail "$archive is not what its checksum says: it is broken, or somebody else's"

tar -xzf "$scratch/$archive" -C "$scratch" cog || fail "$archive holds no program"
mkdir -p "$directory"
# Beside the destination and then in one step: the program there is the old one or the new one.
cp "$scratch/cog" "$directory/.cog-new"
chmod 755 "$directory/.cog-new"
mv -f "$directory/.cog-new" "$directory/cog"
echo "$("$directory/cog" --version) is in $directory"
case :$PATH: in
*":$directory:"*) ;;
*) echo "Add it to your path: export PATH=\"$directory:\$PATH\"" ;;
esac
