# Takes into the final image what the model links and nothing in it has: adopt.sh, with the model's libraries beside it.
#
# Packages and run steps have had their turn, so that theirs are known to the loader, and stay.
set -eu
closure=$(dirname "$0")
known=$(ldconfig -p)
adopted=
for library in "$closure"/libraries/*; do
  name=${library##*/} here=
  case $known in *"$(printf '\t')$name "*) here=yes ;; esac
  for directory in $(echo "${LD_LIBRARY_PATH:-}" | tr ':' ' '); do
    if [ -e "$directory/$name" ]; then here=yes; fi
  done
  if [ -e "$library" ] && [ -z "$here" ]; then
    cp "$library" /usr/local/lib/
    adopted=yes
  fi
done
if [ -n "$adopted" ]; then
  ldconfig
  rm -f /var/cache/ldconfig/aux-cache
fi
