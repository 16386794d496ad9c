# Run in a base, as the final image's step: takes what it lacks, then starts the model without a driver and with one.
set -eu
mkdir -p /base/cuda
: > /base/cuda/libcublas.so.13
LD_LIBRARY_PATH=/base/cuda sh /out/closure/adopt.sh
echo "adopted beside the base's: $(cd /usr/local/lib && echo *.so*)"
rm /usr/local/lib/*
ldconfig
sh /out/closure/adopt.sh
echo "adopted: $(cd /usr/local/lib && echo *.so*)"
LD_LIBRARY_PATH=/out/driver /out/model
LD_LIBRARY_PATH=/out/driver:/out/later /out/model
