# Lays out the final image in /image: assemble.sh KIND PROJECT [CUDA_LIBRARY...]
#
#   /image/trust    certificates that the network steps of the final image need
#   /image/system   what the model needs of a system: shared libraries, certificates, users, /tmp
#   /image/assets   the project's files that are no code, for /src
#   /image/model    the model and its schema
#
# KIND is scratch (an empty base: everything the binary links comes along), debian (the base has a C library) or cuda
# (the base has CUDA's runtime; other CUDA libraries that the binary links come along, the driver's never).
set -eu
kind=$1 project=$2
shift 2

mkdir -p /image/trust/etc/ssl/certs /image/system /image/assets/.cog /image/model/usr/local/bin
bundle=/etc/ssl/certs/ca-certificates.crt
if [ -f "$bundle" ]; then cp -L "$bundle" /image/trust/etc/ssl/certs/; fi

linked=$(ldd /model 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p')
case $kind in
  scratch)
    missing=$(ldd /model 2>/dev/null | sed -n 's/^[[:space:]]*\(.*\) => not found.*/\1/p')
    if [ -n "$missing" ]; then
      echo "the model links libraries that are not here:" $missing "(name their packages in build.system_packages)" >&2
      exit 1
    fi
    for library in $linked; do cp -L --parents "$library" /image/system; done
    cp -a /image/trust/. /image/system/
    mkdir -p /image/system/etc /image/system/tmp
    chmod 1777 /image/system/tmp
    printf 'root:x:0:0:root:/:/sbin/nologin\nmodel:x:65532:65532:model:/src:/sbin/nologin\n' > /image/system/etc/passwd
    printf 'root:x:0:\nmodel:x:65532:\n' > /image/system/etc/group
    ;;
  cuda)
    for library in $linked; do
      case $library in
        */libcuda.so*|*/libnvidia-*|/driver/*) ;;
        /usr/local/cuda*|*/libcudnn*) cp -L --parents "$library" /image/system ;;
      esac
    done
    # Opened while the model runs rather than linked.
    for name in "$@"; do
      for library in /usr/local/cuda/lib64/lib"$name".so.*; do
        if [ -e "$library" ]; then cp -L --parents "$library" /image/system; fi
      done
    done
    ;;
esac

(cd "$project" && tar -cf - --no-recursion --verbatim-files-from -T /build/.cog-build/assets) | tar -xf - -C /image/assets
cp /schema.json /image/assets/.cog/openapi_schema.json
cp /model /image/model/usr/local/bin/model
