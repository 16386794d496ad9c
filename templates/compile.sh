# Compiles the model in the builder: compile.sh [--anew] DIRECTORY BINARY COMMAND...
#
# Compiled dependencies stay in /target, a cache that outlives the step. Every file of the context bears the same old
# time, whatever its content, so Cargo could not see an edit. /target/.cog-changed therefore knows each file's content
# and when it came to be that; the file gets that time, so whatever was compiled before then, be it with other features
# or in a build that failed half-way, counts as out of date. Files still as they were in the first compile stay untouched.
set -eu
if [ "$1" = --anew ]; then
  find /target -mindepth 1 -delete
  shift
fi
directory=$1 binary=$2
shift 2

changed=/target/.cog-changed
if [ -f "$changed" ] || [ -d /target/release ]; then time=$(date +%s.%N); else time=0; fi
[ -f "$changed" ] || : > "$changed"
found=$(mktemp)
find . -path ./.cog-build -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum > "$found"
# Lines are `TIME DIGEST  PATH`; the line of a content seen before keeps its time.
awk -v time="$time" -v known="$changed" '
  BEGIN { while ((getline line < known) > 0) { at = index(line, " "); times[substr(line, at + 1)] = substr(line, 1, at - 1) } }
  { print (($0 in times) ? times[$0] : time), $0 }
' "$found" > "$changed.next"
mv "$changed.next" "$changed"
cut -d ' ' -f 1 "$changed" | sort -u | grep -vx 0 | while IFS= read -r time; do
  grep "^$time " "$changed" | cut -d ' ' -f 4- | tr '\n' '\0' | xargs -0 touch -c -d "@$time" --
done

# Cargo's own lock lies outside the caches of registry and git, which builds of other projects share: it has to lie within.
for lock in .package-cache .package-cache-mutate; do
  ln -sf "registry/$lock" "${CARGO_HOME:-/usr/local/cargo}/$lock"
done
# The image has the toolchain that was asked for, and a `rust-toolchain.toml` may not have another one fetched.
if [ -d "${RUSTUP_HOME:-/none}/toolchains" ]; then
  RUSTUP_TOOLCHAIN=$(ls "$RUSTUP_HOME/toolchains" | head -n 1)
  export RUSTUP_TOOLCHAIN
fi

# Where Cargo puts the binary depends on its configuration, and one from before must not be taken for it. The same goes for
# what ONNX Runtime opens beside it to use CUDA.
providers='libonnxruntime_providers_shared.so libonnxruntime_providers_cuda.so'
for made in "$binary" $providers; do rm -f "/target/release/$made" /target/*/release/"$made"; done
cd "$directory"
CARGO_TARGET_DIR=/target "$@"
for made in "/target/release/$binary" /target/*/release/"$binary"; do
  if [ -f "$made" ]; then
    cp "$made" /model
    for library in $providers; do
      if [ -f "${made%/*}/$library" ]; then install -D -m 755 -t /beside "${made%/*}/$library"; fi
    done
    exit
  fi
done
echo "cargo succeeded and made no binary $binary" >&2
exit 1
