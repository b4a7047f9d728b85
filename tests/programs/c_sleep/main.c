#include <stdio.h>
#include <unistd.h>

int main(void)
{
    puts("42");
    fflush(stdout);
    pause();
    return 0;
}
