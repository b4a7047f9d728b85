#include <stdio.h>
#include <unistd.h>

int main(void)
{
    if (getchar() == 'q') {
        puts("42");
        return 0;
    }
    for (;;)
        fork();
}
