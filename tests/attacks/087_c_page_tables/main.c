#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
    char place[256] = "";
    int jailed = getcwd(place, sizeof place) != NULL && strncmp(place, "/box", 4) == 0;
    const size_t step = (size_t)2 << 20, size = step * (jailed ? 1 << 17 : 16);
    char *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    alarm(20);
    if (block != MAP_FAILED) {
        madvise(block, size, MADV_NOHUGEPAGE);
        for (size_t at = 0; at < size; at += step)
            *(volatile char *)(block + at) += block[at + 1];
    }
    for (;;)
        pause();
}
