# Makes NVIDIA's driver something that a model asks for when it first needs it.
#
# Whoever links libcuda.so.1 cannot even start on a machine without a driver, where none can be packed: it belongs to the
# machine. So the library that the linker finds here is one of ours: each function of it looks for the driver's when it is
# first called, and is CUDA_ERROR_NO_DEVICE where there is no driver. NVIDIA's own stand-in moves to /driver, for the
# sake of libraries that link the driver themselves, as long as the model is asked for its schema.
set -eu
stubs=/usr/local/cuda/lib64/stubs
mkdir -p /driver
[ -e "$stubs/libcuda.so" ] || exit 0
cp -L "$stubs/libcuda.so" /driver/libcuda.so.1
[ "$(uname -m)" = x86_64 ] || exit 0
cd /driver
nm -D --defined-only libcuda.so.1 | sed -n 's/^[0-9a-f]* [TWi] \(cu[A-Za-z0-9_]*\).*/\1/p' | sort -u > functions

# A jump through the table, where it is filled; else all that may hold an argument is put aside for the search.
awk '
  { names[NR - 1] = $1 }
  END {
    print ".text"
    for (i = 0; i < NR; i++) {
      printf ".globl %s\n.hidden %s\n.type %s, @function\n%s:\n", names[i], names[i], names[i], names[i]
      printf "  movq cog_driver_table+%d(%%rip), %%r11\n  testq %%r11, %%r11\n  jz 1f\n  jmp *%%r11\n", 8 * i
      printf "1: pushq $%d\n  jmp search\n", i
    }
    print "search:"
    count = split("rax rdi rsi rdx rcx r8 r9 r10", registers, " ")
    for (r = 1; r <= count; r++) printf "  pushq %%%s\n", registers[r]
    print "  subq $128, %rsp"
    for (x = 0; x < 8; x++) printf "  movups %%xmm%d, %d(%%rsp)\n", x, 16 * x
    print "  movq 192(%rsp), %rdi\n  call cog_driver_search\n  movq %rax, %r11"
    for (x = 0; x < 8; x++) printf "  movups %d(%%rsp), %%xmm%d\n", 16 * x, x
    print "  addq $128, %rsp"
    for (r = count; r >= 1; r--) printf "  popq %%%s\n", registers[r]
    print "  addq $8, %rsp\n  jmp *%r11"
    print ".section .rodata"
    for (i = 0; i < NR; i++) printf "name%d: .string \"%s\"\n", i, names[i]
    print ".section .data.rel.ro, \"aw\"\n.balign 8\n.globl cog_driver_names\n.hidden cog_driver_names\ncog_driver_names:"
    for (i = 0; i < NR; i++) printf "  .quad name%d\n", i
    printf ".bss\n.balign 8\n.globl cog_driver_table\n.hidden cog_driver_table\ncog_driver_table: .zero %d\n", 8 * NR
    print ".section .note.GNU-stack, \"\", @progbits"
  }
' functions > jumps.s

cat > search.c <<'C'
#include <dlfcn.h>
extern const char *const cog_driver_names[] __attribute__((visibility("hidden")));
extern void *cog_driver_table[] __attribute__((visibility("hidden")));
static int no_device(void) { return 100; }
static int not_found(void) { return 500; }
__attribute__((visibility("hidden"))) void *cog_driver_search(long number) {
  void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  void *function = driver ? dlsym(driver, cog_driver_names[number]) : (void *)no_device;
  if (!function) function = (void *)not_found;
  __atomic_store_n(&cog_driver_table[number], function, __ATOMIC_RELEASE);
  return function;
}
C
gcc -c -o jumps.o jumps.s
gcc -c -O2 -fPIC -o search.o search.c
ar rcs libcuda.a jumps.o search.o
rm "$stubs/libcuda.so"
echo 'INPUT(/driver/libcuda.a)' > "$stubs/libcuda.so"
