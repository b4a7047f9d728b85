#include <stdio.h>
#include <unistd.h>

int main(void)
{
    puts("42");
    _exit(0);
}
