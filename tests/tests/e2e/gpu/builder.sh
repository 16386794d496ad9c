# Run in a builder: a toolkit of CUDA that has only names, a model that links it, and what the steps of a Dockerfile make
# of the two. Leaves in /out what a final image gets.
set -eu
lib=/usr/local/cuda/lib64
mkdir -p $lib/stubs /build/.cog-build /build/project
cp /templates/adopt.sh /build/.cog-build/
: > /build/.cog-build/assets

library() { # library DIRECTORY NAME CODE [LINKED...]
  directory=$1 name=$2 code=$3
  shift 3
  echo "$code" | gcc -shared -fPIC -Wl,-soname,"$name" -x c -o "$directory/$name" - "$@"
}
library $lib libcublasLt.so.13 'int cublasLt(void) { return 1; }'
library $lib libcublas.so.13 'int cublasLt(void); int cublas(void) { return cublasLt(); }' -L$lib -l:libcublasLt.so.13
library $lib libcurand.so.10 'int curand(void) { return 1; }'
library $lib libnvrtc-builtins.so.13.0 'int builtins;'
ln -s libnvrtc-builtins.so.13.0 $lib/libnvrtc-builtins.so.13.0.88
library $lib/stubs libcuda.so.1 'int cuInit(unsigned f) { return 34; } int cuLaunch(void) { return 34; } int cuNew;'
mv $lib/stubs/libcuda.so.1 $lib/stubs/libcuda.so
library /usr/local/lib libnvidia-ml.so.1 'int nvml;'
library /usr/local/lib libwhatever.so.7 'int whatever(void) { return 1; }'
echo $lib > /etc/ld.so.conf.d/cuda.conf
ldconfig

sh /templates/driver.sh
cat > model.c <<'C'
#include <stdio.h>
int cuInit(unsigned);
int cuLaunch(long, int, int, int, int, int, int, int, long, double);
int cublas(void);
int whatever(void);
int main(void) {
  int init = cuInit(5), launch = cuLaunch(1, 2, 3, 4, 5, 6, 7, 8, 9, 0.5);
  printf("init %d, launch %d, init %d, libraries %d\n", init, launch, cuInit(6), cublas() + whatever());
  return 0;
}
C
gcc -o /model model.c -L$lib -L$lib/stubs -lcuda -l:libcublas.so.13 -l:libwhatever.so.7 -Wl,--no-as-needed -l:libnvidia-ml.so.1
echo '{}' > /schema.json
cd /build
sh /templates/assemble.sh cuda project nvrtc-builtins

# What stands for the machine's: a driver as a container is given one.
mkdir /out/driver
library /out/driver libnvidia-ml.so.1 'int nvml;'
mkdir /out/later
library /out/later libcuda.so.1 '
  #include <stdio.h>
  int cuInit(unsigned flags) { return 1000 + flags; }
  int cuLaunch(long a, int b, int c, int d, int e, int f, int g, int h, long i, double j) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + (int)(100 * j);
  }'
cp -r /image/closure /model /out/

# One that links what is nowhere.
rm /usr/local/lib/libwhatever.so.7
if sh /templates/assemble.sh cuda project 2>/out/refusal; then exit 1; fi
