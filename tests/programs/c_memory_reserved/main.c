#include <stdio.h>
#include <sys/mman.h>

int main(void)
{
    size_t size = (size_t)2 << 30;
    char *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block == MAP_FAILED)
        return 1;
    block[size / 2] = 42;
    printf("%d %d\n", block[size / 2], block[0]);
    return 0;
}
