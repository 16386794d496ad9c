# Lays out the final image in /image: assemble.sh KIND PROJECT [CUDA_LIBRARY...]
#
#   /image/trust    certificates that the network steps of the final image need
#   /image/system   what the model needs of a system: of an empty one its libraries, certificates, users and /tmp, too
#   /image/closure  on any other base: the libraries that the model links, and adopt.sh, which takes what the base lacks
#   /image/assets   the project's files that are no code, for /src
#   /image/model    the model and its schema
#
# KIND is scratch (an empty base), debian (the base is a system), cuda (a system with CUDA's runtime; other CUDA
# libraries that the model links or opens come along) or cuda-headers (the toolkit's headers, too, for models that compile
# kernels while they run). The driver's libraries never come along: they are the machine's.
set -eu
kind=$1 project=$2
shift 2

mkdir -p /image/trust/etc/ssl/certs /image/system /image/closure/libraries /image/assets/.cog /image/model/usr/local/bin
bundle=/etc/ssl/certs/ca-certificates.crt
if [ -f "$bundle" ]; then cp -L "$bundle" /image/trust/etc/ssl/certs/; fi

# What the model opens beside itself.
beside=$(find /beside -type f 2>/dev/null || :)
tree=$(ldd /model $beside 2>/dev/null || :)
linked=$(echo "$tree" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p')
missing=$(echo "$tree" | sed -n 's/^[[:space:]]*\(.*\) => not found.*/\1/p' | grep -Ev '^lib(cuda|nvidia-.*)\.so' || :)
if [ -n "$missing" ]; then
  echo "the model links libraries that are not here:" $missing "(name their packages in build.system_packages)" >&2
  exit 1
fi

# Adds a library under the name that it is looked for by.
adopt() {
  case ${1##*/} in
    libcuda.so*|libnvidia-*|libnvcuvid.so*|libnvoptix.so*) ;;
    *) cp -L "$1" /image/closure/libraries/ ;;
  esac
}

case $kind in
  scratch)
    for library in $linked; do cp -L --parents "$library" /image/system; done
    cp -a /image/trust/. /image/system/
    mkdir -p /image/system/etc /image/system/tmp
    chmod 1777 /image/system/tmp
    printf 'root:x:0:0:root:/:/sbin/nologin\nmodel:x:65532:65532:model:/src:/sbin/nologin\n' > /image/system/etc/passwd
    printf 'root:x:0:\nmodel:x:65532:\n' > /image/system/etc/group
    ;;
  debian|cuda|cuda-headers)
    cp /build/.cog-build/adopt.sh /image/closure/
    for library in $linked; do adopt "$library"; done
    # Opened while the model runs rather than linked.
    for name in "$@"; do
      for library in /usr/local/cuda/lib64/lib"$name".so.* /usr/lib/*-linux-gnu/lib"$name".so.*; do
        # One file may go by several names.
        if [ -e "$library" ] && [ "$(objdump -p "$library" | sed -n 's/^ *SONAME *//p')" = "${library##*/}" ]; then
          adopt "$library"
        fi
      done
    done
    if [ "$kind" = cuda-headers ]; then
      mkdir -p /image/system/usr/local/lib/cuda
      cp -rL /usr/local/cuda/include /image/system/usr/local/lib/cuda/
    fi
    ;;
esac

# Where the server says that it is ready, to Kubernetes: whatever user it is. On Debian, /var/run is a link to /run.
case $kind in
  scratch) ready=/image/system/var/run/cog ;;
  *) ready=/image/system/run/cog ;;
esac
mkdir -p "$ready"
chmod 1777 "$ready"

(cd "$project" && tar -cf - --no-recursion --verbatim-files-from -T /build/.cog-build/assets) | tar -xf - -C /image/assets
cp /schema.json /image/assets/.cog/openapi_schema.json
cp /model $beside /image/model/usr/local/bin/
