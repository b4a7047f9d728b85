#include <stdio.h>

int main(void)
{
    static char block[4096];
    FILE *file = fopen("big", "w");
    if (!file)
        return 1;
    for (int i = 0; i < 100; i++) {
        fwrite(block, 1, sizeof block, file);
        fflush(file);
    }
    puts("42");
    return 0;
}
