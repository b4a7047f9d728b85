#include <stdio.h>

int main(void)
{
    for (int byte; (byte = getchar()) != EOF;)
        putchar(255 - byte);
    return 0;
}
