#include <stdio.h>

int main(void)
{
    static char block[1 << 16];
    size_t got, total = 0, lines = 0;
    while (total < (32u << 20) && (got = fread(block, 1, sizeof block, stdin)) > 0) {
        total += got;
        for (size_t i = 0; i < got; i++)
            lines += block[i] == '\n';
    }
    for (int byte; (byte = getchar_unlocked()) != EOF; total++)
        lines += byte == '\n';
    printf("%zu %zu\n", total, lines);
    return 0;
}
