# Compiles the model in the builder: compile.sh WORKSPACE BINARY COMMAND...
#
# Compiled dependencies stay in /target, a cache that outlives the step. Every file of the context bears the same time,
# whatever its content, so Cargo could not see an edit: files whose content is not that of the last compile are touched.
set -eu
workspace=$1 binary=$2
shift 2

now=$(mktemp)
find . -path ./.cog-build -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | LC_ALL=C sort > "$now"
known=/target/.cog-sources
[ -f "$known" ] || : > "$known"
LC_ALL=C comm -13 "$known" "$now" | cut -c 67- | while IFS= read -r file; do
  touch -c -- "$file"
done

cd "$workspace"
CARGO_TARGET_DIR=/target "$@"
cp "/target/release/$binary" /model
cp "$now" "$known"
